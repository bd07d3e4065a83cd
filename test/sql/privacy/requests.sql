-- Who may ask for what, take it back and answer it, and by when.
\ir ../support/load.sql
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT no_plan();

SELECT tests.cast('admin', 'learner', 'other', 'guest', 'manager', 'root', 'bolt_admin', 'bolt_learner');
SELECT tests.invite('guest', tests.bolt());
UPDATE laurel.users SET full_name = 'Guy Guest' WHERE id = tests.person('guest');
CREATE FUNCTION pg_temp.requests(name text) RETURNS text LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT string_agg(concat_ws(' ', kind, status, CASE WHEN everywhere THEN 'everywhere' END, (SELECT o.slug FROM laurel.organizations o WHERE o.id = organization_id)), ', ' ORDER BY id)
    FROM laurel.privacy_requests WHERE user_id = tests.person(name)
$$;
CREATE FUNCTION pg_temp.ask(who text, whom text, organization uuid DEFAULT NULL, acting uuid DEFAULT NULL) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    PERFORM tests.act_as(tests.person(who), acting);
    RETURN tests.error_of(format('SELECT laurel.erase_user(%L, %L, %L)', tests.person(whom), 'please', organization));
END $$;
CREATE FUNCTION pg_temp.cancel(who text, whom text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    PERFORM tests.act_as(tests.person(who));
    RETURN tests.error_of(format('SELECT laurel.cancel_erasure(%L)', tests.person(whom)));
END $$;

-- Who may ask that somebody be erased.
SELECT is(pg_temp.ask('learner', 'learner'), 'none', 'everybody for himself');
SELECT is(pg_temp.requests('learner'), 'erasure open everywhere acme', 'of all there is');
SELECT is(pg_temp.ask('learner', 'learner'), 'none', 'a second time');
SELECT is(pg_temp.requests('learner'), 'erasure open everywhere acme', 'it is the same request');
SELECT is(pg_temp.ask('other', 'learner'), '42501', 'nobody for another');
SELECT is(pg_temp.ask('manager', 'learner'), '42501', 'nor a manager');
SELECT is(pg_temp.ask('admin', 'other'), 'none', 'an administrator for members');
SELECT is(pg_temp.requests('other'), 'erasure open acme', 'of what the organization has');
SELECT is(pg_temp.ask('bolt_admin', 'other'), '42501', 'of his own');
SELECT is(pg_temp.ask('bolt_admin', 'nobody'), '42501', 'who is nobody''s is told as nobody''s');
SELECT is(pg_temp.ask('bolt_admin', 'guest'), 'none', 'a guest too');
SELECT is(pg_temp.requests('guest'), 'erasure open bolt', 'in the organization where he acts');
SELECT is(pg_temp.ask('bolt_admin', 'guest', tests.acme()), '42501', 'in no other');
SELECT is(pg_temp.ask('admin', 'root'), '42501', 'no administrator a platform administrator');
SELECT is(pg_temp.ask('root', 'root'), 'none', 'who may himself');
SELECT is(pg_temp.ask('root', 'bolt_learner'), 'none', 'and for everybody');
SELECT is(pg_temp.requests('bolt_learner'), 'erasure open everywhere bolt', 'everywhere');
SELECT tests.act_as_anon();
SELECT is(tests.error_of(format('SELECT laurel.erase_user(%L)', tests.person('learner'))), '42501', 'nobody who has not signed in');
SELECT tests.act_as_service();
SELECT is(tests.error_of($$SELECT laurel.erase_user(NULL)$$), '22004', 'somebody');
SELECT is(tests.error_of($$SELECT laurel.erase_user('00000000-0000-0000-0000-00000000dead')$$), '23503 privacy_requests_user_id_fkey', 'who is there');
SELECT is(tests.error_of(format('SELECT laurel.erase_user(%L, NULL, %L)', tests.person('learner'), tests.bolt())), '23503 privacy_requests_user_id_fkey', 'in that organization');
SELECT is(tests.error_of(format('SELECT laurel.erase_user(%L, repeat(''x'', 2001))', tests.person('manager'))), '23514 privacy_requests_reason_check', 'for a reason that is no novel');
SELECT tests.act_as_owner();
SELECT is(tests.told(format('SELECT laurel.erase_user(%L)', tests.person('learner'))) , 'none', 'the owner may');
SELECT tests.act_as(tests.person('other'));
SELECT is(tests.told(format('SELECT laurel.erase_user(%L)', tests.person('learner'))),
    '42501 | not allowed to ask that this person be erased | Ask for yourself, as an org_admin of the organization for its members, or call as service_role.', 'in words');

-- Who sees them.
SELECT is((SELECT count(*) FROM laurel.privacy_requests), 1::bigint, 'members see their own');
SELECT tests.act_as(tests.person('manager'));
SELECT is((SELECT count(*) FROM laurel.privacy_requests), 0::bigint, 'managers nobody else''s');
SELECT tests.act_as(tests.person('admin'));
SELECT is((SELECT count(*) FROM laurel.privacy_requests), 4::bigint, 'administrators all of their organization');
SELECT is(tests.error_of($$UPDATE laurel.privacy_requests SET status = 'done'$$), '42501', 'and write none');
SELECT is((SELECT title FROM laurel.notifications WHERE type = 'erasure_requested'), NULL, 'nor what others were told');
SELECT tests.act_as(tests.person('other'));
SELECT is((SELECT title FROM laurel.notifications WHERE type = 'erasure_requested'), 'Your data will be erased', 'who is to be erased is told');

-- Who takes it back.
SELECT is(pg_temp.cancel('admin', 'learner'), '42501', 'what the platform has asked for is not an administrator''s to take back');
SELECT is(pg_temp.cancel('admin', 'learner'), '42501', 'what somebody asks for himself is not an administrator''s to take back');
SELECT tests.act_as_admin();
SELECT matches(tests.told(format('SELECT laurel.cancel_erasure(%L)', tests.person('learner'))), 'A person''s own request they refuse instead: laurel\.answer_request', 'who is told what to do instead');
SELECT tests.act_as_owner();
SELECT is(pg_temp.cancel('other', 'other'), '42501', 'nor what administrators ask the person''s');
SELECT is(pg_temp.cancel('bolt_admin', 'other'), '42501', 'nor another organization''s');
SELECT is(pg_temp.cancel('admin', 'other'), 'none', 'it is theirs');
SELECT is(pg_temp.cancel('learner', 'learner'), 'none', 'his own is his');
SELECT is(pg_temp.requests('learner') || '; ' || pg_temp.requests('other'), 'erasure cancelled everywhere acme, erasure open everywhere acme; erasure cancelled acme', 'all but that are taken back');
SELECT is(pg_temp.cancel('learner', 'learner'), '42501', 'once, and no other');
SELECT is(pg_temp.cancel('root', 'learner') || ', ' || pg_temp.cancel('learner', 'learner'), 'none, PT409', 'the platform takes back its own, and nothing is left');
SELECT is(pg_temp.cancel('admin', 'learner'), '42501', 'whoever does not know is not told');
SELECT is(pg_temp.ask('learner', 'learner'), 'none', 'and may be asked for again');
SELECT is(pg_temp.cancel('root', 'learner'), 'none', 'a platform administrator takes back all');

-- Export and correction.
SELECT tests.act_as(tests.person('learner'));
SELECT is(laurel.make_privacy_request('export'), laurel.make_privacy_request('export'), 'a copy is asked for once at a time');
SELECT isnt(laurel.make_privacy_request('correction', 'My name'), laurel.make_privacy_request('correction', 'My phone'), 'corrections are many');
SELECT is(tests.error_of($$SELECT laurel.make_privacy_request('erasure')$$), '22023', 'erasure is asked for elsewhere');
SELECT is(tests.error_of($$SELECT laurel.make_privacy_request(NULL)$$), '22004', 'for something');
SELECT is(tests.error_of(format($$SELECT laurel.make_privacy_request('export', NULL, %L)$$, tests.person('other'))), '42501', 'for oneself');
SELECT tests.act_as_service();
SELECT is(tests.error_of($$SELECT laurel.make_privacy_request('export')$$), '22004', 'for somebody');
SELECT tests.act_as(tests.person('admin'));
SELECT is(tests.error_of(format($$SELECT laurel.make_privacy_request('export', NULL, %L)$$, tests.person('other'))), 'none', 'an administrator for a member');
SELECT tests.act_as_owner();
SELECT is((SELECT array_agg(DISTINCT due_at - requested_at = make_interval(months => 1) OR due_at = requested_at + interval '1 month') FROM laurel.privacy_requests), '{t}', 'to be answered in a month');
SELECT is((SELECT array_agg(DISTINCT erase_after = requested_at + make_interval(days => 30)) FROM laurel.privacy_requests WHERE kind = 'erasure'), '{t}', 'and an erasure waits for 30 days');
INSERT INTO laurel.privacy_settings (organization_id, erasure_grace_days, answer_months, extension_months, alert_days) VALUES (tests.bolt(), 3, 2, 1, 28);
SELECT tests.act_as(tests.person('bolt_admin'));
SELECT laurel.make_privacy_request('correction') AS correction, laurel.erase_user(laurel.uid()) AS erasure \gset
SELECT tests.act_as_owner();
SELECT is((SELECT due_at = requested_at + interval '2 months' FROM laurel.privacy_requests WHERE id = :'correction'), true, 'or as the organization has set');
SELECT is((SELECT erase_after = requested_at + interval '3 days' FROM laurel.privacy_requests WHERE id = :'erasure'), true, 'and how long is waited');

-- Answers.
SELECT tests.act_as(tests.person('learner'));
SELECT is(tests.error_of(format('SELECT laurel.answer_request(%L)', :'correction')), '42501', 'members answer none');
SELECT is(tests.error_of(format('SELECT laurel.extend_request(%L, %L)', :'correction', 'x')), '42501', 'and give no time');
SELECT is(tests.error_of(format('SELECT laurel.answer_request(%L)', gen_random_uuid())), '42501', 'nor learn which there are');
SELECT tests.act_as(tests.person('bolt_admin'));
SELECT is(tests.error_of(format('SELECT laurel.extend_request(%L, NULL)', :'correction')), '22004', 'more time has a reason');
SELECT is((SELECT due_at + interval '1 month' FROM laurel.privacy_requests WHERE id = :'correction'), laurel.extend_request(:'correction', 'Many ask'), 'it is given');
SELECT is(tests.error_of(format('SELECT laurel.extend_request(%L, %L)', :'correction', 'x')), 'PT409', 'once');
SELECT is((SELECT title || ': ' || message FROM laurel.notifications WHERE type = 'privacy_request_extended'), 'Your request takes longer: Many ask', 'the person is told');
SELECT is(tests.error_of(format('SELECT laurel.answer_request(%L, NULL, true)', :'correction')), '22004', 'a refusal has a reason');
SELECT is(tests.error_of(format('SELECT laurel.answer_request(%L, %L)', :'correction', 'Done')), 'none', 'it is answered');
SELECT is(tests.error_of(format('SELECT laurel.answer_request(%L, %L)', :'correction', 'Done')), 'PT409', 'once');
SELECT is((SELECT title || ': ' || message FROM laurel.notifications WHERE type = 'privacy_request_done'), 'Your request was answered: Done', 'the person is told of that');
SELECT is(tests.error_of(format('SELECT laurel.answer_request(%L, %L)', :'erasure', 'Done')), '22023', 'an erasure is not done by saying so');
SELECT is(tests.error_of(format('SELECT laurel.answer_request(%L, %L, true)', :'erasure', 'We must keep it')), 'none', 'but may be refused');
SELECT tests.act_as_owner();
SELECT is((SELECT status || ' ' || (closed_at IS NOT NULL) FROM laurel.privacy_requests WHERE id = :'erasure'), 'refused true', 'and is over');
SELECT is(tests.error_of(format($$UPDATE laurel.privacy_requests SET status = 'open' WHERE id = %L$$, :'erasure')), '23514 privacy_requests_status_steps', 'for good');

SELECT id AS given FROM laurel.privacy_requests WHERE kind = 'correction' AND user_id = tests.person('learner') ORDER BY id LIMIT 1 \gset
SELECT id AS copy FROM laurel.privacy_requests WHERE kind = 'export' AND user_id = tests.person('learner') \gset
SELECT is((SELECT due_at + interval '2 months' FROM laurel.privacy_requests WHERE id = :'given'), laurel.extend_request(:'given', 'Many ask'), 'two months more where nothing is set');
SELECT laurel.answer_request(:'copy', 'Here it is');
SELECT is(tests.error_of(format('SELECT laurel.extend_request(%L, %L)', :'copy', 'x')), 'PT409', 'none for what is answered');
SET LOCAL session_replication_role = replica;
UPDATE laurel.privacy_requests SET extended_at = NULL, extension_reason = NULL, due_at = now() - interval '1 second' WHERE id = :'given';
SELECT is(tests.error_of(format('SELECT laurel.extend_request(%L, %L)', :'given', 'x')), 'PT409', 'nor for what is late');
UPDATE laurel.privacy_requests SET due_at = now() + interval '1 month' WHERE id = :'given';
SET LOCAL session_replication_role = origin;

-- What is late soon.
SELECT is(laurel.alert_requests(), 0::bigint, 'nothing is late');
UPDATE laurel.privacy_requests SET due_at = now() + interval '7 days 1 hour' WHERE status = 'open' AND organization_id = tests.acme() AND kind = 'correction';
SELECT is(laurel.alert_requests(), 0::bigint, 'nor is what has more than seven days');
UPDATE laurel.privacy_requests SET due_at = now() + interval '6 days 23 hours' WHERE status = 'open' AND organization_id = tests.acme() AND kind = 'correction';
SELECT is(laurel.alert_requests(), 2::bigint, 'two are soon');
SELECT is(laurel.alert_requests(), 0::bigint, 'each is said once');
SELECT is((SELECT count(*) FROM laurel.notifications WHERE type = 'privacy_request_due' AND user_id = tests.person('admin')), 2::bigint, 'to administrators');
SELECT is((SELECT count(*) FROM laurel.notifications WHERE type = 'privacy_request_due' AND user_id <> tests.person('admin')), 0::bigint, 'and nobody else');

-- The time to come: nothing is erased before.
SELECT is(laurel_internal.due_erasures(100), NULL, 'nobody''s time has come');
SELECT is(laurel_internal.erase_request(id), false, 'nobody is erased before') FROM laurel.privacy_requests WHERE user_id = tests.person('guest');
SET LOCAL session_replication_role = replica;
UPDATE laurel.privacy_requests SET erase_after = now() WHERE status = 'open' AND kind = 'erasure' AND user_id <> tests.person('root');
SET LOCAL session_replication_role = origin;
SELECT is(laurel_internal.due_erasures(1), (SELECT array_agg(id) FROM (SELECT id FROM laurel.privacy_requests WHERE kind = 'erasure' AND status = 'open' AND erase_after <= now() ORDER BY id LIMIT 1) r), 'as many as are wanted');

SELECT (laurel_internal.due_erasures(1))[1] AS first \gset
SET LOCAL session_replication_role = replica;
UPDATE laurel.privacy_requests SET attempts = 1 WHERE id = :'first';
SET LOCAL session_replication_role = origin;
SELECT isnt(laurel_internal.due_erasures(1), ARRAY[:'first'::uuid], 'what was tried in vain lets others go first');
UPDATE laurel.privacy_requests SET attempts = 0 WHERE id = :'first';

-- What one organization has of somebody who belongs to another too.
INSERT INTO laurel.notifications (organization_id, user_id, type, title, message) SELECT o, tests.person('guest'), 'place', 'a', 'b' FROM unnest(ARRAY[tests.acme(), tests.bolt()]) o;
INSERT INTO laurel.points_ledger (organization_id, user_id, amount, transaction_type, reason) VALUES (tests.acme(), tests.person('guest'), 5, 'bonus', 'for Guy Guest'), (tests.bolt(), tests.person('guest'), 7, 'bonus', 'for Guy Guest');
SELECT is(laurel_internal.erase_request(id), true, 'Bolt forgets its guest') FROM laurel.privacy_requests WHERE user_id = tests.person('guest');
SELECT is((SELECT full_name || ' ' || is_active FROM laurel.users WHERE id = tests.person('guest')), 'Guy Guest true', 'who is a person still');
SELECT is((SELECT array_agg(organization_id) FROM laurel.user_organizations WHERE user_id = tests.person('guest')), ARRAY[tests.acme()], 'but no member there');
SELECT is((SELECT array_agg(organization_id) FROM laurel.notifications WHERE user_id = tests.person('guest') AND type = 'place'), ARRAY[tests.acme()], 'and what the other one has stays');
SELECT results_eq($$SELECT amount, reason FROM laurel.points_ledger WHERE user_id = tests.person('guest') ORDER BY amount$$, $$VALUES (5::bigint, 'for Guy Guest'), (7, NULL)$$, 'there no words are left');
SELECT is_empty('SELECT * FROM laurel.verify_ledger()', 'and the ledger is sound');
SELECT is((SELECT (organization_id = tests.bolt() AND NOT everywhere)::text FROM laurel.erasures WHERE user_id = tests.person('guest')), 'true', 'the register says where');
SELECT is_empty('SELECT * FROM laurel.reapply_erasures()', 'who is gone there is gone');
-- He comes back by himself, and is another then; a backup brings back who he was.
SELECT tests.invite('guest', tests.bolt());
SELECT is_empty('SELECT * FROM laurel.reapply_erasures() WHERE false', 'a new membership');
SET LOCAL session_replication_role = replica;
UPDATE laurel.user_organizations SET joined_at = '2020-01-01' WHERE user_id = tests.person('guest') AND organization_id = tests.bolt();
SET LOCAL session_replication_role = origin;
SELECT results_eq('SELECT * FROM laurel.reapply_erasures()', format('VALUES (%L::uuid, %L::uuid, ''erased'')', tests.person('guest'), tests.bolt()), 'what a backup brought is erased again');
-- The home is given up as well, where there is another.
SELECT tests.invite('guest', tests.bolt());
SELECT is(pg_temp.ask('admin', 'guest'), 'none', 'his home forgets him');
SELECT tests.act_as_owner();
SET LOCAL session_replication_role = replica;
UPDATE laurel.privacy_requests SET erase_after = now() WHERE status = 'open' AND user_id = tests.person('guest');
SET LOCAL session_replication_role = origin;
SELECT is(laurel_internal.erase_request(id), true, 'too') FROM laurel.privacy_requests WHERE user_id = tests.person('guest') AND status = 'open';
SELECT is((SELECT full_name || (organization_id = tests.bolt()) FROM laurel.users WHERE id = tests.person('guest')), 'Guy Guesttrue', 'and he is at home where he is left');
SELECT is(pg_temp.ask('bolt_admin', 'guest'), 'none', 'the last organization');
SELECT tests.act_as_owner();
SET LOCAL session_replication_role = replica;
UPDATE laurel.privacy_requests SET erase_after = now() WHERE status = 'open' AND user_id = tests.person('guest');
SET LOCAL session_replication_role = origin;
SELECT is(laurel_internal.erase_request(id), true, 'is everything') FROM laurel.privacy_requests WHERE user_id = tests.person('guest') AND status = 'open';
SELECT is((SELECT full_name FROM laurel.users WHERE id = tests.person('guest')), '[Deleted User]', 'there is');

-- A hold wins.
INSERT INTO laurel.legal_holds (user_id, reason) VALUES (tests.person('bolt_learner'), 'case 7');
SELECT is(tests.error_of(format('SELECT laurel_internal.erase_request(%L)', id)), '23001 legal_holds_keep', 'what is held is kept') FROM laurel.privacy_requests WHERE user_id = tests.person('bolt_learner') AND status = 'open';
SELECT laurel_internal.note_erasure_failure(id, '23001 held') FROM laurel.privacy_requests WHERE user_id = tests.person('bolt_learner') AND status = 'open' \g /dev/null
SELECT is((SELECT status || ' ' || attempts || ' ' || problem FROM laurel.privacy_requests WHERE user_id = tests.person('bolt_learner')), 'open 1 23001 held', 'the request says so, and waits');
UPDATE laurel.legal_holds SET released_at = now();
SELECT is(laurel_internal.erase_request(id), true, 'until the hold is released') FROM laurel.privacy_requests WHERE user_id = tests.person('bolt_learner') AND status = 'open';
-- A restore brings somebody back whom the register does not know yet.
UPDATE laurel.users SET email = 'back@bolt.test', full_name = 'Back Again' WHERE id = tests.person('bolt_learner');
SELECT results_eq(format('SELECT user_id, outcome FROM laurel.reapply_erasures(%L)', ARRAY[tests.person('bolt_learner'), tests.person('other')]::text),
    format('VALUES (%L::uuid, ''erased''), (%L::uuid, ''erased'')', least(tests.person('bolt_learner'), tests.person('other')), greatest(tests.person('bolt_learner'), tests.person('other'))), 'a list of ids will do');
SELECT tests.act_as(tests.person('admin'));
SELECT is(tests.error_of('SELECT laurel.reapply_erasures()'), '42501', 'for the back end alone');
SELECT tests.act_as_owner();
SELECT is(tests.error_of('DELETE FROM laurel.erasures'), '23001 erasures_history', 'the register is history');
SELECT is(tests.error_of('CALL laurel.run_erasures()'), '2D000', 'the job has transactions of its own');
SELECT is(tests.error_of($$INSERT INTO laurel.privacy_settings (organization_id, erasure_grace_days) VALUES (tests.acme(), 366)$$), '23514 privacy_settings_erasure_grace_days_check', 'a year at most');
SELECT is(tests.error_of($$INSERT INTO laurel.privacy_settings (organization_id, answer_months) VALUES (tests.acme(), 0)$$), '23514 privacy_settings_answer_months_check', 'a month at least');
SELECT is(tests.error_of($$INSERT INTO laurel.privacy_settings (organization_id, extension_months) VALUES (tests.acme(), 3)$$), '23514 privacy_settings_extension_months_check', 'two months more at most');
SELECT is(tests.error_of($$INSERT INTO laurel.privacy_settings (organization_id, alert_days) VALUES (tests.acme(), 0)$$), '23514 privacy_settings_alert_days_check', 'said before');

SELECT finish();
ROLLBACK;
