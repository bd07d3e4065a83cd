-- What identifies a person is his or her own once there are two organizations: address, account, home.
\ir ../support/load.sql
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT plan(82);

SELECT tests.cast();
INSERT INTO laurel.user_organizations (organization_id, user_id) VALUES (tests.bolt(), tests.person('learner')), (tests.bolt(), tests.person('manager')), (tests.bolt(), tests.person('root'));
UPDATE laurel.users SET manager_id = tests.person('manager') WHERE id = tests.person('other');
UPDATE laurel.users SET manager_id = tests.person('trainer'), email_verified = true WHERE id = tests.person('manager');
SELECT laurel_internal.register_worker('70000000-0000-0000-0000-000000000001', 'host', 1, '1');
CREATE FUNCTION pg_temp.code() RETURNS text LANGUAGE sql AS $$
    SELECT (regexp_match(message ->> 'text', '[A-Za-z0-9_-]{43}'))[1]
    FROM laurel_internal.claim_deliveries('70000000-0000-0000-0000-000000000001', 100, channels => '{email}') WHERE message ->> 'subject' LIKE 'Confirm%'
$$;
CREATE FUNCTION pg_temp.told(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    hint text;
BEGIN
    EXECUTE statement;
    RETURN 'none';
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS hint = PG_EXCEPTION_HINT;
    RETURN concat_ws(' | ', SQLSTATE, SQLERRM, nullif(hint, ''));
END
$$;
-- A minute passes.
CREATE FUNCTION pg_temp.wait() RETURNS void LANGUAGE sql AS $$
    UPDATE laurel.one_time_tokens SET created_at = created_at - interval '1 minute', expires_at = expires_at - interval '1 minute'
$$;

-- The home's administrator.
SELECT tests.act_as_admin();
SELECT is(tests.error_of($$ UPDATE laurel.users SET is_active = false WHERE id = tests.person('learner') $$), '42501', 'who belongs elsewhere is not deactivated by the home');
SELECT is(tests.error_of($$ DELETE FROM laurel.users WHERE id = tests.person('learner') $$), '42501', 'nor deleted');
SELECT is(tests.error_of($$ SELECT laurel.change_email('x@acme.test', tests.person('learner')) $$), '42501', 'nor given another address');
SELECT is(tests.error_of($$ UPDATE laurel.users SET email = 'x@acme.test' WHERE id = tests.person('other') $$), '42501', 'an address is written by no administrator');
SELECT lives_ok($$ UPDATE laurel.users SET email = ' OTHER@acme.test', job_title = 'x', is_active = true WHERE id = tests.person('other') $$, 'who says what it is already may');
SELECT lives_ok($$ UPDATE laurel.users SET job_title = 'x' WHERE id = tests.person('learner') $$, 'what identifies nobody is written');
SELECT lives_ok($$ UPDATE laurel.users SET is_active = false WHERE id = tests.person('other') $$, 'who belongs to nobody else is deactivated');
SELECT lives_ok($$ UPDATE laurel.users SET is_active = true WHERE id = tests.person('other') $$, 'and activated');
SELECT lives_ok($$ SELECT laurel.change_email('otto@acme.test', tests.person('other')) $$, 'and may get an address');
SELECT is(tests.error_of($$ SELECT laurel.change_email('otto@acme.test', tests.person('root')) $$), '42501', 'but no platform administrator');
SELECT is(tests.error_of($$ SELECT laurel.change_email('otto@bolt.test', tests.person('bolt_learner')) $$), '42501', 'nor anybody elsewhere');
SELECT tests.act_as_bolt_admin();
SELECT is_empty($$ UPDATE laurel.users SET is_active = false WHERE id = tests.person('learner') RETURNING id $$, 'a guest''s administrator does not see the user');
SELECT is_empty($$ DELETE FROM laurel.users WHERE id = tests.person('learner') RETURNING id $$, 'nor deletes it');

-- Addresses.
SELECT tests.act_as_owner();
SELECT pg_temp.code() AS code \gset
SELECT tests.act_as_learner();
SELECT is(laurel.confirm_email(:'code'), NULL, 'a code is for one user');
SELECT tests.act_as(tests.person('other'));
SELECT is(laurel.confirm_email(:'code'), 'otto@acme.test', 'who reads the mail gets the address');
SELECT is(laurel.confirm_email(:'code'), NULL, 'once');
SELECT tests.act_as_owner();
SELECT results_eq($$ SELECT email, email_verified FROM laurel.users WHERE id = tests.person('other') $$, $$ VALUES ('otto@acme.test', true) $$, 'as a proven one');
SELECT tests.act_as_learner();
SELECT is(laurel.change_email('Lea@Elsewhere.test')::text, '', 'users change their own');
SELECT is(tests.error_of($$ SELECT laurel.change_email('lea@elsewhere.test') $$), 'PT429 one_time_tokens_open_key', 'not twice in a minute');
SELECT is(tests.error_of('SELECT laurel.change_email(NULL)'), '22004', 'to something');
SELECT tests.act_as_owner();
SELECT pg_temp.code() AS code \gset
SELECT pg_temp.wait();
SELECT tests.act_as_learner();
SELECT is(tests.error_of($$ SELECT laurel.change_email('no address') $$), '23514 one_time_tokens_email_check', 'that is an address');
SELECT is(laurel.change_email('bolt_learner@bolt.test')::text, '', 'whether somebody has it is not told');
SELECT is(laurel.confirm_email(:'code'), NULL, 'a newer code makes the older one void');
SELECT tests.act_as_owner();
SELECT pg_temp.code() AS code \gset
UPDATE laurel.users SET email = 'bolt_learner@bolt.test' WHERE id = tests.person('bolt_learner');
SELECT tests.act_as_learner();
SELECT is(tests.error_of(format('SELECT laurel.confirm_email(%L)', :'code')), '23505 users_email_key', 'but to who reads its mail');
-- What an administrator asked for while the user was his alone.
SELECT tests.act_as_admin();
SELECT laurel.change_email('taken@acme.test', tests.person('trainer')) \g /dev/null
SELECT tests.act_as_owner();
SELECT pg_temp.code() AS code \gset
INSERT INTO laurel.user_organizations (organization_id, user_id) VALUES (tests.bolt(), tests.person('trainer'));
SELECT is(laurel.confirm_email(:'code'), NULL, 'does not hold once the user belongs elsewhere');
SAVEPOINT moved;
DELETE FROM laurel.user_organizations WHERE organization_id = tests.acme() AND user_id = tests.person('trainer');
SELECT is(laurel.confirm_email(:'code'), NULL, 'nor when the user has left for there');
ROLLBACK TO moved;
DELETE FROM laurel.user_organizations WHERE organization_id = tests.bolt() AND user_id = tests.person('trainer');
UPDATE laurel.users SET is_active = false WHERE id = tests.person('admin');
SELECT is(laurel.confirm_email(:'code'), NULL, 'nor when who has asked is not active');
UPDATE laurel.users SET is_active = true WHERE id = tests.person('admin');
DELETE FROM laurel.user_roles WHERE user_id = tests.person('admin');
SELECT is(laurel.confirm_email(:'code'), NULL, 'nor when he administers nothing any more');
INSERT INTO laurel.user_roles (user_id, role) VALUES (tests.person('admin'), 'org_admin');
INSERT INTO laurel.user_organizations (organization_id, user_id) VALUES (tests.bolt(), tests.person('trainer'));
SELECT pg_temp.wait();
SELECT tests.act_as(tests.person('root'));
SELECT laurel.change_email('byroot@acme.test', tests.person('trainer')) \g /dev/null
SELECT tests.act_as_owner();
SELECT is(laurel.confirm_email(pg_temp.code()), 'byroot@acme.test', 'what a platform administrator asked for does');
SELECT laurel.set_context(tests.person('learner')) \g /dev/null
SELECT laurel.change_email('byservice@acme.test', tests.person('trainer')) \g /dev/null
SELECT tests.act_as_owner();
SELECT is(laurel.confirm_email(pg_temp.code()), 'byservice@acme.test', 'and what the back end has, on whose behalf it may act');
SELECT tests.act_as_service();
SELECT is(tests.error_of($$ SELECT laurel.change_email('t@acme.test') $$), '22004', 'the back end says whose');
SELECT is(tests.error_of($$ SELECT laurel.change_email('t@acme.test', laurel.uuidv7()) $$), '23503 one_time_tokens_membership_fkey', 'of somebody who is there');
SELECT lives_ok($$ UPDATE laurel.users SET email = 't@acme.test' WHERE id = tests.person('trainer') $$, 'or writes it');

-- The end of a membership at home.
SELECT laurel.create_session(tests.person('manager')) AS session \gset
INSERT INTO laurel.user_identities (user_id, provider, subject) VALUES (tests.person('manager'), 'google', '1');
INSERT INTO laurel.one_time_tokens (organization_id, user_id, purpose, email, token_hash, expires_at)
SELECT o.id, tests.person('manager'), purpose, 'manager@acme.test', sha256((o.slug || purpose)::bytea), now() + interval '1 hour'
FROM laurel.organizations o, (VALUES ('acme', 'sign_in'), ('acme', 'password_reset'), ('bolt', 'sign_in')) v (slug, purpose) WHERE o.slug = v.slug;
SELECT tests.act_as(tests.person('manager'));
UPDATE laurel.profiles SET bio = 'Mine' WHERE user_id = laurel.uid();
SELECT tests.act_as_admin();
SELECT is(tests.error_of($$ DELETE FROM laurel.user_organizations WHERE user_id = tests.person('other') $$), '23001 user_organizations_home_kept', 'nobody is put out of the only organization');
SELECT lives_ok($$ DELETE FROM laurel.user_organizations WHERE user_id = tests.person('manager') $$, 'who belongs elsewhere is');
SELECT is_empty($$ SELECT FROM laurel.users WHERE id = tests.person('manager') $$, 'and is not seen any more');
SELECT tests.act_as_owner();
SELECT is((SELECT string_agg(DISTINCT o.slug, ' ') FROM laurel.organizations o WHERE o.id IN (SELECT organization_id FROM laurel.users WHERE id = tests.person('manager') UNION ALL
    SELECT organization_id FROM laurel.profiles WHERE user_id = tests.person('manager') UNION ALL SELECT organization_id FROM laurel.user_preferences WHERE user_id = tests.person('manager') UNION ALL
    SELECT organization_id FROM laurel.user_identities WHERE user_id = tests.person('manager') UNION ALL SELECT organization_id FROM laurel.sessions WHERE user_id = tests.person('manager') UNION ALL
    SELECT organization_id FROM laurel.user_organizations WHERE user_id = tests.person('manager') UNION ALL SELECT organization_id FROM laurel.user_points WHERE user_id = tests.person('manager'))), 'bolt', 'the account has moved');
SELECT is((SELECT bio FROM laurel.profiles WHERE user_id = tests.person('manager')), 'Mine', 'as it was');
SELECT is(laurel.session_user_id(:'session'), tests.person('manager'), 'nobody is signed out');
SELECT is((SELECT string_agg(concat_ws(' ', o.slug, t.purpose, t.token_hash = sha256(('acme' || t.purpose)::bytea)), ', ' ORDER BY purpose) FROM laurel.one_time_tokens t JOIN laurel.organizations o ON o.id = t.organization_id
    WHERE t.user_id = tests.person('manager')), 'bolt password_reset t, bolt sign_in f', 'tokens come along, where there is none of their purpose');
SELECT is((SELECT count(*) FROM laurel.users WHERE manager_id = tests.person('manager') OR id = tests.person('manager') AND manager_id IS NOT NULL), 0::bigint, 'those one managed and was managed by stay behind');
SELECT is((SELECT count(*) FROM laurel.user_roles WHERE user_id = tests.person('manager')), 0::bigint, 'roles too');
SELECT tests.act_as(tests.person('manager'));
SELECT is(laurel.org_id(), tests.bolt(), 'the new home is where one acts');
SELECT is(tests.error_of($$ DELETE FROM laurel.user_organizations WHERE user_id = laurel.uid() $$), '23001 user_organizations_home_kept', 'the last one is not left');
SELECT tests.act_as_learner();
SELECT lives_ok($$ DELETE FROM laurel.user_organizations WHERE user_id = laurel.uid() $$, 'members leave themselves');
SELECT is(laurel.org_id(), tests.bolt(), 'for where else they belong');
SELECT is(tests.error_of($$ UPDATE laurel.user_organizations SET organization_id = tests.acme() $$), '42501', 'and move nothing by hand');
SELECT tests.act_as_service();
SELECT is(tests.error_of($$ UPDATE laurel.users SET organization_id = tests.acme() WHERE id = tests.person('learner') $$), '23001 users_organization_id_immutable', 'nor does the back end');
SELECT is(tests.error_of($$ UPDATE laurel.profiles SET organization_id = tests.acme() WHERE user_id = tests.person('learner') $$), '23001 profiles_organization_id_immutable', 'any of it');
SELECT tests.act_as_owner();
INSERT INTO laurel.user_organizations (organization_id, user_id) VALUES (tests.bolt(), tests.person('other'));
SELECT is(tests.error_of($$ DELETE FROM laurel.user_organizations WHERE user_id = tests.person('other') $$), '23001 user_organizations_home_kept', 'all memberships at once are not ended');
SAVEPOINT oldest;
SELECT tests.found('c', 'd');
INSERT INTO laurel.user_organizations (organization_id, user_id, joined_at) VALUES (tests.org('c'), tests.person('other'), now() - interval '2 days'), (tests.org('d'), tests.person('other'), now() - interval '1 day');
UPDATE laurel.organizations SET is_active = false WHERE id = tests.org('c');
DELETE FROM laurel.user_organizations WHERE organization_id = tests.acme() AND user_id = tests.person('other');
SELECT is((SELECT organization_id FROM laurel.users WHERE id = tests.person('other')), tests.org('d'), 'the home is where one has been for longest of what is active');
DELETE FROM laurel.user_organizations WHERE organization_id IN (tests.org('d'), tests.bolt()) AND user_id = tests.person('other');
SELECT is((SELECT organization_id FROM laurel.users WHERE id = tests.person('other')), tests.org('c'), 'else of all');
ROLLBACK TO oldest;
INSERT INTO laurel.legal_holds (organization_id, user_id, reason) VALUES (tests.acme(), tests.person('other'), 'case');
SELECT is(tests.error_of($$ DELETE FROM laurel.user_organizations WHERE organization_id = tests.acme() AND user_id = tests.person('other') $$), '23001 legal_holds_keep', 'what is held stays');
UPDATE laurel.legal_holds SET released_at = now();

-- Whose account it is.
SELECT tests.act_as(tests.person('bolt_learner'));
SELECT is(pg_temp.told('SELECT laurel.deactivate_account()'), '42501 | not allowed to deactivate an account | Ask an org_admin of your organization: the account is yours alone once you belong to another one too.', 'of one organization the administrators decide');
SELECT is(tests.error_of('SELECT laurel.delete_account()'), '42501', 'on deletion too');
SELECT tests.act_as(tests.person('other'), tests.bolt());
SELECT lives_ok('SELECT laurel.deactivate_account()', 'who belongs to two deactivates the account');
SELECT is(laurel.org_id(), NULL, 'and is nowhere then');
SELECT tests.act_as(tests.person('trainer'));
SELECT lives_ok('SELECT laurel.delete_account()', 'or deletes it');
SELECT tests.act_as_owner();
SELECT is((SELECT count(*) FROM laurel.users WHERE id = tests.person('trainer')), 0::bigint, 'which is gone');
SELECT is((SELECT is_active FROM laurel.users WHERE id = tests.person('other')), false, 'or asleep');

-- The end of an administrator's right to what was not his.
SELECT tests.act_as(tests.person('root'), tests.acme());
SELECT lives_ok($$ INSERT INTO laurel.users (organization_id, email) VALUES (tests.acme(), 'made@acme.test') $$, 'platform administrators make users');
SELECT lives_ok($$ INSERT INTO laurel.user_organizations (organization_id, user_id) SELECT laurel.org_id(), tests.person('bolt_learner') $$, 'members');
SELECT lives_ok($$ UPDATE laurel.organizations SET domain = 'acme.test' WHERE id = tests.acme() $$, 'and write domains');

-- Requests that name an organization of others.
SELECT tests.act_as(tests.person('bolt_learner'), tests.acme());
SELECT isnt(laurel.org_id(), NULL, 'a member may name it');
SELECT tests.act_as(tests.person('admin'), tests.bolt());
SELECT is(pg_temp.told(statement), '42501 | ' || said || ' | Name one of your own in the header x-organization-id or the claim org_id, or none for the home organization.', statement)
FROM (VALUES ($$ INSERT INTO laurel.badges (slug, badge_name) VALUES ('x', 'X') $$, 'the request names an organization that its user does not belong to'),
    ($$ INSERT INTO laurel.badges (organization_id, slug, badge_name) VALUES (tests.acme(), 'x', 'X') $$, 'the request names an organization that its user does not belong to'),
    ($$ SELECT laurel.record_points_transaction(tests.person('admin'), 1, 't', reason => 'r') $$, 'the request names an organization that its user does not belong to'),
    ($$ SELECT laurel.record_points_transaction(tests.person('admin'), 1, 't', reason => 'r', organization_id => tests.acme()) $$, 'not allowed to record points'),
    ($$ SELECT laurel.invite_member('x@y.test') $$, 'not allowed to invite members'), ($$ SELECT laurel.leaderboard('weekly', organization_id => tests.acme()) $$, 'not allowed to see the leaderboards of that organization'),
    ($$ SELECT laurel.set_password(laurel.uid(), 'correct horse battery') $$, 'not allowed to set the password of another user')) v (statement, said);
SELECT is_empty($$ UPDATE laurel.organizations SET name = 'x' RETURNING id $$, 'and changes nothing at home');
-- Requests of somebody who is not active, whether they name the own organization or none.
SELECT tests.act_as_owner();
INSERT INTO laurel.users (id, organization_id, email, is_active) VALUES (tests.person('asleep'), tests.acme(), 'asleep@acme.test', false);
CREATE TEMP TABLE asked (statement text, said text);
INSERT INTO asked VALUES ($$ SELECT laurel.invite_member('x@y.test') $$, 'not allowed to invite members'), ($$ SELECT laurel.delete_account() $$, 'not allowed to delete an account'),
    ($$ SELECT laurel.change_email('x@y.test') $$, 'not allowed to change the e-mail address of another user');
GRANT SELECT ON asked TO authenticated;
SELECT tests.act('authenticated', json_build_object('sub', tests.person('asleep'))::text);
SELECT is(pg_temp.told(statement), '42501 | ' || said || ' | The user is not there, not active, or in no organization that is active.', 'a user asleep' || statement) FROM asked;
SELECT tests.act('authenticated', json_build_object('sub', tests.person('asleep'), 'org_id', tests.acme())::text);
SELECT is(pg_temp.told(statement), '42501 | ' || said || ' | The user is not there, not active, or in no organization that is active.', 'of the own organization' || statement) FROM asked;
SELECT is(pg_temp.told($$ SELECT laurel.record_activity() $$),
    '42501 | the request is made by a user who has no access | The user is not there, not active, or in no organization that is active.', 'is not told that it is another''s');
SELECT tests.act_as(tests.person('admin'), tests.bolt());
SELECT is_empty($$ SELECT id FROM laurel.users UNION ALL SELECT id FROM laurel.organizations UNION ALL SELECT user_id FROM laurel.profiles UNION ALL SELECT user_id FROM laurel.user_points $$, 'and sees nothing');
SELECT tests.act('service_role', json_build_object('sub', tests.person('admin'), 'org_id', tests.bolt())::text);
SELECT is(tests.error_of($$ INSERT INTO laurel.badges (slug, badge_name) VALUES ('x', 'X') $$), '42501', 'the back end on behalf of such a request is not sent home either');
SELECT lives_ok($$ INSERT INTO laurel.badges (organization_id, slug, badge_name) VALUES (tests.acme(), 'x', 'X') $$, 'unless it says where');

SELECT * FROM finish();
ROLLBACK;
