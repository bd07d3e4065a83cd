-- What erasure, requests, exports and merges must bear: values that break JSON, squatted addresses, tables of an application, two who ask for
-- the same, accounts that were merged before, ids that are used again.
\ir ../support/load.sql
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT no_plan();

SELECT tests.cast('admin', 'learner', 'other', 'manager', 'trainer', 'bolt_admin', 'root', 'zed', 'double', 'dots', 'jose');
INSERT INTO laurel.privacy_settings (organization_id, erasure_grace_days) VALUES (tests.acme(), 0);
CREATE FUNCTION pg_temp.erase(who text) RETURNS boolean LANGUAGE sql AS $$ SELECT laurel_internal.erase_request(laurel.erase_user(tests.person(who))) $$;

-- Of JSON only strings are text.
UPDATE laurel.users SET full_name = 'Nora Null', first_name = 'null', last_name = 'true' WHERE id = tests.person('learner');
INSERT INTO laurel.user_identities (organization_id, user_id, provider, subject) VALUES (tests.acme(), tests.person('learner'), 'https://id.test', '4915112345');
INSERT INTO laurel.notifications (organization_id, user_id, type, title, message, data) VALUES (tests.acme(), tests.person('other'), 'x', 'a', 'b',
    '{"n": 4915112345, "o": null, "t": true, "s": "say \"Nora Null\" or 4915112345 \\", "Nora": ["null", {"of Nora": "\\\"Nora\\\" null"}]}');
SELECT ok(pg_temp.erase('learner'), 'who is called null, and by a number, is erased');
SELECT is(data, '{"n": 4915112345, "o": null, "t": true, "s": "say \"[Deleted User]\" or [Deleted User] \\", "Nora": ["[Deleted User]", {"of Nora": "\\\"[Deleted User]\\\" [Deleted User]"}]}',
    'and JSON stays what it is, but for words') FROM laurel.notifications WHERE user_id = tests.person('other') AND type = 'x';

-- However it is encoded.
UPDATE laurel.users SET full_name = 'José Núñez', email = 'jose.n@qan.test' WHERE id = tests.person('jose');
INSERT INTO laurel.notifications (organization_id, user_id, type, title, message) VALUES (tests.acme(), tests.person('admin'), 'jose', normalize('José Núñez is here', NFD), 'see /x?mail=jose.n%40qan.test');
SELECT ok(pg_temp.erase('jose'), 'José is erased');
SELECT is(title || ', ' || message, '[Deleted User] is here, see /x?mail=[Deleted User]', 'with accents apart, and in links') FROM laurel.notifications WHERE type = 'jose';

-- Who writes himself with quotes is found in JSON, too.
SELECT tests.join(tests.acme(), 'quoted');
UPDATE laurel.users SET full_name = 'Zo "Zed" Zuse', first_name = NULL WHERE id = tests.person('quoted');
INSERT INTO laurel.notifications (organization_id, user_id, type, title, message, data) VALUES (tests.acme(), tests.person('admin'), 'quoted', 'a', 'b', jsonb_build_object('by', 'zo "zed" zuse'));
SELECT ok(pg_temp.erase('quoted'), 'who has quotes is erased');
SELECT is((SELECT data FROM laurel.notifications WHERE type = 'quoted'), '{"by": "[Deleted User]"}', 'also from JSON');

-- Who is called like what stands in every text takes no text along.
UPDATE laurel.users SET full_name = '...', first_name = '100' WHERE id = tests.person('dots');
INSERT INTO laurel.notifications (organization_id, user_id, type, title, message) VALUES (tests.acme(), tests.person('admin'), 'dots', 'You got 100 points', 'Well ...');
SELECT ok(pg_temp.erase('dots'), 'who is called ... is erased');
SELECT is(title || ', ' || message, 'You got 100 points, Well ...', 'and others keep their dots') FROM laurel.notifications WHERE type = 'dots';

-- The address of who is erased can be nobody else's.
SELECT is(tests.error_of(format('INSERT INTO laurel.users (organization_id, email) VALUES (tests.bolt(), %L)', 'deleted-' || tests.person('other') || '@erased.invalid')),
    '23514 users_email_erased_check', 'nobody takes the address of who will be erased');

-- An application's tables: of another owner, and with keys that keep what they refer to.
CREATE ROLE app_attacked;
CREATE SCHEMA app_attacked AUTHORIZATION app_attacked;
GRANT USAGE ON SCHEMA laurel TO app_attacked;
GRANT REFERENCES ON laurel.users TO app_attacked;
SET LOCAL ROLE app_attacked;
CREATE TABLE app_attacked.notes (id integer PRIMARY KEY, user_id uuid NOT NULL REFERENCES laurel.users ON DELETE CASCADE, words text);
CREATE TABLE app_attacked.orders (id integer PRIMARY KEY, user_id uuid NOT NULL REFERENCES laurel.users, helper uuid REFERENCES laurel.users, mail text REFERENCES laurel.users (email));
RESET ROLE;
INSERT INTO app_attacked.notes VALUES (1, tests.person('other'), 'words'), (2, tests.person('manager'), 'of the manager');
INSERT INTO app_attacked.orders VALUES (1, tests.person('other'), tests.person('other')), (2, tests.person('manager'), tests.person('manager'));
SELECT is(laurel.export_user(tests.person('other')) #>> '{app_attacked.notes,0,words}', 'words', 'an application''s rows are exported');
SELECT is((laurel.merge_users(tests.person('manager'), tests.person('other'))).moved -> 'app_attacked.notes', '{"left": 0, "moved": 1}', 'and move');
SELECT is((SELECT array_agg(DISTINCT user_id) || array_agg(DISTINCT helper) FROM app_attacked.orders), array_fill(tests.person('other'), '{2}'), 'also without a cascade');
SELECT is((SELECT string_agg(column_name || ' ' || erase, ', ' ORDER BY column_name) FROM laurel_internal.person_rules WHERE table_name = 'app_attacked.orders'::regclass),
    'helper null, user_id keep', 'a reference that must be there stays, and one to an address is none to a person');
DROP SCHEMA app_attacked CASCADE;

-- What administrators ask for and what the person asks for are two things.
SELECT tests.act_as_admin() \g /dev/null
SELECT laurel.erase_user(tests.person('other')) AS admins \gset
SELECT tests.act_as(tests.person('other')) \g /dev/null
SELECT laurel.erase_user(tests.person('other'), 'I wish it') AS own \gset
SELECT isnt(:'own'::uuid, :'admins'::uuid, 'a person''s request is another one');
SELECT is(laurel.erase_user(tests.person('other')), :'own'::uuid, 'and the same when the person asks again');
SELECT is(laurel.cancel_erasure(tests.person('other')), 1::bigint, 'the person takes back the own one');
SELECT is(tests.error_of('SELECT laurel.cancel_erasure(tests.person(''other''))'), '42501', 'and not the administrators''');
SELECT laurel.erase_user(tests.person('other'), 'I wish it') AS own \gset
SELECT tests.act_as_admin() \g /dev/null
SELECT is(laurel.cancel_erasure(tests.person('other')), 1::bigint, 'they take back theirs');
SELECT tests.act_as_owner() \g /dev/null
SELECT is((SELECT array_agg(id) FROM laurel.privacy_requests WHERE status = 'open' AND user_id = tests.person('other')), ARRAY[:'own'::uuid], 'and not the person''s');
UPDATE laurel.privacy_requests SET status = 'cancelled' WHERE id = :'own';

-- Who is a platform administrator is no matter of other organizations.
SELECT tests.act_as_bolt_admin() \g /dev/null
SELECT is(tests.told('SELECT laurel.erase_user(tests.person(''root''))'), tests.told('SELECT laurel.erase_user(gen_random_uuid())'), 'a platform administrator elsewhere is nobody');
SELECT tests.act_as_owner() \g /dev/null

-- Accounts that became part of the person: 'manager' is part of 'other' already.
INSERT INTO laurel.points_ledger (organization_id, user_id, amount, transaction_type, reason, metadata) VALUES (tests.acme(), tests.person('other'), 10, 'bonus', 'for Qanary', '{"to": "qanary"}');
SELECT laurel.merge_users(tests.person('other'), tests.person('trainer'), 'both are Qanary') \g /dev/null
SELECT is((SELECT count(*) FROM jsonb_array_elements(laurel.export_user(tests.person('trainer')) -> 'ledger') e WHERE e ->> 'reason' = 'for Qanary'), 1::bigint, 'an export has the ledger of accounts that were merged');
SELECT ok(pg_temp.erase('trainer'), 'the person is erased');
SELECT is_empty($$ SELECT * FROM laurel.points_ledger WHERE reason ~ 'Qanary' OR metadata::text ~ 'qanary' $$, 'with the words of entries of those accounts');
SELECT is_empty($$ SELECT * FROM laurel.user_merges WHERE reason IS NOT NULL $$, 'and why they were merged, all along the chain');
SELECT is_empty('SELECT * FROM laurel.verify_ledger()', 'the ledger is sound');
SELECT is_empty('SELECT * FROM laurel.check()', 'and all that is counted');

-- A backup from before brings back accounts that were merged: they are erased with the person.
INSERT INTO laurel.users (id, organization_id, email, full_name) VALUES (tests.person('other'), tests.acme(), 'other@acme.test', 'Other Qanary');
SELECT results_eq('SELECT user_id, outcome FROM laurel.reapply_erasures()', $$VALUES (tests.person('other'), 'erased')$$, 'accounts that were merged are in the register');
SELECT is((SELECT full_name FROM laurel.users WHERE id = tests.person('other')), '[Deleted User]', 'and erased after a restore');

-- What is said of somebody in what is others': notes of badges, feedback, requests, why others were merged.
UPDATE laurel.users SET full_name = 'Zyxwvut Qanaryson' WHERE id = tests.person('zed');
INSERT INTO laurel.badges (id, organization_id, slug, badge_name) VALUES (tests.person('badge'), tests.acme(), 'first', 'First');
SELECT laurel.award_badge(tests.person('admin'), tests.person('badge'), 'HR', tests.acme(), 'Helped Zyxwvut Qanaryson') \g /dev/null
INSERT INTO laurel.activities (id, organization_id, name) VALUES (tests.person('activity'), tests.acme(), 'Activity');
INSERT INTO laurel.events (id, organization_id, activity_id, title, created_at, scheduled_date, ends_at) VALUES
    (tests.person('past'), tests.acme(), tests.person('activity'), 'Past', now() - interval '2 days', now() - interval '1 hour', now() + interval '1 minute');
INSERT INTO laurel.participations (organization_id, event_id, user_id) VALUES (tests.acme(), tests.person('past'), tests.person('admin'));
UPDATE laurel.participations SET attendance_status = 'attended', check_in_time = now(), feedback = 'Zyxwvut spoke too long', feedback_rating = 2;
SELECT laurel.make_privacy_request('correction', 'I am not Qanaryson', tests.person('admin')) AS correction \gset
SELECT laurel.answer_request(:'correction', 'You are no zyxwvut qanaryson') \g /dev/null
SELECT laurel.merge_users(tests.person('double'), tests.person('admin'), 'Zyxwvut Qanaryson says so') \g /dev/null
SELECT ok(pg_temp.erase('zed'), 'somebody is erased of whom others speak');
SELECT is((SELECT note FROM laurel.badge_awards WHERE user_id = tests.person('admin')), 'Helped [Deleted User]', 'in notes');
SELECT is((SELECT feedback FROM laurel.participations WHERE user_id = tests.person('admin')), '[Deleted User] spoke too long', 'in feedback');
SELECT is((SELECT reason || '; ' || answer FROM laurel.privacy_requests WHERE id = :'correction'), 'I am not [Deleted User]; You are no [Deleted User]', 'in requests');
SELECT is((SELECT reason FROM laurel.user_merges WHERE into_id = tests.person('admin')), '[Deleted User] says so', 'and in merges');

-- Who was erased in an organization, came back and was erased again is in the register twice: a backup from in between brings back the second time.
SELECT tests.invite('admin', tests.bolt()) \g /dev/null
INSERT INTO laurel.privacy_settings (organization_id, erasure_grace_days) VALUES (tests.bolt(), 0);
SELECT ok(laurel_internal.erase_request(laurel.erase_user(tests.person('admin'), NULL, tests.bolt())), 'a guest is erased');
SELECT tests.invite('admin', tests.bolt()) \g /dev/null
UPDATE laurel.user_organizations SET joined_at = clock_timestamp() WHERE user_id = tests.person('admin') AND organization_id = tests.bolt();
SELECT is_empty('SELECT * FROM laurel.reapply_erasures()', 'who comes back by himself stays');
CREATE TEMP TABLE backup AS SELECT organization_id, user_id, joined_at FROM laurel.user_organizations WHERE user_id = tests.person('admin') AND organization_id = tests.bolt();
SELECT ok(laurel_internal.erase_request(laurel.erase_user(tests.person('admin'), NULL, tests.bolt())), 'and is erased again');
INSERT INTO laurel.user_organizations (organization_id, user_id, joined_at) SELECT * FROM backup;
SELECT is((SELECT array_agg(outcome) FROM laurel.reapply_erasures()), '{erased}', 'a backup from in between is erased too');

-- An id that is there again is not the account that was merged.
INSERT INTO laurel.users (id, organization_id, email) VALUES (tests.person('double'), tests.acme(), 'again@acme.test');
SELECT is(tests.told('SELECT laurel.merge_users(tests.person(''double''), tests.person(''admin''))'), format('PT409 | the user was merged already, and is there again | User %s became part of user %s. | Give the account another id, or delete it. | user_merges_from_id_key',
    tests.person('double'), tests.person('admin')), 'and nobody is told that it is merged');


-- A trigger of the application that keeps rows loses none.
CREATE FUNCTION pg_temp.keep() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN CASE WHEN new.user_id = old.user_id THEN new END; END $$;
INSERT INTO laurel.users (id, organization_id, email) SELECT tests.person(n), tests.acme(), n || '@acme.test' FROM unnest('{left,right}'::text[]) n;
INSERT INTO laurel.notifications (organization_id, user_id, type, title, message) VALUES (tests.acme(), tests.person('left'), 'kept', 'a', 'b');
CREATE TRIGGER keep BEFORE UPDATE ON laurel.notifications FOR EACH ROW EXECUTE FUNCTION pg_temp.keep();
SELECT is(split_part(tests.told('SELECT laurel.merge_users(tests.person(''left''), tests.person(''right''))'), ' | ', 2), 'a trigger kept what was to move of laurel.notifications', 'what cannot move is not lost');
DROP TRIGGER keep ON laurel.notifications;
SELECT is((laurel.merge_users(tests.person('left'), tests.person('right'))).moved -> 'laurel.notifications', '{"left": 0, "moved": 1}', 'it moves without the trigger');

-- Triggers of the application that keep what is to go, or keep out of the register who is gone.
CREATE FUNCTION pg_temp.drop_row() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$;
SELECT tests.join(tests.acme(), 'held');
SELECT tests.invite('held', tests.bolt());
CREATE FUNCTION pg_temp.erased_with(event text, target text, organization uuid DEFAULT NULL) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    said text;
BEGIN
    EXECUTE format('CREATE TRIGGER zz_app BEFORE %s ON %s FOR EACH ROW EXECUTE FUNCTION pg_temp.drop_row()', event, target);
    said := tests.error_of(format('SELECT laurel_internal.erase_request(laurel.erase_user(%L, NULL, %L))', tests.person('held'), organization));
    EXECUTE format('DROP TRIGGER zz_app ON %s', target);
    RETURN split_part(said, ' ', 1);
END $$;
SELECT is(pg_temp.erased_with('DELETE', 'laurel.profiles'), '39P01', 'a profile that is kept is no erasure');
SELECT is(pg_temp.erased_with('INSERT', 'laurel.erasures'), '39P01', 'nor is one that the register does not know');
SELECT is(pg_temp.erased_with('DELETE', 'laurel.user_organizations', tests.bolt()), '39P01', 'nor one whose membership stays');
SELECT is((SELECT count(*) FROM laurel.erasures WHERE user_id = tests.person('held')), 0::bigint, 'then nothing has happened');

-- A name as a key of JSON, several people in one column, words in what is of no organization.
UPDATE laurel.users SET full_name = 'Held Byname' WHERE id = tests.person('held');
INSERT INTO laurel.notifications (organization_id, user_id, type, title, message, data) VALUES (tests.acme(), tests.person('root'), 'key', 'a', 'b', '{"Held Byname": 1, "Held": 2}');
INSERT INTO laurel.legal_holds (reason, table_name) VALUES ('as Held Byname has said', 'webhook_endpoints');
UPDATE laurel.legal_holds SET released_at = now() WHERE released_at IS NULL;
CREATE TABLE laurel.seen_with (organization_id uuid NOT NULL, people uuid[] NOT NULL);
ALTER TABLE laurel.seen_with OWNER TO laurel_owner;
SELECT laurel_internal.person('laurel.seen_with', 'people', erase => 'delete');
INSERT INTO laurel.seen_with VALUES (tests.acme(), ARRAY[tests.person('root'), tests.person('held')]), (tests.acme(), ARRAY[tests.person('root')]);
SELECT ok(pg_temp.erase('held'), 'somebody is erased');
SELECT is((SELECT data FROM laurel.notifications WHERE type = 'key'), '{"Held": 2, "[Deleted User]": 1}', 'who is a key of JSON, too');
SELECT is((SELECT array_agg(reason) FROM laurel.legal_holds WHERE table_name = 'webhook_endpoints'), '{"as [Deleted User] has said"}', 'and named in what is of no organization');
SELECT is((SELECT string_agg(cardinality(people)::text, ' ') FROM laurel.seen_with), '1', 'and one of several people');

-- Who was erased, or is to be, is not merged, on either side.
SELECT tests.join(tests.acme(), 'keen');
SELECT is(tests.error_of(format('SELECT laurel.merge_users(%L, %L)', tests.person(a), tests.person(b))), 'PT409 user_merges_erasure', 'who was erased is not merged') FROM (VALUES ('held', 'keen'), ('keen', 'held')) v (a, b);
SELECT laurel.erase_user(tests.person('keen')) \g /dev/null
SELECT is(tests.error_of(format('SELECT laurel.merge_users(%L, %L)', tests.person(a), tests.person(b))), 'PT409 user_merges_erasure', 'nor who is to be') FROM (VALUES ('root', 'keen'), ('keen', 'root')) v (a, b);

-- After a restore one who is held keeps nobody else.
SELECT tests.join(tests.acme(), 'calm', 'bold');
INSERT INTO laurel.legal_holds (user_id, reason) VALUES (least(tests.person('calm'), tests.person('bold')), 'case 7');
SELECT is((SELECT string_agg(left(outcome, 6), ' ' ORDER BY user_id) FROM laurel.reapply_erasures(ARRAY[tests.person('calm'), tests.person('bold')])), '23001  erased', 'who is held is told, and the next is erased');

SELECT * FROM finish();
ROLLBACK;
