-- Accounts with ten credits each, the first two of which have expired, and one of ten thousand.
INSERT INTO laurel.points_ledger (organization_id, user_id, amount, transaction_type, reason, occurred_at)
SELECT :'organization', bench.member(1 + n % :accounts), 1 + n % 19, 'module_completed', 'finished a module',
    now() - CASE WHEN n / :accounts < 2 THEN interval '400 days' ELSE interval '300 days' END + n / :accounts * interval '1 day'
FROM generate_series(0, 10 * :accounts - 1) n;
INSERT INTO laurel.points_ledger (organization_id, user_id, amount, transaction_type, reason, occurred_at)
SELECT :'organization', bench.member(:accounts + 1), CASE WHEN n % 5 = 0 THEN -3 ELSE 2 + n % 7 END, 'module_completed', 'finished a module', now() - (10001 - n) * interval '40 minutes'
FROM generate_series(1, 10000) n;
VACUUM ANALYZE laurel.points_ledger, laurel.user_points, laurel.user_organizations;
INSERT INTO laurel.point_expiry_policies (organization_id, rule, length, applies_from, warn_days) VALUES (:'organization', 'after_months', 12, CURRENT_DATE, NULL);
