-- Fills the organization with :members members with points, as a restore would: triggers are off.
\set ON_ERROR_STOP on
SET session_replication_role = replica;
INSERT INTO laurel.users (id, organization_id, email) SELECT bench.member(n), '0190b000-0000-7000-8000-000000000001', format('member-%s@bench.example', n)
FROM generate_series(2, :members) n;
INSERT INTO laurel.user_organizations (organization_id, user_id) SELECT '0190b000-0000-7000-8000-000000000001', bench.member(n) FROM generate_series(2, :members) n;
INSERT INTO laurel.user_points (organization_id, user_id, total_points, lifetime_points, reached_at)
SELECT '0190b000-0000-7000-8000-000000000001', bench.member(n), p, p, now() FROM generate_series(2, :members) n, LATERAL (SELECT (random() * random() * 20000 + n * 0)::bigint) r (p);
SET session_replication_role = origin;
VACUUM ANALYZE laurel.users, laurel.user_organizations, laurel.user_points;
CALL laurel.refresh_ranks();
