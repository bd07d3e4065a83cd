-- Accounts with ten credits each, the first two of which have left a window of a year since it was looked at last, two months ago.
INSERT INTO laurel.points_ledger (organization_id, user_id, amount, transaction_type, reason, occurred_at)
SELECT :'organization', bench.member(1 + n % :accounts), 1 + n % 19, 'module_completed', 'finished a module',
    now() - CASE WHEN n / :accounts < 2 THEN interval '400 days' ELSE interval '300 days' END + n / :accounts * interval '1 day'
FROM generate_series(0, 10 * :accounts - 1) n;
UPDATE laurel.tiers SET min_points = CASE tier WHEN 'silver' THEN 95 WHEN 'gold' THEN 1000 ELSE 2000 END WHERE organization_id = :'organization' AND tier <> 'bronze';
UPDATE laurel.organizations SET tier_basis = 'rolling', tier_window_months = 12, tier_grace_days = 0 WHERE id = :'organization';
SET session_replication_role = replica;
UPDATE laurel.user_points SET rolling_from = rolling_from - 60, rolling_points = lifetime_points, tier = CASE WHEN lifetime_points >= 95 THEN 'silver' ELSE 'bronze' END
WHERE rolling_from IS NOT NULL;
SET session_replication_role = origin;
VACUUM ANALYZE laurel.points_ledger, laurel.user_points, laurel.user_organizations;
