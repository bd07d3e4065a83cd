-- A person whom nobody can mistake is in every table that can hold anything of somebody, and then nowhere any more.
\ir ../support/load.sql
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT no_plan();

SELECT tests.cast('admin', 'learner', 'other', 'manager', 'bolt_admin');
SELECT tests.invite('learner', tests.bolt());
CREATE FUNCTION pg_temp.p() RETURNS uuid LANGUAGE sql AS $$ SELECT tests.person('learner') $$;

-- Rows of and about the person, everywhere.
UPDATE laurel.users SET email = 'zyxwvut@qanary.test', full_name = 'Zyxwvut Qanaryson', first_name = 'Zyxwvut', last_name = 'Qanaryson', manager_id = tests.person('manager') WHERE id = pg_temp.p();
UPDATE laurel.users SET manager_id = pg_temp.p() WHERE id = tests.person('other');
UPDATE laurel.organizations SET admin_id = pg_temp.p() WHERE id = tests.acme();
UPDATE laurel.user_organizations SET display_name = 'Zy Q-Star' WHERE user_id = pg_temp.p();
UPDATE laurel.profiles SET phone = '+49 555 0199 777', address = 'Qanary Lane 7' WHERE user_id = pg_temp.p();
INSERT INTO laurel.user_roles (organization_id, user_id, role, granted_by) VALUES (tests.acme(), pg_temp.p(), 'trainer', tests.person('admin')), (tests.acme(), tests.person('other'), 'trainer', pg_temp.p());
INSERT INTO laurel.user_identities (organization_id, user_id, provider, subject) VALUES (tests.acme(), pg_temp.p(), 'https://id.test', 'qanary-4711');
SELECT length(laurel.create_session(pg_temp.p(), '203.0.113.77', 'Qanary Browser')), length(laurel.create_one_time_token(pg_temp.p(), 'sign_in'));
INSERT INTO laurel.invitations (organization_id, email, token_hash, expires_at) VALUES (tests.bolt(), 'zyxwvut@qanary.test', sha256('1'), now() + interval '1 day');
INSERT INTO laurel.invitations (organization_id, user_id, token_hash, invited_by, expires_at) VALUES (tests.bolt(), pg_temp.p(), sha256('2'), pg_temp.p(), now() + interval '1 day');
INSERT INTO laurel.courses (id, organization_id, name, trainer_id) VALUES (tests.person('course'), tests.acme(), 'Course', pg_temp.p());
INSERT INTO laurel.enrollments (organization_id, user_id, course_id) VALUES (tests.acme(), pg_temp.p(), tests.person('course'));
INSERT INTO laurel.points_ledger (organization_id, user_id, amount, transaction_type, reason, metadata, idempotency_key, created_by) VALUES
    (tests.acme(), pg_temp.p(), 10, 'bonus', 'for Zyxwvut Qanaryson', '{"to": "zyxwvut@qanary.test"}', 'qanary-1', pg_temp.p()), (tests.bolt(), pg_temp.p(), 7, 'bonus', 'Qanaryson', '{}', 'qanary-2', NULL);
SELECT laurel.record_activity(pg_temp.p(), now(), tests.acme()) \g /dev/null
INSERT INTO laurel.badges (id, organization_id, slug, badge_name) VALUES (tests.person('badge'), tests.acme(), 'first', 'First');
SELECT laurel.award_badge(pg_temp.p(), tests.person('badge'), 'Zyxwvut Qanaryson', tests.acme(), 'Qanaryson did it') \g /dev/null
INSERT INTO laurel.notifications (organization_id, user_id, type, title, message, data) SELECT tests.acme(), u, 'x', 'Zyxwvut Qanaryson is here', 'ask zyxwvut@qanary.test', '{"name": "ZYXWVUT QANARYSON"}' FROM unnest(ARRAY[pg_temp.p(), tests.person('other')]) u;
INSERT INTO laurel.notification_deliveries (organization_id, notification_id, user_id, channel, due_at, last_error) SELECT organization_id, id, user_id, 'email', now(), '550 zyxwvut@qanary.test unknown' FROM laurel.notifications WHERE type = 'x';
INSERT INTO laurel.delivery_attempts (finished_at, delivery_id, organization_id, notification_id, user_id, attempt, channel, outcome, error) VALUES (now(), gen_random_uuid(), tests.acme(), gen_random_uuid(), pg_temp.p(), 1, 'email', 'dead', '550 zyxwvut@qanary.test');
INSERT INTO laurel.suppressed_addresses (organization_id, email, user_id, code, bounced_at) VALUES (tests.acme(), 'zyxwvut@qanary.test', pg_temp.p(), '5.1.1', now()), (tests.bolt(), 'zyxwvut@qanary.test', NULL, '5.1.1', now());
INSERT INTO laurel.webhook_endpoints (organization_id, user_id, url, secret) VALUES (tests.acme(), pg_temp.p(), 'https://qanary.test/hook', 'whsec_' || encode(decode(repeat('ab', 32), 'hex'), 'base64'));
INSERT INTO laurel.teams (id, organization_id, name) VALUES (tests.person('team'), tests.acme(), 'Team');
INSERT INTO laurel.team_memberships (organization_id, team_id, user_id, role) VALUES (tests.acme(), tests.person('team'), pg_temp.p(), 'leader'), (tests.acme(), tests.person('team'), tests.person('other'), 'member');
INSERT INTO laurel.personal_challenges (organization_id, user_id, title, goal) VALUES (tests.acme(), pg_temp.p(), 'Qanaryson runs', 5);
INSERT INTO laurel.channels (id, organization_id, team_id, name) VALUES (tests.person('channel'), tests.acme(), tests.person('team'), 'Channel');
INSERT INTO laurel.channel_members (organization_id, channel_id, user_id) VALUES (tests.acme(), tests.person('channel'), pg_temp.p());
INSERT INTO laurel.activities (id, organization_id, name) VALUES (tests.person('activity'), tests.acme(), 'Activity');
INSERT INTO laurel.events (id, organization_id, activity_id, title, created_at, scheduled_date, ends_at, facilitator_id) VALUES
    (tests.person('past'), tests.acme(), tests.person('activity'), 'Past', now() - interval '2 days', now() - interval '1 hour', now() + interval '1 minute', pg_temp.p()),
    (tests.person('future'), tests.acme(), tests.person('activity'), 'Future', now() - interval '2 days', now() + interval '1 day', now() + interval '2 days', NULL);
INSERT INTO laurel.participations (organization_id, event_id, user_id) VALUES (tests.acme(), tests.person('past'), pg_temp.p()), (tests.acme(), tests.person('future'), pg_temp.p());
UPDATE laurel.participations SET attendance_status = 'attended', check_in_time = now(), feedback = 'Qanaryson liked it', feedback_rating = 5 WHERE event_id = tests.person('past');
INSERT INTO laurel.calendar_feeds (organization_id, user_id, token_hash) VALUES (tests.acme(), pg_temp.p(), sha256('3'));
INSERT INTO laurel.learning_paths (id, organization_id, title, status) VALUES (tests.person('path'), tests.acme(), 'Path', 'published');
INSERT INTO laurel.learning_modules (id, organization_id, learning_path_id, position, title) SELECT tests.person('module ' || n), tests.acme(), tests.person('path'), n, 'Module' FROM generate_series(1, 2) n;
INSERT INTO laurel.module_completions (organization_id, user_id, module_id, status, answers) VALUES (tests.acme(), pg_temp.p(), tests.person('module 1'), 'completed', '{"q": "Zyxwvut Qanaryson"}'), (tests.acme(), pg_temp.p(), tests.person('module 2'), 'in_progress', '{"q": "Qanaryson"}');
INSERT INTO laurel.learning_assignments (organization_id, learning_path_id, audience, user_id, assigned_by) VALUES (tests.acme(), tests.person('path'), 'member', pg_temp.p(), pg_temp.p());
INSERT INTO laurel.recognitions (id, organization_id, sender_id, recipient_id, message) VALUES (tests.person('given'), tests.acme(), pg_temp.p(), tests.person('other'), 'Thanks, says Zyxwvut Qanaryson'),
    (tests.person('received'), tests.acme(), tests.person('other'), pg_temp.p(), 'Thank you ZYXWVUT@QANARY.TEST, dear Zyxwvut of Qanary Lane 7!');
INSERT INTO laurel.recognition_comments (organization_id, recognition_id, user_id, comment) VALUES (tests.acme(), tests.person('received'), pg_temp.p(), 'You are welcome, your Zyxwvut'), (tests.acme(), tests.person('received'), tests.person('other'), 'Call +49 555 0199 777');
INSERT INTO laurel.recognition_reactions (organization_id, recognition_id, user_id) VALUES (tests.acme(), tests.person('received'), pg_temp.p());
INSERT INTO laurel.onboarding_templates (id, organization_id, name, it_member_id) VALUES (tests.person('plan'), tests.acme(), 'Plan', pg_temp.p());
INSERT INTO laurel.onboarding_template_tasks (organization_id, template_id, position, title, owner_role) VALUES (tests.acme(), tests.person('plan'), 1, 'Read', 'new_hire'), (tests.acme(), tests.person('plan'), 2, 'Lunch', 'buddy');
INSERT INTO laurel.user_onboardings (organization_id, user_id, template_id, assigned_buddy_id) VALUES (tests.acme(), pg_temp.p(), tests.person('plan'), tests.person('other')), (tests.acme(), tests.person('other'), tests.person('plan'), pg_temp.p());
UPDATE laurel.onboarding_tasks SET note = 'with Zyxwvut Qanaryson' WHERE owner_role = 'buddy';
INSERT INTO laurel.buddy_profiles (organization_id, user_id, skills) VALUES (tests.acme(), pg_temp.p(), '{qanary}'), (tests.acme(), tests.person('other'), '{go}');
INSERT INTO laurel.buddy_requests (organization_id, user_id, skills) VALUES (tests.acme(), pg_temp.p(), '{qanary}');
INSERT INTO laurel.buddy_matches (organization_id, user_id, buddy_id, explanation) VALUES (tests.acme(), pg_temp.p(), tests.person('other'), '{"why": "Qanaryson"}');
INSERT INTO laurel.legal_holds (organization_id, user_id, reason) VALUES (tests.acme(), pg_temp.p(), 'the case of Zyxwvut Qanaryson');
UPDATE laurel.legal_holds SET released_at = now();
INSERT INTO laurel.privacy_settings (organization_id, erasure_grace_days) VALUES (tests.acme(), 0);
SELECT laurel.make_privacy_request('correction', 'Write Zyxwvut with a z', pg_temp.p()) \g /dev/null
SELECT laurel.erase_user(pg_temp.p(), 'I, Zyxwvut Qanaryson, wish it') AS request \gset
SELECT laurel_internal.log_processing('report', 'a call of Zyxwvut Qanaryson', tests.acme(), tests.person('other'), NULL, NULL, NULL) \g /dev/null
-- Tables of an application, which belong to somebody else.
CREATE ROLE canary_owner;
CREATE SCHEMA canary AUTHORIZATION canary_owner;
GRANT USAGE ON SCHEMA laurel TO canary_owner;
CREATE TABLE canary.notes (organization_id uuid, user_id uuid, checked_by uuid, words text,
    FOREIGN KEY (organization_id, user_id) REFERENCES laurel.user_organizations (organization_id, user_id) ON DELETE CASCADE,
    FOREIGN KEY (organization_id, checked_by) REFERENCES laurel.user_organizations (organization_id, user_id) ON DELETE SET NULL (checked_by));
INSERT INTO canary.notes VALUES (tests.acme(), pg_temp.p(), NULL, 'I am Zyxwvut'), (tests.acme(), tests.person('other'), pg_temp.p(), 'I am not');
ALTER TABLE canary.notes OWNER TO canary_owner;
-- The ledger's archive.
SET LOCAL session_replication_role = replica;
SELECT laurel_internal.create_month_partitions('laurel.points_ledger_archive', 0, current_date) \g /dev/null
SET LOCAL session_replication_role = origin;

-- Then every other column of those rows that may hold words holds the name; what takes no words is left as it is.
CREATE TEMP TABLE planted (place regclass, name name);
DO $$
DECLARE
    c record;
    changed bigint;
BEGIN
    SET LOCAL session_replication_role = replica;
    FOR c IN
        SELECT DISTINCT r.table_name, a.attname, format_type(a.atttypid, NULL) AS type, r.column_name, r.kind FROM laurel_internal.person_rules r
        JOIN pg_attribute a ON a.attrelid = r.table_name AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
        WHERE a.atttypid IN ('text'::regtype, 'jsonb'::regtype, 'text[]'::regtype) AND r.kind = 'id' AND r.table_name <> 'laurel.points_ledger'::regclass
        AND (r.erase = 'delete' OR r.clears ? a.attname)
        -- By these the person is found; who lets people sign in, roles and types of events are no persons, and stand in the audit log.
        AND a.attname NOT IN ('email', 'full_name', 'first_name', 'last_name', 'display_name', 'phone', 'address', 'provider', 'role', 'event_types', 'permissions')
    LOOP
        BEGIN
            EXECUTE format('UPDATE %s SET %I = %L WHERE %I = %L', c.table_name, c.attname,
                CASE c.type WHEN 'text' THEN 'Zyxwvut Qanaryson' WHEN 'text[]' THEN '{Zyxwvut Qanaryson}' ELSE '{"Zyxwvut": "Qanaryson"}' END, c.column_name, pg_temp.p());
            GET DIAGNOSTICS changed = ROW_COUNT;
            IF changed > 0 THEN
                INSERT INTO planted VALUES (c.table_name, c.attname);
            END IF;
        EXCEPTION WHEN check_violation OR foreign_key_violation OR unique_violation OR invalid_text_representation THEN
            NULL;
        END;
    END LOOP;
    SET LOCAL session_replication_role = origin;
END $$;
SELECT cmp_ok((SELECT count(*) FROM planted), '>', 40::bigint, 'the name stands in many columns');

-- Everything that is anywhere in the database, in the open or as bytes.
CREATE FUNCTION pg_temp.found() RETURNS TABLE (place text, rows bigint, sample text) LANGUAGE plpgsql AS $$
DECLARE
    t regclass;
BEGIN
    FOR t IN SELECT c.oid FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'm') AND n.nspname IN ('laurel', 'laurel_internal', 'canary') LOOP
        RETURN QUERY EXECUTE format('SELECT %L, count(*), min(left(t::text, 600)) FROM ONLY %s t WHERE t::text ~* ''zyxwvut|qanary|q-star|0199 777|203\.0\.113\.77|7a797877767574|51616e617279'' HAVING count(*) > 0', t, t);
    END LOOP;
END $$;
SELECT cmp_ok((SELECT count(*) FROM pg_temp.found()), '>', 25::bigint, 'and in many tables');
CREATE TEMP TABLE before AS SELECT (SELECT sum(total_points) FROM laurel.user_points) AS points, (SELECT count(*) FROM laurel.points_ledger) AS entries,
    (SELECT count(*) FROM laurel.recognitions) AS thanks, (SELECT count(*) FROM laurel.recognition_comments) AS comments;

SELECT ok(laurel_internal.erase_request(:'request'), 'the person is erased');
SELECT is_empty('SELECT * FROM pg_temp.found()', 'and nowhere any more');
SELECT is_empty('SELECT * FROM laurel.verify_ledger()', 'the ledger is sound');
SELECT is_empty('SELECT * FROM laurel.check()', 'so is all else that is counted');
SELECT is_empty($$ SELECT * FROM laurel.verify_audit() $$, 'and the audit log');
SELECT is((SELECT (sum(total_points), (SELECT count(*) FROM laurel.points_ledger), (SELECT count(*) FROM laurel.recognitions), (SELECT count(*) FROM laurel.recognition_comments))::text FROM laurel.user_points),
    (SELECT (points, entries, thanks, comments)::text FROM before), 'points, entries, thanks and comments are as many');

SELECT results_eq('SELECT user_id, checked_by, words FROM canary.notes', $$VALUES (tests.person('other'), NULL::uuid, 'I am not')$$, 'an application''s rows go and stay by their foreign keys');

-- How the name is found.
UPDATE laurel.users SET email = 'o.neil@x.test', full_name = 'Jan von der O''Neil', first_name = 'Jo' WHERE id = tests.person('manager');
UPDATE laurel.user_organizations SET display_name = '小王明' WHERE user_id = tests.person('manager');
UPDATE laurel.users SET last_name = '王明' WHERE id = tests.person('manager');
UPDATE laurel.profiles SET display_name = 'thanks', emergency_contact = 'Monday meeting', emergency_phone = '112' WHERE user_id = tests.person('manager');
CREATE FUNCTION pg_temp.redacted(said text) RETURNS text LANGUAGE sql AS $$
    SELECT CASE WHEN said ~* n.glance THEN regexp_replace(regexp_replace(said, n.anywhere, '#', 'gi'), n.words, '#', 'g') ELSE said END FROM laurel_internal.names_of(tests.person('manager')) n
$$;
SELECT is(pg_temp.redacted(said), found, said) FROM (VALUES
    ('Jan says yes', '# says yes'), ('January, der von jan', 'January, der von jan'), ('jan VON der o''neil here', '# here'), ('O''Neil is right', '# is right'),
    ('ask O.NEIL@X.TEST!', 'ask #!'), ('foo.neil@x.test.de', 'foo.neil@x.test.de'), ('oxneil@x.test', 'oxneil@x.test'), ('Jo', 'Jo'), ('我是王明的朋友', '我是#的朋友'),
    ('Jan' || E'\n' || 'von der  O''Neil', '#'), ('', ''),
    ('thanks for the Monday meeting in room 112', 'thanks for the Monday meeting in room 112')) v (said, found);
UPDATE laurel.user_organizations SET display_name = 'Jan the Great' WHERE user_id = tests.person('manager');
SELECT is(pg_temp.redacted('hello jan the great'), 'hello #', 'as somebody is called in an organization');
INSERT INTO laurel.one_time_tokens (organization_id, user_id, purpose, email, token_hash, expires_at) VALUES (tests.acme(), tests.person('manager'), 'email_change', 'next@y.test', sha256('4'), now() + interval '1 hour');
SELECT is(pg_temp.redacted('write to next@y.test soon'), 'write to # soon', 'so is the address that is to come');
UPDATE laurel.profiles SET display_name = 'Jan the Man' WHERE user_id = tests.person('manager');
SELECT is(pg_temp.redacted('hello jan the man, the man'), 'hello #, the man', 'what somebody calls himself is found where it has something of the name');
SELECT is(pg_temp.redacted(NULL), NULL, 'nothing');
SELECT results_eq('SELECT * FROM laurel_internal.names_of(gen_random_uuid())', $$VALUES ('{}'::text[], '(?=a)b', '(?=a)b', NULL::text)$$, 'nobody is found nowhere');

-- Who is left.
SELECT is((SELECT full_name || ' ' || is_active FROM laurel.users WHERE id = pg_temp.p()), '[Deleted User] false', 'a user without a name');
SELECT is((SELECT email FROM laurel.users WHERE id = pg_temp.p()), 'deleted-' || pg_temp.p() || '@erased.invalid', 'and with an address that is nobody''s');
SELECT is((SELECT message FROM laurel.recognitions WHERE id = tests.person('given')), 'Thanks, says [Deleted User]', 'what was said stays, without the name');
SELECT is((SELECT message FROM laurel.recognitions WHERE id = tests.person('received')), 'Thank you [Deleted User], dear [Deleted User] of [Deleted User]!', 'also what others said');
SELECT is((SELECT string_agg(comment, '; ' ORDER BY comment) FROM laurel.recognition_comments), 'Call [Deleted User]; You are welcome, your [Deleted User]', 'and comments');
SELECT is((SELECT title || ': ' || message || ' ' || data::text FROM laurel.notifications WHERE user_id = tests.person('other') AND type = 'x'), '[Deleted User] is here: ask [Deleted User] {"name": "[Deleted User]"}', 'and what others were told');
SELECT is((SELECT status || coalesce(reason, '') FROM laurel.privacy_requests WHERE id = :'request'), 'done', 'the request is done, and why is forgotten');
SELECT is((SELECT activity || ': ' || purpose FROM laurel.processing_log WHERE user_id = pg_temp.p()), 'erasure: all data were erased', 'what was done is noted');
SELECT is((SELECT everywhere::text FROM laurel.erasures WHERE user_id = pg_temp.p()), 'true', 'the register knows');
SELECT is((SELECT quiz_score || ' ' || coalesce(answers::text, 'none') FROM (SELECT coalesce(quiz_score, 0) AS quiz_score, answers FROM laurel.module_completions WHERE user_id = pg_temp.p()) c), '0 none', 'what was learned stays, not what was answered');
SELECT is((SELECT string_agg(event_id::text || attendance_status, '') FROM laurel.participations WHERE user_id = pg_temp.p()), tests.person('past') || 'attended', 'who came has been there; places to come are free');
SELECT is((SELECT member_count FROM laurel.teams), 1::bigint, 'the team goes on');

SELECT tests.act_as(tests.person('other'));
SELECT is((SELECT full_name FROM laurel.people WHERE id = pg_temp.p()), NULL, 'colleagues see nobody');
SELECT tests.act_as_owner();
SELECT is(laurel_internal.erase_request(:'request'), false, 'once is enough');
SELECT is_empty('SELECT * FROM laurel.reapply_erasures()', 'and nothing is there to be erased again');


-- What is written about the person all the same goes at the next call of the job.
SELECT laurel.record_points_transaction(pg_temp.p(), 3, 'bonus', reason => 'for Zyxwvut Qanaryson') \g /dev/null
INSERT INTO laurel.badges (id, organization_id, slug, badge_name) VALUES (tests.person('late'), tests.acme(), 'late', 'Late');
SELECT laurel.award_badge(pg_temp.p(), tests.person('late'), 'system', tests.acme(), 'Qanaryson was late') \g /dev/null
SELECT is((SELECT count(*) FROM pg_temp.found()), 2::bigint, 'who waited has written');
SELECT is(laurel_internal.erased_lately(), ARRAY[pg_temp.p()], 'the job knows of whom');
SELECT is(laurel_internal.erase_late_rows(pg_temp.p()), true, 'and erases that');
SELECT is_empty('SELECT * FROM pg_temp.found()', 'which is nowhere any more');
SELECT is(laurel_internal.erase_late_rows(tests.person('other')), false, 'of others nothing');
UPDATE laurel.users SET email = 'new@acme.test' WHERE id = pg_temp.p();
SELECT is(laurel_internal.erase_late_rows(pg_temp.p()), false, 'nor of who is somebody again');
SELECT is_empty('SELECT * FROM laurel.verify_ledger()', 'the ledger is sound still');

SELECT finish();
ROLLBACK;
