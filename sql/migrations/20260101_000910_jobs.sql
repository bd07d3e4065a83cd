-- Up Migration
-- Jobs: what runs by itself, and how it went.

CREATE TABLE laurel.jobs (
    name text CONSTRAINT jobs_pkey PRIMARY KEY,
    description text NOT NULL,
    schedule text NOT NULL,
    command text NOT NULL,
    requires text,
    timeout interval NOT NULL DEFAULT '1 hour',
    is_enabled boolean NOT NULL DEFAULT true,
    runner text NOT NULL DEFAULT 'worker',
    runner_since timestamptz NOT NULL DEFAULT now(),
    confirmed_at timestamptz,
    last_started_at timestamptz,
    last_finished_at timestamptz,
    last_status text,
    last_error text,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT jobs_name_check CHECK (name ~ '^[a-z][a-z0-9_]{0,30}$'),
    CONSTRAINT jobs_schedule_check CHECK (laurel_internal.is_cron(schedule)),
    CONSTRAINT jobs_command_check CHECK (btrim(command) <> ''),
    CONSTRAINT jobs_timeout_check CHECK (extract(year FROM timeout) = 0 AND extract(month FROM timeout) = 0
        AND extract(day FROM timeout) BETWEEN 0 AND 1 AND timeout BETWEEN interval '1 second' AND interval '1 day'),
    CONSTRAINT jobs_runner_check CHECK (runner IN ('worker', 'pg_cron')),
    CONSTRAINT jobs_last_status_check CHECK (last_status IN ('running', 'succeeded', 'failed'))
);
SELECT laurel_internal.explain('laurel.jobs', 'What runs by itself: by pg_cron after laurel.schedule(), else by laurel-worker. Commands run as laurel_jobs (pg_cron) or as the worker''s role, and only the owner writes them; the service role changes schedule, timeout and is_enabled. laurel.job_status() says how they went.', '{
    "name": "The job; in pg_cron \"laurel: <name>\".",
    "description": "What it does.",
    "schedule": "When, as a cron schedule of five fields, in UTC (in pg_cron by its cron.timezone).",
    "command": "One SQL statement.",
    "requires": "A table or view of Laurel''s without which the job rests; null = nothing.",
    "timeout": "How long the worker lets it run, 1 second to 1 day; a job whose worker is lost is due again after it.",
    "is_enabled": "Whether it runs; call laurel.schedule() after a change where pg_cron runs it.",
    "runner": "Who runs it: worker, or pg_cron since laurel.schedule().",
    "runner_since": "Since when.",
    "confirmed_at": "When a pg_cron of another database said last that it has the job; null where none has it.",
    "last_started_at": "When the worker started it last.",
    "last_finished_at": "When that run ended.",
    "last_status": "running, succeeded or failed; null before the worker''s first run.",
    "last_error": "Why it failed.",
    "created_at": "From when on its schedule counts."}');

CREATE TABLE laurel.job_leases (
    name text CONSTRAINT job_leases_pkey PRIMARY KEY,
    worker_id uuid NOT NULL,
    lease_token uuid NOT NULL,
    leased_at timestamptz NOT NULL,
    lease_until timestamptz NOT NULL,
    CONSTRAINT job_leases_name_fkey FOREIGN KEY (name) REFERENCES laurel.jobs (name) ON DELETE CASCADE
);
SELECT laurel_internal.explain('laurel.job_leases', 'Jobs that a worker is running: nobody else starts them before the lease ends.', '{
    "name": "The job.",
    "worker_id": "Who runs it.",
    "lease_token": "What finish_job must show.",
    "leased_at": "When it was claimed.",
    "lease_until": "When it counts as lost."}');

CREATE TABLE laurel.job_failures (
    job text NOT NULL,
    organization_id uuid NOT NULL,
    error text NOT NULL,
    first_failed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    failed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    times integer NOT NULL DEFAULT 1,
    CONSTRAINT job_failures_pkey PRIMARY KEY (organization_id, job),
    CONSTRAINT job_failures_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES laurel.organizations (id) ON DELETE CASCADE
);
-- What a job could not do.
CREATE INDEX job_failures_job_idx ON laurel.job_failures (job);
SELECT laurel_internal.set_replica_identity('laurel.job_failures');
SELECT laurel_internal.explain('laurel.job_failures', 'What a job could not do for one organization while it went on with the others. A line goes when the job works again.', '{
    "job": "The job.",
    "error": "What went wrong the last time, with its SQLSTATE.",
    "first_failed_at": "Since when it fails.",
    "failed_at": "When it failed last.",
    "times": "How often it has failed."}');

INSERT INTO laurel.jobs (name, description, schedule, command, timeout) VALUES
    ('retention', 'Deletes, drops and archives what its policy no longer keeps.', '30 3 * * *', 'CALL laurel.run_retention()', '6 hours'),
    ('expired', 'Deletes sessions and one-time tokens that have expired or were used.', '17 * * * *', 'CALL laurel.run_retention(only_policy => ''sessions_expired,tokens_expired,tokens_used'')', '30 minutes'),
    ('partitions', 'Makes the partitions of the coming months.', '10 3 * * *', 'SELECT laurel.maintain_partitions()', '10 minutes'),
    ('ranks', 'Counts who is ahead of the marks of large leaderboards, so that ranks are found fast.', '*/5 * * * *', 'CALL laurel.refresh_ranks()', '30 minutes'),
    ('audit', 'Seals what has come to the audit log, so that nobody changes it unseen.', '* * * * *', 'SELECT laurel.seal_audit()', '10 minutes'),
    ('personal_keys', 'Encrypts personal values anew that an older key has made.', '50 * * * *', 'SELECT laurel.rotate_pii_key()', '30 minutes'),
    ('seals', 'Seals what has come to the ledger, so that nothing can go missing unseen.', '*/5 * * * *', 'SELECT laurel.seal_ledger()', '30 minutes'),
    ('leaderboards', 'Freezes the weeks and months that have ended, in each organization''s time zone.', '7 * * * *', 'SELECT laurel.freeze_finished_leaderboards()', '30 minutes');
-- What later tables need. Weekly and monthly leaderboards are always up to date and need no refresh.
INSERT INTO laurel.jobs (name, description, schedule, command, requires, timeout) VALUES
    ('peer_comparison', 'Computes how peers compare, once a day.', '0 2 * * *', 'SELECT laurel.refresh_view(''peer_comparison_aggregates'')', 'peer_comparison_aggregates', '1 hour'),
    ('skill_demand', 'Computes which skills are in demand, once a day.', '20 2 * * *', 'SELECT laurel.refresh_view(''skill_demand_aggregates'')', 'skill_demand_aggregates', '1 hour');

SELECT laurel_internal.protect('laurel.jobs', 'service', commands => '{"service_role": "SELECT, UPDATE"}',
           writes => '{"UPDATE": "schedule, timeout, is_enabled"}'),
       laurel_internal.protect('laurel.job_leases', 'service', commands => '{"service_role": "SELECT"}'),
       laurel_internal.protect('laurel.job_failures', 'service', commands => '{"service_role": "SELECT"}');

-- What of it is audited.
SELECT laurel_internal.audited('laurel.jobs', '{name, schedule, command, timeout, is_enabled}');

-- Down Migration
-- What pg_cron of this database has of laurel goes with its tables.
SELECT FROM laurel.unschedule();
DROP TABLE laurel.job_failures, laurel.job_leases, laurel.jobs;
