-- What an answer to an invitation, a code or a letter depends on besides the token: each condition alone.
\ir ../support/load.sql
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT plan(27);

SELECT tests.cast();
SELECT laurel_internal.register_worker('70000000-0000-0000-0000-000000000001', 'host', 1, '1');
UPDATE laurel.users SET email_verified = true WHERE id = tests.person('bolt_learner');
CREATE FUNCTION pg_temp.letters(address text) RETURNS bigint LANGUAGE sql AS $$
    SELECT count(*) FROM laurel_internal.claim_deliveries('70000000-0000-0000-0000-000000000001', 100, channels => '{email}') d WHERE d.message ->> 'to' = address
$$;
CREATE FUNCTION pg_temp.act_for(name text) RETURNS void LANGUAGE sql AS $$
    SELECT tests.act('service_role', json_build_object('sub', tests.person(name))::text)
$$;

-- A back end that acts for an administrator lends him no rights.
SELECT pg_temp.act_for('admin');
SELECT laurel.create_invitation_token(laurel.invite_member('learner@bolt.test', roles => '{platform_admin}')) AS token \gset
SELECT tests.act_as(tests.person('bolt_learner'));
SELECT is(tests.error_of(format('SELECT laurel.accept_invitation(%L)', :'token')), 'PT409 invitations_invited_by', 'an org_admin makes no platform administrator by way of the back end');
SELECT tests.act_as_owner();
INSERT INTO laurel.user_roles (user_id, role) VALUES (tests.person('admin'), 'platform_admin');
SELECT tests.act_as(tests.person('bolt_learner'));
SAVEPOINT joined;
SELECT is(laurel.accept_invitation(:'token'), tests.acme(), 'a platform administrator does');
ROLLBACK TO joined;
SELECT tests.act_as_owner();
DELETE FROM laurel.user_roles WHERE user_id = tests.person('admin') AND role = 'platform_admin';
SELECT tests.act_as_admin();
SELECT laurel.invite_member('learner@bolt.test') AS invitation \gset
SELECT tests.act_as_owner();
INSERT INTO laurel.user_organizations (organization_id, user_id) VALUES (tests.bolt(), tests.person('admin'));
DELETE FROM laurel.user_roles WHERE user_id = tests.person('admin');
INSERT INTO laurel.user_roles (organization_id, user_id, role) VALUES (tests.bolt(), tests.person('admin'), 'org_admin');
SELECT tests.act_as(tests.person('bolt_learner'));
SELECT is(tests.error_of(format('SELECT laurel.accept_invitation(invitation_id => %L)', :'invitation')), 'PT409 invitations_invited_by', 'who administers another organization now has invited in vain');
SELECT tests.act_as_owner();
INSERT INTO laurel.user_roles (organization_id, user_id, role) VALUES (tests.acme(), tests.person('admin'), 'org_admin');

-- What waits for somebody.
SELECT tests.act_as(tests.person('bolt_learner'));
SELECT is((SELECT count(*) FROM laurel.my_invitations()), 1::bigint, 'what waits is listed');
SELECT tests.act_as_owner();
UPDATE laurel.organizations SET is_active = false WHERE id = tests.acme();
SELECT tests.act_as(tests.person('bolt_learner'));
SELECT is_empty('SELECT FROM laurel.my_invitations()', 'not of an organization that is not active');
SELECT tests.act_as_owner();
UPDATE laurel.organizations SET is_active = true WHERE id = tests.acme();
UPDATE laurel.users SET is_active = false WHERE id = tests.person('bolt_learner');
SELECT tests.act('authenticated', json_build_object('sub', tests.person('bolt_learner'))::text);
SELECT is_empty('SELECT FROM laurel.my_invitations()', 'nor for who is not');
SELECT is(tests.error_of(format('SELECT laurel.decline_invitation(invitation_id => %L)', :'invitation')), 'PT409', 'who answers nothing by its id');
SELECT tests.act_as_owner();
UPDATE laurel.users SET is_active = true WHERE id = tests.person('bolt_learner');
SAVEPOINT over;
SET LOCAL session_replication_role = replica;
UPDATE laurel.invitations SET expires_at = now() - interval '1 second' WHERE id = :'invitation';
SET LOCAL session_replication_role = origin;
SELECT tests.act_as(tests.person('bolt_learner'));
SELECT is_empty('SELECT FROM laurel.my_invitations()', 'nor what is over');
SELECT tests.act_as_owner();
SELECT is(pg_temp.letters('learner@bolt.test'), 0::bigint, 'of which no letter goes out');
ROLLBACK TO over;

-- Who is nobody answers with nothing, and who is gone is asked no more.
SELECT laurel.create_invitation_token(laurel.invite_member('nobody@nowhere.test', organization_id => tests.acme())) AS token, laurel.invite_member(user_id => tests.person('manager'), organization_id => tests.bolt()) AS by_id \gset
SELECT tests.act('authenticated', '{"role": "authenticated"}');
SELECT is(tests.error_of(format('SELECT laurel.accept_invitation(%L)', :'token')), '42501', 'a token makes no account without the back end');
SELECT tests.act_as_service();
SELECT is(tests.error_of(format('SELECT laurel.accept_invitation(invitation_id => %L)', :'by_id')), '42501', 'nor does the back end by an id');
SELECT tests.act_as_owner();
SAVEPOINT gone;
DELETE FROM laurel.users WHERE id = tests.person('manager');
SELECT results_eq(format('SELECT status, user_id FROM laurel.invitations WHERE id = %L', :'by_id'), $$ VALUES ('withdrawn', NULL::uuid) $$, 'who was invited by id and is deleted is in no invitation');
ROLLBACK TO gone;

-- The name that a member has stays where an answer gives none.
INSERT INTO laurel.user_organizations (organization_id, user_id, display_name) VALUES (tests.acme(), tests.person('bolt_learner'), 'Bobby');
SELECT tests.act_as(tests.person('bolt_learner'));
SELECT is(laurel.accept_invitation(invitation_id => :'invitation'), tests.acme(), 'a member accepts too');
SELECT is((SELECT display_name FROM laurel.user_organizations WHERE organization_id = tests.bolt()), NULL, 'without a name');
SELECT tests.act_as_owner();
SELECT is((SELECT display_name FROM laurel.user_organizations WHERE organization_id = tests.acme() AND user_id = tests.person('bolt_learner')), 'Bobby', 'and keeps the one that is there');

-- Accounts of those who name an organization of others, or are not active.
SELECT tests.act_as(tests.person('bolt_learner'), tests.org('c'));
SELECT is(tests.error_of('SELECT laurel.delete_account()') || tests.error_of('SELECT laurel.deactivate_account()'), '4250142501', 'a request that names an organization of others deletes no account');
SELECT tests.act_as_owner();
UPDATE laurel.users SET is_active = false WHERE id = tests.person('bolt_learner');
SELECT tests.act('authenticated', json_build_object('sub', tests.person('bolt_learner'))::text);
SELECT is(tests.error_of('SELECT laurel.delete_account()'), '42501', 'nor does who is not active');
SELECT tests.act_as_owner();
UPDATE laurel.users SET is_active = true WHERE id = tests.person('bolt_learner');

SELECT tests.act_as_admin();
SELECT lives_ok('UPDATE laurel.users SET is_active = false WHERE id = laurel.uid()', 'an administrator who belongs elsewhere too deactivates the own account');
SELECT tests.act_as_owner();
UPDATE laurel.users SET is_active = true WHERE id = tests.person('admin');

-- Letters that nobody waits for, and those of another day.
SELECT laurel.invite_member(user_id => tests.person('other'), organization_id => tests.bolt()) \g /dev/null
SAVEPOINT asleep;
UPDATE laurel.users SET is_active = false WHERE id = tests.person('other');
SELECT is(pg_temp.letters('other@acme.test'), 0::bigint, 'no letter goes to who is not active');
ROLLBACK TO asleep;
INSERT INTO laurel_internal.letters_sent (mailbox, sent_at) SELECT sha256('other@acme.test'), clock_timestamp() - interval '25 hours' FROM generate_series(1, 10);
SELECT is(pg_temp.letters('other@acme.test'), 1::bigint, 'ten letters of yesterday hold none back');
SELECT is((SELECT count(*) FROM laurel_internal.letters_sent WHERE sent_at < now() - interval '1 day'), 0::bigint, 'and are forgotten');

-- Codes.
INSERT INTO laurel.user_roles (user_id, role) VALUES (tests.person('manager'), 'platform_admin');
SELECT tests.act_as_admin();
SELECT is(tests.error_of($$ SELECT laurel.change_email('mine@acme.test', tests.person('manager')) $$), '42501', 'a platform administrator at home here alone gets no address from an org_admin');
SELECT tests.act_as_owner();
SELECT laurel.change_email('new@acme.test', tests.person('other')) \g /dev/null
SELECT substring(message ->> 'text' FROM '[A-Za-z0-9_-]{43}') AS code FROM laurel_internal.claim_deliveries('70000000-0000-0000-0000-000000000001', 100, channels => '{email}') WHERE message ->> 'to' = 'new@acme.test' \gset
SAVEPOINT code;
UPDATE laurel.users SET is_active = false WHERE id = tests.person('other');
SELECT is(laurel.confirm_email(:'code'), NULL, 'who is not active gets no address');
ROLLBACK TO code;
UPDATE laurel.one_time_tokens SET created_at = now() - interval '25 hours', expires_at = now() - interval '1 hour' WHERE email = 'new@acme.test';
SELECT is(laurel.confirm_email(:'code'), NULL, 'a code holds for a day');
INSERT INTO laurel.notification_deliveries (organization_id, letter_id, channel, due_at) SELECT organization_id, id, 'email', now() FROM laurel.one_time_tokens WHERE email = 'new@acme.test';
SELECT is(pg_temp.letters('new@acme.test'), 0::bigint, 'and is not sent again then');
ROLLBACK TO code;
UPDATE laurel.one_time_tokens SET created_at = now() + interval '1 day', expires_at = now() + interval '2 days' WHERE email = 'new@acme.test';
SELECT is(tests.error_of($$ SELECT laurel.change_email('newer@acme.test', tests.person('other')) $$), 'none', 'one that seems to come from the future stands in nobody''s way');
SELECT is(laurel.consume_one_time_token(:'code', 'email_verification'), NULL, 'it is of no other use');

SELECT * FROM finish();
ROLLBACK;
