\set n random(1, :accounts)
\set amount random(1, 20)
WITH account AS (
    UPDATE chain.user_points p SET
        total_points = total_points + given.amount,
        lifetime_points = lifetime_points + greatest(given.amount, 0),
        points_this_week = CASE WHEN week_start = date_trunc('week', now() AT TIME ZONE 'UTC')::date THEN points_this_week ELSE 0 END + given.amount,
        points_this_month = CASE WHEN month_start = date_trunc('month', now() AT TIME ZONE 'UTC')::date THEN points_this_month ELSE 0 END + given.amount,
        week_start = date_trunc('week', now() AT TIME ZONE 'UTC')::date,
        month_start = date_trunc('month', now() AT TIME ZONE 'UTC')::date,
        tier = CASE WHEN total_points + given.amount < 500 THEN 'bronze'
                    WHEN total_points + given.amount < 1500 THEN 'silver'
                    WHEN total_points + given.amount < 3000 THEN 'gold' ELSE 'platinum' END,
        current_level = least(50, floor((1 + sqrt(1 + 0.08::float8 * (lifetime_points + greatest(given.amount, 0)))) / 2)),
        reached_at = clock_timestamp(),
        week_reached_at = clock_timestamp(),
        month_reached_at = clock_timestamp(),
        last_entry_no = last_entry_no + 1,
        last_entry_at = clock_timestamp(),
        last_entry_hash = sha256(coalesce(last_entry_hash, '\x00') || uuid_send(organization_id) || uuid_send(user_id)
            || int8send(last_entry_no + 1) || int8send(given.amount) || int8send(total_points + given.amount)
            || timestamptz_send(now()) || textsend('module_completed') || textsend('finished a module')),
        updated_at = clock_timestamp()
    FROM (VALUES (:amount::bigint)) given (amount)
    WHERE organization_id = '0190b000-0000-7000-8000-000000000001' AND user_id = ('0190a000-0000-7000-8000-' || lpad(:n::text, 12, '0'))::uuid
    RETURNING organization_id, user_id, last_entry_no, total_points, last_entry_at, last_entry_hash, given.amount
)
INSERT INTO chain.points_ledger (organization_id, user_id, entry_no, amount, balance_after, occurred_at, created_at, transaction_type, entry_hash, reason)
SELECT organization_id, user_id, last_entry_no, amount, total_points, last_entry_at, last_entry_at, 'module_completed', last_entry_hash, 'finished a module'
FROM account RETURNING id, entry_no, balance_after;
