-- Frozen leaderboards: one organization that cannot be frozen stops no other, and days are those of the zone's name.
\ir ../support/load.sql
BEGIN;
SELECT plan(18);

-- Nine organizations with a member each.
CREATE FUNCTION pg_temp.person(n integer) RETURNS uuid LANGUAGE sql IMMUTABLE AS $$ SELECT tests.one(n::text, 1) $$;
CREATE FUNCTION pg_temp.last_week() RETURNS timestamptz LANGUAGE sql STABLE
    AS $$ SELECT date_trunc('week', now() AT TIME ZONE 'UTC') AT TIME ZONE 'UTC' - interval '2 days' $$;
-- More points in a week than fit into one number: taken back in the week after.
CREATE FUNCTION pg_temp.overflow(n integer) RETURNS void LANGUAGE sql AS $$
    INSERT INTO laurel.points_ledger (organization_id, user_id, amount, transaction_type, reason, occurred_at)
        VALUES (tests.org(n::text), pg_temp.person(n), 9e18::bigint, 'test', 'much', pg_temp.last_week());
    INSERT INTO laurel.points_ledger (organization_id, user_id, amount, transaction_type, reverses_id, occurred_at)
        SELECT organization_id, user_id, -amount, 'test', id, now() FROM laurel.points_ledger WHERE user_id = pg_temp.person(n);
    INSERT INTO laurel.points_ledger (organization_id, user_id, amount, transaction_type, reason, occurred_at)
        VALUES (tests.org(n::text), pg_temp.person(n), 9e18::bigint, 'test', 'again', pg_temp.last_week())
$$;
CREATE FUNCTION pg_temp.frozen() RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(DISTINCT left(organization_id::text, 1), ' ') FROM laurel.leaderboard_standings
    WHERE organization_id::text LIKE '_0000000-0000-0000-0000-000000000000'
$$;

SELECT tests.found(n::text), tests.crowd(n::text, 1, 1) FROM generate_series(1, 9) n;
INSERT INTO laurel.points_ledger (organization_id, user_id, amount, transaction_type, reason, occurred_at)
    SELECT tests.org(i::text), pg_temp.person(i), 10, 'test', 'a test', pg_temp.last_week() FROM unnest('{1, 2, 4, 5, 6, 8, 9}'::integer[]) i;
SELECT pg_temp.overflow(3), pg_temp.overflow(7);

SET LOCAL client_min_messages = error;
SELECT tests.act_as_service();
SELECT cmp_ok(laurel.freeze_finished_leaderboards(), '>=', 7::bigint, 'two organizations cannot be frozen');
SELECT tests.act_as_owner();
SELECT is(pg_temp.frozen(), '1 2 4 5 6 8 9', 'all others are');
SELECT cmp_ok((SELECT count(DISTINCT xmin::text) FROM laurel.leaderboard_standings), '<', 7::bigint, 'halved, not in a subtransaction for each');
SELECT results_eq($$ SELECT job, left(organization_id::text, 1), error, times FROM laurel.job_failures ORDER BY organization_id $$,
    $$ VALUES ('leaderboards', '3', '22003 bigint out of range', 1), ('leaderboards', '7', '22003 bigint out of range', 1) $$, 'it is noted which, and why');
SELECT matches((SELECT note FROM laurel.job_status() WHERE job = 'leaderboards'), '^failed for 2 of the organizations', 'the job says so');
SELECT is((SELECT count(*) FROM laurel.job_status() WHERE note LIKE 'failed for%'), 1::bigint, 'no other');
SELECT tests.act_as_service();
SELECT is(laurel.freeze_finished_leaderboards(), 0::bigint, 'the next call freezes nothing twice');
SELECT is((SELECT string_agg(times::text, ' ') FROM laurel.job_failures), '2 2', 'and counts again');
SELECT is(tests.error_of($$ DELETE FROM laurel.job_failures $$), '42501', 'nobody wipes it away');
SELECT tests.act_as(pg_temp.person(1));
SELECT is(tests.error_of($$ SELECT FROM laurel.job_failures $$), '42501', 'members do not see it');
SELECT tests.act_as_owner();
SELECT is(tests.error_of(format('SELECT laurel.freeze_leaderboard(%L, %L, %L)', 'weekly', date_trunc('week', pg_temp.last_week() AT TIME ZONE 'UTC')::date, tests.org('3'))),
    '22003', 'asked for alone it says what is wrong');
DELETE FROM laurel.users WHERE id = pg_temp.person(7);
DELETE FROM laurel.organizations WHERE id = tests.org('7');
SELECT is((SELECT string_agg(left(organization_id::text, 1), ' ') FROM laurel.job_failures), '3', 'an organization that goes takes its line along');
UPDATE laurel.job_failures SET organization_id = tests.org('1');
SELECT laurel.freeze_finished_leaderboards();
SELECT is((SELECT string_agg(left(organization_id::text, 1), ' ') FROM laurel.job_failures), '3', 'what works again is forgotten');
SELECT is(laurel.freeze_leaderboard('weekly', '2020-01-06'), 0::bigint, 'a week of long ago fails nowhere');

-- The same day in every count: summer time in a zone that has an abbreviation's rules in winter.
UPDATE laurel.organizations SET time_zone = 'Europe/Berlin' WHERE id = tests.org('1');
INSERT INTO laurel.points_ledger (organization_id, user_id, amount, transaction_type, reason, occurred_at)
    VALUES (tests.org('1'), pg_temp.person(1), 5, 'test', 'Monday, half past midnight', '2024-07-08 00:30 Europe/Berlin');
SELECT is(laurel.freeze_leaderboard('weekly', '2024-07-01', tests.org('1')), 0::bigint, 'not the week before');
SELECT is(laurel.freeze_leaderboard('weekly', '2024-07-08', tests.org('1')), 1::bigint, 'a week begins at local midnight');
SELECT is(tests.error_of($$ UPDATE laurel.organizations SET time_zone = 'CET' WHERE id = tests.org('1') $$), '23514 organizations_time_zone_check',
    'a name that two readings differ about is none');
SELECT is(tests.error_of($$ UPDATE laurel.user_preferences SET time_zone = 'EST' WHERE user_id = pg_temp.person(1) $$), '23514 user_preferences_time_zone_check',
    'nor for a person');

SELECT * FROM finish();
ROLLBACK;
