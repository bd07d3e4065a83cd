-- Retention: periods, batches, legal holds, partitions, and who may do what. CALL itself commits: see test/crash.
\ir ../support/load.sql
BEGIN;
SELECT plan(95);

-- Runs a policy as laurel.run_retention does, all steps in this transaction: outcome, rows, held, batches, partitions.
CREATE FUNCTION pg_temp.run(policy text, dry boolean DEFAULT false, patient boolean DEFAULT true) RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
    started record;
    more boolean;
BEGIN
    PERFORM laurel_internal.enter_retention();
    SELECT * INTO started FROM laurel_internal.start_retention(policy, dry);
    IF started.outcome IS NOT NULL THEN
        RETURN started.outcome;
    END IF;
    IF dry THEN
        PERFORM laurel_internal.count_retention(started.run);
    ELSE
        LOOP
            SELECT b.more INTO more FROM laurel_internal.retention_batch(started.run, patient) b;
            EXIT WHEN NOT more;
        END LOOP;
    END IF;
    PERFORM laurel_internal.finish_retention(started.run, 'done');
    RETURN (SELECT format('%s %s held %s', outcome, rows, held)
                || CASE WHEN partitions > 0 THEN format(' partitions %s', partitions) ELSE '' END
            FROM laurel.retention_runs r WHERE r.id = started.run);
END
$$;
CREATE FUNCTION pg_temp.told() RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(title, ' ' ORDER BY title) FROM laurel.notifications
$$;
-- Notifications read so many days ago.
CREATE FUNCTION pg_temp.tell(org uuid, name text, title text, days integer, created integer DEFAULT NULL) RETURNS void
LANGUAGE sql AS $$
    INSERT INTO laurel.notifications (organization_id, user_id, type, title, is_read, read_at, created_at)
    VALUES (org, tests.person(name), 'test', title, true, now() - days * interval '1 day',
            now() - coalesce(created, days) * interval '1 day')
$$;

SELECT tests.cast('ann', 'bob', 'cid');
INSERT INTO laurel.user_organizations (organization_id, user_id) VALUES (tests.bolt(), tests.person('ann'));

-- The policies.
SELECT results_eq($$ SELECT name FROM laurel.retention_policies WHERE keep IS NULL ORDER BY name COLLATE "C" $$,
    ARRAY['assessment_results', 'assessments', 'audit_log', 'documents', 'erasures', 'points_ledger', 'users'], 'what is kept for ever');
SELECT results_eq($$ SELECT name, p.keep::text FROM laurel.retention_policies p
                     WHERE keep > '0' AND action IN ('delete', 'archive') ORDER BY p.keep, name COLLATE "C" $$,
    $$ VALUES ('digest_items_left', '1 day'), ('predictive_cache', '48:00:00'), ('delivery_batches', '7 days'), ('workers_gone', '7 days'), ('messages_deleted', '30 days'), ('deliveries_dead', '90 days'),
              ('invitations_answered', '90 days'), ('notifications_read', '90 days'), ('quota_usage', '90 days'), ('sessions_expired', '90 days'), ('sessions_idle', '90 days'), ('points_ledger_archive', '1 year'), ('recognition_allowances_used', '1 year'), ('suppressed_addresses', '1 year'),
              ('module_completions', '2 years'), ('participations', '2 years'), ('recognitions', '2 years'),
              ('retention_runs', '2 years'), ('rule_executions', '2 years'), ('privacy_requests', '3 years') $$, 'what is deleted or archived after a while');
SELECT results_eq($$ SELECT name FROM laurel.retention_policies WHERE keep = '0' ORDER BY name COLLATE "C" $$,
    ARRAY['app_data_expired', 'document_shares_expired', 'invitations_expired', 'tokens_expired', 'tokens_used'],
    'what goes at once');
SELECT results_eq($$ SELECT p.keep::text, count(*) FROM laurel.retention_policies p WHERE action = 'drop_partition' GROUP BY p.keep ORDER BY p.keep $$,
    $$ VALUES ('90 days', 4::bigint), ('7 years', 7) $$, 'what is dropped by the month');
SELECT is((SELECT count(*) FROM laurel.retention_policies WHERE keep = '7 days' AND action = 'none'), 6::bigint,
    'hot personal analytics: a period that moves nothing');
SELECT is(tests.error_of($$ UPDATE laurel.retention_policies SET keep = '-1 day' WHERE name = 'sessions_idle' $$),
    '23514 retention_policies_keep_check', 'no negative period');
SELECT is(tests.error_of($$ UPDATE laurel.retention_policies SET action = 'burn' WHERE name = 'sessions_idle' $$),
    '23514 retention_policies_action_check', 'no unknown action');
SELECT is(tests.error_of($$ UPDATE laurel.retention_policies SET action = 'archive', condition = NULL WHERE name = 'sessions_idle' $$),
    '23514 retention_policies_archive_check', 'only the ledger has an archive');
SELECT is(tests.error_of($$ UPDATE laurel.retention_policies SET action = 'anonymise' WHERE name = 'sessions_idle' $$),
    '23514 retention_policies_assignments_check', 'anonymise says how');
SELECT is(tests.error_of($$ UPDATE laurel.retention_policies SET assignments = 'x = 1' WHERE name = 'sessions_idle' $$),
    '23514 retention_policies_assignments_check', 'and nothing else does');
SELECT is(tests.error_of($$ UPDATE laurel.retention_policies SET condition = 'true' WHERE name = 'error_logs' $$),
    '23514 retention_policies_condition_check', 'a month is dropped as a whole');
SELECT is(tests.error_of($$ UPDATE laurel.retention_policies SET time_column = NULL WHERE name = 'sessions_idle' $$),
    '23514 retention_policies_time_column_check', 'a period counts from something');
SELECT is(tests.error_of($$ UPDATE laurel.retention_policies SET batch_rows = 0 WHERE name = 'sessions_idle' $$),
    '23514 retention_policies_batch_rows_check', 'a batch takes something');
SELECT is(tests.error_of($$ UPDATE laurel.retention_policies SET name = 'No' WHERE name = 'sessions_idle' $$),
    '23514 retention_policies_name_check', 'names are plain');

-- Who may do what.
SELECT tests.act_as_service();
SELECT lives_ok($$ UPDATE laurel.retention_policies SET keep = '30 days', is_enabled = false WHERE name = 'participations' $$,
    'the service role changes a period');
SELECT is(tests.error_of($$ UPDATE laurel.retention_policies SET condition = 'true' WHERE name = 'sessions_idle' $$), '42501',
    'it writes no SQL into a policy');
SELECT is(tests.error_of($$ UPDATE laurel.retention_policies SET table_name = 'users' WHERE name = 'sessions_idle' $$), '42501',
    'and points none at another table');
SELECT is(tests.error_of($$ DELETE FROM laurel.retention_policies $$), '42501', 'nor deletes one');
SELECT is(tests.error_of($$ INSERT INTO laurel.retention_policies (name, table_name, action, source) VALUES ('x', 'x', 'none', 'x') $$),
    '42501', 'nor adds one');
SELECT is(tests.error_of($$ INSERT INTO laurel.retention_runs (policy, table_name, action, dry_run) VALUES ('x', 'x', 'none', true) $$),
    '42501', 'runs are not invented');
SELECT is(tests.error_of($$ DELETE FROM laurel.legal_holds $$), '42501', 'holds are not deleted');
SELECT is(tests.error_of($$ UPDATE laurel.legal_holds SET user_id = NULL $$), '42501', 'nor changed');
SELECT is(tests.error_of($$ CALL laurel.run_retention() $$), '2D000', 'not inside a transaction');
SELECT throws_like('CALL laurel.run_retention()', 'a procedure that commits after each step%', 'which says why');
SELECT is(tests.error_of($$ SELECT laurel.maintain_partitions() $$), 'none', 'the service role makes partitions');
SELECT tests.act_as(tests.person('ann'));
SELECT is(tests.error_of($$ SELECT FROM laurel.retention_policies $$), '42501', 'members see no policies');
SELECT is(tests.error_of($$ SELECT FROM laurel.legal_holds $$), '42501', 'nor holds');
SELECT is(tests.error_of($$ SELECT FROM laurel.retention_runs $$), '42501', 'nor runs');
SELECT is(tests.error_of($$ CALL laurel.run_retention(true) $$), '42501', 'nor run anything');
SELECT is(tests.error_of($$ SELECT laurel.maintain_partitions() $$), '42501', 'nor make partitions');
SELECT is(tests.error_of($$ SELECT laurel_internal.retention_batch(gen_random_uuid()) $$), '42501', 'nor take a step');
SELECT tests.act_as_owner();

-- Notifications: 90 days after they were read. Small batches, so that index, pass and switch are all seen.
SELECT pg_temp.tell(tests.acme(), 'ann', 'a' || i, 91 + i) FROM generate_series(1, 5) i;
SELECT pg_temp.tell(tests.acme(), 'ann', 'fresh', 89, 200);
INSERT INTO laurel.notifications (organization_id, user_id, type, title, created_at)
    VALUES (tests.acme(), tests.person('ann'), 'test', 'unread', now() - interval '2 years');
SELECT is(pg_temp.run('notifications_read', true), 'done 5 held 0', 'a dry run counts');
SELECT is(pg_temp.told(), 'a1 a2 a3 a4 a5 fresh unread', 'and changes nothing');
UPDATE laurel.retention_policies SET batch_rows = 2 WHERE name = 'notifications_read';
SELECT is(pg_temp.run('notifications_read'), 'done 5 held 0', 'a real run takes the same');
SELECT is(pg_temp.told(), 'fresh unread', 'unread ones stay however old');
SELECT is(pg_temp.run('notifications_read'), 'done 0 held 0', 'then nothing is left');
SELECT cmp_ok((SELECT max(batches) FROM laurel.retention_runs WHERE policy = 'notifications_read'), '>', 1, 'it went in batches');
SELECT ok((SELECT bool_and(bytes > 0) FROM laurel.retention_runs WHERE policy = 'notifications_read' AND rows > 0), 'bytes are estimated');
SELECT ok((SELECT bool_and(cut_off BETWEEN now() - interval '91 days' AND now() - interval '89 days')
           FROM laurel.retention_runs WHERE policy = 'notifications_read'), 'the cut-off is told');
SELECT pg_temp.tell(tests.acme(), 'ann', 'b' || i, 91 + i) FROM generate_series(1, 5) i;
SELECT is(pg_temp.run('notifications_read', patient => false), 'done 5 held 0', 'passing over locked rows takes all others');

-- Sessions without token, 90 days after their end; tokens at once.
INSERT INTO laurel.sessions (user_id, token_hash, last_activity, expires_at, created_at) VALUES
    (tests.person('ann'), sha256('1'), now(), now() - interval '91 days', now() - interval '99 days'),
    (tests.person('ann'), sha256('5'), now(), now() - interval '2 hours', now() - interval '1 day'),
    (tests.person('ann'), sha256('6'), now(), now() - interval '1 minute', now() - interval '1 day'),
    (tests.person('ann'), sha256('2'), now() - interval '91 days', now() + interval '1 year', now() - interval '1 year'),
    (tests.person('ann'), sha256('3'), now() - interval '89 days', now() + interval '1 year', now() - interval '1 year'),
    (tests.person('ann'), sha256('4'), now() - interval '92 days', now() - interval '91 days', now() - interval '1 year');
INSERT INTO laurel.one_time_tokens (user_id, purpose, email, token_hash, expires_at, used_at, created_at) VALUES
    (tests.person('ann'), 'sign_in', 'ann@acme.test', sha256('1'), now() - interval '1 second', NULL, now() - interval '1 day'),
    (tests.person('ann'), 'sign_in', 'ann@acme.test', sha256('2'), now() + interval '1 day', now(), now() - interval '1 day'),
    (tests.person('bob'), 'sign_in', 'bob@acme.test', sha256('3'), now() + interval '1 day', NULL, now() - interval '1 day');
SELECT is(pg_temp.run('sessions_expired', true) || ', ' || pg_temp.run('sessions_idle', true), 'done 2 held 0, done 1 held 0',
    'no session is counted twice');
SELECT is(pg_temp.run('sessions_expired') || ', ' || pg_temp.run('sessions_idle'), 'done 2 held 0, done 1 held 0',
    'expired and idle sessions go after 90 days');
SELECT is((SELECT count(*) FROM laurel.sessions), 3::bigint, 'the others stay');
SELECT is(pg_temp.run('sessions_tokens'), 'done 1 held 0', 'tokens go when they are over');
SELECT is((SELECT count(*) FROM laurel.sessions WHERE token_hash IS NULL), 1::bigint, 'and their sessions stay without');
SELECT is(pg_temp.run('tokens_expired') || ', ' || pg_temp.run('tokens_used'), 'done 1 held 0, done 1 held 0',
    'expired and used tokens go at once');
SELECT is((SELECT user_id FROM laurel.one_time_tokens), tests.person('bob'), 'open ones stay');

-- Legal holds.
SELECT is(tests.error_of($$ INSERT INTO laurel.legal_holds (table_name, reason) VALUES ('notification', 'case 1') $$),
    '23514 legal_holds_table_name_check', 'a hold on a table that is not there would hold nothing');
SELECT is(tests.error_of($$ INSERT INTO laurel.legal_holds (reason) VALUES (E' \n') $$), '23514 legal_holds_reason_check',
    'a hold has a reason');
SELECT is(tests.error_of($$ INSERT INTO laurel.legal_holds (reason, held_from, held_until) VALUES ('x', now(), now()) $$),
    '23514 legal_holds_range_check', 'a hold covers some time');
SELECT pg_temp.tell(tests.acme(), 'ann', 'acme ann', 100), pg_temp.tell(tests.acme(), 'bob', 'acme bob', 100),
       pg_temp.tell(tests.bolt(), 'ann', 'zoo ann', 100), pg_temp.tell(tests.acme(), 'cid', 'old cid', 100, 300);
SELECT tests.act_as_service();
INSERT INTO laurel.legal_holds (user_id, reason) VALUES (tests.person('ann'), 'case 1');
INSERT INTO laurel.legal_holds (table_name, held_from, held_until, reason)
    VALUES ('notifications', now() - interval '301 days', now() - interval '299 days', 'case 2');
INSERT INTO laurel.legal_holds (organization_id, table_name, reason) VALUES (tests.acme(), 'sessions', 'another table');
SELECT tests.act_as_owner();
SELECT is(pg_temp.run('notifications_read', true), 'done 1 held 3', 'a dry run knows what is held');
SELECT is(pg_temp.run('notifications_read'), 'done 1 held 3', 'a real run keeps it');
SELECT is(pg_temp.told(), 'acme ann fresh old cid unread zoo ann', 'by user and by the time it was made');
INSERT INTO laurel.retention_policies (name, table_name, keep, action, time_column, source)
    VALUES ('notifications_old', 'notifications', '99 days', 'delete', 'created_at', 'a second policy');
SELECT is(pg_temp.run('notifications_old'), 'done 0 held 5', 'a second policy with another time column keeps it too');
UPDATE laurel.legal_holds SET released_at = now() WHERE reason = 'case 1';
INSERT INTO laurel.legal_holds (organization_id, user_id, reason) VALUES (tests.bolt(), tests.person('ann'), 'case 1 in Zoo');
SELECT is(pg_temp.run('notifications_old'), 'done 3 held 2', 'two scopes hold what matches both');
SELECT tests.act_as_service();
UPDATE laurel.legal_holds SET released_at = now() WHERE reason = 'case 1 in Zoo';
SELECT tests.act_as_owner();
SELECT is(pg_temp.run('notifications_old'), 'done 1 held 1', 'a released hold holds nothing');
INSERT INTO laurel.legal_holds (reason) VALUES ('everything');
INSERT INTO laurel.sessions (user_id, token_hash, expires_at, created_at)
    VALUES (tests.person('cid'), sha256('7'), now() - interval '91 days', now() - interval '99 days');
SELECT is(pg_temp.run('sessions_expired') , 'done 0 held 1', 'a hold without scope holds every table');
UPDATE laurel.legal_holds SET released_at = now() WHERE released_at IS NULL;
INSERT INTO laurel.legal_holds (user_id, reason) VALUES (tests.person('cid'), 'case 3');
SELECT is(tests.error_of(format('DELETE FROM laurel.users WHERE id = %L', tests.person('cid'))), '23001 legal_holds_keep',
    'a member under a hold is not removed with the rows it keeps');
SELECT is(tests.error_of(format('DELETE FROM laurel.organizations WHERE id = %L', tests.bolt())), 'none',
    'an organization without him is');
INSERT INTO laurel.legal_holds (organization_id, reason) VALUES (tests.acme(), 'case 4');
SELECT is(tests.error_of(format('DELETE FROM laurel.users WHERE id = %L', tests.person('bob'))), '23001 legal_holds_keep',
    'nor is any member of an organization under a hold');
UPDATE laurel.legal_holds SET released_at = now() WHERE released_at IS NULL;
SELECT is(tests.error_of(format('DELETE FROM laurel.users WHERE id = %L', tests.person('cid'))), 'none',
    'once released he can be removed');

-- Partitions: dropped whole, thinned where a row is held.
CREATE TABLE laurel.test_logs (id bigint, user_id uuid, created_at timestamptz NOT NULL,
    CONSTRAINT test_logs_pkey PRIMARY KEY (id, created_at)) PARTITION BY RANGE (created_at);
ALTER TABLE laurel.test_logs OWNER TO laurel_owner;
CREATE TRIGGER keep_rows BEFORE TRUNCATE ON laurel.test_logs FOR EACH STATEMENT EXECUTE FUNCTION laurel_internal.keep_history();
SELECT is(laurel_internal.create_month_partitions('laurel.test_logs', 1, (now() - interval '7 months')::date), 9,
    'a partition for each month');
SELECT is(laurel_internal.create_month_partitions('laurel.test_logs', 1, (now() - interval '7 months')::date), 0,
    'those that are there are left alone');
SELECT is((SELECT bool_and(c.relrowsecurity) AND count(*) = 9 FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
           WHERE i.inhparent = 'laurel.test_logs'::regclass), true, 'each is under row security');
SELECT is((SELECT count(*) FROM pg_trigger t JOIN pg_inherits i ON i.inhrelid = t.tgrelid
           WHERE i.inhparent = 'laurel.test_logs'::regclass AND t.tgname = 'keep_rows'), 9::bigint, 'and has the statement triggers');
SELECT is((SELECT count(*) FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
           WHERE i.inhparent = 'laurel.test_logs'::regclass AND pg_get_expr(c.relpartbound, c.oid) = 'DEFAULT'), 0::bigint,
    'none is a default partition');
SELECT is((SELECT string_agg(table_name || ' ' || partitions || coalesce(problem, ''), ', ') FROM laurel.maintain_partitions(4)
           WHERE table_name = 'test_logs'), 'test_logs 3', 'maintaining makes the coming months');
SELECT is(tests.error_of($$ SELECT laurel_internal.create_month_partitions('laurel.users') $$), '42809', 'not of a plain table');
SELECT is(tests.error_of($$ SELECT laurel_internal.create_month_partitions('laurel.test_logs', 0, '-infinity') $$), '22023', 'not since for ever');
SELECT is(tests.error_of($$ SELECT laurel_internal.create_month_partitions('laurel.test_logs', 0, '1990-01-01') $$), '22023', 'nor for decades in one call');
SELECT is(tests.error_of($$ INSERT INTO laurel.legal_holds (table_name, reason) SELECT c.relname, 'x' FROM pg_partition_tree('laurel.test_logs') p JOIN pg_class c ON c.oid = p.relid WHERE isleaf LIMIT 1 $$),
    '23514 legal_holds_table_name_check', 'a hold names the table, not a partition');

-- Intervals compare with months of thirty days; periods are taken part by part.
SELECT is(tests.error_of($$ UPDATE laurel.retention_policies SET keep = '-100 years 36000 days' WHERE name = 'sessions_idle' $$),
    '23514 retention_policies_keep_check', 'no period ends in the future');
SELECT is(tests.error_of($$ UPDATE laurel.retention_policies SET keep = '2147483647 days' WHERE name = 'sessions_idle' $$),
    '23514 retention_policies_keep_check', 'nor before time began');
SELECT is(tests.error_of($$ UPDATE laurel.jobs SET timeout = '1 year -359 days' $$), '23514 jobs_timeout_check', 'a job''s timeout is taken so too');
SELECT is(tests.error_of($$ SELECT laurel_internal.create_month_partitions('pg_catalog.pg_class') $$), '42501', 'not elsewhere');
SELECT is(tests.error_of($$ SELECT laurel_internal.create_month_partitions('laurel.test_logs', -1) $$), '22023', 'not backwards');
INSERT INTO laurel.test_logs SELECT m * 10 + i, tests.person(CASE WHEN m = 6 AND i = 1 THEN 'ann' ELSE 'bob' END),
        date_trunc('month', now()) - m * interval '1 month' + interval '10 days'
    FROM generate_series(0, 7) m, generate_series(1, 3) i;
ANALYZE laurel.test_logs;
INSERT INTO laurel.retention_policies (name, table_name, keep, action, time_column, source)
    VALUES ('test_logs', 'test_logs', '90 days', 'drop_partition', 'created_at', 'a test');
INSERT INTO laurel.legal_holds (user_id, table_name, reason) VALUES (tests.person('ann'), 'test_logs', 'case 5');
CREATE TEMP TABLE expected AS SELECT pg_temp.run('test_logs', true) AS line;
SELECT matches((SELECT line FROM expected), '^done 1[0-9] held 1 partitions [34]$', 'a dry run counts months');
SELECT is(pg_temp.run('test_logs'), (SELECT line FROM expected), 'a real run drops them');
SELECT is((SELECT min(id) || ' ' || max(id) || ' ' || count(*) FROM laurel.test_logs WHERE created_at < now() - interval '5 months'),
    '61 61 1', 'of a month with a held row only that row is left');
SELECT cmp_ok((SELECT count(*) FROM laurel.test_logs), '>=', 10::bigint, 'months that are not past stay whole');
UPDATE laurel.legal_holds SET released_at = now() WHERE reason = 'case 5';
SELECT matches(pg_temp.run('test_logs'), ' held 0 partitions 1$', 'released, its month goes');
UPDATE laurel.retention_policies SET table_name = 'sessions', time_column = 'created_at' WHERE name = 'test_logs';
SELECT is(tests.error_of($$ SELECT pg_temp.run('test_logs') $$), '42809', 'only a partitioned table has months');

-- What deliveries leave behind.
UPDATE laurel.user_preferences SET notification_preferences = '{"digest": {"email": {"window": "1 day"}}}' WHERE user_id = tests.person('bob');
INSERT INTO laurel.notifications (organization_id, user_id, type, title) SELECT tests.acme(), tests.person('bob'), 'test', 'digested ' || i FROM generate_series(1, 3) i;
INSERT INTO laurel.notification_deliveries (organization_id, notification_id, user_id, channel, state, due_at, created_at)
    SELECT organization_id, id, user_id, 'push', state, now(), now() - days * interval '1 day'
    FROM laurel.notifications, (VALUES ('dead', 91), ('dead', 89), ('ready', 200)) v (state, days) WHERE title = 'digested 1';
SELECT is(pg_temp.run('deliveries_dead'), 'done 1 held 0', 'the dead that nobody redrove');
SELECT is((SELECT string_agg(state, ' ' ORDER BY state) FROM laurel.notification_deliveries WHERE channel = 'push'), 'dead ready', 'and no others');
UPDATE laurel.digest_items SET created_at = now() - interval '25 hours';
SELECT is(pg_temp.run('digest_items_left'), 'done 0 held 0', 'what a digest will tell is kept, however long it takes');
DELETE FROM laurel.notification_deliveries WHERE digest_key IS NOT NULL;
SELECT is(pg_temp.run('digest_items_left'), 'done 3 held 0', 'what none will tell any more goes');
INSERT INTO laurel.delivery_batches (finished_at, channel, delivered, retried, dead, cancelled, latency_buckets, latency_counts)
    SELECT now() - days * interval '1 day', 'email', 1, 0, 0, 0, '{}', '{}' FROM unnest('{6, 8}'::integer[]) days;
INSERT INTO laurel.workers (worker_id, host, pid, version, seen_at) SELECT gen_random_uuid(), 'x', 1, '1', now() - days * interval '1 day' FROM unnest('{6, 8}'::integer[]) days;
SELECT is(pg_temp.run('delivery_batches') || ', ' || pg_temp.run('workers_gone'), 'done 1 held 0, done 1 held 0', 'sums and workers of last week');
SELECT laurel_internal.create_month_partitions('laurel.delivery_attempts', 1, (now() - interval '6 months')::date);
INSERT INTO laurel.delivery_attempts (finished_at, delivery_id, organization_id, notification_id, user_id, attempt, channel, outcome)
    SELECT date_trunc('month', now()) - m * interval '1 month' + interval '1 day', gen_random_uuid(), tests.acme(), gen_random_uuid(), tests.person('bob'), 1, 'email', 'delivered'
    FROM generate_series(0, 6) m;
SELECT matches(pg_temp.run('delivery_attempts'), '^done \d held 0 partitions [34]$', 'months of the log are dropped');

-- Making anonymous, without an index, in small batches.
CREATE TABLE laurel.test_visits (id bigint, user_id uuid, at timestamptz, ip text);
ALTER TABLE laurel.test_visits OWNER TO laurel_owner;
INSERT INTO laurel.test_visits SELECT i, tests.person('bob'), now() - i * interval '1 day', '10.0.0.' || i FROM generate_series(1, 20) i;
INSERT INTO laurel.retention_policies (name, table_name, keep, action, time_column, condition, assignments, source, batch_rows)
    VALUES ('test_visits', 'test_visits', '10 days 12 hours', 'anonymise', 'at', 'ip IS NOT NULL', 'ip = NULL', 'a test', 3);
SELECT is(pg_temp.run('test_visits', true) || ', ' || pg_temp.run('test_visits'), 'done 10 held 0, done 10 held 0', 'ten are due');
SELECT is((SELECT count(*) FROM laurel.test_visits WHERE ip IS NULL AND id > 10), 10::bigint, 'their address is gone, they are not');
SELECT is(pg_temp.run('test_visits'), 'done 0 held 0', 'once is enough');

-- What cannot be run.
SELECT is(pg_temp.run((SELECT name FROM laurel.retention_policies WHERE to_regclass('laurel.' || table_name) IS NULL ORDER BY name LIMIT 1)) || ', ' || pg_temp.run('users'), 'table absent, kept', 'a table to come is no error');
SELECT is(tests.error_of($$ SELECT laurel_internal.due_policies('nothing') $$), '22023', 'an unknown policy is');
SELECT is(laurel_internal.due_policies('sessions_idle,participations'), ARRAY['sessions_idle'], 'a disabled one is passed over');
UPDATE laurel.retention_policies SET condition = 'colour = 1' WHERE name = 'sessions_idle';
SELECT is(tests.error_of($$ SELECT pg_temp.run('sessions_idle') $$), '42703', 'a condition that fails says so');

SELECT * FROM finish();
ROLLBACK;
