-- An organization that is not active: its members see and write nothing, nobody signs in by it, nothing is sent. At once,
-- and all of it comes back.
\ir ../support/load.sql
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT plan(40);

-- 1 learns and 2 administers at Acme, 3 is at home at Bolt and a guest of Acme who administers it too, 4 keeps the platform from Acme.
SELECT tests.cast('learner', 'admin', 'bolt_learner', 'root'), tests.invite('bolt_learner', tests.acme());
INSERT INTO laurel.user_roles (organization_id, user_id, role) VALUES (tests.acme(), tests.person('bolt_learner'), 'org_admin');
CREATE FUNCTION pg_temp.org(n integer) RETURNS uuid LANGUAGE sql IMMUTABLE AS $$ SELECT tests.org(('{a, b}'::text[])[n]) $$;
CREATE FUNCTION pg_temp.person(n integer) RETURNS uuid LANGUAGE sql IMMUTABLE AS $$ SELECT tests.person(('{learner, admin, bolt_learner, root}'::text[])[n]) $$;
INSERT INTO laurel.courses (organization_id, name) VALUES (pg_temp.org(1), 'Course');
SELECT laurel.set_password(pg_temp.person(n), 'correct horse') FROM generate_series(1, 4) n;
CREATE TEMP TABLE kept AS SELECT n, laurel.create_session(pg_temp.person(n)) AS session, laurel.create_one_time_token(pg_temp.person(n), 'sign_in') AS sign_in,
    laurel.create_one_time_token(pg_temp.person(n), 'invitation') AS invitation FROM generate_series(1, 4) n;

-- What somebody sees of Acme: organizations, members, courses.
CREATE FUNCTION pg_temp.seen_by(n integer, org integer DEFAULT NULL) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    seen text;
BEGIN
    PERFORM tests.act_as(pg_temp.person(n), pg_temp.org(org));
    seen := concat_ws(' ', (SELECT count(*) FROM laurel.organizations), (SELECT count(*) FROM laurel.users), (SELECT count(*) FROM laurel.courses),
        (SELECT count(*) FROM laurel.user_points), (SELECT count(*) FROM laurel.profiles), laurel.org_id() IS NOT NULL, laurel_internal.me() IS NOT NULL,
        laurel.member_of(pg_temp.org(1)), laurel.administers(pg_temp.org(1)));
    PERFORM tests.act_as_owner();
    RETURN seen;
END
$$;
-- The error of what somebody does.
CREATE FUNCTION pg_temp.does(n integer, what text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    error text;
BEGIN
    PERFORM tests.act_as(pg_temp.person(n), pg_temp.org(1));
    error := tests.error_of(what);
    PERFORM tests.act_as_owner();
    RETURN error;
END
$$;
SELECT is(pg_temp.seen_by(1), '1 1 1 1 1 t t t f', 'a member sees what is his');
SELECT is(pg_temp.seen_by(2), '1 3 1 4 3 t t t t', 'an administrator everybody');
CREATE TEMP TABLE before AS SELECT pg_temp.seen_by(4) AS seen;

UPDATE laurel.organizations SET is_active = false WHERE id = pg_temp.org(1);
SELECT is(pg_temp.seen_by(1), '0 0 0 0 0 f f f f', 'then nothing');
SELECT is(pg_temp.seen_by(2), '0 0 0 0 0 f f f f', 'nor does an administrator');
SELECT is(pg_temp.seen_by(3), '1 1 0 1 1 t t f f', 'a guest is left with his home');
SELECT is(pg_temp.seen_by(4), seen, 'who keeps the platform sees all as before') FROM before;
SELECT is(pg_temp.does(n, what), '42501', format('%s does not %s', n, name)) FROM generate_series(1, 3) n, (VALUES
    ('pay', $$ SELECT laurel.record_points_transaction(pg_temp.person(1), 5, 'bonus', reason => 'r', organization_id => pg_temp.org(1)) $$),
    ('write', $$ INSERT INTO laurel.courses (organization_id, name) VALUES (pg_temp.org(1), 'Another') $$),
    ('notify', $$ SELECT laurel.notify(pg_temp.person(1), 't', 't', organization_id => pg_temp.org(1)) $$),
    ('make itself active', $$ UPDATE laurel.organizations SET is_active = true WHERE id = pg_temp.org(1) $$)) AS v (name, what);
SELECT is(pg_temp.does(1, $$ SELECT laurel.set_password(pg_temp.person(1), 'another horse', 'correct horse') $$), '42501', 'nor changes a password');
SELECT is(pg_temp.does(4, $$ SELECT laurel.record_points_transaction(pg_temp.person(1), 5, 'bonus', reason => 'r', organization_id => pg_temp.org(1)) $$), 'none', 'the platform may pay');
SELECT tests.act_as_service();
SELECT is(tests.error_of($$ SELECT laurel.record_points_transaction(pg_temp.person(1), 5, 'bonus', reason => 'r', organization_id => pg_temp.org(1)) $$), 'none', 'and the back end');
SELECT tests.act_as_owner();

-- Signing in: only who belongs to another organization, too, or keeps the platform.
SELECT is((SELECT string_agg(n::text, ' ' ORDER BY n) FROM kept WHERE laurel.session_user_id(session) IS NOT NULL), '3 4', 'sessions open for who is left something');
SELECT is((SELECT string_agg(n::text, ' ' ORDER BY n) FROM generate_series(1, 4) n JOIN laurel.users u ON u.id = pg_temp.person(n) WHERE laurel.verify_password(u.email, 'correct horse') IS NOT NULL), '3 4', 'so do passwords');
SELECT is((SELECT string_agg(n::text, ' ' ORDER BY n) FROM kept WHERE laurel.consume_one_time_token(sign_in, 'sign_in') IS NOT NULL), '3 4', 'and links');
SELECT is((SELECT string_agg(n::text, ' ' ORDER BY n) FROM kept WHERE laurel.consume_one_time_token(invitation, 'invitation') IS NOT NULL), '1 2 3 4', 'who is invited may still come');
SELECT throws_ok($$ SELECT laurel.create_session(pg_temp.person(1)) $$, 'PT409', 'the user has no active organization', 'no session is opened');
SELECT isnt(laurel.create_session(pg_temp.person(3)), NULL, 'but for a guest');

-- Sending waits.
SELECT laurel_internal.register_worker('f0000000-0000-0000-0000-000000000001', 'here', 1, '1');
CREATE FUNCTION pg_temp.claimed() RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(DISTINCT n.type, ' ' ORDER BY n.type) FROM laurel_internal.claim_deliveries('f0000000-0000-0000-0000-000000000001', 100) c JOIN laurel.notifications n ON n.id = c.notification_id
$$;
CREATE FUNCTION pg_temp.fate(kind text) RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(concat_ws(' ', d.state, d.attempts, d.due_at > now() + interval '10 minutes', d.last_error), ', ' ORDER BY d.id)
    FROM laurel.notification_deliveries d JOIN laurel.notifications n ON n.id = d.notification_id WHERE n.type = kind
$$;
DELETE FROM laurel.notification_deliveries;
SELECT laurel.create_webhook_endpoint('https://hooks.example.com/', organization_id => pg_temp.org(1));
INSERT INTO laurel.notifications (organization_id, user_id, type, title, channels, priority) VALUES
    (pg_temp.org(1), pg_temp.person(1), 'mail', 'x', '{email}', 5), (pg_temp.org(1), pg_temp.person(1), 'hook', 'x', '{webhook}', 5),
    (pg_temp.org(1), pg_temp.person(1), 'alarm', 'x', '{email}', 0), (pg_temp.org(1), pg_temp.person(1), 'old', 'x', '{email}', 5),
    (pg_temp.org(2), pg_temp.person(3), 'elsewhere', 'x', '{email}', 5);
UPDATE laurel.notification_deliveries d SET created_at = now() - interval '8 days' FROM laurel.notifications n WHERE n.id = d.notification_id AND n.type = 'old';
SELECT is(pg_temp.claimed(), 'elsewhere', 'only what others say is sent');
SELECT is(pg_temp.fate(kind), 'ready 0 t the organization is not active', kind || ' waits, no attempt counted') FROM unnest('{mail, hook, alarm}'::text[]) kind;
SELECT results_eq($$ SELECT a.outcome, a.error FROM laurel.delivery_attempts a JOIN laurel.notifications n ON n.id = a.notification_id WHERE n.type = 'old' $$,
    $$ VALUES ('cancelled', 'the organization is not active') $$, 'what has waited for a week is given up');
SELECT is(pg_temp.claimed(), NULL, 'what waits is not looked at again and again');
UPDATE laurel.organizations SET is_active = is_active, name = name WHERE id = pg_temp.org(1);
SELECT is(pg_temp.claimed(), NULL, 'nor when nothing has changed');
UPDATE laurel.organizations SET is_active = true WHERE id = pg_temp.org(1);
SELECT is(pg_temp.claimed(), 'alarm hook mail', 'it goes out when the organization is active again');
SELECT is(pg_temp.seen_by(1), '1 1 1 1 1 t t t f', 'and its members are back');
SELECT is((SELECT string_agg(n::text, ' ' ORDER BY n) FROM kept WHERE laurel.session_user_id(session) IS NOT NULL), '1 2 3 4', 'with their sessions');

-- A user who is not active is sent nothing, by no channel.
UPDATE laurel.webhook_endpoints SET user_id = pg_temp.person(1);
DELETE FROM laurel.notification_deliveries;
INSERT INTO laurel.notifications (organization_id, user_id, type, title) VALUES (pg_temp.org(1), pg_temp.person(1), 'both', 'x');
SELECT is((SELECT string_agg(channel, ' ' ORDER BY channel) FROM laurel.notification_deliveries), 'email webhook', 'a member has an address and an endpoint');
UPDATE laurel.users SET is_active = false WHERE id = pg_temp.person(1);
SELECT is(pg_temp.claimed(), NULL, 'nothing goes to either');
SELECT is((SELECT string_agg(a.channel || ' ' || a.error, ', ' ORDER BY a.channel) FROM laurel.delivery_attempts a JOIN laurel.notifications n ON n.id = a.notification_id WHERE n.type = 'both'),
    'email the user is not active, webhook the user is not active', 'when the user is not active');

SELECT * FROM finish();
ROLLBACK;
