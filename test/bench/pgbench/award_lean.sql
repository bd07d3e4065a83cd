\set n random(1, :accounts)
\set amount random(1, 20)
WITH account AS (
    UPDATE lean.accounts SET total_points = total_points + :amount, updated_at = clock_timestamp()
    WHERE organization_id = '0190b000-0000-7000-8000-000000000001' AND user_id = ('0190a000-0000-7000-8000-' || lpad(:n::text, 12, '0'))::uuid
    RETURNING organization_id, user_id, total_points
)
INSERT INTO lean.ledger (organization_id, user_id, amount, balance_after, transaction_type, reason, idempotency_key)
SELECT organization_id, user_id, :amount, total_points, 'module_completed', 'finished a module', gen_random_uuid()::text FROM account RETURNING id, balance_after;
