-- Retention under triggers and rules of an application: what they keep, put back, drop or change is told, one bad item
-- fails alone, and no run goes on for ever.
\ir ../support/load.sql
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT no_plan();

-- All steps of a policy in this transaction: outcome, rows, what failed and how; says so where it does not end.
CREATE FUNCTION pg_temp.run(policy text, patient boolean DEFAULT true) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    this uuid;
    further boolean := true;
    steps integer := 0;
BEGIN
    PERFORM laurel_internal.enter_retention();
    SELECT s.run INTO this FROM laurel_internal.start_retention(policy, false) s;
    WHILE further LOOP
        SELECT b.more INTO further FROM laurel_internal.retention_batch(this, patient) b;
        steps := steps + 1;
        IF steps > 1000 THEN
            RETURN 'for ever';
        END IF;
    END LOOP;
    PERFORM laurel_internal.finish_retention(this, 'done');
    RETURN (SELECT concat_ws(' ', outcome, rows, 'failed', failed, left(error, 5)) FROM laurel.retention_runs WHERE id = this);
END
$$;
CREATE FUNCTION pg_temp.told() RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(title, ' ' ORDER BY title) FROM laurel.notifications
$$;
-- What a run says, or its error, while an application's object is there, and what is left; then all is as before.
CREATE FUNCTION pg_temp.run_with(object text, policy text DEFAULT 'notifications_read', patient boolean DEFAULT true) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    said text;
    state text;
    about text;
BEGIN
    BEGIN
        EXECUTE object;
        said := pg_temp.run(policy, patient) || coalesce(': ' || pg_temp.told(), '');
        RAISE assert_failure;
    EXCEPTION
        WHEN assert_failure THEN NULL;
        WHEN OTHERS THEN
            GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, about = TABLE_NAME;
            said := concat_ws(' ', state, nullif(about, ''));
    END;
    RETURN said;
END
$$;

-- What other tests have undone lies in the table still, and steps go by blocks.
TRUNCATE laurel.notifications CASCADE;
SELECT tests.cast('ann', 'ben');
SELECT tests.join(tests.bolt(), 'gus');
INSERT INTO laurel.notifications (organization_id, user_id, type, title, is_read, read_at)
    SELECT tests.acme(), tests.person('ann'), 'test', 'n' || i, true, now() - interval '100 days' FROM generate_series(1, 8) i;
CREATE FUNCTION public.keep_third() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN CASE WHEN OLD.title <> 'n3' THEN OLD END; END $$;
CREATE FUNCTION public.keep_all() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$;
CREATE FUNCTION public.refuse_third() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.title = 'n3' THEN
        RAISE 'no' USING ERRCODE = 'P0099';
    END IF;
    RETURN OLD;
END $$;
CREATE FUNCTION public.put_back_third() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.title = 'n3' THEN
        INSERT INTO laurel.notifications (organization_id, user_id, type, title, is_read, read_at)
            VALUES (OLD.organization_id, OLD.user_id, OLD.type, OLD.title, OLD.is_read, OLD.read_at);
    END IF;
    RETURN OLD;
END $$;
CREATE FUNCTION public.leave_a_stone() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO laurel.notifications (organization_id, user_id, type, title) VALUES (OLD.organization_id, OLD.user_id, 'stone', 'stone');
    RETURN OLD;
END $$;
CREATE FUNCTION public.touch_third() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.title = 'n3' THEN
        UPDATE laurel.notifications SET title = 'n3 touched' WHERE id = OLD.id;
        RETURN NULL;
    END IF;
    RETURN OLD;
END $$;

-- Rows that a trigger keeps, by the index, in a pass, and where locked rows are passed over. The row that was changed and kept may
-- be met again at its new place, in a later batch, and go.
SELECT is(pg_temp.run_with('SELECT'), 'done 8 failed 0', 'without a trigger all go');
CREATE TEMP TABLE sizes AS SELECT unnest(ARRAY[10000, 2]) AS size;
SELECT is(regexp_replace(pg_temp.run_with(format('UPDATE laurel.retention_policies SET batch_rows = %s WHERE name = ''notifications_read''; %s', s.size, o.object), patient => p.patient), '^failed 8 failed 1 39P01$', 'failed 7 failed 1 39P01: n3 touched'),
    o.said, format('%s, %s rows at once%s', o.what, s.size, CASE WHEN NOT p.patient THEN ', passing over locked rows' ELSE '' END))
FROM sizes s, unnest(ARRAY[true, false]) p (patient), (VALUES
    ('BEFORE', 'keep_third', 'failed 7 failed 1 39P01: n3', 'a trigger that keeps a row'),
    ('BEFORE', 'keep_all', 'failed 0 failed 8 39P01: n1 n2 n3 n4 n5 n6 n7 n8', 'one that keeps all'),
    ('BEFORE', 'refuse_third', 'failed 7 failed 1 P0099: n3', 'one that refuses a row'),
    ('AFTER', 'refuse_third', 'failed 7 failed 1 P0099: n3', 'one that refuses it afterwards'),
    ('BEFORE', 'touch_third', 'failed 7 failed 1 39P01: n3 touched', 'one that changes a row and keeps it'),
    ('AFTER', 'leave_a_stone', 'done 8 failed 0: stone stone stone stone stone stone stone stone', 'one that leaves something of its own')) t (timing, function, said, what),
    LATERAL (SELECT format('CREATE TRIGGER app %s DELETE ON laurel.notifications FOR EACH ROW EXECUTE FUNCTION public.%s()', timing, function) AS object, said, what) o;
SELECT is(pg_temp.run_with(format('CREATE TRIGGER app %s DELETE ON laurel.notifications FOR EACH ROW EXECUTE FUNCTION public.put_back_third()', timing)),
    'failed 8 failed 1 39P01: n3', 'one that puts a row back, ' || timing) FROM unnest('{BEFORE, AFTER}'::text[]) timing;
SELECT is(pg_temp.run_with('UPDATE laurel.retention_policies SET batch_rows = 2 WHERE name = ''notifications_read'';
    CREATE TRIGGER app AFTER DELETE ON laurel.notifications FOR EACH ROW EXECUTE FUNCTION public.put_back_third()', patient => p)::text ~ '^failed \d+ failed [1-8] 39P01: n3$', true,
    'that ends in small batches too') FROM unnest(ARRAY[true, false]) p;
SELECT is(pg_temp.run_with('CREATE RULE app AS ON DELETE TO laurel.notifications DO INSTEAD NOTHING'),
    'failed 0 failed 8 39P01: n1 n2 n3 n4 n5 n6 n7 n8', 'a rule that keeps all');
SELECT is(pg_temp.run_with($$CREATE RULE app AS ON DELETE TO laurel.notifications WHERE OLD.title = 'n3' DO INSTEAD NOTHING$$),
    'failed 7 failed 1 39P01: n3', 'or one row');

-- What concerns the whole batch is no row's own failure.
CREATE FUNCTION public.stop_third() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.title = 'n3' THEN
        RAISE 'stop' USING ERRCODE = TG_ARGV[0];
    END IF;
    RETURN OLD;
END $$;
SELECT is(pg_temp.run_with(format('CREATE TRIGGER app BEFORE DELETE ON laurel.notifications FOR EACH ROW EXECUTE FUNCTION public.stop_third(%L)', state)),
    state, state || ' ends the step') FROM unnest('{57P01, 40P01, 53100, 58030, 25006}'::text[]) state;

-- What is told.
CREATE TRIGGER app BEFORE DELETE ON laurel.notifications FOR EACH ROW EXECUTE FUNCTION public.keep_third();
SELECT pg_temp.run('notifications_read');
SELECT is((SELECT error FROM laurel.retention_runs ORDER BY started_at DESC LIMIT 1),
    '39P01 a trigger or rule of the application keeps or puts back rows of table "notifications" that are due', 'the run says why');
SELECT is(laurel_internal.finish_retention(id, 'done'),
    'notifications_read: 7 rows, 1 failed alone: 39P01 a trigger or rule of the application keeps or puts back rows of table "notifications" that are due', 'and its line')
    FROM laurel.retention_runs ORDER BY started_at DESC LIMIT 1;
SELECT is(pg_temp.run('notifications_read'), 'failed 0 failed 1 39P01', 'each time');
DROP TRIGGER app ON laurel.notifications;
SELECT is(pg_temp.run('notifications_read'), 'done 1 failed 0', 'until the trigger has gone');

-- Anonymised rows.
INSERT INTO laurel.notifications (organization_id, user_id, type, title, is_read, read_at)
    SELECT tests.acme(), tests.person('ann'), 'test', 'n' || i, true, now() - interval '100 days' FROM generate_series(1, 8) i;
INSERT INTO laurel.retention_policies (name, table_name, keep, action, time_column, condition, assignments, source)
    VALUES ('anonymous', 'notifications', '90 days', 'anonymise', 'read_at', 'title <> ''anonymous''', 'title = ''anonymous''', 'a test');
CREATE FUNCTION public.keep_words() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.title = 'n3' THEN
        NEW.title := OLD.title;
    END IF;
    RETURN NEW;
END $$;
SELECT is(split_part(pg_temp.run_with('SELECT', 'anonymous'), ':', 1), 'done 8 failed 0', 'rows become anonymous');
SELECT matches(pg_temp.run_with('CREATE TRIGGER app BEFORE UPDATE ON laurel.notifications FOR EACH ROW EXECUTE FUNCTION public.keep_words()', 'anonymous'),
    '^failed 8 failed 1 39P01: .* n3$', 'one whose words a trigger keeps');
SELECT matches(pg_temp.run_with('CREATE TRIGGER app BEFORE UPDATE ON laurel.notifications FOR EACH ROW EXECUTE FUNCTION public.keep_third()', 'anonymous'),
    '^failed [0-7] failed [1-8] 39P01: ', 'one that a trigger keeps');

-- The run's own rows.
CREATE FUNCTION public.change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW := jsonb_populate_record(NEW, TG_ARGV[0]::jsonb);
    RETURN NEW;
END $$;
CREATE FUNCTION public.refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'no' USING ERRCODE = 'P0099'; END $$;
CREATE FUNCTION public.multiply() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF pg_trigger_depth() < 2 THEN
        EXECUTE format('INSERT INTO %s SELECT ($1).*', TG_RELID::regclass) USING jsonb_populate_record(NEW, jsonb_build_object('id', gen_random_uuid()));
    END IF;
    RETURN NEW;
END $$;
UPDATE laurel.retention_policies SET batch_rows = 1 WHERE name = 'notifications_read';
SELECT is(pg_temp.run_with(format('CREATE TRIGGER app BEFORE %s ON %s FOR EACH ROW EXECUTE FUNCTION public.%s', event, place, function)), said, format('%s: %s %s', place, event, function))
FROM (VALUES
    ('laurel.retention_runs', 'INSERT', 'keep_all()', '39P01 retention_runs'),
    ('laurel.retention_runs', 'UPDATE', 'keep_all()', '39P01 retention_runs'),
    ('laurel.retention_runs', 'INSERT OR UPDATE', 'refuse()', 'P0099'),
    ('laurel.retention_runs', 'INSERT', 'change(''{"cut_off": "2100-01-01"}'')', '39P01 retention_runs'),
    ('laurel.retention_runs', 'INSERT', 'change(''{"policy": "sessions_idle"}'')', '39P01 retention_runs'),
    ('laurel.retention_runs', 'INSERT', 'change(''{"rows": 9}'')', '39P01 retention_runs'),
    ('laurel.retention_runs', 'UPDATE', 'change(''{"rows": 9}'')', '39P01 retention_runs'),
    ('laurel.retention_runs', 'UPDATE', 'change(''{"failed": 9}'')', '39P01 retention_runs'),
    ('laurel.retention_runs', 'UPDATE', 'change(''{"outcome": "kept", "finished_at": "2026-01-01"}'')', '39P01 retention_runs'),
    ('laurel.retention_runs', 'INSERT', 'multiply()', 'done 8 failed 0'),
    ('laurel_internal.retention_progress', 'INSERT OR UPDATE', 'keep_all()', '39P01 retention_progress'),
    ('laurel_internal.retention_progress', 'INSERT OR UPDATE', 'refuse()', 'P0099'),
    ('laurel_internal.retention_progress', 'INSERT OR UPDATE', 'change(''{"block": 0, "end_block": 9}'')', '39P01 retention_progress'),
    ('laurel_internal.retention_progress', 'INSERT OR UPDATE', 'change(''{"leaf": 1}'')', '39P01 retention_progress'),
    ('laurel_internal.retention_progress', 'DELETE', 'keep_all()', 'done 8 failed 0'),
    ('laurel.retention_policies', 'UPDATE', 'keep_all()', 'done 8 failed 0')) cases (place, event, function, said);
CREATE FUNCTION public.back_to_start() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF pg_trigger_depth() < 2 THEN
        UPDATE laurel_internal.retention_progress SET block = 0;
    END IF;
    RETURN NULL;
END $$;
SELECT is(pg_temp.run_with('CREATE TRIGGER app AFTER INSERT OR UPDATE ON laurel_internal.retention_progress FOR EACH ROW EXECUTE FUNCTION public.back_to_start()'),
    '39P01 retention_progress', 'progress set back afterwards');
SELECT laurel_internal.enter_retention();
SELECT laurel_internal.start_retention('notifications_read', false);
SELECT is(pg_temp.run_with($$CREATE TRIGGER app BEFORE UPDATE ON laurel.retention_runs FOR EACH ROW WHEN (NEW.outcome = 'interrupted') EXECUTE FUNCTION public.keep_all()$$),
    '39P01 retention_runs', 'a run that was interrupted and will not end');

-- The archive: an organization whose entries do not arrive as they were keeps them.
INSERT INTO laurel.points_ledger (organization_id, user_id, amount, transaction_type, reason, idempotency_key)
    SELECT o, u, 10, 'test', 'a test', u || '-' || i FROM (VALUES (tests.acme(), tests.person('ann')), (tests.bolt(), tests.person('gus'))) v (o, u), generate_series(1, 3) i;
UPDATE laurel.retention_policies SET keep = '0' WHERE name = 'points_ledger_archive';
CREATE FUNCTION pg_temp.archive_with(object text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    said text;
BEGIN
    BEGIN
        EXECUTE object;
        said := pg_temp.run('points_ledger_archive');
        said := concat_ws(', ', said, (SELECT count(*) FROM laurel.points_ledger) || ' stay',
            (SELECT 'unsound: ' || min(v.problem) FROM laurel.verify_ledger() v));
        RAISE assert_failure;
    EXCEPTION WHEN assert_failure THEN NULL;
    END;
    RETURN said;
END
$$;
SELECT is(pg_temp.archive_with('SELECT'), 'done 6 failed 0, 0 stay', 'without a trigger all are archived');
SELECT matches(pg_temp.archive_with(format('CREATE TRIGGER zz_app BEFORE %s ON %s FOR EACH ROW WHEN (%s.organization_id = %L) EXECUTE FUNCTION public.%s',
        event, place, CASE event WHEN 'DELETE' THEN 'OLD' ELSE 'NEW' END, tests.acme(), function)), said, format('%s: %s %s', place, event, function))
FROM (VALUES
    ('laurel.points_ledger', 'DELETE', 'keep_all()', '^failed 3 failed 1 \w{5}, 3 stay$'),
    ('laurel.points_ledger', 'DELETE', 'refuse()', '^failed 3 failed 1 P0099, 3 stay$'),
    ('laurel.points_ledger_archive', 'INSERT', 'keep_all()', '^failed 3 failed 1 \w{5}, 3 stay$'),
    ('laurel.points_ledger_archive', 'INSERT', 'refuse()', '^failed 3 failed 1 P0099, 3 stay$'),
    ('laurel.points_ledger_archive', 'INSERT', 'change(''{"amount": 11}'')', '^failed 3 failed 1 \w{5}, 3 stay$'),
    ('laurel.points_ledger_archive', 'INSERT', 'change(''{"reason": "another"}'')', '^failed 3 failed 1 \w{5}, 3 stay$'),
    ('laurel.points_ledger_archive', 'INSERT', 'multiply()', '^failed 3 failed 1 23\w{3}, 3 stay$'),
    ('laurel_internal.archived_keys', 'INSERT', 'keep_all()', '^failed 3 failed 1 \w{5}, 3 stay$'),
    ('laurel_internal.archived_keys', 'INSERT', 'change(''{"entry_no": 9}'')', '^failed 3 failed 1 \w{5}, 3 stay$'),
    ('laurel_internal.archived_accounts', 'INSERT', 'keep_all()', '^failed 3 failed 1 \w{5}, 3 stay$'),
    ('laurel_internal.archived_accounts', 'INSERT', 'change(''{"entries": 9}'')', '^failed 3 failed 1 \w{5}, 3 stay$'),
    ('laurel_internal.archived_accounts', 'INSERT', 'refuse()', '^failed 3 failed 1 P0099, 3 stay$')) cases (place, event, function, said);

-- Months: one that an application will not let go stays alone.
CREATE TABLE laurel.test_logs (id bigint, user_id uuid, created_at timestamptz NOT NULL,
    CONSTRAINT test_logs_pkey PRIMARY KEY (id, created_at)) PARTITION BY RANGE (created_at);
SELECT laurel_internal.create_month_partitions('laurel.test_logs', 1, (now() - interval '6 months')::date);
INSERT INTO laurel.test_logs SELECT m, CASE WHEN m = 4 THEN tests.person('ann') ELSE tests.person('ben') END,
    date_trunc('month', now()) - m * interval '1 month' + interval '10 days' FROM generate_series(0, 6) m;
INSERT INTO laurel.test_logs SELECT 100 + m, tests.person('ben'), date_trunc('month', now()) - m * interval '1 month' + interval '10 days' FROM generate_series(0, 6) m;
INSERT INTO laurel.retention_policies (name, table_name, keep, action, time_column, source)
    VALUES ('test_logs', 'test_logs', '62 days', 'drop_partition', 'created_at', 'a test');
SELECT to_char(now() - interval '5 months', 'YYYY_MM') AS fifth, to_char(now() - interval '4 months', 'YYYY_MM') AS fourth \gset
CREATE FUNCTION public.refuse_drop() RETURNS event_trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM pg_event_trigger_dropped_objects() WHERE object_name = 'test_logs_' || to_char(now() - interval '5 months', 'YYYY_MM')) THEN
        RAISE 'no' USING ERRCODE = 'P0099';
    END IF;
END $$;
SAVEPOINT before_drops;
CREATE EVENT TRIGGER app ON sql_drop EXECUTE FUNCTION public.refuse_drop();
SELECT matches(pg_temp.run('test_logs'), '^failed \d+ failed 1 P0099$', 'an event trigger that refuses a month');
SELECT is((SELECT string_agg(id::text, ' ' ORDER BY id DESC) FROM laurel.test_logs WHERE id BETWEEN 4 AND 99), '5', 'months before and after it go');
ROLLBACK TO before_drops;
INSERT INTO laurel.legal_holds (user_id, table_name, reason) VALUES (tests.person('ann'), 'test_logs', 'case 1');
CREATE FUNCTION public.keep_hundred() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN CASE WHEN OLD.id < 100 THEN OLD END; END $$;
CREATE TRIGGER app BEFORE DELETE ON laurel.test_logs FOR EACH ROW EXECUTE FUNCTION public.keep_hundred();
SELECT matches(pg_temp.run('test_logs'), '^failed \d+ failed 1 39P01$', 'a row of a held month that a trigger keeps');
SELECT is((SELECT string_agg(id::text, ' ' ORDER BY id) FROM laurel.test_logs WHERE id % 100 > 3), '4 104', 'stays beside what is held');

SELECT * FROM finish();
ROLLBACK;
