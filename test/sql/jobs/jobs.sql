-- Jobs: schedules, claims under a lease, and where pg_cron is elsewhere or absent. In pg_cron's own database: test/crash.
\ir ../support/load.sql
BEGIN;
SELECT plan(70);

CREATE FUNCTION pg_temp.worker(n integer) RETURNS uuid LANGUAGE sql IMMUTABLE AS $$ SELECT md5('worker' || n)::uuid $$;
CREATE FUNCTION pg_temp.claim(n integer DEFAULT 1) RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(name, ' ') FROM laurel_internal.claim_due_job(pg_temp.worker(n))
$$;
-- Makes a job due as if time had passed.
CREATE FUNCTION pg_temp.age(job text, by interval) RETURNS void LANGUAGE sql AS $$
    UPDATE laurel.jobs SET created_at = created_at - by, last_started_at = last_started_at - by WHERE name = job;
    UPDATE laurel.job_leases SET leased_at = leased_at - by, lease_until = lease_until - by WHERE name = job
$$;
CREATE FUNCTION pg_temp.token(job text) RETURNS uuid LANGUAGE sql AS $$ SELECT lease_token FROM laurel.job_leases WHERE name = job $$;

-- Whether a pg_cron in another database could run the jobs of this one.
CREATE TEMP TABLE here AS SELECT current_setting('cron.database_name', true) IS NULL AS alone;
GRANT SELECT ON here TO service_role;

-- Schedules.
SELECT is(laurel_internal.next_run('30 3 * * *', '2026-11-20 03:29:59.999999+00'), '2026-11-20 03:30+00', 'the minute to come');
SELECT is(laurel_internal.next_run('30 3 * * *', '2026-11-20 03:30+00'), '2026-11-21 03:30+00', 'a minute that has begun is past');
SELECT is(laurel_internal.next_run('0 0 * * 1', '1999-12-31 23:59:59.5+00'), '2000-01-03 00:00+00', 'before the server''s epoch');
SELECT is(laurel_internal.next_run('0 12 * * *', '2026-03-29 03:00+02'), '2026-03-29 12:00+00', 'in UTC, whatever the session''s zone');
SELECT is(laurel_internal.next_run('0 0 30 2 *', now()), NULL, 'a day that never comes');
SELECT is(laurel_internal.next_run('* * * * *', 'infinity'), NULL, 'nothing after the end');
SELECT is(tests.error_of($$ SELECT laurel_internal.next_run('at noon', now()) $$), '22023', 'no schedule, no time');
SELECT is(laurel_internal.is_cron('*/5 8-18 * * mon-fri'), true, 'a schedule is one');
SELECT is(laurel_internal.is_cron('61 * * * *'), false, 'nonsense is none');
SELECT is(laurel_internal.is_cron(schedule), comes, format('%s %s', schedule, CASE WHEN comes THEN 'comes' ELSE 'never comes' END))
FROM (VALUES ('0 0 30 2 *', false), ('0 0 31 2,4,6,9,11 *', false), ('0 0 30,31 feb *', false), ('0 0 29 2 *', true), ('0 0 31 4,5 *', true),
    ('0 0 30 2 mon', true)) AS v (schedule, comes);

-- The jobs.
SELECT results_eq('SELECT name FROM laurel.jobs ORDER BY name', ARRAY['appointments', 'assessments', 'audit', 'erasures', 'expired', 'holds', 'leaderboards', 'learning', 'onboarding', 'partitions', 'peer_comparison', 'personal_keys', 'point_expiry', 'privacy_alerts', 'ranks', 'reminders', 'retention', 'rules', 'seals', 'series', 'skill_demand', 'tiers', 'waitlists'],
    'what runs by itself');
SELECT is(tests.error_of($$ UPDATE laurel.jobs SET schedule = 'daily' $$), '23514 jobs_schedule_check', 'a schedule is checked');
SELECT is(tests.error_of($$ UPDATE laurel.jobs SET timeout = '0' $$), '23514 jobs_timeout_check', 'a job has time');
SELECT is(tests.error_of($$ UPDATE laurel.jobs SET command = ' ' $$), '23514 jobs_command_check', 'and something to do');
SELECT is(tests.error_of($$ UPDATE laurel.jobs SET name = 'No' WHERE name = 'expired' $$), '23514 jobs_name_check', 'and a plain name');
SELECT tests.act_as_service();
SELECT lives_ok($$ UPDATE laurel.jobs SET schedule = '31 3 * * *', timeout = '5 hours' WHERE name = 'retention' $$, 'the service role changes when');
SELECT is(tests.error_of($$ UPDATE laurel.jobs SET command = 'DROP TABLE laurel.users' $$), '42501', 'not what');
SELECT is(tests.error_of($$ INSERT INTO laurel.jobs (name, description, schedule, command) VALUES ('x', 'x', '* * * * *', 'SELECT 1') $$),
    '42501', 'nor adds a job');
SELECT is(tests.error_of($$ UPDATE laurel.job_leases SET worker_id = NULL $$), '42501', 'nor touches a lease');
SELECT tests.act('authenticated', '{}');
SELECT is(tests.error_of($$ SELECT FROM laurel.jobs $$), '42501', 'members see no jobs');
SELECT is(tests.error_of($$ SELECT laurel.schedule() $$), '42501', 'nor schedule any');
SELECT is(tests.error_of($$ SELECT laurel.job_status() $$), '42501', 'nor see how they went');
SELECT is(tests.error_of($$ SELECT laurel_internal.claim_due_job(gen_random_uuid()) $$), '42501', 'nor claim one');
SELECT tests.act_as_owner();

-- Claims. In this database pg_cron runs nothing; those that are due since it was made are put off.
UPDATE laurel.jobs SET created_at = now(), schedule = '0 0 1 1 *';
SELECT tests.act_as_service();
SELECT is(pg_temp.claim(), NULL, 'a new job waits for its first time');
SELECT tests.act_as_owner();
SELECT pg_temp.age('expired', '2 years');
SELECT tests.act_as_service();
SELECT results_eq(format('SELECT name, command, timeout FROM laurel_internal.claim_due_job(%L)', pg_temp.worker(1)),
    'SELECT name, command, timeout FROM laurel.jobs WHERE name = ''expired''', 'a due job is claimed');
SELECT is(pg_temp.claim(2), NULL, 'once');
SELECT is(pg_temp.claim(1), NULL, 'also by the same worker');
SELECT is((SELECT last_status || ' ' || (last_started_at > now() - interval '1 minute') FROM laurel.jobs WHERE name = 'expired'), 'running true',
    'it is running');
SELECT is((SELECT lease_until - leased_at FROM laurel.job_leases), '30 minutes'::interval, 'leased for as long as it may run');
SELECT is(laurel_internal.finish_job('expired', gen_random_uuid()), false, 'another token ends nothing');
SELECT is(laurel_internal.finish_job('expired', pg_temp.token('expired')), true, 'its own does');
SELECT is((SELECT concat_ws(' ', last_status, last_error, last_finished_at >= last_started_at) FROM laurel.jobs WHERE name = 'expired'),
    'succeeded t', 'it has succeeded');
SELECT is((SELECT count(*) FROM laurel.job_leases), 0::bigint, 'the lease is over');
SELECT is(pg_temp.claim(), NULL, 'and it waits for its next time');

SELECT tests.act_as_owner();
SELECT pg_temp.age('expired', '2 years'), pg_temp.age('partitions', '3 years');
SELECT tests.act_as_service();
SELECT is(pg_temp.claim(1), 'partitions', 'what has waited longest comes first');
SELECT is(pg_temp.claim(2), 'expired', 'another worker gets another job');
SELECT is(laurel_internal.finish_job('partitions', pg_temp.token('partitions'), 'no space left'), true, 'one fails');
SELECT results_eq($$ SELECT job, last_status, last_error FROM laurel.job_status() WHERE last_status IS NOT NULL $$,
    $$ VALUES ('expired', 'running', NULL), ('partitions', 'failed', 'no space left') $$, 'which is seen and stops no other');
SELECT is(pg_temp.claim(), NULL, 'a failed job waits for its next time, too');

-- A worker that is lost.
SELECT tests.act_as_owner();
CREATE TEMP TABLE old AS SELECT pg_temp.token('expired') AS token;
GRANT SELECT ON old TO service_role;
UPDATE laurel.job_leases SET lease_until = now() - interval '1 second';
SELECT tests.act_as_service();
SELECT is((SELECT last_status FROM laurel.job_status() WHERE job = 'expired'), 'lost', 'a job whose worker is gone is lost');
SELECT is(pg_temp.claim(3), 'expired', 'and run again');
SELECT is(laurel_internal.finish_job('expired', (SELECT token FROM old)), false, 'the lost worker ends nothing any more');
SELECT is((SELECT worker_id FROM laurel.job_leases), pg_temp.worker(3), 'the new one has it');
SELECT is(laurel_internal.finish_job('expired', pg_temp.token('expired')), true, 'and ends it');

-- Disabled jobs.
SELECT tests.act_as_owner();
SELECT pg_temp.age('expired', '2 years');
SELECT tests.act_as_service();
UPDATE laurel.jobs SET is_enabled = false WHERE name = 'expired';
SELECT is(pg_temp.claim(), NULL, 'a disabled job is not run');
SELECT is((SELECT next_run_at FROM laurel.job_status() WHERE job = 'expired'), NULL, 'and has no next time');
SELECT cmp_ok((SELECT next_run_at FROM laurel.job_status() WHERE job = 'retention'), '>', now(), 'the others have');

-- A job that needs a table which is not there yet.
SELECT tests.act_as_owner();
SELECT pg_temp.age('skill_demand', '2 years');
SELECT tests.act_as_service();
SELECT is(pg_temp.claim(), NULL, 'a job rests until there is what it needs');
SELECT results_eq($$ SELECT note, next_run_at FROM laurel.job_status() WHERE job = 'skill_demand' $$,
    $$ VALUES ('rests until there is laurel.skill_demand_aggregates', NULL::timestamptz) $$, 'and says so');
SELECT results_eq($$ SELECT runner FROM laurel.schedule() WHERE job = 'skill_demand' $$, $$ VALUES ('nobody') $$, 'nobody runs it');
SELECT laurel.unschedule();
SELECT tests.act_as_owner();
CREATE TABLE laurel.skill_demand_aggregates (id uuid);
SELECT tests.act_as_service();
SELECT is(pg_temp.claim(), 'skill_demand', 'then it is claimed');
SELECT is(laurel_internal.finish_job('skill_demand', pg_temp.token('skill_demand')), true, 'and run');

-- schedule() tells what it cannot do from here.
SELECT is((SELECT string_agg(DISTINCT CASE WHEN detail LIKE 'disabled%' THEN '' WHEN detail LIKE 'pg_cron is absent%' THEN 'worker'
                WHEN detail LIKE 'run in database %: SELECT cron.%laurel: %(' || current_database() || ')%' THEN 'pg_cron' ELSE detail END, ' ')
           FROM laurel.schedule()) IN (' worker', 'pg_cron'), true, 'a line for each job says who runs it');

-- A pg_cron in another database says what it has; until then, and when it falls silent, the worker runs all.
CREATE FUNCTION pg_temp.confirm(jobs text[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    SET LOCAL ROLE laurel_jobs;
    PERFORM laurel_internal.confirm_jobs(jobs);
    RESET ROLE;
    PERFORM tests.act_as_owner();
END
$$;
CREATE FUNCTION pg_temp.runner(of text) RETURNS text LANGUAGE sql AS
    $$ SELECT concat_ws(' ', runner, coalesce(regexp_replace(note, '[0-9].*', ''), 'no note'), last_status, last_started_at IS NOT NULL) FROM laurel.job_status() WHERE job = of $$;
SELECT tests.act_as_owner();
UPDATE laurel.jobs SET last_started_at = now() - interval '1 day', last_status = 'succeeded' WHERE name = 'retention';
SELECT is(pg_temp.runner('retention'), 'worker no note succeeded t', 'nobody has told that pg_cron has anything');
SELECT pg_temp.confirm('{retention, no_such_job}');
SELECT CASE WHEN alone THEN is(pg_temp.runner('retention'), 'worker no note succeeded t', 'where there is no pg_cron nobody is believed')
    ELSE is(pg_temp.runner('retention'), format('pg_cron run by pg_cron of database %I since  f', current_setting('cron.database_name')),
        'pg_cron has said it') END FROM here;
SELECT is(pg_temp.runner('seals'), 'worker no note f', 'and not of others');
UPDATE laurel.jobs SET is_enabled = false WHERE name = 'retention';
SELECT CASE WHEN alone THEN is(pg_temp.runner('retention'), 'worker no note succeeded t', 'nothing runs a disabled job')
    ELSE is((SELECT note FROM laurel.job_status() WHERE job = 'retention'), format('disabled, but pg_cron of database %I goes on with it: run there what laurel.schedule() says',
        current_setting('cron.database_name')), 'which does not hear of a job being disabled') END FROM here;
UPDATE laurel.jobs SET is_enabled = true WHERE name = 'retention';
UPDATE laurel.jobs SET schedule = '0 0 1 1 *';
SELECT pg_temp.age('retention', '2 years');
SELECT tests.act_as_service();
SELECT is(coalesce(pg_temp.claim(), 'nothing'), CASE WHEN (SELECT alone FROM here) THEN 'retention' ELSE 'nothing' END,
    'no worker claims what pg_cron has');
SELECT tests.act_as_owner();
UPDATE laurel.jobs SET confirmed_at = confirmed_at - interval '14 minutes', runner_since = runner_since - interval '1 hour';
SELECT pg_temp.confirm('{retention}');
SELECT is((SELECT now() - runner_since FROM laurel.jobs WHERE name = 'retention'), '1 hour'::interval, 'it says so again, and has had it since it did first');
UPDATE laurel.jobs SET confirmed_at = confirmed_at - interval '16 minutes';
SELECT CASE WHEN alone THEN is(pg_temp.runner('retention'), 'worker no note running t', 'a worker is running it')
    ELSE is(pg_temp.runner('retention'), format('worker pg_cron of database %I has not been heard of since  succeeded t', current_setting('cron.database_name')),
        'it has fallen silent') END FROM here;
SELECT tests.act_as_service();
SELECT is(coalesce(pg_temp.claim(2), 'nothing'), CASE WHEN (SELECT alone FROM here) THEN 'nothing' ELSE 'retention' END, 'a worker takes over');
SELECT is(laurel_internal.finish_job('retention', pg_temp.token('retention')), true, 'once');
SELECT tests.act_as_owner();
SELECT pg_temp.confirm('{retention}'), pg_temp.confirm('{seals}');
SELECT is((SELECT string_agg(job, ' ') FROM laurel.job_status() WHERE runner = 'pg_cron'), CASE WHEN (SELECT alone FROM here) THEN NULL ELSE 'seals' END,
    'what it has no more, it no more has');
SELECT tests.act_as_service();
SELECT is((SELECT count(*) FROM laurel.unschedule() WHERE detail LIKE 'run in database %'),
    CASE WHEN (SELECT alone FROM here) THEN 0 ELSE (SELECT count(*) + 1 FROM laurel.jobs) END::bigint, 'unschedule() gives them back');
SELECT is((SELECT string_agg(DISTINCT runner, ' ') FROM laurel.job_status()), 'worker', 'to the worker');

SELECT * FROM finish();
ROLLBACK;
