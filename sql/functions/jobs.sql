-- Jobs: what runs by itself, in pg_cron where it is, in the worker where it is not.

CREATE FUNCTION laurel_internal.is_cron(schedule text) RETURNS boolean
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'laurel_is_cron';
COMMENT ON FUNCTION laurel_internal.is_cron(text) IS
'True for a cron schedule that comes at some time, of five fields (*, lists, ranges, steps, English names) or @hourly, @daily, @midnight, @weekly, @monthly, @yearly, @annually.';

CREATE FUNCTION laurel_internal.next_run(schedule text, after timestamptz) RETURNS timestamptz
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'laurel_next_run';
COMMENT ON FUNCTION laurel_internal.next_run(text, timestamptz) IS
'The first minute after that moment which the schedule names, in UTC; null where it names none. Day of month and day of week, both restricted: either suffices. Error 22023: no cron schedule.';

CREATE FUNCTION laurel.schedule()
RETURNS TABLE (job text, schedule text, runner text, detail text)
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'laurel_schedule';
COMMENT ON FUNCTION laurel.schedule() IS
'Puts the enabled jobs of laurel.jobs into pg_cron as "laurel: <job>", run by laurel_jobs, and takes out those that are disabled or gone; call it again after a change. A job that rests until there is the table it requires has runner nobody. Where pg_cron lives in another database, detail is the statement to run there, in this order; the worker goes on until pg_cron says that it has them, which it does every five minutes, and again once it has been silent for fifteen. Where pg_cron is absent it says so: the worker runs the jobs. Where pg_cron could not log in as laurel_jobs, detail says what is missing. Error 42501: laurel_jobs may not use schema cron.';

CREATE FUNCTION laurel.unschedule()
RETURNS TABLE (job text, schedule text, runner text, detail text)
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'laurel_unschedule';
COMMENT ON FUNCTION laurel.unschedule() IS
'Takes laurel''s jobs out of pg_cron and gives them back to the worker. Where pg_cron lives in another database, detail is the statement to run there.';

CREATE FUNCTION laurel.job_status()
RETURNS TABLE (job text, schedule text, is_enabled boolean, runner text, last_started_at timestamptz,
               last_finished_at timestamptz, last_status text, last_error text, next_run_at timestamptz, note text)
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'laurel_job_status';
COMMENT ON FUNCTION laurel.job_status() IS
'Every job with its last run: from pg_cron''s log where pg_cron runs it, else from laurel.jobs. Where pg_cron lives in another database, its log is there, and note says since when it has the job and when it said so last. last_status: running, succeeded, failed, lost (its worker is gone: it is run again), null before the first run. next_run_at: null for disabled jobs; in the past for a job that is due.';

CREATE FUNCTION laurel_internal.confirm_jobs(jobs text[]) RETURNS void
LANGUAGE c VOLATILE STRICT PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'laurel_confirm_jobs';
COMMENT ON FUNCTION laurel_internal.confirm_jobs(text[]) IS
'Called by a pg_cron of another database, every five minutes: it has these jobs and no others. Does nothing where pg_cron is in this one, or absent.';

CREATE FUNCTION laurel.refresh_view(view_name text) RETURNS void
LANGUAGE c VOLATILE STRICT PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'laurel_refresh_view';
COMMENT ON FUNCTION laurel.refresh_view(text) IS
'Computes a materialized view of schema laurel_internal anew, as its owner, while readers go on; it needs a unique index. For jobs. Errors: 42P01 there is none, 42809 it is something else, 55000 it has no unique index.';

CREATE FUNCTION laurel_internal.claim_due_job(worker uuid, lease interval DEFAULT '30 seconds')
RETURNS TABLE (name text, command text, lease_token uuid, timeout interval)
LANGUAGE c VOLATILE STRICT PARALLEL UNSAFE ROWS 1 AS 'MODULE_PATHNAME', 'laurel_claim_due_job';
COMMENT ON FUNCTION laurel_internal.claim_due_job(uuid, interval) IS
'Leases one due job to a worker, the longest waiting first, and marks it as running; no row where none is due or pg_cron has it. The lease lasts as long as the job''s timeout, at least lease; a job whose lease ends unfinished is due again. Run the command with statement_timeout = timeout, outside a transaction block, then call finish_job.';

CREATE FUNCTION laurel_internal.finish_job(name text, lease_token uuid, error text DEFAULT NULL) RETURNS boolean
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'laurel_finish_job';
COMMENT ON FUNCTION laurel_internal.finish_job(text, uuid, text) IS
'Ends a claimed job: error null = succeeded. False where the lease is another''s by now.';
