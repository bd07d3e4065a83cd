-- Recognition: what one may give, who approves it, who sees it, what comes of it.
\ir ../support/load.sql
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT no_plan();

SELECT tests.cast();
UPDATE laurel.users SET manager_id = tests.person('manager') WHERE id = tests.person('learner');
INSERT INTO laurel.teams (id, organization_id, name) VALUES (tests.person('red'), tests.acme(), 'Red');
INSERT INTO laurel.team_memberships (team_id, user_id) VALUES (tests.person('red'), tests.person('other')), (tests.person('red'), tests.person('learner'));
CREATE FUNCTION pg_temp.thank(recipients text, points bigint, more text DEFAULT '') RETURNS text LANGUAGE sql AS $$
    SELECT tests.error_of(format('SELECT * FROM laurel.recognize(%L, %L, %s%s)', (SELECT array_agg(tests.person(btrim(r))) FROM regexp_split_to_table(recipients, ',') r), 'Thanks', points, more))
$$;
CREATE FUNCTION pg_temp.points(name text) RETURNS bigint LANGUAGE sql SECURITY DEFINER AS $$ SELECT total_points FROM laurel.user_points WHERE user_id = tests.person(name) $$;
CREATE FUNCTION pg_temp.newest() RETURNS uuid LANGUAGE sql SECURITY DEFINER AS $$ SELECT id FROM laurel.recognitions ORDER BY id DESC LIMIT 1 $$;

-- What one may give.
SELECT tests.act_as_learner();
SELECT results_eq($$ SELECT recipient_id = tests.person('other'), points_awarded, status FROM laurel.recognize(ARRAY[tests.person('other')], 'Thanks for the help', 30) $$,
    $$ VALUES (true, 30::bigint, 'approved') $$, 'thanks with points');
SELECT is(pg_temp.points('other'), 30::bigint, 'which arrive');
SELECT is(tests.error_of($$ SELECT * FROM laurel.recognize(ARRAY[tests.person('other'), tests.person('manager')], 'Both', 11, split => true) $$), 'none', 'to several');
SELECT is(pg_temp.points('other') || ' ' || pg_temp.points('manager'), '36 5', 'who share them, the first with what is left over');
SELECT is(pg_temp.thank('learner', 1), '23514 recognitions_recipient_id_check', 'not to oneself');
SELECT is(pg_temp.thank('other', -1), '23514 recognitions_points_awarded_check', 'nor less than nothing');
SELECT is(pg_temp.thank('other, manager', -1, ', split => true'), '23514 recognitions_points_awarded_check', 'also among several');
SELECT is(pg_temp.thank('other', 1, ', visibility => NULL'), '22004', 'nor for nobody knows whom to see');
SELECT is(pg_temp.thank('bolt_learner', 1), '23503 recognitions_recipient_id_fkey', 'nor to another organization');
SELECT is(pg_temp.thank('other, other', 1), '22023', 'nor twice to one');
SELECT is(tests.error_of($$ SELECT * FROM laurel.recognize('{}', 'x') $$), '22023', 'nor to nobody');
SELECT is(tests.error_of($$ SELECT * FROM laurel.recognize(NULL, 'x') $$), '22023', 'or to null');
SELECT is(pg_temp.thank('other', 5, $$, visibility => 'secret'$$), '23514 recognitions_visibility_check', 'nor in another way');
SELECT is(tests.error_of($$ SELECT * FROM laurel.recognize(ARRAY[tests.person('other')], '') $$), '23514 recognitions_message_check', 'nor without a word');
SELECT is(tests.error_of($$ INSERT INTO laurel.recognitions (sender_id, recipient_id, message) VALUES (tests.person('manager'), tests.person('other'), 'x') $$), '42501', 'nor in the name of another');
SELECT is(tests.error_of($$ INSERT INTO laurel.recognitions (sender_id, recipient_id, message, status) VALUES (laurel.uid(), tests.person('other'), 'x', 'approved') $$), '42501', 'nor approved by oneself');
SELECT is(tests.error_of($$ INSERT INTO laurel.recognitions (sender_id, message) VALUES (laurel.uid(), 'x') $$), '23502', 'nor to nobody at all');
SELECT is(pg_temp.thank('other', 60), 'PT429 recognitions_recognition_allowance_quota', 'nor more than the month allows');
SELECT is(pg_temp.thank('other', 59), 'none', 'what is left may be given');
SELECT is((SELECT used FROM laurel.quota_usage WHERE kind = 'recognition_allowance'), 100::bigint, 'and is used');
SELECT is(pg_temp.thank('other', 0), 'none', 'thanks without points cost nothing');
SELECT is(tests.error_of($$ UPDATE laurel.recognitions SET points_awarded = 0 $$), '42501', 'what was given is given');
SELECT is(tests.error_of($$ DELETE FROM laurel.recognitions $$), '42501', 'and stays');
SELECT tests.act_as_owner();
SELECT is(tests.error_of($$ UPDATE laurel.recognitions SET recipient_id = tests.person('manager') WHERE recipient_id <> tests.person('manager') $$), '23001 recognitions_recipient_id_immutable', 'whoever asks');

-- What roles may give, and how often.
INSERT INTO laurel.recognition_allowances (organization_id, role, monthly_points) VALUES (tests.acme(), 'manager', 500), (tests.acme(), 'trainer', 0);
INSERT INTO laurel.recognition_settings (organization_id, daily_limit, monthly_allowance) VALUES (tests.acme(), 2, 10);
SELECT tests.act_as_manager();
SELECT is(pg_temp.thank('other', 300), 'none', 'a manager has more');
SELECT tests.act_as_trainer();
SELECT is(pg_temp.thank('other', 1), '23514 recognitions_recognition_allowance_quota', 'a trainer nothing, however long he waits');
SELECT tests.act_as(tests.person('other'));
SELECT is(pg_temp.thank('learner', 11), '23514 recognitions_recognition_allowance_quota', 'the organization says what the others have');
SELECT is(pg_temp.thank('learner', 1), 'none', 'one') UNION ALL SELECT is(pg_temp.thank('learner', 1), 'none', 'two');
SELECT is(pg_temp.thank('learner', 1), 'PT429 recognitions_recognitions_daily_quota', 'and how often a day');

-- Who approves.
SELECT tests.act_as_owner();
UPDATE laurel.recognition_settings SET approval = 'manager', approval_from = 5, daily_limit = NULL, monthly_allowance = 1000;
DELETE FROM laurel.notifications;
SELECT tests.act_as_learner();
SELECT is(pg_temp.thank('trainer', 4), 'none', 'a little needs no approval');
SELECT is((SELECT status FROM laurel.recognitions WHERE id = pg_temp.newest()), 'approved', 'of anybody');
SELECT is(pg_temp.thank('trainer', 50), 'none', 'more does');
SELECT set_config('tests.waiting', pg_temp.newest()::text, true);
SELECT is((SELECT status FROM laurel.recognitions WHERE id = pg_temp.newest()), 'pending', 'and waits');
SELECT is(pg_temp.points('trainer'), 4::bigint, 'with its points');
SELECT tests.act_as_trainer();
SELECT is((SELECT count(*) FROM laurel.recognitions WHERE status = 'pending'), 0::bigint, 'its recipient does not hear of it');
SELECT tests.act_as_learner();
SELECT is(tests.error_of($$ SELECT laurel.approve_recognition(current_setting('tests.waiting')::uuid) $$), '42501', 'the sender approves nothing');
SELECT tests.act_as_trainer();
SELECT is(tests.error_of($$ SELECT laurel.approve_recognition(current_setting('tests.waiting')::uuid) $$), '42501', 'nor does the recipient');
SELECT tests.act_as(tests.person('other'));
SELECT is((SELECT count(*) FROM laurel.recognitions WHERE status = 'pending'), 0::bigint, 'others do not see what waits');
SELECT is(tests.error_of($$ SELECT laurel.approve_recognition(current_setting('tests.waiting')::uuid) $$), '42501', 'nor approve it');
SELECT is(tests.error_of($$ SELECT laurel.approve_recognition(gen_random_uuid()) $$), '42501', 'as little as what is not there');
SELECT is(tests.error_of($$ SELECT laurel.withdraw_recognition(current_setting('tests.waiting')::uuid) $$), '42501', 'nor take it back');
SELECT tests.act_as_bolt_admin();
SELECT is(tests.error_of($$ SELECT laurel.approve_recognition(current_setting('tests.waiting')::uuid) $$), '42501', 'nor does another organization');
SELECT tests.act_as_manager();
SELECT is((SELECT count(*) FROM laurel.recognitions WHERE status = 'pending'), 1::bigint, 'the manager sees it');
SELECT is(tests.error_of($$ SELECT laurel.approve_recognition(current_setting('tests.waiting')::uuid, 'Well deserved') $$), 'none', 'and approves');
SELECT is(pg_temp.points('trainer'), 54::bigint, 'the points arrive then');
SELECT is(tests.error_of($$ SELECT laurel.approve_recognition(current_setting('tests.waiting')::uuid) $$), 'PT409 recognitions_status_steps', 'once');
SELECT is(tests.error_of($$ SELECT laurel.reject_recognition(current_setting('tests.waiting')::uuid) $$), 'PT409 recognitions_status_steps', 'and for good');
SELECT is(pg_temp.points('trainer'), 54::bigint, 'they are not given twice');
SELECT tests.act_as_owner();
SELECT is((SELECT decided_by = tests.person('manager') AND decision_note = 'Well deserved' AND approved_at IS NOT NULL FROM laurel.recognitions WHERE id = current_setting('tests.waiting')::uuid), true, 'who, why and when is kept');
SELECT is((SELECT string_agg(title, ', ' ORDER BY id) FROM laurel.notifications WHERE user_id = tests.person('trainer')), 'You were recognized, You were recognized', 'the recipient is told each');
SELECT tests.act_as_learner();
SELECT pg_temp.thank('trainer', 60);
SELECT is((SELECT used FROM laurel.quota_usage WHERE kind = 'recognition_allowance'), 214::bigint, 'what waits is used');
SELECT laurel.withdraw_recognition(pg_temp.newest());
SELECT is((SELECT used FROM laurel.quota_usage WHERE kind = 'recognition_allowance'), 154::bigint, 'what is taken back is not');
SELECT is(tests.error_of($$ SELECT laurel.withdraw_recognition(pg_temp.newest()) $$), 'PT409 recognitions_status_steps', 'once');
SELECT pg_temp.thank('trainer', 60);
SELECT tests.act_as_admin();
SELECT laurel.reject_recognition(pg_temp.newest(), 'Too much');
SELECT tests.act_as_trainer();
SELECT is((SELECT count(*) FROM laurel.recognitions WHERE status <> 'approved'), 0::bigint, 'of what was rejected the recipient hears nothing');
SELECT tests.act_as_manager();
SELECT is((SELECT string_agg(status, ' ' ORDER BY id) FROM laurel.recognitions WHERE status <> 'approved'), 'rejected', 'the manager does, but not what was taken back');
SELECT tests.act_as_learner();
SELECT is((SELECT used FROM laurel.quota_usage WHERE kind = 'recognition_allowance'), 154::bigint, 'nor what is rejected');
SELECT is((SELECT title || ': ' || message FROM laurel.notifications WHERE type = 'recognition_rejected'), 'Your recognition was not approved: Too much', 'of which the sender hears');
SELECT tests.act_as_owner();
UPDATE laurel.recognition_settings SET approval = 'admin';
SELECT tests.act_as_learner();
SELECT pg_temp.thank('other', 5);
SELECT tests.act_as_manager();
SELECT is((SELECT count(*) FROM laurel.recognitions WHERE status <> 'approved'), 0::bigint, 'who does not approve does not see what waits');
SELECT is(tests.error_of($$ SELECT laurel.approve_recognition(pg_temp.newest()) $$), '42501', 'where administrators approve, managers do not');
SELECT tests.act_as_admin();
SELECT is(tests.error_of($$ SELECT laurel.approve_recognition(pg_temp.newest()) $$), 'none', 'administrators do');

-- Who sees what.
SELECT tests.act_as_owner();
UPDATE laurel.recognition_settings SET approval = 'none';
SELECT tests.act_as_learner();
SELECT pg_temp.thank('other', 1, format($$, visibility => 'team', team_id => %L$$, tests.person('red')));
SELECT is(tests.error_of($$ SELECT * FROM laurel.recognize(ARRAY[tests.person('manager')], 'Between us', visibility => 'private') $$), 'none', 'in private');
SELECT throws_ok($$ SELECT laurel.recognize(ARRAY[tests.person('manager')], 'To whom?', visibility => 'team') $$, '23514',
    'a recognition for a team must name it', 'for a team that nobody names');
CREATE FUNCTION pg_temp.seen() RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(visibility || ' ' || n, ', ' ORDER BY visibility) || ' / ' || (SELECT count(*) FROM laurel.recognition_feed(100)) FROM (
        SELECT visibility, count(*) AS n FROM laurel.recognitions WHERE status = 'approved' GROUP BY 1) v
$$;
SELECT is(pg_temp.seen(), 'private 1, public 11, team 1 / 13', 'the sender sees all three');
SELECT tests.act_as(tests.person('other'));
SELECT is(pg_temp.seen(), 'public 11, team 1 / 12', 'the team what is for it');
SELECT tests.act_as_manager();
SELECT is(pg_temp.seen(), 'private 1, public 11 / 12', 'the recipient what is private');
SELECT tests.act_as_trainer();
SELECT is(pg_temp.seen(), 'public 11 / 11', 'others what is for all');
SELECT tests.act_as_admin();
SELECT is(pg_temp.seen(), 'private 1, public 11, team 1 / 13', 'administrators everything');
SELECT tests.act_as_bolt_admin();
SELECT is(pg_temp.seen(), NULL, 'of their own organization');
SELECT tests.act_as_owner();
SELECT is(pg_temp.newest() IS NOT NULL, true, 'there is one');

-- What hangs on it.
SELECT tests.act_as_trainer();
SELECT is(tests.error_of(format('INSERT INTO laurel.recognition_comments (recognition_id, user_id, comment) VALUES (%L, laurel.uid(), %L)', pg_temp.newest(), 'x')), '23503 recognition_comments_recognition_id_fkey', 'what one does not see one does not comment on');
SELECT lives_ok(format('INSERT INTO laurel.recognition_comments (recognition_id, user_id, comment) VALUES (%L, laurel.uid(), %L)', current_setting('tests.waiting'), 'Indeed'), 'what one sees one does');
SELECT lives_ok(format('INSERT INTO laurel.recognition_reactions (recognition_id, user_id) VALUES (%L, laurel.uid())', current_setting('tests.waiting')), 'or reacts');
SELECT is(tests.error_of(format('INSERT INTO laurel.recognition_reactions (recognition_id, user_id) VALUES (%L, laurel.uid())', current_setting('tests.waiting'))), '23505 recognition_reactions_reaction_key', 'once');
SELECT is((SELECT comments_count || ' ' || reactions_count FROM laurel.recognitions WHERE id = current_setting('tests.waiting')::uuid), '1 1', 'both are counted');
SELECT tests.act_as(tests.person('other'));
SELECT is((SELECT count(*) FROM laurel.recognition_comments), 1::bigint, 'who sees it sees what was said');
UPDATE laurel.recognition_comments SET comment = 'Changed';
DELETE FROM laurel.recognition_reactions;
SELECT tests.act_as_learner();
SELECT is((SELECT comment FROM laurel.recognition_comments) || (SELECT count(*) FROM laurel.recognition_reactions), 'Indeed1', 'and changes nothing of others');
SELECT tests.act_as(tests.person('other'));
SELECT is(tests.error_of(format('INSERT INTO laurel.recognitions (sender_id, message, points_awarded, adds_to) VALUES (laurel.uid(), %L, 5, %L)', '+1', current_setting('tests.waiting'))), 'none', 'another adds to it');
SELECT is(pg_temp.points('trainer'), 59::bigint, 'for the same recipient');
SELECT is(tests.error_of(format('INSERT INTO laurel.recognitions (sender_id, recipient_id, message, adds_to) VALUES (laurel.uid(), %L, %L, %L)', tests.person('learner'), '+1', current_setting('tests.waiting'))), '23514 recognitions_recipient_id_copied', 'nobody else');
SELECT is(tests.error_of(format('INSERT INTO laurel.recognitions (sender_id, message, adds_to) VALUES (laurel.uid(), %L, %L)', '+1', pg_temp.newest())), '23514 recognitions_adds_to_required', 'nothing is added to what was added');
SELECT is(tests.error_of($$ SELECT * FROM laurel.recognition_feed(0) $$), '22023', 'no page');
SELECT is(tests.error_of($$ SELECT * FROM laurel.recognition_feed(101) $$), '22023', 'no page of all');
SELECT is((SELECT count(*) FROM laurel.recognition_feed(5, (SELECT id FROM laurel.recognition_feed(5) OFFSET 4))), 5::bigint, 'a second page');
SELECT is((SELECT count(*) FROM (SELECT id FROM laurel.recognition_feed(5) UNION SELECT id FROM laurel.recognition_feed(5, (SELECT id FROM laurel.recognition_feed(5) OFFSET 4))) f), 10::bigint, 'has what the first had not');

-- What is private stays so, whoever is entrusted with one of the two.
SELECT tests.act_as_owner();
SELECT tests.teach('trainer', 'learner');
SELECT set_config('tests.private', (SELECT id::text FROM laurel.recognitions WHERE visibility = 'private'), true);
SELECT tests.act_as_learner();
INSERT INTO laurel.recognition_comments (recognition_id, user_id, comment) VALUES (current_setting('tests.private')::uuid, laurel.uid(), 'Still between us');
INSERT INTO laurel.recognition_reactions (recognition_id, user_id) VALUES (current_setting('tests.private')::uuid, laurel.uid());
CREATE FUNCTION pg_temp.of_private() RETURNS text LANGUAGE sql AS $$ SELECT concat_ws(' ', (SELECT count(*) FROM laurel.recognitions WHERE visibility = 'private'),
    (SELECT count(*) FROM laurel.recognition_comments WHERE comment LIKE 'Still%'), (SELECT count(*) FROM laurel.recognition_reactions WHERE recognition_id = current_setting('tests.private')::uuid)) $$;
SELECT is(pg_temp.of_private(), '1 1 1', 'one of the two');
SELECT tests.act_as_manager();
SELECT is(pg_temp.of_private(), '1 1 1', 'the other');
SELECT tests.act_as_trainer();
SELECT is((SELECT count(*) FROM laurel.users WHERE id = tests.person('learner')), 1::bigint, 'a trainer of one of them');
SELECT is(pg_temp.of_private(), '0 0 0', 'sees neither it nor what hangs on it');
SELECT is(tests.error_of(format('INSERT INTO laurel.recognitions (sender_id, message, adds_to) VALUES (laurel.uid(), %L, %L)', '+1', current_setting('tests.private'))), '23503 recognitions_adds_to_fkey', 'nor adds to it');
SELECT is(replace(tests.told(format(statement, current_setting('tests.private'))), current_setting('tests.private'), 'X'), replace(tests.told(format(statement, tests.person('none'))), tests.person('none')::text, 'X'), 'no error tells it from what is not there: ' || statement)
FROM unnest(ARRAY['INSERT INTO laurel.recognitions (sender_id, message, adds_to) VALUES (laurel.uid(), ''+1'', %L)', 'INSERT INTO laurel.recognition_reactions (recognition_id, user_id) VALUES (%L, laurel.uid())',
    'INSERT INTO laurel.recognitions (sender_id, recipient_id, message, adds_to) VALUES (laurel.uid(), laurel.uid(), ''+1'', %L)', 'INSERT INTO laurel.recognition_comments (recognition_id, user_id, comment) VALUES (%L, laurel.uid(), ''x'')']) statement;
SELECT tests.act_as_manager();
SELECT is(tests.error_of(format('INSERT INTO laurel.recognitions (sender_id, message, adds_to) VALUES (laurel.uid(), %L, %L)', '+1', current_setting('tests.private'))), '23514 recognitions_recipient_id_check', 'nor does its recipient, who would thank himself');
SELECT tests.act_as_learner();
INSERT INTO laurel.recognitions (sender_id, message, adds_to) VALUES (laurel.uid(), '+1', current_setting('tests.private')::uuid);
SELECT is((SELECT visibility || ' ' || (recipient_id = tests.person('manager')) FROM laurel.recognitions WHERE adds_to = current_setting('tests.private')::uuid), 'private true', 'what is added is seen by the same');

-- A guest is called as he says for this organization, not as he is called at home.
SELECT tests.act_as_owner();
UPDATE laurel.users SET full_name = 'Name at home' WHERE id IN (tests.person('bolt_learner'), tests.person('other'));
INSERT INTO laurel.user_organizations (organization_id, user_id) VALUES (tests.acme(), tests.person('bolt_learner'));
SELECT tests.act_as(tests.person('other'));
SELECT is(pg_temp.thank('bolt_learner', 0), 'none', 'a guest is thanked');
SELECT is((SELECT sender_name || ', ' || recipient_name FROM laurel.recognition_feed(1)), 'Name at home, Anonymous', 'by the name that he has here, which is none');
SELECT tests.act_as_owner();
UPDATE laurel.user_organizations SET display_name = 'Guest' WHERE organization_id = tests.acme() AND user_id = tests.person('bolt_learner');
SELECT tests.act_as(tests.person('other'));
SELECT is((SELECT recipient_name FROM laurel.recognition_feed(1)), 'Guest', 'until he says one');
SELECT tests.act_as_owner();
DELETE FROM laurel.recognitions WHERE recipient_id = tests.person('bolt_learner');
DELETE FROM laurel.user_organizations WHERE organization_id = tests.acme() AND user_id = tests.person('bolt_learner');

-- Who is gone.
SELECT tests.act_as_owner();
UPDATE laurel.recognition_settings SET approval = 'admin', approval_from = 0;
SELECT tests.join(tests.acme(), 'leaver');
SELECT tests.act_as(tests.person('other'));
SELECT is(pg_temp.thank('leaver', 1), 'none', 'somebody is thanked');
SELECT tests.act_as_owner();
SELECT set_config('tests.left', pg_temp.newest()::text, true);
DELETE FROM laurel.users WHERE id = tests.person('leaver');
SELECT tests.act_as_admin();
SELECT is(tests.error_of($$ SELECT laurel.approve_recognition(current_setting('tests.left')::uuid) $$), 'PT409 recognitions_status_steps', 'thanks to who has left are not approved');
SELECT is(tests.error_of($$ SELECT laurel.reject_recognition(current_setting('tests.left')::uuid) $$), 'none', 'but rejected, so that their points may be given to another');
SELECT tests.act_as_owner();
DELETE FROM laurel.users WHERE id = tests.person('learner');
SELECT tests.act_as(tests.person('other'));
SELECT is((SELECT count(*) FROM laurel.recognition_feed(100) WHERE sender_name = '[Deleted User]'), 9::bigint, 'what was said stays, without the name');
SELECT tests.act_as_owner();
SELECT is(pg_temp.points('trainer'), 59::bigint, 'and so do the points');
SELECT is_empty('SELECT * FROM laurel.verify_ledger()', 'the ledger is sound');
SELECT is_empty('SELECT * FROM laurel.check()', 'counters and quotas agree');

SELECT * FROM finish();
ROLLBACK;
