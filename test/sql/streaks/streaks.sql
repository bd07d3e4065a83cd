-- Streaks: which day an activity belongs to, and what the days amount to.
\ir ../support/load.sql
BEGIN;
SELECT plan(64);

-- The same time of the day before, in New York.
CREATE FUNCTION pg_temp.yesterday() RETURNS timestamptz LANGUAGE sql STABLE
    AS $$ SELECT ((now() AT TIME ZONE 'America/New_York') - interval '1 day') AT TIME ZONE 'America/New_York' $$;
-- An account in one line: current streak, longest streak, last day.
CREATE FUNCTION pg_temp.account(name text) RETURNS text LANGUAGE sql AS $$
    SELECT format('%s of %s until %s', current_streak, longest_streak, coalesce(last_activity_date::text, 'never'))
    FROM laurel.user_points WHERE user_id = tests.person(name)
$$;
CREATE FUNCTION pg_temp.days(name text, first date, last date) RETURNS void LANGUAGE sql AS $$
    INSERT INTO laurel.daily_activity (user_id, date)
    SELECT tests.person(name), d FROM generate_series(first, last, interval '1 day') d
$$;

SELECT tests.cast('ann', 'bob', 'cid', 'dee', 'eve', 'fay', 'hal', 'joe');
SELECT tests.join(tests.bolt(), 'gus');
UPDATE laurel.organizations SET time_zone = 'Pacific/Auckland' WHERE id = tests.acme();
INSERT INTO laurel.user_roles (organization_id, user_id, role) VALUES
    (tests.acme(), tests.person('fay'), 'org_admin'), (tests.acme(), tests.person('hal'), 'trainer');
UPDATE laurel.user_preferences SET time_zone = 'America/New_York' WHERE user_id = tests.person('ann');
UPDATE laurel.user_preferences SET time_zone = 'Pacific/Kiritimati' WHERE user_id = tests.person('joe');

-- Which day it is where the member is.
SELECT results_eq(
    $$ INSERT INTO laurel.daily_activity (user_id, last_activity_at) VALUES
           (tests.person('ann'), '2024-03-01 23:30 America/New_York'), (tests.person('bob'), '2024-03-01 23:30 America/New_York')
       RETURNING date $$, $$ VALUES ('2024-03-01'::date), ('2024-03-02') $$,
    'late in New York: still Friday for who lives there, Saturday for who has the organization''s time zone');
SELECT results_eq(
    $$ INSERT INTO laurel.daily_activity (user_id, date, last_activity_at)
       VALUES (tests.person('ann'), '2024-02-01', '2024-02-05 12:00+00') RETURNING date $$, $$ VALUES ('2024-02-01'::date) $$,
    'a day that is given stays');
SELECT is(tests.error_of($$ INSERT INTO laurel.daily_activity (user_id, date)
    VALUES (tests.person('ann'), (now() AT TIME ZONE 'America/New_York')::date + 1) $$), '23514 daily_activity_date_check',
    'tomorrow has not come');
SELECT lives_ok($$ INSERT INTO laurel.daily_activity (user_id, date)
    VALUES (tests.person('joe'), (now() AT TIME ZONE 'Pacific/Kiritimati')::date) $$, 'today has, where it is furthest');
SELECT is(tests.error_of($$ INSERT INTO laurel.daily_activity (user_id, last_activity_at)
    VALUES (tests.person('ann'), now() + interval '2 days') $$), '23514 daily_activity_date_check', 'nor has the day after');
SELECT is(tests.error_of($$ INSERT INTO laurel.daily_activity (user_id, date) VALUES (tests.person('ann'), 'infinity') $$),
    '23514 daily_activity_date_check', 'the last day never comes');
SELECT is(tests.error_of($$ INSERT INTO laurel.daily_activity (user_id, date) VALUES (tests.person('ann'), '-infinity') $$),
    '23514 daily_activity_date_check', 'there was no first one');
SELECT is(tests.error_of($$ INSERT INTO laurel.daily_activity (user_id, last_activity_at)
    VALUES (tests.person('ann'), '-infinity') $$), '23514 daily_activity_date_check', 'nor a first moment');
SELECT is(tests.error_of($$ INSERT INTO laurel.daily_activity (user_id, last_activity_at) VALUES (tests.person('ann'), NULL) $$),
    '23502', 'some moment is needed');
SELECT is(tests.error_of($$ UPDATE laurel.daily_activity SET date = '2999-01-01' WHERE user_id = tests.person('bob') $$),
    '23514 daily_activity_date_check', 'a day does not move into the future');
UPDATE laurel.user_preferences SET time_zone = 'Pacific/Pago_Pago' WHERE user_id = tests.person('joe');
SELECT lives_ok($$ UPDATE laurel.daily_activity SET last_activity_at = now() WHERE user_id = tests.person('joe') $$,
    'a day that was accepted stays good when its member flies west');

-- What the days amount to.
DELETE FROM laurel.daily_activity;
SELECT is(pg_temp.account('ann'), '0 of 1 until never', 'without days no streak; the longest one was');
SELECT pg_temp.days('cid', '2024-05-01', '2024-05-01');
SELECT is(pg_temp.account('cid'), '1 of 1 until 2024-05-01', 'a first day');
SELECT pg_temp.days('cid', '2024-05-02', '2024-05-02');
SELECT is(pg_temp.account('cid'), '2 of 2 until 2024-05-02', 'the next day adds one');
SELECT pg_temp.days('cid', '2024-05-04', '2024-05-04');
SELECT is(pg_temp.account('cid'), '1 of 2 until 2024-05-04', 'a day was missed: it begins again');
SELECT pg_temp.days('cid', '2024-05-05', '2024-05-08');
SELECT is(pg_temp.account('cid'), '5 of 5 until 2024-05-08', 'several days at once');
SELECT pg_temp.days('cid', '2024-05-03', '2024-05-03');
SELECT is(pg_temp.account('cid'), '8 of 8 until 2024-05-08', 'the missing day joins two runs');
SELECT pg_temp.days('cid', '2024-01-01', '2024-01-20');
SELECT is(pg_temp.account('cid'), '8 of 20 until 2024-05-08', 'an older run may be the longest');
DELETE FROM laurel.daily_activity WHERE user_id = tests.person('cid') AND date < '2024-02-01';
SELECT is(pg_temp.account('cid'), '8 of 20 until 2024-05-08', 'the longest streak stays when its days go');
DELETE FROM laurel.daily_activity WHERE user_id = tests.person('cid') AND date IN ('2024-05-05', '2024-05-08');
SELECT is(pg_temp.account('cid'), '2 of 20 until 2024-05-07', 'deleted days split a run and move its end');
UPDATE laurel.daily_activity SET last_activity_at = now() WHERE user_id = tests.person('cid');
SELECT is(pg_temp.account('cid'), '2 of 20 until 2024-05-07', 'another time of the same day changes nothing');
UPDATE laurel.daily_activity SET date = '2024-05-05' WHERE user_id = tests.person('cid') AND date = '2024-05-01';
SELECT is(pg_temp.account('cid'), '6 of 20 until 2024-05-07', 'a day that moves counts where it is now');
UPDATE laurel.daily_activity SET user_id = tests.person('dee') WHERE user_id = tests.person('cid') AND date > '2024-05-05';
SELECT is(pg_temp.account('cid') || '; ' || pg_temp.account('dee'), '4 of 20 until 2024-05-05; 2 of 2 until 2024-05-07',
    'days that move to another member count there');
INSERT INTO laurel.daily_activity (user_id, date)
    SELECT tests.person(n), d FROM unnest(ARRAY['dee', 'eve', 'bob']) n, generate_series('2024-05-08'::date, '2024-05-17', '1 day') d;
SELECT results_eq($$ SELECT pg_temp.account(n) FROM unnest(ARRAY['bob', 'dee', 'eve']) n $$,
    $$ VALUES ('10 of 10 until 2024-05-17'), ('12 of 12 until 2024-05-17'), ('10 of 10 until 2024-05-17') $$,
    'one statement, many members');
INSERT INTO laurel.daily_activity (user_id, date) VALUES (tests.person('eve'), '2024-05-17') ON CONFLICT DO NOTHING;
SELECT is(pg_temp.account('eve'), '10 of 10 until 2024-05-17', 'the same day again is no day');
SELECT is(tests.error_of($$ UPDATE laurel.user_points SET current_streak = 99 WHERE user_id = tests.person('eve') $$),
    '23001 user_points_follow_ledger',
    'nobody writes a streak by hand');
SELECT is(tests.error_of('CREATE TRIGGER x AFTER INSERT ON laurel.daily_activity FOR EACH ROW EXECUTE FUNCTION laurel_internal.follow_streaks();
    INSERT INTO laurel.daily_activity (user_id, date) VALUES (tests.person(''eve''), ''2024-05-19'')'), '39P01',
    'the trigger function says how it is attached');

-- The clocks change twice a year; days do not.
SELECT lives_ok($$ SELECT laurel.record_activity(tests.person('ann'), (d::date + time '23:30') AT TIME ZONE 'America/New_York')
    FROM generate_series('2024-02-01'::date, '2024-02-01'::date + 99, '1 day') d $$, 'half past eleven at night, for a hundred days');
SELECT is(pg_temp.account('ann'), '100 of 100 until 2024-05-10', 'a hundred days over the change to daylight saving are a hundred');
SELECT lives_ok($$ SELECT laurel.record_activity(tests.person('ann'), (d::date + time '00:10') AT TIME ZONE 'America/New_York')
    FROM generate_series('2024-09-20'::date, '2024-09-20'::date + 99, '1 day') d $$, 'ten past midnight, for a hundred days');
SELECT is(pg_temp.account('ann'), '100 of 100 until 2024-12-28', 'a hundred days over the change back are a hundred');
SELECT lives_ok($$ SELECT laurel.record_activity(tests.person('ann'), (d::date + time '02:30') AT TIME ZONE 'America/New_York')
    FROM generate_series('2025-03-01'::date, '2025-03-20', '1 day') d $$, 'in the hour that one night does not have');
SELECT is(pg_temp.account('ann'), '20 of 100 until 2025-03-20', 'no day is lost');
TRUNCATE laurel.daily_activity;
SELECT is(pg_temp.account('ann'), '0 of 100 until never', 'without all days no streak');

-- Recording: for oneself.
SELECT tests.act_as(tests.person('ann'));
SELECT results_eq('SELECT * FROM laurel.record_activity()', 'VALUES (1, 100)', 'today');
SELECT results_eq('SELECT * FROM laurel.record_activity()', 'VALUES (1, 100)', 'again today');
SELECT results_eq($$ SELECT * FROM laurel.record_activity(at => pg_temp.yesterday()) $$, 'VALUES (2, 100)', 'and yesterday');
SELECT results_eq($$ SELECT date, last_activity_at FROM laurel.daily_activity ORDER BY date $$,
    $$ SELECT (t AT TIME ZONE 'America/New_York')::date, t FROM (VALUES (pg_temp.yesterday()), (now())) v (t) $$,
    'one row a day, read by its owner');
SELECT is(laurel.streak_of(), 2, 'the streak is alive');
SELECT lives_ok($$ SELECT laurel.record_activity(at => now() - interval '1 minute') $$, 'an earlier moment');
SELECT is((SELECT max(last_activity_at) FROM laurel.daily_activity), now(), 'does not take back a later one');
SELECT is(tests.error_of($$ SELECT laurel.record_activity(at => now() + interval '1 hour') $$), '22023', 'the future is not recorded');
SELECT is(tests.error_of($$ SELECT laurel.record_activity(at => '-infinity') $$), '22023', 'nor the beginning of time');
SELECT is(tests.error_of('SELECT laurel.record_activity(at => NULL)'), '22004', 'nor nothing');
SELECT is(tests.error_of($$ SELECT laurel.record_activity(tests.person('bob')) $$), '42501', 'nor somebody else');
SELECT is(tests.error_of('SELECT laurel.record_activity(organization_id => tests.bolt())'), '42501', 'nor elsewhere');
SELECT is(tests.error_of('INSERT INTO laurel.daily_activity (user_id) VALUES (laurel.uid())'), '42501',
    'and days are not written directly');
SELECT is(laurel.streak_of(tests.person('bob')), NULL, 'other members'' streaks are not told');
SELECT is(laurel.streak_of(organization_id => tests.bolt()), NULL, 'nor those of other organizations');

-- By administrators and the back end; a trainer looks only.
SELECT tests.act_as_owner();
INSERT INTO laurel.courses (id, organization_id, name, trainer_id)
    VALUES (tests.person('rowing'), tests.acme(), 'Rowing', tests.person('hal'));
INSERT INTO laurel.enrollments (user_id, course_id) VALUES (tests.person('ann'), tests.person('rowing'));
SELECT tests.act_as(tests.person('hal'));
SELECT results_eq($$ SELECT laurel.streak_of(tests.person('ann')), laurel.streak_of(tests.person('bob')) $$,
    'VALUES (2, NULL::integer)', 'a trainer sees the streaks of own learners');
SELECT is(tests.error_of($$ SELECT laurel.record_activity(tests.person('ann')) $$), '42501', 'but records nothing for them');
SELECT tests.act_as(tests.person('fay'));
SELECT results_eq($$ SELECT * FROM laurel.record_activity(tests.person('dee'), now() - interval '30 hours') $$, 'VALUES (1, 12)',
    'an administrator records for members');
SELECT is(laurel.streak_of(tests.person('ann')), 2, 'and sees their streaks');
SELECT is(tests.error_of($$ SELECT laurel.record_activity(tests.person('gus')) $$),
    '23503 daily_activity_membership_fkey', 'but only of members');
SELECT tests.act_as_service();
SELECT is(tests.error_of('SELECT laurel.record_activity()'), '22004', 'the back end says for whom');
SELECT is(tests.error_of('SELECT laurel.streak_of(laurel.uuidv7())'), '23503 daily_activity_membership_fkey', 'somebody who exists');
SELECT results_eq($$ SELECT * FROM laurel.record_activity(tests.person('gus'), now() - interval '72 hours') $$, 'VALUES (1, 1)',
    'at home where it names no organization');
SELECT is(laurel.streak_of(tests.person('gus')), 0, 'a streak is over when a day was missed');
SELECT lives_ok($$ SELECT laurel.record_activity(tests.person('gus'), now() - interval '24 hours') $$, 'yesterday');
SELECT is(laurel.streak_of(tests.person('gus')), 1, 'is not yet missed today');
SELECT tests.act_as_anon();
SELECT is(tests.error_of('SELECT laurel.record_activity()'), '42501', 'anon records nothing');
SELECT is(tests.error_of('SELECT laurel.streak_of()'), '42501', 'and is told nothing');

SELECT tests.act_as_owner();
SELECT lives_ok($$ DELETE FROM laurel.users WHERE id = tests.person('ann') $$, 'a member leaves with all days');
SELECT is((SELECT count(*) FROM laurel.daily_activity WHERE user_id = tests.person('ann')), 0::bigint, 'none is left');

SELECT * FROM finish();
ROLLBACK;
