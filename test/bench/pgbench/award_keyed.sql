\set n random(1, :accounts)
\set amount random(1, 20)
INSERT INTO laurel.points_ledger (organization_id, user_id, amount, transaction_type, reason, idempotency_key) VALUES ('0190b000-0000-7000-8000-000000000001', ('0190a000-0000-7000-8000-' || lpad(:n::text, 12, '0'))::uuid, :amount, 'module_completed', 'finished a module', gen_random_uuid()::text) RETURNING id, entry_no, balance_after;
