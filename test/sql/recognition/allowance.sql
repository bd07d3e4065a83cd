-- What a member may give each month: noted when something is given, and read by the member.
\ir ../support/load.sql
BEGIN;
SET LOCAL client_min_messages = warning;
SET LOCAL timezone = 'UTC';
SELECT no_plan();

SELECT tests.cast();
CREATE FUNCTION pg_temp.give(points bigint, months integer DEFAULT 0, sender text DEFAULT 'learner') RETURNS void LANGUAGE sql AS $$
    INSERT INTO laurel.recognitions (organization_id, sender_id, recipient_id, message, points_awarded, created_at)
    VALUES (tests.acme(), tests.person(sender), tests.person('other'), 'Thanks', points, now() - months * interval '1 month')
$$;
-- This month is 0, the one before 1.
CREATE FUNCTION pg_temp.months(name text DEFAULT 'learner') RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(format('%s: %s-%s=%s', (extract(year FROM age(date_trunc('month', now()), a.month::timestamptz)) * 12 + extract(month FROM age(date_trunc('month', now()), a.month::timestamptz)))::integer,
        a.allowed, a.used, a.remaining), ', ') FROM laurel.recognition_allowance(tests.person(name)) a
$$;
SELECT tests.act_as_learner();
SELECT is(pg_temp.months(), '0: 100-0=100', 'before anything is given');
SELECT is((SELECT ends_at FROM laurel.recognition_allowance()), date_trunc('month', now()) + interval '1 month', 'and until when');
SELECT is((SELECT count(*) FROM laurel.quota_usage), 0::bigint, 'reading opens nothing');
SELECT tests.act_as_owner();
SELECT pg_temp.give(30);
SELECT tests.act_as_learner();
SELECT is(pg_temp.months(), '0: 100-30=70', 'what was given');
SELECT is((SELECT allowed || ' ' || used FROM laurel.quota_usage WHERE kind = 'recognition_allowance'), '100 30', 'is noted with what was allowed');
SELECT tests.act_as_owner();
INSERT INTO laurel.recognition_allowances (organization_id, role, monthly_points) VALUES (tests.acme(), 'manager', 500);
INSERT INTO laurel.recognition_settings (organization_id, monthly_allowance) VALUES (tests.acme(), 200);
SELECT tests.act_as_learner();
SELECT is(pg_temp.months(), '0: 200-30=170', 'where more is allowed, at once');
SELECT tests.act_as_owner();
SELECT pg_temp.give(20), pg_temp.give(1, sender => 'manager');
SELECT is((SELECT string_agg(allowed || ' ' || used, ', ' ORDER BY allowed) FROM laurel.quota_usage WHERE kind = 'recognition_allowance'), '200 50, 500 1', 'which is noted with the next that is given, by role');
INSERT INTO laurel.recognitions (organization_id, sender_id, recipient_id, message, points_awarded) SELECT tests.acme(), tests.person(s), tests.person('other'), 'Both', 2 FROM unnest('{learner, manager}'::text[]) s;
SELECT is((SELECT string_agg(allowed || ' ' || used, ', ' ORDER BY allowed) FROM laurel.quota_usage WHERE kind = 'recognition_allowance'), '200 52, 500 3', 'also of several at once');
UPDATE laurel.recognition_settings SET monthly_allowance = 40;
DELETE FROM laurel.recognitions WHERE points_awarded = 20;
SELECT is((SELECT allowed || ' ' || used FROM laurel.quota_usage WHERE user_id = tests.person('learner') AND kind = 'recognition_allowance'), '200 32', 'what is taken back changes nothing of what was allowed');
SELECT tests.act_as_learner();
SELECT is(pg_temp.months(), '0: 40-32=8', 'less is less at once, too');
SELECT tests.act_as_owner();
UPDATE laurel.recognition_settings SET monthly_allowance = 10;
SELECT tests.act_as_learner();
SELECT is(pg_temp.months(), '0: 10-32=0', 'and never less than nothing');
SELECT tests.act_as_owner();

-- The months before, as they were.
SET LOCAL session_replication_role = replica;
UPDATE laurel.quota_usage SET period_start = (period_start - interval '1 month')::date, ends_at = ends_at - interval '1 month' WHERE kind = 'recognition_allowance';
DELETE FROM laurel.quota_usage WHERE kind <> 'recognition_allowance';
UPDATE laurel.recognitions SET created_at = created_at - interval '1 month';
SET LOCAL session_replication_role = origin;
SELECT tests.act_as_learner();
SELECT is(pg_temp.months(), '0: 10-0=10, 1: 200-32=168', 'a new month begins whole, and the one before is kept as it was');
SELECT is(tests.error_of($$ SELECT * FROM laurel.recognition_allowance(organization_id => tests.bolt()) $$), '42501', 'nor is anything said of where one is not');
SELECT is(tests.error_of($$ SELECT * FROM laurel.recognition_allowance(tests.person('manager')) $$), '42501', 'nor of others');
SELECT is(tests.error_of($$ SELECT * FROM laurel.recognition_allowance(NULL) $$), '22004', 'nor of nobody');
SELECT tests.act_as_admin();
SELECT is(pg_temp.months('manager'), '0: 500-0=500, 1: 500-3=497', 'administrators read it');
SELECT is(pg_temp.months('bolt_learner'), NULL, 'of members');
SELECT tests.act_as_bolt_admin();
SELECT is(tests.error_of($$ SELECT * FROM laurel.recognition_allowance(tests.person('learner'), tests.acme()) $$), '42501', 'of their own organization');
SELECT tests.act_as_anon();
SELECT is(tests.error_of($$ SELECT * FROM laurel.recognition_allowance(tests.person('learner'), tests.acme()) $$), '42501', 'who has not signed in reads nothing');
SELECT tests.act_as_service();
SELECT is((SELECT string_agg(allowed || ' ' || used, ', ') FROM laurel.recognition_allowance(tests.person('learner'), tests.acme())), '10 0, 200 32', 'a back end names the organization');
SELECT tests.act_as_owner();
SELECT is_empty('SELECT * FROM laurel.check()', 'quotas are proven');

-- Counted anew, as for another clock: what is allowed now.
SELECT pg_temp.give(4);
SELECT laurel_internal.recount_quota('laurel.recognitions', 'recognition_allowance');
SELECT is((SELECT string_agg(allowed || ' ' || used, ', ') FROM laurel.quota_usage WHERE kind = 'recognition_allowance'), '10 4', 'counted anew');

SELECT * FROM finish();
ROLLBACK;
