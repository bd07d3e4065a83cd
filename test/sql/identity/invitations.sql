-- Invitations: how somebody from elsewhere becomes a member, and what whoever invites learns until then.
\ir ../support/load.sql
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT plan(119);

SELECT tests.cast();
UPDATE laurel.users SET full_name = 'Bob of Bolt', email_verified = true WHERE id = tests.person('bolt_learner');
SELECT laurel_internal.register_worker('70000000-0000-0000-0000-000000000001', 'host', 1, '1');

-- The answer to an attempt: its error, with message and hint.
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
-- What the worker gets to send; the token in it.
CREATE FUNCTION pg_temp.claimed() RETURNS SETOF jsonb LANGUAGE sql AS $$
    SELECT message FROM laurel_internal.claim_deliveries('70000000-0000-0000-0000-000000000001', 100, channels => '{email}')
$$;
CREATE FUNCTION pg_temp.token_in(message jsonb) RETURNS text LANGUAGE sql AS $$ SELECT (regexp_match(message ->> 'text', '[A-Za-z0-9_-]{43}'))[1] $$;
-- An invitation to Acme by its administrator, and the token that its letter brings.
CREATE FUNCTION pg_temp.invited(address text, roles text[] DEFAULT '{learner}') RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    PERFORM tests.act_as_admin(), laurel.invite_member(address, roles => roles);
    PERFORM tests.act_as_owner();
    RETURN pg_temp.token_in(m) FROM pg_temp.claimed() m WHERE m ->> 'subject' LIKE 'Invitation%';
END
$$;
CREATE FUNCTION pg_temp.status(address text) RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(status, ' ' ORDER BY id) FROM laurel.invitations WHERE email = address
$$;

-- Who may invite.
SELECT tests.act_as_learner();
SELECT is(tests.error_of($$ SELECT laurel.invite_member('a@b.test') $$), '42501', 'a learner invites nobody');
SELECT tests.act_as_trainer();
SELECT is(tests.error_of($$ SELECT laurel.invite_member('a@b.test') $$), '42501', 'nor does a trainer');
SELECT tests.act_as_admin();
SELECT is(tests.error_of($$ SELECT laurel.invite_member('a@b.test', organization_id => tests.bolt()) $$), '42501', 'nor an administrator for another organization');
SELECT is(pg_temp.told($$ SELECT laurel.invite_member('a@b.test', roles => '{platform_admin}') $$),
    '42501 | not allowed to invite somebody as platform_admin | Ask a platform_admin, or call as service_role.', 'nor for a role above the own');
SELECT is(tests.error_of($$ SELECT laurel.invite_member('a@b.test', roles => '{super_admin}') $$), '42501', 'by no name');
SELECT is(tests.error_of($$ SELECT laurel.invite_member('a@b.test', roles => '{emperor}') $$), '22023', 'a role exists');
SELECT is(tests.error_of($$ SELECT laurel.invite_member('a@b.test', roles => '{trainer, NULL}') $$), '22023', 'and is not null');
SELECT is(tests.error_of($$ SELECT laurel.invite_member() $$), '22023', 'somebody is invited');
SELECT is(tests.error_of($$ SELECT laurel.invite_member('a@b.test', laurel.uid()) $$), '22023', 'by one way');
SELECT is(tests.error_of($$ SELECT laurel.invite_member('no address') $$), '23514 invitations_email_check', 'an address is one');
SELECT is(tests.error_of(format('SELECT laurel.invite_member(%L, lifetime => %L)', 'a@b.test', lifetime)), '22023', 'no invitation holds for ' || lifetime)
FROM unnest('{59 minutes, 30 days 1 second, 1 month, -1 day, 1000 years -359993 days}'::text[]) lifetime;
SELECT is(tests.error_of($$ INSERT INTO laurel.invitations (email, token_hash, expires_at) VALUES ('a@b.test', '', now()) $$), '42501', 'there is no other way');
SELECT is(tests.error_of('SELECT token_hash FROM laurel.invitations'), '42501', 'hashes are not shown');
SELECT tests.act_as_service();
SELECT is(pg_temp.told($$ SELECT laurel.invite_member('a@b.test') $$),
    '22004 | organization_id must not be null | Name the organization, or call on behalf of an administrator.', 'the back end says where');
SELECT is(tests.error_of($$ SELECT laurel.invite_member('a@b.test', organization_id => laurel.uuidv7()) $$), '23503 invitations_organization_id_fkey', 'an organization that is there');

-- The same answer, whoever is invited; nothing is shown before it is accepted.
SELECT tests.act_as_admin();
CREATE TEMP TABLE made AS SELECT what, laurel.invite_member(email, user_id) AS id FROM (VALUES
    ('an address at home', 'learner@acme.test', NULL), ('one elsewhere', ' LEARNER@bolt.test', NULL), ('nobody''s', 'nobody@nowhere.test', NULL),
    ('an id elsewhere', NULL, tests.person('bolt_admin')), ('nobody''s id', NULL, '00000000-0000-0000-0000-000000000009')) v (what, email, user_id);
SELECT is((SELECT string_agg(concat_ws(' ', i.email, right(i.user_id::text, 3), i.status, i.roles::text, i.expires_at - i.created_at, i.invited_by = laurel.uid()), ', ' ORDER BY i.id) FROM laurel.invitations i),
    'learner@acme.test pending {learner} 7 days t, learner@bolt.test pending {learner} 7 days t, nobody@nowhere.test pending {learner} 7 days t, 001 pending {learner} 7 days t, 009 pending {learner} 7 days t',
    'an administrator sees what he has said, and nothing else');
SELECT is_empty($$ SELECT FROM laurel.users WHERE organization_id = tests.bolt() $$, 'nobody of elsewhere');
SELECT is((SELECT array_agg(DISTINCT tests.error_of(statement)) FROM unnest(ARRAY[
    $$ INSERT INTO laurel.users (email) VALUES ('learner@bolt.test') $$, $$ INSERT INTO laurel.users (email) VALUES ('nobody@nowhere.test') $$,
    $$ INSERT INTO laurel.users (id, email) VALUES (tests.person('bolt_learner'), 'x@y.test') $$,
    $$ UPDATE laurel.users SET email = 'learner@bolt.test' WHERE id = tests.person('learner') $$, $$ UPDATE laurel.users SET email = 'x@y.test' WHERE id = tests.person('learner') $$,
    $$ INSERT INTO laurel.user_organizations (organization_id, user_id) VALUES (tests.acme(), tests.person('bolt_learner')) $$,
    $$ INSERT INTO laurel.user_organizations (organization_id, user_id) VALUES (tests.acme(), laurel.uuidv7()) $$,
    $$ UPDATE laurel.organizations SET domain = 'bolt.test' $$, $$ UPDATE laurel.organizations SET domain = 'x.test' $$]) statement), '{42501}',
    'users, members, addresses and domains are refused alike');
-- Of somebody elsewhere and of nobody every table and function says the same.
CREATE TEMP TABLE asked (statement text);
INSERT INTO asked VALUES ('INSERT INTO laurel.user_roles (user_id, role) VALUES (%L, ''trainer'')'), ('INSERT INTO laurel.enrollments (user_id, course_id) VALUES (%L, laurel.uid())'),
    ('INSERT INTO laurel.points_ledger (user_id, amount, transaction_type, reason) VALUES (%L, 1, ''t'', ''r'')'), ('INSERT INTO laurel.notifications (user_id, type, title) VALUES (%L, ''t'', ''t'')'),
    ('INSERT INTO laurel.profiles (user_id) VALUES (%L)'), ('INSERT INTO laurel.user_preferences (user_id) VALUES (%L)'), ('INSERT INTO laurel.badge_awards (user_id, badge_id) VALUES (%L, laurel.uid())'),
    ('INSERT INTO laurel.personal_challenges (user_id, title, goal) VALUES (%L, ''t'', 1)'), ('INSERT INTO laurel.courses (name, trainer_id) VALUES (''c'', %L)'),
    ('UPDATE laurel.users SET manager_id = %L WHERE id = laurel.uid()'), ('SELECT laurel.create_webhook_endpoint(''https://x.test/'', user_id => %L)'), ('SELECT laurel.notify(%L, ''t'', ''t'')'),
    ('SELECT laurel.record_points_transaction(%L, 1, ''t'', reason => ''r'')'), ('SELECT laurel.record_points_transactions(''[{"user_id": "%s", "amount": 1, "transaction_type": "t", "reason": "r"}]'')'), ('SELECT laurel.streak_of(%L)'), ('SELECT laurel.rank_of(%L)'), ('SELECT laurel.record_activity(%L)'),
    ('SELECT laurel.balance_at(%L, now())'), ('SELECT laurel.set_password(%L, ''correct horse'')'), ('SELECT laurel.revoke_sessions(%L)'), ('SELECT laurel.change_email(''x@y.test'', %L)'),
    ('SELECT laurel.choose_team(NULL, %L)'), ('SELECT laurel.verify_ledger(%L)'), ('SELECT laurel.leaderboard(around_user => %L)'), ('SELECT laurel.award_badge(%L, laurel.uid())'),
    ('SELECT laurel.invite_member(user_id => %L)'), ('UPDATE laurel.users SET is_active = false WHERE id = %L'), ('DELETE FROM laurel.users WHERE id = %L'),
    ('DELETE FROM laurel.user_organizations WHERE user_id = %L'), ('SELECT laurel_internal.can_see(%L)');
CREATE FUNCTION pg_temp.answer(statement text, subject uuid) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    detail text;
    rows bigint;
BEGIN
    BEGIN
        EXECUTE format(statement, subject);
        GET DIAGNOSTICS rows = ROW_COUNT;
        RAISE EXCEPTION USING ERRCODE = 'P9999';
    EXCEPTION WHEN SQLSTATE 'P9999' THEN RETURN rows::text;
    WHEN OTHERS THEN
        GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL;
        RETURN replace(concat_ws(' | ', SQLSTATE, SQLERRM, detail), subject::text, 'X');
    END;
END
$$;
GRANT SELECT ON asked TO authenticated;
SELECT is_empty($$ SELECT statement, pg_temp.answer(statement, tests.person('bolt_learner')), pg_temp.answer(statement, '00000000-0000-0000-0000-00000000000f') FROM asked
    WHERE pg_temp.answer(statement, tests.person('bolt_learner')) <> pg_temp.answer(statement, '00000000-0000-0000-0000-00000000000f') $$,
    'an administrator cannot tell an id of elsewhere from none');
SELECT tests.act_as_learner();
SELECT is_empty($$ SELECT statement, pg_temp.answer(statement, tests.person('bolt_learner')), pg_temp.answer(statement, '00000000-0000-0000-0000-00000000000f') FROM asked
    WHERE pg_temp.answer(statement, tests.person('bolt_learner')) <> pg_temp.answer(statement, '00000000-0000-0000-0000-00000000000f') $$,
    'nor can a learner');
SELECT is_empty('SELECT id FROM laurel.invitations', 'who sees no invitations');
-- The same for things: a course, badge, team, channel, endpoint, entry, notification, course enrolment, invitation of elsewhere.
SELECT tests.act_as_owner();
INSERT INTO laurel.courses (id, organization_id, name) VALUES ('ec000000-0000-0000-0000-000000000001', tests.bolt(), 'Theirs');
INSERT INTO laurel.badges (id, organization_id, slug, badge_name) VALUES ('ec000000-0000-0000-0000-000000000001', tests.bolt(), 'theirs', 'Theirs');
INSERT INTO laurel.teams (id, organization_id, name) VALUES ('ec000000-0000-0000-0000-000000000001', tests.bolt(), 'Theirs');
INSERT INTO laurel.channels (id, organization_id, name) VALUES ('ec000000-0000-0000-0000-000000000001', tests.bolt(), 'Theirs');
INSERT INTO laurel.webhook_endpoints (id, organization_id, url, secret) VALUES ('ec000000-0000-0000-0000-000000000001', tests.bolt(), 'https://bolt.test/', 'whsec_' || encode(sha256('x'), 'base64'));
INSERT INTO laurel.points_ledger (id, user_id, amount, transaction_type, reason) VALUES ('ec000000-0000-0000-0000-000000000001', tests.person('bolt_learner'), 1, 't', 'r');
INSERT INTO laurel.notifications (id, user_id, type, title, channels) VALUES ('ec000000-0000-0000-0000-000000000001', tests.person('bolt_learner'), 't', 't', '{}');
INSERT INTO laurel.invitations (id, organization_id, email, token_hash, expires_at) VALUES ('ec000000-0000-0000-0000-000000000001', tests.bolt(), 'other@acme.test', sha256('x'), now() + interval '1 day');
CREATE TEMP TABLE asked_things (statement text);
INSERT INTO asked_things VALUES ('INSERT INTO laurel.enrollments (user_id, course_id) VALUES (laurel.uid(), %L)'), ('INSERT INTO laurel.badge_awards (user_id, badge_id) VALUES (laurel.uid(), %L)'),
    ('INSERT INTO laurel.team_memberships (user_id, team_id) VALUES (laurel.uid(), %L)'), ('INSERT INTO laurel.team_challenges (team_id, title, goal, starts_at, ends_at) VALUES (%L, ''t'', 1, now(), now() + interval ''1 day'')'),
    ('INSERT INTO laurel.channels (team_id, name) VALUES (%L, ''c'')'), ('INSERT INTO laurel.channel_members (user_id, channel_id) VALUES (laurel.uid(), %L)'),
    ('INSERT INTO laurel.points_ledger (user_id, amount, transaction_type, reference_type, reference_id) VALUES (laurel.uid(), 1, ''t'', ''Course'', %L)'),
    ('SELECT laurel.award_badge(laurel.uid(), %L)'), ('SELECT laurel.revoke_badge(laurel.uid(), %L)'), ('SELECT laurel.reverse_points_transaction(%L)'), ('SELECT laurel.choose_team(%L)'), ('SELECT laurel.team_role(%L)'),
    ('SELECT laurel.rotate_webhook_secret(%L)'), ('SELECT laurel.enable_webhook_endpoint(%L)'), ('SELECT laurel.disable_webhook_endpoint(%L)'), ('SELECT laurel.mark_notifications_read(ARRAY[%L]::uuid[])'),
    ('SELECT laurel.withdraw_invitation(%L)'), ('SELECT laurel.accept_invitation(invitation_id => %L)'), ('SELECT laurel.decline_invitation(invitation_id => %L)'),
    ('UPDATE laurel.courses SET name = ''x'' WHERE id = %L'), ('DELETE FROM laurel.badges WHERE id = %L'), ('SELECT laurel.tier_for(1, %L)'), ('SELECT laurel.leaderboard(organization_id => %L)');
GRANT SELECT ON asked_things TO authenticated;
CREATE FUNCTION pg_temp.told_apart() RETURNS SETOF text LANGUAGE sql AS $$
    SELECT concat_ws(' ## ', statement, pg_temp.answer(statement, 'ec000000-0000-0000-0000-000000000001'), pg_temp.answer(statement, 'ec000000-0000-0000-0000-00000000000f'))
    FROM asked_things WHERE pg_temp.answer(statement, 'ec000000-0000-0000-0000-000000000001') <> pg_temp.answer(statement, 'ec000000-0000-0000-0000-00000000000f')
$$;
SELECT tests.act_as_admin();
SELECT is_empty('SELECT pg_temp.told_apart()', 'an administrator cannot tell a thing of elsewhere from none');
SELECT tests.act_as_learner();
SELECT is_empty('SELECT pg_temp.told_apart()', 'nor can a learner');
SELECT tests.act_as_owner();
DELETE FROM laurel.invitations WHERE organization_id = tests.bolt();

-- Letters.
SELECT tests.act_as_owner();
UPDATE laurel.organizations SET settings = '{"notifications": {"base_url": "https://acme.test/app/"}}' WHERE id = tests.acme();
CREATE TEMP TABLE letters AS SELECT message FROM pg_temp.claimed() message;
SELECT results_eq($$ SELECT message ->> 'to', message ->> 'subject' FROM letters ORDER BY 1 $$,
    $$ VALUES ('admin@bolt.test', 'Invitation to Acme'), ('learner@acme.test', 'Invitation to Acme'), ('learner@bolt.test', 'Invitation to Acme'), ('nobody@nowhere.test', 'Invitation to Acme') $$,
    'a letter goes to each address, and to whoever has the id');
SELECT matches((SELECT message ->> 'text' FROM letters WHERE message ->> 'to' = 'nobody@nowhere.test'), 'https://acme.test/app/invitations/[A-Za-z0-9_-]{43}', 'it leads to the application, with a token');
SELECT is_empty($$ SELECT FROM letters l JOIN laurel.invitations i ON encode(i.token_hash, 'escape') LIKE '%' || pg_temp.token_in(l.message) || '%' $$, 'of which only a hash is stored');
SELECT is_empty('SELECT FROM laurel.delivery_attempts', 'whether anybody has the id is written nowhere that an administrator reads');
SELECT is((SELECT count(*) FROM letters l JOIN laurel.invitations i ON i.token_hash = sha256(pg_temp.token_in(l.message)::bytea)), 4::bigint, 'each has one of its own');
INSERT INTO laurel.notification_templates (organization_id, type, channel, subject, body_text) VALUES
    (tests.acme(), 'invitation', 'email', 'Come to {{organization}}', 'As {{data.roles}}{{email}}{{user_name}}: {{data.token}}'), (tests.acme(), 'email_change', 'email', 'x', 'http://evil.test/{{data.token}}');
SELECT tests.act_as_admin();
SELECT isnt(laurel.invite_member('template@bolt.test', roles => '{trainer, admin}'), NULL, 'another is made');
SELECT tests.act_as_owner();
SELECT matches((SELECT concat_ws(' ', m ->> 'subject', m ->> 'text') FROM pg_temp.claimed() m), '^Come to Acme As trainer, org_admin: [A-Za-z0-9_-]{43}$', 'an organization has templates of its own');
INSERT INTO laurel.notification_templates (organization_id, type, channel, locale, subject, body_text) VALUES (tests.acme(), 'invitation', 'email', 'en', 'x', 'https://acme.test/en/{{data.token}}');
SELECT tests.act_as_admin();
SELECT laurel.invite_member('admin@bolt.test'), laurel.invite_member(user_id => tests.person('bolt_admin')) \g /dev/null
SELECT tests.act_as_owner();
SELECT is((SELECT string_agg(DISTINCT m ->> 'subject', ' ') FROM pg_temp.claimed() m), 'Come to Acme', 'which know nothing of the reader, the language neither');
UPDATE laurel.notification_templates SET body_html = '<img src="https://acme.test/{{data.token}}">';
SELECT tests.act_as_admin();
SELECT isnt(laurel.invite_member(user_id => tests.person('bolt_learner')), NULL, 'somebody is invited by id');
SELECT tests.act_as_owner();
SELECT is((SELECT m ->> 'html' FROM pg_temp.claimed() m), NULL, 'whose letter tells nobody that it was opened');
DELETE FROM laurel.invitations WHERE user_id = tests.person('bolt_learner');
DELETE FROM laurel.notification_templates;

-- Accepting.
SELECT token_in AS token FROM letters, pg_temp.token_in(message) WHERE message ->> 'to' = 'learner@bolt.test' \gset
SELECT tests.act_as_bolt_admin();
SELECT is(pg_temp.told(format('SELECT laurel.accept_invitation(%L)', :'token')), '42501 | the invitation is for somebody else | Sign in as the user whose address or id was invited.', 'an invitation for another address');
SELECT is(tests.error_of(format('SELECT laurel.accept_invitation(invitation_id => %L)', (SELECT id FROM made WHERE what = 'one elsewhere'))), '23503 invitations_pkey', 'is not there by its id');
SELECT tests.act('authenticated', '{"role": "authenticated"}');
SELECT is(tests.error_of(format('SELECT laurel.accept_invitation(%L)', :'token')), '42501', 'nobody accepts nothing');
SELECT tests.act_as(tests.person('bolt_learner'));
SELECT is(tests.error_of($$ SELECT laurel.accept_invitation('x') $$), '23503 invitations_pkey', 'a token is known');
SELECT is(tests.error_of($$ SELECT laurel.accept_invitation() $$), '22023', 'and given');
SELECT results_eq('SELECT organization_name, roles FROM laurel.my_invitations()', $$ VALUES ('Acme', '{learner}'::text[]) $$, 'who is invited finds the invitation');
SELECT set_config('request.headers', json_build_object('x-organization-id', tests.acme())::text, true);
SELECT is(laurel.accept_invitation(:'token', display_name => 'Bobby'), tests.acme(), 'and accepts it, also where the request names the organization to be joined');
SELECT is(laurel.org_id(), tests.acme(), 'which he belongs to then');
SELECT is(tests.error_of(format('SELECT laurel.accept_invitation(%L)', :'token')), 'PT409 invitations_status_steps', 'it is accepted once');
SELECT is(tests.error_of(format('SELECT laurel.decline_invitation(%L)', :'token')), 'PT409 invitations_status_steps', 'and not declined then');
SELECT tests.act_as_admin();
SELECT results_eq($$ SELECT status, user_id, answered_at IS NOT NULL FROM laurel.invitations WHERE email = 'learner@bolt.test' $$, $$ VALUES ('accepted', tests.person('bolt_learner'), true) $$, 'the administrator sees who has come');
SELECT results_eq($$ SELECT display_name FROM laurel.user_organizations WHERE user_id = tests.person('bolt_learner') $$, $$ VALUES ('Bobby') $$, 'under the name that was chosen');
SELECT is_empty($$ SELECT FROM laurel.users WHERE id = tests.person('bolt_learner') $$, 'and no other');
SELECT isnt(laurel.record_points_transaction(tests.person('bolt_learner'), 5, 't', reason => 'r'), NULL, 'gives points');
SELECT is((SELECT display_name FROM laurel.leaderboard('all_time')), 'Bobby', 'and reads that name on leaderboards');
SELECT tests.act_as_owner();
SELECT results_eq($$ SELECT type, user_id FROM laurel.domain_events WHERE type IN ('member_joined', 'invitation_accepted') ORDER BY 1 $$,
    $$ VALUES ('invitation_accepted', tests.person('admin')), ('member_joined', tests.person('bolt_learner')) $$, 'both are told');
UPDATE laurel.user_organizations SET display_name = NULL WHERE organization_id = tests.acme() AND user_id = tests.person('bolt_learner');
SELECT tests.act_as_admin();
SELECT is((SELECT display_name FROM laurel.leaderboard('all_time')), NULL, 'who has chosen no name has none, whatever it is at home');
SELECT tests.act_as_learner();
SELECT is((SELECT count(*) FROM laurel.leaderboard('all_time')), 1::bigint, 'others see him');
SELECT tests.act_as(tests.person('bolt_learner'), tests.acme());
SELECT results_eq($$ UPDATE laurel.user_organizations SET leaderboard_privacy = 'hidden' RETURNING user_id $$, $$ VALUES (tests.person('bolt_learner')) $$, 'until he hides there');
SELECT is(tests.error_of('UPDATE laurel.user_organizations SET joined_at = now()'), '42501', 'he changes what he may');
SELECT tests.act_as_learner();
SELECT is((SELECT count(*) FROM laurel.leaderboard('all_time')) + (SELECT count(*) FROM laurel.standings('all_time')), 0::bigint, 'and not elsewhere');

-- Roles, and who granted them.
SELECT pg_temp.invited('admin@bolt.test', '{admin, manager}') AS token \gset
SELECT tests.act_as_bolt_admin();
SELECT is(laurel.accept_invitation(:'token'), tests.acme(), 'roles come with an invitation');
SELECT tests.act_as_owner();
SELECT results_eq($$ SELECT role, granted_by FROM laurel.user_roles WHERE organization_id = tests.acme() AND user_id = tests.person('bolt_admin') ORDER BY 1 $$,
    $$ VALUES ('manager', tests.person('admin')), ('org_admin', tests.person('admin')) $$, 'granted by who invited');
-- Left, and invited again.
DELETE FROM laurel.user_organizations WHERE organization_id = tests.acme() AND user_id = tests.person('bolt_admin');
SELECT tests.act_as_bolt_admin();
SELECT is(tests.error_of(format('SELECT laurel.accept_invitation(%L)', :'token')), 'PT409 invitations_status_steps', 'who has left does not come back by the old one');
SELECT pg_temp.invited('admin@bolt.test') AS token \gset
SELECT tests.act_as_bolt_admin();
SELECT is(laurel.accept_invitation(:'token'), tests.acme(), 'but by a new one');
SELECT is((SELECT count(*) FROM laurel.user_roles WHERE organization_id = tests.acme()), 0::bigint, 'without the roles of then');

-- The right to grant is lost meanwhile.
SELECT pg_temp.invited('revoked@bolt.test', '{trainer}') AS token \gset
DELETE FROM laurel.user_roles WHERE user_id = tests.person('admin');
SELECT tests.act_as_service();
SELECT is(pg_temp.told(format('SELECT laurel.accept_invitation(%L)', :'token')), 'PT409 | the invitation does not hold any more | Ask for another invitation.', 'who may not grant any more has invited in vain');
SELECT tests.act_as_owner();
INSERT INTO laurel.user_roles (user_id, role) VALUES (tests.person('admin'), 'org_admin');
UPDATE laurel.users SET is_active = false WHERE id = tests.person('admin');
SELECT is(tests.error_of(format('SELECT laurel.accept_invitation(%L)', :'token')), 'PT409 invitations_invited_by', 'so has who is not active');
UPDATE laurel.users SET is_active = true WHERE id = tests.person('admin');

-- The back end invites in its own right, on whose behalf it may act.
SELECT laurel.set_context(tests.person('learner')) \g /dev/null
SELECT laurel.invite_member('learner@acme.test', roles => '{manager}', organization_id => tests.acme(), by_mail => false) AS invitation \gset
SELECT is((SELECT invited_by FROM laurel.invitations WHERE id = :'invitation'), NULL, 'the back end signs for nobody who may not');
SELECT is(laurel.accept_invitation(laurel.create_invitation_token(:'invitation')), tests.acme(), 'and its invitation holds');
SELECT tests.act_as_owner();

-- On behalf of nobody the back end joins nobody who has an account: whoever has seen the token is not the person.
SELECT pg_temp.invited('learner@bolt.test') AS seen \gset
SELECT laurel.invite_member(user_id => tests.person('bolt_learner'), organization_id => tests.acme()) AS by_id \gset
SELECT tests.act_as_service();
SELECT is((SELECT array_agg(DISTINCT pg_temp.told(format('SELECT laurel.accept_invitation(%L)', token))) FROM unnest(ARRAY[:'seen', laurel.create_invitation_token(:'by_id')]) token),
    ARRAY['42501 | the invitation is for somebody who has an account | Accept it on behalf of that user, who signs in first.'], 'a token alone joins no account');
SELECT is(pg_temp.told(format('SELECT laurel.accept_invitation(%L)', laurel.create_invitation_token(laurel.invite_member(user_id => laurel.uuidv7(), organization_id => tests.acme())))),
    '23503 | there is no such invitation | A newer letter has another token. Else ask for another invitation.', 'and makes none for an id');
SELECT tests.act_as_owner();
DELETE FROM laurel.invitations WHERE status = 'pending' AND (email = 'learner@bolt.test' OR user_id IS NOT NULL);

-- New addresses.
SELECT is(laurel.accept_invitation(:'token', display_name => 'Newt'), tests.acme(), 'the back end accepts for an address that is nobody''s');
SELECT results_eq($$ SELECT u.organization_id, u.full_name, u.email_verified, r.role FROM laurel.users u JOIN laurel.user_roles r ON r.user_id = u.id WHERE u.email = 'revoked@bolt.test' $$,
    $$ VALUES (tests.acme(), 'Newt', false, 'trainer') $$, 'an account is made, at home there, its address unproven');
SELECT pg_temp.invited('later@bolt.test') AS token \gset
SELECT id AS later FROM laurel.invitations WHERE email = 'later@bolt.test' \gset
INSERT INTO laurel.users (id, organization_id, email) VALUES (tests.person('later'), tests.bolt(), 'later@bolt.test');
SELECT tests.act_as(tests.person('later'));
SELECT is_empty('SELECT FROM laurel.my_invitations()', 'an account made later finds nothing while its address is unproven');
SELECT is(tests.error_of(format('SELECT laurel.accept_invitation(invitation_id => %L)', :'later')), '23503 invitations_pkey', 'nor accepts it by its id');
SELECT is((SELECT array_agg(DISTINCT pg_temp.told(format('SELECT laurel.decline_invitation(invitation_id => %L)', id))) FROM unnest(ARRAY[:'later'::uuid, laurel.uuidv7()]) id),
    ARRAY['23503 | there is no such invitation | Answer with the token of the letter. The id suffices where you were invited by your own, or by an address that is verified.'],
    'and hears what to do, as of none');
SELECT tests.act_as_service();
UPDATE laurel.users SET email_verified = true WHERE id = tests.person('later');
SELECT tests.act_as(tests.person('later'));
SELECT results_eq('SELECT invitation_id FROM laurel.my_invitations()', format('SELECT %L::uuid', :'later'), 'but once it is proven');
SELECT tests.act_as_service();
UPDATE laurel.users SET email_verified = false WHERE id = tests.person('later');
SELECT tests.act_as(tests.person('later'));
SELECT is(laurel.accept_invitation(:'token'), tests.acme(), 'and the letter proves enough');

-- Declined, withdrawn, expired, replaced.
SELECT pg_temp.invited('declines@bolt.test') AS token \gset
SELECT tests.act_as_service();
SELECT lives_ok(format('SELECT laurel.decline_invitation(%L)', :'token'), 'whoever has the letter declines');
SELECT is(pg_temp.told(format('SELECT laurel.accept_invitation(%L)', :'token')), 'PT409 | the invitation was declined | An invitation is answered once. Ask for another one.', 'for good');
SELECT pg_temp.invited('withdrawn@bolt.test') AS token \gset
SELECT id AS invitation FROM laurel.invitations WHERE email = 'withdrawn@bolt.test' \gset
SELECT tests.act_as_bolt_admin();
SELECT is((SELECT array_agg(DISTINCT tests.error_of(format('SELECT laurel.withdraw_invitation(%L)', id))) FROM unnest(ARRAY[:'invitation'::uuid, laurel.uuidv7()]) id), '{23503 invitations_pkey}', 'another organization''s invitations are not there');
SELECT tests.act_as_admin();
SELECT lives_ok(format('SELECT laurel.withdraw_invitation(%L)', :'invitation'), 'an administrator takes one back');
SELECT is(tests.error_of(format('SELECT laurel.withdraw_invitation(%L)', :'invitation')), 'PT409 invitations_status_steps', 'once');
SELECT is(pg_temp.told(format('SELECT laurel.withdraw_invitation(%L)', :'invitation')), 'PT409 | the invitation was withdrawn | Invite anew with laurel.invite_member().', 'and hears what to do');
SELECT is(pg_temp.told(format('SELECT laurel.withdraw_invitation(%L)', laurel.uuidv7())),
    '23503 | there is no such invitation | laurel.invitations lists those of the organization.', 'also of none');
SELECT tests.act_as_service();
SELECT is(pg_temp.told(format('SELECT laurel.accept_invitation(%L)', :'token')), 'PT409 | the invitation was withdrawn | An invitation is answered once. Ask for another one.', 'which is accepted by nobody');
SELECT pg_temp.invited('again@bolt.test') AS token \gset
SELECT pg_temp.invited('again@bolt.test') AS newer \gset
SELECT is(tests.error_of(format('SELECT laurel.accept_invitation(%L)', :'token')), 'PT409 invitations_status_steps', 'a newer one takes the older one''s place');
SELECT is(pg_temp.status('again@bolt.test'), 'withdrawn pending', 'which is withdrawn');
SELECT isnt(laurel.create_invitation_token((SELECT id FROM laurel.invitations WHERE email = 'again@bolt.test' AND status = 'pending')), NULL, 'the back end makes a token');
SELECT is(tests.error_of(format('SELECT laurel.accept_invitation(%L)', :'newer')), '23503 invitations_pkey', 'with which the letter''s is void');
SELECT lives_ok($$ SELECT pg_temp.invited('again@bolt.test') $$, 'one more');
SELECT tests.act_as_admin();
SELECT is(tests.error_of($$ SELECT laurel.invite_member('again@bolt.test') $$), 'PT429 invitations_invitations_to_one_quota', 'but no fourth in a week');
SELECT tests.act_as_owner();
UPDATE laurel.organizations SET daily_invitations = (SELECT count(*) FROM laurel.invitations) + 1 WHERE id = tests.acme();
SELECT pg_temp.invited('expires@bolt.test') AS token \gset
SELECT tests.act_as_admin();
SELECT is(tests.error_of($$ SELECT laurel.invite_member('toomany@bolt.test') $$), 'PT429 invitations_invitations_quota', 'nor more in a day than the organization may');
SELECT is(tests.error_of('UPDATE laurel.organizations SET daily_invitations = 100000'), '42501', 'which it does not say itself');
SELECT tests.act_as_owner();

-- Clocks: an invitation that ended, and one that seems to come from the future.
CREATE FUNCTION pg_temp.set_times(address text, made timestamptz, ends timestamptz) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    SET LOCAL session_replication_role = replica;
    UPDATE laurel.invitations SET created_at = made, expires_at = ends WHERE email = address;
    SET LOCAL session_replication_role = origin;
END
$$;
SELECT pg_temp.set_times('expires@bolt.test', now() - interval '8 days', now() - interval '1 second');
SELECT is(pg_temp.told(format('SELECT laurel.accept_invitation(%L)', :'token')), 'PT409 | the invitation has expired | An invitation is answered once. Ask for another one.', 'one that is over is accepted by nobody');
SELECT pg_temp.set_times('expires@bolt.test', now() + interval '1 day', now() + interval '8 days');
SELECT is(laurel.accept_invitation(:'token'), tests.acme(), 'a clock that was set back does no harm');

-- Somebody is gone, an organization is not active, and who is above them.
UPDATE laurel.organizations SET daily_invitations = 1000 WHERE id = tests.acme();
INSERT INTO laurel.users (id, organization_id, email, email_verified) VALUES (tests.person('gone'), tests.bolt(), 'gone@bolt.test', true);
SELECT pg_temp.invited('gone@bolt.test') AS token \gset
SELECT tests.act_as(tests.person('gone'));
SELECT is((SELECT count(*) FROM laurel.my_invitations()), 1::bigint, 'somebody is invited');
SELECT tests.act_as_owner();
DELETE FROM laurel.users WHERE id = tests.person('gone');
SELECT is((SELECT string_agg(concat_ws(' ', status, coalesce(email, 'nobody'), user_id), ', ') FROM laurel.invitations WHERE token_hash = sha256(:'token'::bytea)), 'withdrawn nobody',
    'who is deleted is in no invitation any more');
SELECT is(tests.error_of(format('SELECT laurel.accept_invitation(%L)', :'token')), 'PT409 invitations_status_steps', 'and makes no account by one');
SELECT tests.act('authenticated', json_build_object('sub', tests.person('gone'))::text);
SELECT is(pg_temp.told(format('SELECT laurel.accept_invitation(%L)', :'token')), 'PT409 | the user is gone | Ask for another invitation, for an account that is there.', 'nor comes in with what is left of a session');
SELECT is_empty('SELECT FROM laurel.my_invitations()', 'or finds anything');
SELECT tests.act_as_owner();
SELECT pg_temp.invited('asleep@bolt.test') AS token \gset
UPDATE laurel.organizations SET is_active = false WHERE id = tests.acme();
SELECT is(pg_temp.told(format('SELECT laurel.accept_invitation(%L)', :'token')), 'PT409 | the organization is not active | It can be accepted once organizations.is_active is set again.', 'nobody joins what is not active');
UPDATE laurel.organizations SET is_active = true WHERE id = tests.acme();
INSERT INTO laurel.users (id, organization_id, email, is_active) VALUES (tests.person('asleep'), tests.bolt(), 'asleep@bolt.test', false);
SELECT tests.act('authenticated', json_build_object('sub', tests.person('asleep'))::text);
SELECT is(pg_temp.told(format('SELECT laurel.accept_invitation(%L)', :'token')), 'PT409 | the user is not active | It can be answered once users.is_active is set again.', 'nor does who is not');
SELECT tests.act_as(tests.person('root'));
SELECT isnt(laurel.invite_member(user_id => tests.person('bolt_learner'), roles => '{platform_admin}', organization_id => tests.bolt(), by_mail => false), NULL, 'a platform administrator invites others');
SELECT tests.act_as_owner();
SELECT is_empty('SELECT FROM pg_temp.claimed() m WHERE m ->> ''subject'' LIKE ''Invitation%''', 'without a letter where none is wanted');
SELECT tests.act_as(tests.person('bolt_learner'));
SELECT is(laurel.accept_invitation(invitation_id => m.invitation_id), tests.bolt(), 'and who is a member already gets the role') FROM laurel.my_invitations() m;
SELECT tests.act_as_owner();
SELECT is((SELECT count(*) FROM laurel.user_roles WHERE user_id = tests.person('bolt_learner') AND role = 'platform_admin'), 1::bigint, 'which is there');

-- Letters to one address.
SELECT is((SELECT count(*) FROM laurel_internal.letters_sent WHERE mailbox = sha256('again@bolt.test')), 3::bigint, 'letters are counted by address');
INSERT INTO laurel_internal.letters_sent (mailbox, sent_at) SELECT sha256('often@bolt.test'), clock_timestamp() FROM generate_series(1, 10);
SELECT is(pg_temp.invited('often@bolt.test'), NULL, 'an address gets ten letters a day, whoever writes');
SELECT is((SELECT string_agg(concat_ws(' ', state, attempts, last_error), ', ') FROM laurel.notification_deliveries WHERE letter_id IS NOT NULL AND state = 'ready'), 'ready 0 the address has got many letters today', 'the others wait');

DELETE FROM laurel.notification_deliveries;
INSERT INTO laurel.users (organization_id, email) SELECT tests.acme(), n || '@many.test' FROM generate_series(1, 12) n;
SELECT count(laurel.change_email('flooded@bolt.test', id)) FROM laurel.users WHERE email LIKE '%@many.test' \g /dev/null
SELECT is((SELECT count(*) FROM pg_temp.claimed() m WHERE m ->> 'to' = 'flooded@bolt.test'), 10::bigint, 'also of those that go out at once');
DELETE FROM laurel.notification_deliveries;
-- What cannot be made beside a letter leaves its token alone.
ALTER TABLE laurel.notifications DROP CONSTRAINT notifications_data_check;
SELECT tests.act_as_admin();
SELECT laurel.invite_member('beside@bolt.test') \g /dev/null
SELECT tests.act_as_owner();
INSERT INTO laurel.notifications (user_id, type, title, channels, data, priority) VALUES (tests.person('learner'), 'deep', 'Deep', '{push}', ('{"a":' || repeat('[', 6000) || repeat(']', 6000) || '}')::jsonb, 1);
UPDATE laurel.notification_deliveries SET due_at = due_at - (CASE WHEN letter_id IS NULL THEN 1 ELSE 2 END) * interval '1 minute';
SET LOCAL max_stack_depth = '150kB';
CREATE TEMP TABLE beside AS SELECT message FROM laurel_internal.claim_deliveries('70000000-0000-0000-0000-000000000001', 100);
RESET max_stack_depth;
SELECT is((SELECT string_agg(concat_ws(' ', state, last_error), ', ' ORDER BY state) FROM laurel.notification_deliveries), 'dead no message: stack depth limit exceeded (54001), leased', 'one message fails, and a letter goes out');
SELECT is((SELECT sha256(pg_temp.token_in(message)::bytea) FROM beside), (SELECT token_hash FROM laurel.invitations WHERE email = 'beside@bolt.test'), 'whose token holds');
DELETE FROM laurel.delivery_batches;

-- How letters end.
DELETE FROM laurel.notification_deliveries;
SELECT tests.act_as_admin();
SELECT count(laurel.invite_member(n || '@ends.test')) FROM unnest('{arrives, fails, later}'::text[]) n \g /dev/null
SELECT tests.act_as_owner();
CREATE TEMP TABLE leased AS SELECT d.*, split_part(message ->> 'to', '@', 1) AS name FROM laurel_internal.claim_deliveries('70000000-0000-0000-0000-000000000001', 100) d;
SELECT is(laurel_internal.complete_deliveries((SELECT DISTINCT lease_token FROM leased), (SELECT jsonb_agg(jsonb_build_object('id', delivery_id, 'outcome',
    CASE name WHEN 'arrives' THEN 'delivered' WHEN 'fails' THEN 'dead' ELSE 'retry' END, 'error', '550 no mailbox')) FROM leased)), 3::bigint, 'letters arrive, fail, or are tried again');
SELECT is((SELECT string_agg(state, ' ' ORDER BY state) FROM laurel.notification_deliveries), 'dead ready', 'as other deliveries do');
SELECT is((SELECT sum(delivered) || ' ' || sum(dead) || ' ' || sum(retried) FROM laurel.delivery_batches), '1 1 1', 'and are counted');
SELECT is_empty($$ SELECT FROM laurel.delivery_attempts a JOIN leased l USING (delivery_id) $$, 'but not told one by one');
SELECT results_eq('SELECT user_id, notification_id, reason FROM laurel.dead_deliveries()', $$ VALUES (NULL::uuid, NULL::uuid, '550 no mailbox') $$, 'save to the back end');
SELECT is(laurel.redrive_deliveries(), 1::bigint, 'which sends a dead one again');
SELECT isnt((SELECT pg_temp.token_in(m) FROM pg_temp.claimed() m WHERE m ->> 'to' = 'fails@ends.test'), (SELECT pg_temp.token_in(message) FROM leased WHERE name = 'fails'), 'with another token');

-- What is over is called so, and goes.
SELECT pg_temp.set_times('often@bolt.test', now() - interval '8 days', now() - interval '1 second');
DO $$
DECLARE
    run uuid;
BEGIN
    PERFORM laurel_internal.enter_retention();
    run := (SELECT r.run FROM laurel_internal.start_retention('invitations_expired', false) r);
    WHILE (SELECT b.more FROM laurel_internal.retention_batch(run, true) b) LOOP END LOOP;
END
$$;
SELECT is(pg_temp.status('often@bolt.test'), 'expired', 'retention says that an invitation has expired');

SELECT * FROM finish();
ROLLBACK;
