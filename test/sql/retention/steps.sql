-- Retention step by step: who calls what in which order, in whose name rows go, and that what cannot go stays alone.
\ir ../support/load.sql
BEGIN;
SELECT plan(58);

-- All steps of a policy in this transaction: outcome, rows, what failed and how.
CREATE FUNCTION pg_temp.run(policy text, patient boolean DEFAULT true) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    this uuid;
    further boolean := true;
BEGIN
    PERFORM laurel_internal.enter_retention();
    SELECT s.run INTO this FROM laurel_internal.start_retention(policy, false) s;
    WHILE further LOOP
        SELECT b.more INTO further FROM laurel_internal.retention_batch(this, patient) b;
    END LOOP;
    PERFORM laurel_internal.finish_retention(this, 'done');
    RETURN (SELECT concat_ws(' ', outcome, rows, 'failed', failed, left(error, 5)) FROM laurel.retention_runs WHERE id = this);
END
$$;
-- Opens a run and returns its id.
CREATE FUNCTION pg_temp.start(policy text, dry boolean DEFAULT false) RETURNS uuid LANGUAGE sql
    AS $$ SELECT run FROM laurel_internal.start_retention(policy, dry) $$;
CREATE FUNCTION pg_temp.tell(titles text[]) RETURNS void LANGUAGE sql AS $$
    INSERT INTO laurel.notifications (organization_id, user_id, type, title, is_read, read_at)
    SELECT tests.acme(), tests.person('ann'), 'test', t, true, now() - interval '100 days' FROM unnest(titles) t
$$;
CREATE FUNCTION pg_temp.told() RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(title, ' ' ORDER BY title) FROM laurel.notifications
$$;

SELECT tests.cast('ann');
SELECT tests.join(tests.bolt(), 'gus');
GRANT EXECUTE ON FUNCTION pg_temp.start(text, boolean) TO service_role;

-- The order of calls.
SELECT tests.act_as_service();
SELECT is(tests.error_of($$ SELECT laurel_internal.start_retention('sessions_expired', false) $$), 'PT409', 'no run is opened by who has not entered');
SELECT is(tests.error_of($$ SELECT laurel_internal.retention_batch(gen_random_uuid()) $$), 'PT409', 'nor taken a step of');
SELECT is(tests.error_of($$ SELECT laurel_internal.count_retention(gen_random_uuid()) $$), 'PT409', 'nor counted');
SELECT is(tests.error_of($$ SELECT laurel_internal.finish_retention(gen_random_uuid(), 'done') $$), 'PT409', 'nor closed');
SELECT is(tests.error_of($$ SELECT laurel_internal.leave_retention() $$), 'none', 'leaving what was not entered does nothing');
SELECT is(laurel_internal.enter_retention() AND laurel_internal.enter_retention(), true, 'a session enters twice');
SELECT laurel_internal.leave_retention();
SELECT is(tests.error_of($$ SELECT laurel_internal.start_retention('sessions_expired', false) $$), 'PT409', 'and has left at once');
SELECT is((SELECT count(*) FROM pg_locks WHERE pid = pg_backend_pid() AND objsubid = 1), 0::bigint, 'with nothing kept');
SELECT laurel_internal.enter_retention();
SELECT is(tests.error_of($$ SELECT laurel_internal.start_retention('nothing', false) $$), '22023', 'no run of a policy that is not there');
SELECT is(laurel_internal.start_retention(NULL, false) IS NULL, true, 'nor of none');
SELECT is(tests.error_of($$ SELECT laurel_internal.retention_batch(gen_random_uuid()) $$), '22023', 'no step of a run that is not there');
SELECT is(tests.error_of($$ SELECT laurel_internal.count_retention(gen_random_uuid()) $$), '22023', 'no count of one');
SELECT is(laurel_internal.finish_retention(gen_random_uuid(), 'done'), NULL, 'to close it is no error');
SELECT is(tests.error_of($$ SELECT laurel_internal.retention_batch(pg_temp.start('sessions_expired', true)) $$), '22023', 'a dry run takes nothing');
SELECT is(tests.error_of($$ SELECT laurel_internal.count_retention(pg_temp.start('sessions_expired')) $$), '22023', 'a real one does not count');
CREATE TEMP TABLE opened AS SELECT pg_temp.start('sessions_expired') AS first;
SELECT pg_temp.start('sessions_idle');
SELECT is(tests.error_of($$ SELECT laurel_internal.retention_batch(first) FROM opened $$), '22023', 'a run that another has replaced is over');
SELECT is((SELECT r.outcome FROM laurel.retention_runs r JOIN opened ON r.id = first), 'interrupted', 'and says so');
SELECT is(tests.error_of($$ SELECT laurel_internal.finish_retention(id, 'burnt') FROM laurel.retention_runs WHERE outcome = 'running' $$),
    '23514 retention_runs_outcome_check', 'no outcome of one''s own');
SELECT is(tests.error_of($$ SELECT FROM laurel_internal.retention_progress $$), '42501', 'progress is not a client''s');
SELECT laurel_internal.leave_retention();
SELECT tests.act_as_owner();
SELECT is((SELECT string_agg(p.proname, ' ' ORDER BY p.proname) FROM pg_proc p WHERE p.pronamespace = 'laurel_internal'::regnamespace
           AND (p.proname ~ 'retention|hold|held|archive|partition|polic' OR p.proname = 'register_reference_type')
           AND has_function_privilege('service_role', p.oid, 'EXECUTE')),
    'count_retention create_month_partitions due_policies enter_retention finish_retention leave_retention retention_batch start_retention',
    'the service role may execute what laurel.run_retention and the jobs call, and nothing else');
SELECT is((SELECT count(*) FROM pg_proc p, unnest('{anon, authenticated}'::name[]) r WHERE p.pronamespace = 'laurel_internal'::regnamespace
           AND p.proname ~ 'retention' AND has_function_privilege(r, p.oid, 'EXECUTE')), 0::bigint, 'members none of it');

-- What the progress names is looked at again.
CREATE TABLE public.invoices (id integer, organization_id uuid, user_id uuid, created_at timestamptz, read_at timestamptz);
INSERT INTO public.invoices SELECT i, tests.acme(), tests.person('ann'), now() - interval '9 years', now() - interval '9 years' FROM generate_series(1, 9) i;
SELECT pg_temp.tell(ARRAY['a', 'b', 'c']);
UPDATE laurel.retention_policies SET batch_rows = 1 WHERE name = 'notifications_read';
SELECT laurel_internal.enter_retention();
CREATE TEMP TABLE going AS SELECT pg_temp.start('notifications_read') AS run;
SELECT is((SELECT b.more FROM going, laurel_internal.retention_batch(run) b), true, 'a run is on its way');
UPDATE laurel_internal.retention_progress SET leaf = 'public.invoices'::regclass, block = 0, end_block = 100, span = 100;
SELECT is((SELECT b.taken FROM going, laurel_internal.retention_batch(run) b), 0::bigint, 'a table that is not the policy''s gives nothing');
UPDATE laurel_internal.retention_progress SET leaf = 4294967295, block = 0, end_block = 100, span = 100;
SELECT is((SELECT b.taken FROM going, laurel_internal.retention_batch(run) b), 0::bigint, 'nor one that is not there');
SELECT is((SELECT count(*) FROM public.invoices), 9::bigint, 'nobody else''s rows have gone');
SELECT is((SELECT b.taken FROM going, laurel_internal.retention_batch(run) b), 0::bigint, 'the pass is over');
SELECT is(pg_temp.run('notifications_read'), 'done 2 failed 0', 'the next run takes what was left');

-- A row that cannot go.
CREATE TABLE public.evidence (notification_id uuid REFERENCES laurel.notifications (id));
CREATE TABLE public.later (notification_id uuid REFERENCES laurel.notifications (id) DEFERRABLE INITIALLY DEFERRED);
SELECT pg_temp.tell((SELECT array_agg('n' || lpad(i::text, 3, '0')) FROM generate_series(1, 120) i));
INSERT INTO public.evidence SELECT id FROM laurel.notifications WHERE title IN ('n007', 'n008', 'n099');
UPDATE laurel.retention_policies SET batch_rows = 50 WHERE name = 'notifications_read';
SELECT is(pg_temp.run('notifications_read'), 'failed 117 failed 3 23503', 'three rows stay, all others go');
SELECT is(pg_temp.told(), 'n007 n008 n099', 'those that are referred to');
SELECT is(pg_temp.run('notifications_read', false), 'failed 0 failed 3 23503', 'they are told each time');
TRUNCATE public.evidence;
INSERT INTO public.later SELECT id FROM laurel.notifications WHERE title = 'n099';
SELECT is(pg_temp.run('notifications_read'), 'failed 2 failed 1 23503', 'a deferred constraint speaks in the step that breaks it');
DELETE FROM public.later;
SELECT is(pg_temp.run('notifications_read'), 'done 1 failed 0', 'what hindered has gone');

-- A partition that cannot go.
CREATE TABLE laurel.test_logs (id bigint, user_id uuid, created_at timestamptz NOT NULL,
    CONSTRAINT test_logs_pkey PRIMARY KEY (id, created_at)) PARTITION BY RANGE (created_at);
SELECT laurel_internal.create_month_partitions('laurel.test_logs', 1, (now() - interval '6 months')::date);
INSERT INTO laurel.test_logs SELECT m, tests.person('ann'), date_trunc('month', now()) - m * interval '1 month' + interval '10 days' FROM generate_series(0, 6) m;
SELECT format('laurel_internal.test_logs_%s', to_char(now() - interval '5 months', 'YYYY_MM')) AS fifth \gset
CREATE VIEW public.of_that_month AS SELECT * FROM :fifth;
INSERT INTO laurel.retention_policies (name, table_name, keep, action, time_column, source)
    VALUES ('test_logs', 'test_logs', '62 days', 'drop_partition', 'created_at', 'a test');
SELECT matches(pg_temp.run('test_logs'), '^failed \d failed 1 2BP01$', 'a month that something hangs on stays alone');
SELECT is((SELECT string_agg(id::text, ' ' ORDER BY id DESC) FROM laurel.test_logs WHERE id > 3), '5', 'months before and after it go');

-- An application's own table in schema laurel: its owner's rights, no more.
CREATE ROLE app_owner;
GRANT CREATE, USAGE ON SCHEMA laurel TO app_owner;
SET LOCAL ROLE app_owner;
CREATE TABLE laurel.app_rows (id integer, organization_id uuid, user_id uuid, created_at timestamptz);
CREATE TABLE laurel.app_witness (line text);
CREATE FUNCTION laurel.app_watch() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO laurel.app_witness VALUES (current_user);
    IF OLD.id = 3 THEN
        DELETE FROM laurel.notifications;
    END IF;
    RETURN OLD;
END
$$;
CREATE TRIGGER app_watch BEFORE DELETE ON laurel.app_rows FOR EACH ROW EXECUTE FUNCTION laurel.app_watch();
INSERT INTO laurel.app_rows SELECT i, CASE WHEN i > 4 THEN tests.bolt() ELSE tests.acme() END, tests.person('ann'), now() - interval '3 years' FROM generate_series(1, 6) i;
RESET ROLE;
SELECT pg_temp.tell(ARRAY['kept']);
INSERT INTO laurel.legal_holds (organization_id, table_name, reason) VALUES (tests.bolt(), 'app_rows', 'case 1');
INSERT INTO laurel.retention_policies (name, table_name, keep, action, time_column, source) VALUES ('app_rows', 'app_rows', '2 years', 'delete', 'created_at', 'a test');
SELECT tests.act_as_service();
SELECT is(pg_temp.run('app_rows'), 'failed 3 failed 1 42501', 'its trigger reaches nothing of Laurel''s');
SELECT tests.act_as_owner();
SELECT is((SELECT string_agg(id::text, ' ' ORDER BY id) FROM laurel.app_rows), '3 5 6', 'holds that its owner may not read are kept');
SELECT is((SELECT string_agg(DISTINCT line, ' ') FROM laurel.app_witness), 'app_owner', 'rows go in its owner''s name');
SELECT is((SELECT count(*) FROM laurel.notifications WHERE title = 'kept'), 1::bigint, 'and Laurel''s rows stay');

-- What is no table, and what inherits from one.
ALTER TABLE laurel.app_rows RENAME TO app_rows_data;
CREATE VIEW laurel.app_rows AS SELECT * FROM laurel.app_rows_data;
SELECT is(tests.error_of($$ SELECT pg_temp.run('app_rows') $$), '42809', 'a view is not deleted from');
DROP VIEW laurel.app_rows;
CREATE FOREIGN DATA WRAPPER test_wrapper;
CREATE SERVER test_server FOREIGN DATA WRAPPER test_wrapper;
CREATE FOREIGN TABLE laurel.app_rows (id integer, created_at timestamptz) SERVER test_server;
SELECT is(tests.error_of($$ SELECT pg_temp.run('app_rows') $$), '42809', 'nor a foreign table');
DROP FOREIGN TABLE laurel.app_rows;
CREATE TABLE laurel.app_rows (LIKE laurel.app_rows_data);
CREATE TABLE public.child () INHERITS (laurel.app_rows);
INSERT INTO laurel.app_rows VALUES (1, tests.acme(), tests.person('ann'), now() - interval '3 years');
INSERT INTO public.child VALUES (2, tests.acme(), tests.person('ann'), now() - interval '3 years');
SELECT laurel_internal.enter_retention();
CREATE TEMP TABLE counting AS SELECT pg_temp.start('app_rows', true) AS run;
SELECT laurel_internal.count_retention(run) FROM counting;
SELECT is((SELECT r.rows FROM laurel.retention_runs r JOIN counting ON r.id = run), 1::bigint, 'what inherits from a table is not counted');
SELECT is(pg_temp.run('app_rows'), 'done 1 failed 0', 'nor taken');
SELECT is((SELECT count(*) FROM public.child), 1::bigint, 'and stays');
CREATE TEMP TABLE vanishing AS SELECT pg_temp.start('app_rows') AS run;
DROP TABLE laurel.app_rows CASCADE;
SELECT is(tests.error_of($$ SELECT laurel_internal.retention_batch(run) FROM vanishing $$), '42P01', 'a table that has gone since says so');
CREATE TEMP TABLE app_rows (id integer, organization_id uuid, user_id uuid, created_at timestamptz);
INSERT INTO pg_temp.app_rows VALUES (1, tests.acme(), tests.person('ann'), now() - interval '3 years');
SELECT is((SELECT outcome FROM laurel_internal.start_retention('app_rows', false)), 'table absent', 'a temporary one of its name is not it');

-- Archiving: one organization's entries that cannot be moved.
INSERT INTO laurel.points_ledger (organization_id, user_id, amount, transaction_type, reason)
    SELECT o, u, 10, 'test', 'a test' FROM (VALUES (tests.acme(), tests.person('ann')), (tests.bolt(), tests.person('gus'))) v (o, u), generate_series(1, 3);
CREATE TABLE public.receipts (entry uuid REFERENCES laurel.points_ledger (id));
INSERT INTO public.receipts SELECT id FROM laurel.points_ledger WHERE organization_id = tests.acme() LIMIT 1;
UPDATE laurel.retention_policies SET keep = '0' WHERE name = 'points_ledger_archive';
SELECT is(pg_temp.run('points_ledger_archive'), 'failed 3 failed 1 23503', 'one organization keeps its entries, the other''s are archived');
SELECT is((SELECT string_agg(DISTINCT organization_id::text, ' ') FROM laurel.points_ledger_archive), tests.bolt()::text, 'of the right one');
SELECT is((SELECT count(*) FROM laurel.points_ledger), 3::bigint, 'nothing is lost');
SELECT is((SELECT count(*) FROM laurel.verify_ledger()), 0::bigint, 'and everything adds up');
TRUNCATE public.receipts;
SELECT is(pg_temp.run('points_ledger_archive'), 'done 3 failed 0', 'later it follows');

-- Partitions get what their parent has, under any name.
CREATE TABLE laurel."odd' name" (at timestamptz NOT NULL) PARTITION BY RANGE (at);
CREATE FUNCTION public.nothing() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$;
CREATE TRIGGER "a ON laurel.""odd' name"" b" BEFORE DELETE ON laurel."odd' name" FOR EACH STATEMENT EXECUTE FUNCTION public.nothing();
SELECT is(laurel_internal.create_month_partitions('laurel."odd'' name"', 0), 1, 'a name is never read as SQL');
SELECT matches((SELECT obj_description(inhrelid, 'pg_class') FROM pg_inherits WHERE inhparent = 'laurel."odd'' name"'::regclass),
    '^Rows of odd'' name of \d{4}-\d\d, in UTC\.$', 'nor in a comment');
SELECT is((SELECT count(*) FROM pg_trigger t JOIN pg_inherits i ON i.inhrelid = t.tgrelid WHERE i.inhparent = 'laurel."odd'' name"'::regclass
           AND t.tgname = 'a ON laurel."odd'' name" b'), 1::bigint, 'nor that of a trigger');
ALTER DEFAULT PRIVILEGES IN SCHEMA laurel GRANT ALL ON TABLES TO anon, authenticated, service_role;
SELECT laurel_internal.create_month_partitions('laurel."odd'' name"', 1);
SELECT is((SELECT count(*) FROM pg_inherits, unnest('{anon, authenticated, service_role}'::text[]) r WHERE inhparent = 'laurel."odd'' name"'::regclass
           AND has_table_privilege(r, inhrelid, 'SELECT, INSERT, UPDATE, DELETE, TRUNCATE')), 0::bigint, 'nor do default privileges give it away');
SELECT is(tests.error_of($$ SELECT laurel_internal.create_month_partitions(4294967295::oid::regclass) $$), '42P01', 'a table that is not there');

SELECT is((SELECT count(*) FROM pg_locks WHERE pid = pg_backend_pid() AND locktype = 'advisory'), 0::bigint,
    'none of it holds a lock that anybody could take');
SELECT is((SELECT pg_advisory_unlock_all() IS NULL), false, 'nor gives it back with those that everybody may');
SELECT is(tests.error_of($$ SELECT pg_temp.start('sessions_idle') $$), 'none', 'retention is still entered');

SELECT * FROM finish();
ROLLBACK;
