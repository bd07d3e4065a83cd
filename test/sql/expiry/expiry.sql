-- What expires, when, and what is booked and said of it.
\ir ../support/load.sql
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT no_plan();

SELECT tests.cast();
SELECT tests.teach('trainer', 'learner');
CREATE FUNCTION pg_temp.earn(points bigint, ago interval, name text DEFAULT 'learner') RETURNS uuid LANGUAGE sql AS $$
    INSERT INTO laurel.points_ledger (user_id, amount, transaction_type, reason, occurred_at) VALUES (tests.person(name), points, 't', 'r', now() - ago) RETURNING id
$$;
-- Looks through an organization's accounts, and says how many had points that expired.
CREATE FUNCTION pg_temp.expire(organization uuid DEFAULT tests.acme()) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER AS $$
DECLARE step record; after uuid; total bigint := 0;
BEGIN
    LOOP
        SELECT * INTO step FROM laurel_internal.expire_some_points(organization, after);
        total := total + step.accounts;
        after := step.last_user;
        IF after IS NULL THEN RETURN total; END IF;
    END LOOP;
END $$;
CREATE FUNCTION pg_temp.points(name text DEFAULT 'learner') RETURNS bigint LANGUAGE sql SECURITY DEFINER AS $$ SELECT total_points FROM laurel.user_points WHERE user_id = tests.person(name) AND organization_id = tests.acme() $$;
CREATE FUNCTION pg_temp.left_of(name text DEFAULT 'learner') RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(points || CASE WHEN expires_at <= now() THEN '!' ELSE '' END, ' ' ORDER BY expires_at, earned_at, entry_id) FROM laurel.expiring_points(tests.person(name), tests.acme())
$$;

-- Without a policy nothing expires.
SELECT pg_temp.earn(100, '30 months'), pg_temp.earn(50, '13 months'), pg_temp.earn(30, '2 months'), pg_temp.earn(-120, '1 day');
SELECT is(pg_temp.expire(), 0::bigint, 'nothing expires where no policy says so');
SELECT is(pg_temp.left_of(), NULL, 'and nothing is said to');

-- The oldest points are spent first.
INSERT INTO laurel.point_expiry_policies (organization_id, rule, length) VALUES (tests.acme(), 'after_months', 12);
SELECT is((SELECT applies_from FROM laurel.point_expiry_policies), CURRENT_DATE + 30, 'a policy applies in thirty days');
SELECT is(pg_temp.expire(), 0::bigint, 'until then nothing expires');
SELECT is(pg_temp.left_of(), '30 30', 'but is listed');
SELECT ok((SELECT bool_or(expires_at::date = CURRENT_DATE + 30) FROM laurel.expiring_points(tests.person('learner'))), 'with the day from which on the policy applies');
SELECT results_eq($$ SELECT type, data ->> 'points' FROM laurel.notifications WHERE type = 'points_expiring' $$, $$ VALUES ('points_expiring', '30') $$, 'its member is told');
SELECT is((SELECT data FROM laurel.domain_events WHERE type = 'points_expiring'), (SELECT data FROM laurel.notifications WHERE type = 'points_expiring'), 'as an event, too');
SELECT is(pg_temp.expire(), 0::bigint, 'again');
SELECT is((SELECT count(*) FROM laurel.notifications WHERE type = 'points_expiring'), 1::bigint, 'and told once');
DELETE FROM laurel.domain_events WHERE type = 'points_expiring';
SELECT is(pg_temp.expire(), 0::bigint, 'even where nothing else says so');
SELECT is((SELECT count(*) FROM laurel.notifications WHERE type = 'points_expiring'), 1::bigint, 'than the notification');
DELETE FROM laurel.notifications WHERE type = 'points_expiring';
SELECT is(pg_temp.expire(), 0::bigint, 'whoever throws it away');
SELECT is((SELECT count(*) FROM laurel.notifications WHERE type = 'points_expiring'), 0::bigint, 'is not told again');
SELECT points_this_week AS week, points_this_month AS month FROM laurel.user_points WHERE user_id = tests.person('learner') AND organization_id = tests.acme() \gset
UPDATE laurel.point_expiry_policies SET applies_from = CURRENT_DATE;
SELECT is(pg_temp.left_of(), '30! 30', 'what is past its time waits for the job');
SELECT is(pg_temp.expire(), 1::bigint, 'which books it');
SELECT results_eq($$ SELECT amount, balance_after, transaction_type, reference_type, reference_id = (SELECT id FROM laurel.point_expiry_policies), idempotency_key LIKE 'points_expired:%:4', created_by
    FROM laurel.points_ledger ORDER BY entry_no DESC LIMIT 1 $$, $$ VALUES (-30::bigint, 30::bigint, 'points_expired', 'PointExpiry', true, true, NULL::uuid) $$, 'as an entry of its own');
SELECT is((SELECT data FROM laurel.domain_events WHERE type = 'points_expired'), '{"points": 30}', 'and tells of it');
SELECT results_eq($$ SELECT points_this_week, points_this_month FROM laurel.user_points WHERE user_id = tests.person('learner') AND organization_id = tests.acme() $$,
    format('VALUES (%L::bigint, %L::bigint)', :'week', :'month'), 'no week and no month that is going on has less');
SELECT is(pg_temp.expire(), 0::bigint, 'once');
SELECT is(pg_temp.left_of(), '30', 'what is young is left');
SELECT is((SELECT done_for FROM laurel_internal.point_expiry_runs WHERE organization_id = tests.acme()), (now() AT TIME ZONE 'UTC')::date, 'the day is done');
SELECT is(laurel_internal.organizations_to_expire(NULL), NULL, 'and not looked at again') UNION ALL SELECT is(laurel_internal.organizations_to_expire(tests.acme()), ARRAY[tests.acme()], 'but when it is asked for');

-- A run that goes on beyond midnight has done the day on which it began.
SELECT last_user AS last, begun_on AS begun FROM laurel_internal.expire_some_points(tests.acme(), NULL) \gset
SELECT is(:'begun', (now() AT TIME ZONE 'UTC')::date::text, 'a step says on which day it was');
SELECT is((SELECT begun_on FROM laurel_internal.expire_some_points(tests.acme(), :'last', :'begun'::date - 1)), :'begun'::date - 1, 'the next ones keep that of the first');
SELECT is((SELECT done_for FROM laurel_internal.point_expiry_runs WHERE organization_id = tests.acme()), :'begun'::date - 1, 'which is done');

-- A clock that is set back, and entries that come late.
UPDATE laurel_internal.point_expiry_runs SET done_for = done_for + 700;
SELECT is(laurel_internal.organizations_to_expire(NULL), ARRAY[tests.acme()], 'a day in the future keeps no day from being done');
SELECT is(pg_temp.expire(), 0::bigint, 'nothing is taken twice') UNION ALL SELECT is(pg_temp.points(), 30::bigint, 'the balance is what it was');
SELECT ok(pg_temp.earn(7, '14 months') IS NOT NULL, 'points of long ago come late') UNION ALL SELECT is(pg_temp.expire(), 1::bigint, 'and expire') UNION ALL SELECT is(pg_temp.points(), 30::bigint, 'they alone');

-- Points that are held do not expire.
SELECT pg_temp.earn(10, '14 months'), hold_id AS held FROM laurel.hold_points(tests.person('learner'), 12, 'r', organization_id => tests.acme()) \gset
SELECT is(pg_temp.expire(), 0::bigint, 'what is held does not expire') UNION ALL SELECT is(pg_temp.points(), 40::bigint, 'nor is it lost');
SELECT ok(laurel.release_hold(:'held'), 'once it is free') UNION ALL SELECT is(pg_temp.expire(), 1::bigint, 'it does') UNION ALL SELECT is(pg_temp.points(), 30::bigint, 'as it would have');

-- Credits that were reversed were never earned.
SELECT pg_temp.earn(40, '11 months') AS old, pg_temp.earn(25, '1 month') AS young \gset
SELECT is(pg_temp.left_of(), '40 30 25', 'three credits');
SELECT laurel.reverse_points_transaction(:'old') \g /dev/null
SELECT is(pg_temp.left_of(), '30 25', 'what is reversed is not there') UNION ALL SELECT is(pg_temp.points(), 55::bigint, 'nor counted');
SELECT pg_temp.earn(-45, '0') AS debit \gset
SELECT is(pg_temp.left_of(), '10', 'a debit takes the oldest first');
SELECT laurel.reverse_points_transaction(:'debit') \g /dev/null
SELECT is(pg_temp.left_of(), '30 25', 'and a debit that is reversed was never spent');
SELECT pg_temp.earn(-20, '0') \g /dev/null
SELECT laurel.reverse_points_transaction(:'young') \g /dev/null
SELECT is(pg_temp.left_of(), '10', 'a credit that is reversed takes from itself');

-- Years.
DELETE FROM laurel.point_expiry_policies;
INSERT INTO laurel.point_expiry_policies (organization_id, rule, length, applies_from) VALUES (tests.acme(), 'end_of_year', 1, '2000-01-01');
SELECT is((SELECT expires_at FROM laurel.expiring_points(tests.person('learner'))), (date_trunc('year', now() - interval '2 months') + interval '2 years')::timestamptz, 'points expire with the year after the one of earning');
UPDATE laurel.organizations SET time_zone = 'Pacific/Auckland' WHERE id = tests.acme();
SELECT is((SELECT expires_at AT TIME ZONE 'Pacific/Auckland' FROM laurel.expiring_points(tests.person('learner'))),
    date_trunc('year', (now() - interval '2 months') AT TIME ZONE 'Pacific/Auckland') + interval '2 years', 'of the organization''s calendar');
UPDATE laurel.organizations SET time_zone = 'UTC' WHERE id = tests.acme();

-- Whoever was not active loses all, after being told.
DELETE FROM laurel.point_expiry_policies;
INSERT INTO laurel.point_expiry_policies (organization_id, rule, length, applies_from) VALUES (tests.acme(), 'inactivity', 6, '2000-01-01');
SELECT is(pg_temp.expire(), 0::bigint, 'whoever was active keeps all');
SELECT pg_temp.earn(60, '3 years', 'other') \g /dev/null
SELECT is(pg_temp.expire(), 0::bigint, 'old points too');
SET LOCAL session_replication_role = replica;
UPDATE laurel.points_ledger SET created_at = now() - interval '7 months' WHERE user_id = tests.person('other');
UPDATE laurel.user_points SET last_entry_at = now() - interval '7 months', last_activity_date = CURRENT_DATE - 20 WHERE user_id = tests.person('other');
SET LOCAL session_replication_role = origin;
SELECT is(pg_temp.expire(), 0::bigint, 'a day of activity is enough');
SET LOCAL session_replication_role = replica;
UPDATE laurel.points_ledger SET created_at = now() - interval '5 months 10 days' WHERE user_id = tests.person('other');
UPDATE laurel.user_points SET last_entry_at = now() - interval '5 months 10 days', last_activity_date = NULL WHERE user_id = tests.person('other');
SET LOCAL session_replication_role = origin;
SELECT is(pg_temp.expire(), 0::bigint, 'whoever is not active for long');
SELECT is((SELECT data -> 'points' FROM laurel.notifications WHERE type = 'points_expiring' AND user_id = tests.person('other')), '60', 'is told of all');
SET LOCAL session_replication_role = replica;
UPDATE laurel.points_ledger SET created_at = now() - interval '7 months' WHERE user_id = tests.person('other');
UPDATE laurel.user_points SET last_entry_at = now() - interval '7 months', last_activity_date = CURRENT_DATE - 20 WHERE user_id = tests.person('other');
SET LOCAL session_replication_role = origin;
SELECT is((SELECT expires_at::date FROM laurel.expiring_points(tests.person('other'), tests.acme())), ((CURRENT_DATE - 20) + interval '6 months')::date + 1, 'from which it counts');
SET LOCAL session_replication_role = replica;
UPDATE laurel.user_points SET last_activity_date = CURRENT_DATE - 200 WHERE user_id = tests.person('other');
SET LOCAL session_replication_role = origin;
SELECT is(pg_temp.left_of('other'), '60!', 'without one all has expired');
SELECT is(pg_temp.expire(), 1::bigint, 'and is booked') UNION ALL SELECT is(pg_temp.points('other'), 0::bigint, 'whole');
SELECT is(pg_temp.expire(), 0::bigint, 'once');

-- Several rules: the first one counts.
INSERT INTO laurel.point_expiry_policies (organization_id, rule, length, applies_from) VALUES (tests.acme(), 'after_months', 1, '2000-01-01');
SELECT is((SELECT rule FROM laurel.expiring_points(tests.person('learner'))), 'after_months', 'of several rules the first');
SELECT is(pg_temp.expire(), 1::bigint, 'is followed');

-- What is told of a month is what has expired by all rules then.
DELETE FROM laurel.point_expiry_policies;
SELECT pg_temp.earn(1000, '20 days', 'manager'), pg_temp.earn(7, '4 months', 'trainer'), pg_temp.earn(5, '1 day', 'trainer') \g /dev/null
INSERT INTO laurel.point_expiry_policies (organization_id, rule, length, warn_days, applies_from) VALUES
    (tests.acme(), 'after_months', 3, 1, '2000-01-01'), (tests.acme(), 'inactivity', 900, 200, '2000-01-01'), (tests.acme(), 'end_of_year', 50, NULL, '2000-01-01');
SELECT is(pg_temp.expire(), 1::bigint, 'one has points that have expired');
SELECT is((SELECT data -> 'points' FROM laurel.notifications WHERE type = 'points_expiring' AND user_id = tests.person('trainer')), '5', 'and is told of others');
SELECT results_eq($$ SELECT data -> 'points', (data ->> 'until')::date FROM laurel.notifications WHERE type = 'points_expiring' AND user_id = tests.person('manager') $$,
    $$ VALUES ('1000'::jsonb, (date_trunc('month', (now() AT TIME ZONE 'UTC')::date + 200) + interval '1 month')::date - 1) $$, 'the rule that tells earliest says of which month');
DELETE FROM laurel.point_expiry_policies;
INSERT INTO laurel.point_expiry_policies (organization_id, rule, length, applies_from) VALUES (tests.acme(), 'inactivity', 6, '2000-01-01'), (tests.acme(), 'after_months', 1, '2000-01-01');

-- Who sees and changes what.
SELECT pg_temp.earn(5, '0') \g /dev/null
SELECT tests.act_as_learner();
SELECT is((SELECT count(*) FROM laurel.expiring_points()), 1::bigint, 'members see their own');
SELECT is((SELECT count(*) FROM laurel.point_expiry_policies), 2::bigint, 'and the rules');
SELECT is(tests.error_of($$ SELECT laurel.expiring_points(tests.person('other')) $$), '42501', 'not those of others');
SELECT is(tests.error_of($$ SELECT laurel.expiring_points(NULL) $$), '22004', 'nor of nobody');
SELECT is(tests.error_of($$ INSERT INTO laurel.point_expiry_policies (rule, length) VALUES ('end_of_year', 1) $$), '42501', 'they make no rules');
SELECT is(tests.error_of($$ SELECT laurel.points_liability() $$), '42501', 'nor see what is owed');
SELECT is(tests.error_of($$ SELECT laurel_internal.expire_some_points(tests.acme(), NULL) $$), '42501', 'nor book');
SELECT tests.act_as_trainer();
SELECT is((SELECT count(*) FROM laurel.expiring_points(tests.person('learner'))), 1::bigint, 'trainers see their learners''');
SELECT tests.act_as_bolt_admin();
SELECT is(tests.error_of($$ SELECT laurel.expiring_points(tests.person('learner'), tests.acme()) $$), '42501', 'another organization''s administrator does not');
SELECT is((SELECT count(*) FROM laurel.point_expiry_policies), 0::bigint, 'nor the rules');
SELECT tests.act_as_admin();
SELECT is((SELECT count(*) FROM laurel.expiring_points(tests.person('learner'))), 1::bigint, 'administrators see everybody''s');
SELECT is(tests.error_of($$ UPDATE laurel.point_expiry_policies SET length = 1 $$), '23001 point_expiry_policies_length_immutable', 'a rule is not changed');
SELECT is(tests.error_of($$ DELETE FROM laurel.point_expiry_policies WHERE rule = 'inactivity' $$), 'none', 'but taken away');
SELECT is(tests.error_of(format('INSERT INTO laurel.point_expiry_policies (rule, length, warn_days) VALUES (%L, %s, %s)', rule, length, warn)), error, concat_ws(' ', rule, length, warn))
FROM (VALUES ('after_months', 3, '30', '23505 point_expiry_policies_rule_key'), ('inactivity', 0, '30', '23514 point_expiry_policies_length_check'),
    ('inactivity', 1201, '30', '23514 point_expiry_policies_length_check'), ('end_of_year', 101, '30', '23514 point_expiry_policies_length_check'),
    ('end_of_year', -1, '30', '23514 point_expiry_policies_length_check'), ('never', 1, '30', '23514 point_expiry_policies_rule_check'),
    ('end_of_year', 1, '0', '23514 point_expiry_policies_warn_days_check'), ('end_of_year', 0, 'NULL', 'none'), ('inactivity', 1200, '366', 'none')) AS known (rule, length, warn, error);
SELECT is(tests.error_of(format('UPDATE laurel.point_expiry_policies SET applies_from = %L', day)), error, day)
FROM (VALUES ('infinity', '23514 point_expiry_policies_applies_from_check'), ('10000-01-01', '23514 point_expiry_policies_applies_from_check'),
    ('0001-01-01 BC', '23514 point_expiry_policies_applies_from_check'), ('9999-12-31', 'none')) AS known (day, error);
SELECT is((SELECT DISTINCT expires_at::date FROM laurel.expiring_points(tests.person('learner'))), '9999-12-31'::date, 'the last day that may be');
UPDATE laurel.point_expiry_policies SET applies_from = '2000-01-01';
SELECT tests.act_as_owner();
SELECT is(tests.error_of($$ SELECT laurel.expiring_points(tests.person('nobody')) $$), '23503 points_ledger_account_fkey', 'there has to be a user');
SELECT is(tests.error_of($$ SELECT laurel_internal.points_expire_on('never', 1, CURRENT_DATE) $$), '22023', 'and a rule');
SELECT is(tests.error_of($$ SELECT laurel_internal.points_kept_from('after_months', 5000, CURRENT_DATE) $$), '22023', 'of some length');
SELECT is(tests.error_of($$ SELECT laurel_internal.expire_some_points(NULL, NULL) $$), '22004', 'and an organization');

-- What keeps one account from expiring keeps no other.
SELECT pg_temp.earn(8, '5 months', n) FROM unnest('{learner, other, manager}'::text[]) n \g /dev/null
CREATE FUNCTION pg_temp.refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NEW.amount < 0 AND NEW.user_id = 'a0000000-0000-0000-0000-000000000004' THEN RAISE 'not he'; END IF; RETURN NEW; END $$;
CREATE TRIGGER refuse BEFORE INSERT ON laurel.points_ledger FOR EACH ROW EXECUTE FUNCTION pg_temp.refuse();
SELECT is(pg_temp.expire(), 2::bigint, 'others expire');
SELECT results_eq($$ SELECT organization_id, error FROM laurel.job_failures WHERE job = 'point_expiry' $$, $$ VALUES (tests.acme(), 'P0001 not he') $$, 'and it is noted');
DROP TRIGGER refuse ON laurel.points_ledger;
SELECT is(pg_temp.expire(), 1::bigint, 'the next time it works');
SELECT is((SELECT count(*) FROM laurel.job_failures WHERE job = 'point_expiry'), 0::bigint, 'and the note is gone');

SELECT * FROM finish();
ROLLBACK;
