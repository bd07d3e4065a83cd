\ir ../support/load.sql
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT plan(104);

SELECT tests.cast(VARIADIC '{}'), tests.join(tests.acme(), 'admin', 'manager', 'learner', 'other', 'root'), tests.join(tests.bolt(), 'bolt_admin', 'bolt_learner');
UPDATE laurel.users SET manager_id = 'a0000000-0000-0000-0000-000000000005'
WHERE id = 'a0000000-0000-0000-0000-000000000003';
INSERT INTO laurel.user_roles (user_id, role) VALUES
    ('a0000000-0000-0000-0000-000000000001', 'admin'),
    ('a0000000-0000-0000-0000-000000000005', 'manager'),
    ('a0000000-0000-0000-0000-000000000003', 'student'),
    ('a0000000-0000-0000-0000-000000000004', 'user'),
    ('a0000000-0000-0000-0000-000000000009', 'super_admin'),
    ('b0000000-0000-0000-0000-000000000001', 'org_admin');

-- What every user has.
SELECT results_eq(
    $$ SELECT count(*), count(m.user_id), count(p.user_id), count(f.user_id)
       FROM laurel.users u
       LEFT JOIN laurel.user_organizations m ON m.organization_id = u.organization_id AND m.user_id = u.id
       LEFT JOIN laurel.profiles p ON p.organization_id = u.organization_id AND p.user_id = u.id
       LEFT JOIN laurel.user_preferences f ON f.organization_id = u.organization_id AND f.user_id = u.id
       WHERE u.email LIKE '%@acme.test' $$,
    $$ VALUES (5::bigint, 5::bigint, 5::bigint, 5::bigint) $$, 'a user has membership, profile and preferences at once');
SELECT is((SELECT count(*) FROM laurel.organizations WHERE is_default), 1::bigint, 'there is one default organization');
SELECT is(tests.error_of($$ INSERT INTO laurel.organizations (name, is_default) VALUES ('Second', true) $$),
    '23505 organizations_default_key', 'there cannot be two');
INSERT INTO laurel.users (email) VALUES ('nobody@nowhere.test');
SELECT is((SELECT o.is_default FROM laurel.users u JOIN laurel.organizations o ON o.id = u.organization_id
           WHERE u.email = 'nobody@nowhere.test'), true, 'only an e-mail address must be given');
-- Statistics that call the tables empty, and plans kept since they were almost so, slow nothing down.
SAVEPOINT failed_import;
INSERT INTO laurel.users (email) SELECT 'failed' || i || '@acme.test' FROM generate_series(1, 10000) i;
ROLLBACK TO failed_import;
ANALYZE laurel.users, laurel.user_organizations, laurel.user_points, laurel.profiles, laurel.user_preferences;
DO $$ BEGIN FOR i IN 1..12 LOOP INSERT INTO laurel.users (email) VALUES ('few' || i || '@nowhere.test'); END LOOP; END $$;
SET LOCAL statement_timeout = '1min';
INSERT INTO laurel.users (email) SELECT 'many' || i || '@acme.test' FROM generate_series(1, 100000) i;
-- What is counted here is what is there, not how fast it is found with the statistics of empty tables.
ANALYZE laurel.users, laurel.user_organizations, laurel.profiles, laurel.user_preferences, laurel.user_points;
SELECT is((SELECT array[count(m.user_id), count(p.user_id), count(f.user_id), count(a.user_id)] FROM laurel.users u
           LEFT JOIN laurel.user_organizations m ON m.organization_id = u.organization_id AND m.user_id = u.id
           LEFT JOIN laurel.profiles p ON p.user_id = u.id LEFT JOIN laurel.user_preferences f ON f.user_id = u.id
           LEFT JOIN laurel.user_points a ON a.organization_id = u.organization_id AND a.user_id = u.id
           WHERE u.email LIKE 'many%'), '{100000,100000,100000,100000}', 'a hundred thousand users in one statement have them too, and accounts');
SET LOCAL statement_timeout = 0;
SELECT lives_ok($$ INSERT INTO laurel.users (email) SELECT 'never@acme.test' WHERE false $$, 'no user is fine as well');
SELECT lives_ok($$ INSERT INTO laurel.users (email) VALUES ('admin@acme.test') ON CONFLICT (email) DO NOTHING $$,
    'a user who is there already opens nothing twice');

-- E-mail addresses and names.
INSERT INTO laurel.users (email, first_name, last_name) VALUES (E' \tMia.Muster@ACME.Test\n', 'Mia', 'Muster');
SELECT is((SELECT full_name FROM laurel.users WHERE email = 'mia.muster@acme.test'), 'Mia Muster',
    'addresses are trimmed and lower-cased, full names made of their parts');
INSERT INTO laurel.users (email, last_name) VALUES ('last@acme.test', 'Last');
SELECT is((SELECT full_name FROM laurel.users WHERE email = 'last@acme.test'), 'Last', 'one part is enough');
SELECT is(tests.error_of($$ INSERT INTO laurel.users (email) VALUES ('ADMIN@acme.test') $$), '23505 users_email_key',
    'an address exists once, however it is written');
SELECT is(tests.error_of($$ INSERT INTO laurel.users (email) VALUES ('no address') $$), '23514 users_email_check',
    'an address has an @ and no blank');
SELECT is(tests.error_of($$ INSERT INTO laurel.users (email) VALUES ('  ') $$), '23514 users_email_check',
    'an empty address is none');
SELECT is(tests.error_of($$ INSERT INTO laurel.users (full_name) VALUES ('x') $$), '23502', 'an address must be given');
SELECT is(tests.error_of($$ INSERT INTO laurel.users (email, password_hash) VALUES ('h@acme.test', 'secret') $$),
    '23514 users_password_hash_check', 'a password in clear is refused');
UPDATE laurel.users SET email_verified = true WHERE email = 'other@acme.test';
UPDATE laurel.users SET email = 'otto@acme.test' WHERE email = 'other@acme.test';
SELECT is((SELECT email_verified FROM laurel.users WHERE email = 'otto@acme.test'), false,
    'a changed address is not verified');

-- Constraints.
SELECT is(tests.error_of($$ UPDATE laurel.users SET manager_id = id WHERE email = 'admin@acme.test' $$),
    '23514 users_manager_id_check', 'nobody manages himself');
SELECT is(tests.error_of($$ UPDATE laurel.users SET manager_id = 'b0000000-0000-0000-0000-000000000001'
    WHERE email = 'admin@acme.test' $$), '23503 users_manager_id_fkey', 'a manager is of the same organization');
SELECT is(tests.error_of($$ UPDATE laurel.organizations SET slug = 'Not a slug' WHERE slug = 'acme' $$),
    '23514 organizations_slug_check', 'a slug has a shape');
SELECT is(tests.error_of($$ UPDATE laurel.organizations SET time_zone = 'Mars/Olympus' WHERE slug = 'acme' $$),
    '23514 organizations_time_zone_check', 'a time zone exists');
SELECT is(tests.error_of($$ UPDATE laurel.organizations SET name = '' WHERE slug = 'acme' $$),
    '23514 organizations_name_check', 'an organization has a name');
SELECT is(tests.error_of($$ UPDATE laurel.organizations SET settings = '[]' WHERE slug = 'acme' $$),
    '23514 organizations_settings_check', 'settings are an object');
SELECT is(tests.error_of($$ UPDATE laurel.profiles SET bio = repeat('x', 501) $$), '23514 profiles_bio_check',
    'a bio has 500 characters at most');
SELECT is(tests.error_of($$ UPDATE laurel.user_preferences SET theme = 'pink' $$), '23514 user_preferences_theme_check',
    'a theme is light, dark or auto');
SELECT is(tests.error_of($$ UPDATE laurel.user_preferences SET leaderboard_privacy = 'secret' $$),
    '23514 user_preferences_leaderboard_privacy_check', 'privacy is public, anonymous or hidden');
SELECT is(tests.error_of($$ UPDATE laurel.user_preferences SET time_zone = 'Nowhere' $$),
    '23514 user_preferences_time_zone_check', 'a user''s time zone exists');

-- Organizations of rows.
SELECT is(tests.error_of($$ UPDATE laurel.users SET organization_id = 'b0000000-0000-0000-0000-000000000000'
    WHERE email = 'admin@acme.test' $$), '23001 users_organization_id_immutable', 'a user stays at home');
SELECT is(tests.error_of($$ UPDATE laurel.profiles SET organization_id = 'b0000000-0000-0000-0000-000000000000'
    WHERE user_id = 'a0000000-0000-0000-0000-000000000001' $$), '23001 profiles_organization_id_immutable',
    'a profile too');
SELECT is(tests.error_of($$ DELETE FROM laurel.organizations WHERE slug = 'acme' $$), '23503 users_organization_id_fkey',
    'an organization with users cannot be deleted');

-- Memberships.
SELECT is(tests.error_of($$ DELETE FROM laurel.user_organizations WHERE user_id = 'a0000000-0000-0000-0000-000000000003' $$),
    '23001 user_organizations_home_kept', 'nobody leaves home');
SELECT matches(tests.error_of($$ UPDATE laurel.user_organizations SET user_id = 'b0000000-0000-0000-0000-000000000003'
    WHERE user_id = 'a0000000-0000-0000-0000-000000000003' $$), '^23503 .*_membership_fkey$',
    'a membership with personal rows passes to nobody');
DELETE FROM laurel.profiles WHERE user_id = 'a0000000-0000-0000-0000-000000000004';
DELETE FROM laurel.user_preferences WHERE user_id = 'a0000000-0000-0000-0000-000000000004';
DELETE FROM laurel.user_roles WHERE user_id = 'a0000000-0000-0000-0000-000000000004';
DELETE FROM laurel.user_points WHERE user_id = 'a0000000-0000-0000-0000-000000000004';
SELECT is(tests.error_of($$ UPDATE laurel.user_organizations SET user_id = 'b0000000-0000-0000-0000-000000000003'
    WHERE user_id = 'a0000000-0000-0000-0000-000000000004' $$), '23001 user_organizations_home_kept',
    'a membership at home without personal rows neither');
SELECT matches(tests.error_of($$ TRUNCATE laurel.user_organizations CASCADE $$), '^23001 ',
    'memberships are not truncated under their users');
INSERT INTO laurel.user_organizations (organization_id, user_id)
VALUES ('b0000000-0000-0000-0000-000000000000', 'a0000000-0000-0000-0000-000000000003');
INSERT INTO laurel.user_roles (organization_id, user_id, role)
VALUES ('b0000000-0000-0000-0000-000000000000', 'a0000000-0000-0000-0000-000000000003', 'trainer');
SELECT lives_ok($$ DELETE FROM laurel.user_organizations WHERE organization_id = 'b0000000-0000-0000-0000-000000000000'
    AND user_id = 'a0000000-0000-0000-0000-000000000003' $$, 'an additional membership can be left');
SELECT is_empty($$ SELECT FROM laurel.user_roles WHERE organization_id = 'b0000000-0000-0000-0000-000000000000'
    AND user_id = 'a0000000-0000-0000-0000-000000000003' $$, 'and its personal rows go with it');
SELECT is(tests.error_of($$ INSERT INTO laurel.user_roles (organization_id, user_id, role)
    VALUES ('b0000000-0000-0000-0000-000000000000', 'a0000000-0000-0000-0000-000000000003', 'trainer') $$),
    '23503 user_roles_membership_fkey', 'who is no member holds no role');

-- Roles.
SELECT set_eq($$ SELECT email, role FROM laurel.user_roles r JOIN laurel.users u ON u.id = r.user_id $$,
    $$ VALUES ('admin@acme.test', 'org_admin'), ('manager@acme.test', 'manager'), ('learner@acme.test', 'learner'),
              ('root@acme.test', 'platform_admin'), ('admin@bolt.test', 'org_admin') $$,
    'aliases of roles are stored under the role''s name');
SELECT is(tests.error_of($$ INSERT INTO laurel.user_roles (user_id, role)
    VALUES ('a0000000-0000-0000-0000-000000000003', 'emperor') $$), '23503 user_roles_role_fkey', 'a role exists');
SELECT is(tests.error_of($$ INSERT INTO laurel.user_roles (user_id, role)
    VALUES ('a0000000-0000-0000-0000-000000000001', 'org_admin') $$),
    '23505 user_roles_organization_id_user_id_role_key', 'and is held once');

-- A learner.
SELECT tests.act_as('a0000000-0000-0000-0000-000000000003');
SELECT is((SELECT array_agg(email) FROM laurel.users), '{learner@acme.test}', 'a learner sees himself only');
SELECT is((SELECT array_agg(slug) FROM laurel.organizations), '{acme}', 'and his organization');
SELECT is((SELECT count(*) FROM laurel.roles), 5::bigint, 'and what roles there are');
SELECT is((SELECT array_agg(role) FROM laurel.user_roles), '{learner}', 'and the roles he holds');
SELECT is(tests.error_of('SELECT password_hash FROM laurel.users'), '42501', 'but not the hash of his password');
SELECT is(tests.error_of('SELECT * FROM laurel.users'), '42501', 'nor all columns, which hold it');
SELECT lives_ok($$ UPDATE laurel.profiles SET bio = 'Hi' WHERE user_id = laurel.uid() $$, 'he writes his profile');
SELECT results_eq($$ UPDATE laurel.profiles SET bio = 'Hi' WHERE user_id <> laurel.uid() RETURNING 1 $$,
    $$ SELECT 1 WHERE false $$, 'and nobody else''s');
SELECT results_eq($$ UPDATE laurel.preferences SET theme = 'dark', notifications = '{"channels": {"email": false}}' RETURNING theme $$,
    $$ VALUES ('dark') $$, 'he writes his preferences by their other name');
SELECT results_eq($$ UPDATE laurel.user_profiles SET display_name = 'Lea' RETURNING user_email $$,
    $$ VALUES ('learner@acme.test') $$, 'and his profile');
SELECT is(tests.error_of('DELETE FROM laurel.profiles'), '42501', 'a profile is not thrown away');
SELECT results_eq($$ UPDATE laurel.users SET full_name = 'King' RETURNING 1 $$, $$ SELECT 1 WHERE false $$,
    'who he is, administrators write');
SELECT is(tests.error_of($$ INSERT INTO laurel.user_roles (user_id, role) VALUES (laurel.uid(), 'org_admin') $$), '42501',
    'he grants himself no role');
SELECT is(tests.error_of($$ INSERT INTO laurel.user_organizations (organization_id, user_id)
    VALUES ('b0000000-0000-0000-0000-000000000000', laurel.uid()) $$), '42501', 'and joins nothing');
SELECT is(tests.error_of($$ INSERT INTO laurel.users (email) VALUES ('friend@acme.test') $$), '42501', 'and invites nobody');
SELECT is(tests.error_of($$ UPDATE laurel.roles SET permissions = '{}' $$), '42501', 'and changes no role');
SELECT is((SELECT count(*) FROM laurel.user_identities), 0::bigint, 'he may look for his identities');
SELECT is(tests.error_of($$ INSERT INTO laurel.user_identities (user_id, provider, subject)
    VALUES (laurel.uid(), 'google', '1') $$), '42501', 'but adds none');
SELECT is(tests.error_of('SELECT laurel.set_context(laurel.uid())'), '42501', 'and speaks as nobody else');

-- A manager.
SELECT tests.act_as('a0000000-0000-0000-0000-000000000005');
SELECT set_eq('SELECT email FROM laurel.users', $$ VALUES ('manager@acme.test'), ('learner@acme.test') $$,
    'a manager sees himself and his reports');

-- Somebody who is deactivated.
SELECT tests.act_as('a0000000-0000-0000-0000-000000000004');
SELECT is((SELECT count(*) FROM laurel.users), 1::bigint, 'an active user sees himself');
SELECT tests.act_as_owner();
UPDATE laurel.users SET is_active = false WHERE email = 'otto@acme.test';
SELECT tests.act_as('a0000000-0000-0000-0000-000000000004');
SELECT is((SELECT count(*) FROM laurel.users), 0::bigint, 'an inactive user sees nothing, from that moment on');

-- An administrator.
SELECT tests.act_as('a0000000-0000-0000-0000-000000000001');
SELECT is((SELECT count(*) FROM laurel.users), 5::bigint, 'an administrator sees everybody in the organization');
SELECT is(tests.error_of($$ INSERT INTO laurel.users (email, full_name) VALUES ('New@Acme.test', 'Newt') $$), '42501', 'makes no users');
SELECT tests.act_as_service();
INSERT INTO laurel.users (organization_id, email, full_name) VALUES ('a0000000-0000-0000-0000-000000000000', 'New@Acme.test', 'Newt');
SELECT tests.act_as('a0000000-0000-0000-0000-000000000001');
SELECT is((SELECT p.organization_id FROM laurel.users u JOIN laurel.profiles p ON p.user_id = u.id
           WHERE u.email = 'new@acme.test'), 'a0000000-0000-0000-0000-000000000000'::uuid,
    'sees those that the back end has made, who are at home there and have what users have');
SELECT is(tests.error_of($$ INSERT INTO laurel.users (organization_id, email)
    VALUES ('b0000000-0000-0000-0000-000000000000', 'spy@bolt.test') $$), '42501', 'not in another organization');
SELECT is(tests.error_of($$ INSERT INTO laurel.users (email, email_verified) VALUES ('v@acme.test', true) $$), '42501',
    'whose addresses are not verified by saying so');
SELECT is(tests.error_of($$ UPDATE laurel.users SET password_hash = NULL $$), '42501', 'and whose passwords are their own');
SELECT is(tests.error_of($$ UPDATE laurel.users SET permissions = '{platform:write}' $$), '42501', 'to whom he gives no permissions');
SELECT lives_ok($$ UPDATE laurel.users SET is_active = true WHERE email = 'otto@acme.test' $$, 'he activates');
SELECT results_eq($$ UPDATE laurel.users SET full_name = 'x' WHERE email LIKE '%bolt.test' RETURNING 1 $$,
    $$ SELECT 1 WHERE false $$, 'nobody of another organization');
SELECT lives_ok($$ INSERT INTO laurel.user_roles (user_id, role, granted_by) VALUES
    ('a0000000-0000-0000-0000-000000000003', 'trainer', 'a0000000-0000-0000-0000-000000000009') $$, 'he grants roles');
SELECT is((SELECT granted_by FROM laurel.user_roles WHERE role = 'trainer'), laurel.uid(), 'and signs for them');
SELECT is(tests.error_of($$ INSERT INTO laurel.user_roles (user_id, role) VALUES (laurel.uid(), 'platform_admin') $$),
    '42501', 'platform_admin he does not grant');
SELECT is(tests.error_of($$ INSERT INTO laurel.user_roles (user_id, role) VALUES (laurel.uid(), 'super_admin') $$),
    '42501', 'by no name');
SELECT is(tests.error_of($$ UPDATE laurel.user_roles SET role = 'super_admin' WHERE user_id = laurel.uid() $$), '42501',
    'nor by changing a role');
SELECT is(tests.error_of($$ DELETE FROM laurel.user_roles WHERE role = 'platform_admin' $$), '42501', 'nor revokes it');
SELECT is(tests.error_of($$ UPDATE laurel.users SET email = 'mine@acme.test' WHERE email = 'root@acme.test' $$), '42501',
    'nor takes over the mail of one who holds it');
SELECT is(tests.error_of($$ UPDATE laurel.users SET is_active = false WHERE email = 'root@acme.test' $$), '42501',
    'nor shuts one out');
SELECT is(tests.error_of($$ DELETE FROM laurel.users WHERE email = 'root@acme.test' $$), '42501', 'nor deletes one');
SELECT lives_ok($$ UPDATE laurel.users SET job_title = 'Root' WHERE email = 'root@acme.test' $$, 'though he writes what is harmless');
SELECT is(tests.error_of($$ INSERT INTO laurel.user_organizations (organization_id, user_id)
    VALUES (laurel.org_id(), 'b0000000-0000-0000-0000-000000000003') $$), '42501', 'he adds no member from elsewhere');
SELECT is_empty($$ SELECT FROM laurel.users WHERE email = 'learner@bolt.test' $$, 'of whom he learns nothing by that');
SELECT is(tests.error_of($$ UPDATE laurel.user_organizations SET joined_at = now() $$), '42501',
    'memberships are made and ended, not edited');
SELECT results_eq($$ UPDATE laurel.organizations SET name = 'Acme Inc.' RETURNING slug $$, $$ VALUES ('acme') $$,
    'he keeps his organization, and no other');
SELECT is(tests.error_of($$ UPDATE laurel.organizations SET is_default = true $$), '42501', 'within limits');
SELECT is(tests.error_of($$ INSERT INTO laurel.organizations (name) VALUES ('Mine') $$), '42501', 'and founds none');

-- Another tenant's administrator.
SELECT tests.act_as('b0000000-0000-0000-0000-000000000001');
SELECT is((SELECT count(*) FROM laurel.profiles WHERE organization_id = 'a0000000-0000-0000-0000-000000000000'),
    0::bigint, 'another tenant''s administrator sees nothing');
SELECT tests.act_as('b0000000-0000-0000-0000-000000000001', 'a0000000-0000-0000-0000-000000000000');
SELECT is((SELECT count(*) FROM laurel.users WHERE email LIKE '%acme.test'), 0::bigint, 'by naming an organization neither');

-- A platform administrator.
SELECT tests.act_as('a0000000-0000-0000-0000-000000000009', 'b0000000-0000-0000-0000-000000000000');
SELECT lives_ok($$ INSERT INTO laurel.user_roles (organization_id, user_id, role)
    VALUES (laurel.org_id(), 'b0000000-0000-0000-0000-000000000001', 'platform_admin') $$,
    'a platform administrator makes others so, anywhere');
SELECT tests.act_as_owner();
INSERT INTO laurel.user_organizations (organization_id, user_id) VALUES
    ('b0000000-0000-0000-0000-000000000000', 'a0000000-0000-0000-0000-000000000009'),
    ('b0000000-0000-0000-0000-000000000000', 'a0000000-0000-0000-0000-000000000004');
INSERT INTO laurel.user_roles (organization_id, user_id, role) VALUES
    ('b0000000-0000-0000-0000-000000000000', 'a0000000-0000-0000-0000-000000000004', 'platform_admin'),
    ('b0000000-0000-0000-0000-000000000000', 'b0000000-0000-0000-0000-000000000003', 'org_admin');
SELECT tests.act_as('b0000000-0000-0000-0000-000000000003');
SELECT is(tests.error_of($$ DELETE FROM laurel.user_organizations WHERE user_id = 'a0000000-0000-0000-0000-000000000004' $$), '42501',
    'who holds it as a guest is not dismissed by others');
SELECT lives_ok($$ DELETE FROM laurel.user_organizations WHERE user_id = 'a0000000-0000-0000-0000-000000000009' $$,
    'who holds it elsewhere is');
SELECT tests.act_as('a0000000-0000-0000-0000-000000000009', 'b0000000-0000-0000-0000-000000000000');
SELECT lives_ok($$ DELETE FROM laurel.user_organizations WHERE user_id = 'a0000000-0000-0000-0000-000000000004' $$,
    'a platform administrator dismisses one');
SELECT lives_ok($$ DELETE FROM laurel.users WHERE email = 'admin@bolt.test' $$, 'and deletes one');

-- Nobody and the back end.
SELECT tests.act_as_anon();
SELECT is(tests.error_of('SELECT id FROM laurel.users'), '42501', 'anon sees no users');
SELECT is(tests.error_of('SELECT id FROM laurel.organizations'), '42501', 'and no organizations');
SELECT tests.act_as_service();
SELECT lives_ok('SELECT password_hash FROM laurel.users', 'the back end reads hashes');

-- Speaking as somebody.
SELECT laurel.set_context('a0000000-0000-0000-0000-000000000003');
SELECT is(laurel.uid(), 'a0000000-0000-0000-0000-000000000003'::uuid, 'set_context sets the user');
SELECT is(laurel.org_id(), 'a0000000-0000-0000-0000-000000000000'::uuid, 'and the organization');
SELECT is(tests.error_of($$ SELECT laurel.set_context('00000000-0000-0000-0000-000000000000') $$), '23503 users_pkey',
    'of a user who exists');
SELECT is(tests.error_of($$ SELECT laurel.set_context('a0000000-0000-0000-0000-000000000003',
    'b0000000-0000-0000-0000-000000000000') $$), '23503 user_organizations_pkey', 'and is a member there');
SELECT is(tests.error_of('SELECT laurel.set_context(NULL)'), '22004', 'nobody is not somebody');

-- The end of a user.
SELECT tests.act_as_owner();
INSERT INTO laurel.user_identities (user_id, provider, subject)
VALUES ('a0000000-0000-0000-0000-000000000005', 'google', '42');
SELECT lives_ok($$ SELECT laurel.create_session('a0000000-0000-0000-0000-000000000005') $$, 'a user has a session');
SELECT lives_ok($$ DELETE FROM laurel.users WHERE email = 'manager@acme.test' $$, 'a user can be deleted');
SELECT is((SELECT count(*) FROM laurel.user_organizations WHERE user_id = 'a0000000-0000-0000-0000-000000000005')
    + (SELECT count(*) FROM laurel.profiles WHERE user_id = 'a0000000-0000-0000-0000-000000000005')
    + (SELECT count(*) FROM laurel.sessions WHERE user_id = 'a0000000-0000-0000-0000-000000000005')
    + (SELECT count(*) FROM laurel.user_identities WHERE user_id = 'a0000000-0000-0000-0000-000000000005'), 0::bigint,
    'and all that is personal goes too');
SELECT is((SELECT array[organization_id::text, manager_id::text] FROM laurel.users WHERE email = 'learner@acme.test'),
    '{a0000000-0000-0000-0000-000000000000,NULL}', 'those who were managed stay');

SELECT * FROM finish();
ROLLBACK;
