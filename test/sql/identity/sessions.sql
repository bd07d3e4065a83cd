\ir ../support/load.sql
BEGIN;
SELECT plan(68);

SELECT tests.cast('ada', 'bob', 'gone');
INSERT INTO laurel.user_roles (user_id, role) VALUES (tests.person('ada'), 'org_admin');

-- Passwords set by the back end.
SELECT tests.act_as_service();
SELECT lives_ok($$ SELECT laurel.set_password(tests.person('ada'), 'correct horse') $$,
    'the back end sets a password');
SELECT laurel.set_password(tests.person('gone'), 'correct horse');
SELECT matches((SELECT password_hash FROM laurel.users WHERE email = 'ada@acme.test'), '^\$2a\$10\$.{53}$',
    'which is stored as bcrypt of cost 10');
SELECT isnt((SELECT password_hash FROM laurel.users WHERE email = 'ada@acme.test'),
    (SELECT password_hash FROM laurel.users WHERE email = 'gone@acme.test'), 'with a salt of its own');
SELECT is(tests.error_of($$ SELECT laurel.set_password(tests.person('ada'), '1234567') $$), '22023',
    'seven bytes are too short');
SELECT is(tests.error_of($$ SELECT laurel.set_password(tests.person('ada'), repeat('x', 73)) $$),
    '22023', '73 bytes are more than bcrypt reads');
SELECT is(tests.error_of($$ SELECT laurel.set_password(tests.person('bob'), repeat('ü', 37)) $$),
    '22023', 'bytes are counted, not characters');
SELECT is(tests.error_of($$ SELECT laurel.set_password(tests.person('ada'), NULL) $$), '22004',
    'null is no password');
SELECT is(tests.error_of($$ SELECT laurel.set_password('00000000-0000-0000-0000-000000000000', 'correct horse') $$),
    '23503 users_pkey', 'nobody has no password');

-- Passwords verified.
SELECT is(laurel.verify_password('ada@acme.test', 'correct horse'), tests.person('ada'),
    'the right password names its user');
SELECT is(laurel.verify_password(' ADA@Acme.test', 'correct horse'), tests.person('ada'),
    'however the address is written');
SELECT is(laurel.verify_password('ada@acme.test', 'Correct horse'), NULL, 'the wrong one nobody');
SELECT is(laurel.verify_password('ada@acme.test', ''), NULL, 'nor does none');
SELECT is(laurel.verify_password('bob@acme.test', 'correct horse'), NULL, 'nor does any where none is set');
SELECT is(laurel.verify_password('who@acme.test', 'correct horse'), NULL, 'nor for an unknown address');
UPDATE laurel.users SET is_active = false WHERE email = 'gone@acme.test';
SELECT is(laurel.verify_password('gone@acme.test', 'correct horse'), NULL, 'nor for an inactive user');
SELECT laurel.set_password(tests.person('bob'), repeat('x', 72));
SELECT is(laurel.verify_password('bob@acme.test', repeat('x', 72)), tests.person('bob'),
    '72 bytes are all compared');
SELECT is(laurel.verify_password('bob@acme.test', repeat('x', 73)), NULL, 'and one more is another password');
UPDATE laurel.users SET password_hash = overlay(password_hash PLACING '$2b$' FROM 1) WHERE email = 'ada@acme.test';
SELECT is(laurel.verify_password('ada@acme.test', 'correct horse'), tests.person('ada'),
    'a hash of another library is understood');
UPDATE laurel.users SET password_hash = '$2y$10$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW'
WHERE email = 'bob@acme.test';
SELECT is(laurel.verify_password('bob@acme.test', 'U*U'), NULL, 'and refused where it does not fit');

-- One's own password.
SELECT tests.act_as(tests.person('ada'));
SELECT is(tests.error_of($$ SELECT laurel.set_password(laurel.uid(), 'battery staple') $$), '28P01',
    'the own password is changed by who knows it');
SELECT is(tests.error_of($$ SELECT laurel.set_password(laurel.uid(), 'battery staple', 'guess guess') $$), '28P01',
    'not by who guesses');
SELECT lives_ok($$ SELECT laurel.set_password(laurel.uid(), 'battery staple', 'correct horse') $$, 'then it is changed');
SELECT is(tests.error_of($$ SELECT laurel.set_password(tests.person('bob'), 'battery staple') $$),
    '42501', 'an administrator too sets the own password only');
SELECT is(tests.error_of($$ SELECT laurel.verify_password('ada@acme.test', 'battery staple') $$), '42501',
    'clients cannot try passwords');
SELECT tests.act_as(tests.person('gone'));
SELECT is(tests.error_of($$ SELECT laurel.set_password(laurel.uid(), 'battery staple', 'correct horse') $$), '42501',
    'who is inactive changes nothing');
SELECT tests.act_as_owner();
UPDATE laurel.users SET password_hash = NULL WHERE email = 'bob@acme.test';
SELECT tests.act_as(tests.person('bob'));
SELECT lives_ok($$ SELECT laurel.set_password(laurel.uid(), 'battery staple') $$, 'a first password needs no older one');
SELECT tests.act_as_anon();
SELECT is(tests.error_of($$ SELECT laurel.set_password(tests.person('ada'), 'battery staple') $$),
    '42501', 'anon sets none');

-- Sessions.
SELECT tests.act_as_service();
CREATE TEMPORARY TABLE given (name text, token text);
GRANT ALL ON given TO PUBLIC;
INSERT INTO given VALUES ('ada', laurel.create_session(tests.person('ada'), '10.1.2.3', 'Firefox')),
    ('ada again', laurel.create_session(tests.person('ada'))),
    ('bob', laurel.create_session(tests.person('bob'), lifetime => '1 hour')),
    ('short', laurel.create_session(tests.person('bob'), lifetime => '1 microsecond'));
SELECT matches((SELECT token FROM given WHERE name = 'ada'), '^[A-Za-z0-9_-]{43}$', 'a token is 43 characters of base64url');
SELECT isnt((SELECT token FROM given WHERE name = 'ada'), (SELECT token FROM given WHERE name = 'ada again'), 'never the same');
SELECT results_eq($$ SELECT s.organization_id, s.ip_address, s.user_agent FROM laurel.sessions s JOIN given g
        ON s.token_hash = sha256(convert_to(g.token, 'UTF8')) WHERE g.name = 'ada' $$,
    $$ VALUES (tests.acme(), '10.1.2.3'::inet, 'Firefox') $$,
    'of which the hash is stored, with where it comes from');
SELECT is((SELECT laurel.session_user_id(token) FROM given WHERE name = 'ada'),
    tests.person('ada'), 'a token opens its session');
SELECT is(laurel.session_user_id('nonsense'), NULL, 'nonsense opens none');
SELECT is((SELECT laurel.session_user_id(token) FROM given WHERE name = 'short'), NULL, 'nor does an expired one');
SELECT ok((SELECT expires_at - created_at = interval '30 days' FROM laurel.sessions WHERE user_agent = 'Firefox'),
    'a session lasts 30 days');
SELECT ok((SELECT last_activity = created_at FROM laurel.sessions WHERE user_agent = 'Firefox'),
    'activity within a minute is not written');
UPDATE laurel.sessions SET last_activity = last_activity - interval '2 minutes' WHERE user_agent = 'Firefox';
SELECT laurel.session_user_id(token) FROM given WHERE name = 'ada';
SELECT ok((SELECT last_activity > created_at FROM laurel.sessions WHERE user_agent = 'Firefox'), 'later activity is');
UPDATE laurel.users SET is_active = false WHERE email = 'bob@acme.test';
SELECT is((SELECT laurel.session_user_id(token) FROM given WHERE name = 'bob'), NULL, 'an inactive user has no session');
SELECT is(tests.error_of($$ SELECT laurel.create_session(tests.person('gone')) $$), 'PT409',
    'and gets none');
UPDATE laurel.users SET is_active = true WHERE email = 'bob@acme.test';
SELECT is(tests.error_of($$ SELECT laurel.create_session('00000000-0000-0000-0000-000000000000') $$),
    '23503 sessions_membership_fkey', 'nor does nobody');
SELECT is(tests.error_of($$ SELECT laurel.create_session(tests.person('ada'), lifetime => '0') $$),
    '22023', 'a session lasts some time');
SELECT is(tests.error_of($$ SELECT laurel.create_session(tests.person('ada'), lifetime => '-1 day') $$),
    '22023', 'forward in time');
SELECT is(tests.error_of($$ SELECT laurel.create_session(NULL) $$), '22004', 'and is somebody''s');
SELECT is((SELECT laurel.revoke_session(token) FROM given WHERE name = 'ada again'), true, 'a session is ended by its token');
SELECT is((SELECT laurel.revoke_session(token) FROM given WHERE name = 'ada again'), false, 'once');
SELECT tests.act_as(tests.person('ada'));
SELECT is(tests.error_of('SELECT FROM laurel.sessions'), '42501', 'clients do not read sessions');
SELECT is(tests.error_of('SELECT laurel.create_session(laurel.uid())'), '42501', 'nor open them');
SELECT is(tests.error_of($$ SELECT laurel.session_user_id('x') $$), '42501', 'nor try tokens');
SELECT is(tests.error_of($$ SELECT laurel.revoke_sessions(tests.person('bob')) $$), '42501',
    'nor end those of others');
SELECT is(laurel.revoke_sessions(laurel.uid()), 1::bigint, 'but all of their own');
SELECT tests.act_as_service();
SELECT is((SELECT laurel.session_user_id(token) FROM given WHERE name = 'ada'), NULL, 'which are ended at once');
SELECT is((SELECT count(*) FROM laurel.sessions WHERE user_id = tests.person('ada') AND token_hash IS NULL AND expires_at <= clock_timestamp()), 2::bigint, 'and stay without their token, so that it can be told that they were');
SELECT is(laurel.revoke_sessions(tests.person('ada')), 0::bigint, 'to end no more');
SELECT laurel.record_login(tests.person('ada'));
SELECT ok((SELECT last_login_at > now() FROM laurel.users WHERE email = 'ada@acme.test'), 'a sign-in is noted');
SELECT is(tests.error_of($$ SELECT laurel.record_login('00000000-0000-0000-0000-000000000000') $$), '23503 users_pkey',
    'of somebody who exists');

-- One-time tokens.
DELETE FROM given;
INSERT INTO given VALUES ('old', laurel.create_one_time_token(tests.person('ada'), 'password_reset')),
    ('mail', laurel.create_one_time_token(tests.person('ada'), 'email_verification')),
    ('short', laurel.create_one_time_token(tests.person('ada'), 'sign_in', '1 microsecond'));
INSERT INTO given VALUES ('new', laurel.create_one_time_token(tests.person('ada'), 'password_reset'));
SELECT is((SELECT laurel.consume_one_time_token(token, 'password_reset') FROM given WHERE name = 'old'), NULL,
    'a newer token voids the older one');
SELECT is((SELECT laurel.consume_one_time_token(token, 'sign_in') FROM given WHERE name = 'new'), NULL,
    'a token serves its purpose only');
SELECT is((SELECT laurel.consume_one_time_token(token, 'password_reset') FROM given WHERE name = 'new'),
    tests.person('ada'), 'and names its user');
SELECT is((SELECT laurel.consume_one_time_token(token, 'password_reset') FROM given WHERE name = 'new'), NULL, 'once');
SELECT is((SELECT laurel.consume_one_time_token(token, 'sign_in') FROM given WHERE name = 'short'), NULL,
    'not after it expired');
SELECT is((SELECT email_verified FROM laurel.users WHERE email = 'ada@acme.test'), false, 'an address is unproven');
SELECT laurel.consume_one_time_token(token, 'email_verification') FROM given WHERE name = 'mail';
SELECT is((SELECT email_verified FROM laurel.users WHERE email = 'ada@acme.test'), true, 'until its token comes back');
INSERT INTO given VALUES ('moved', laurel.create_one_time_token(tests.person('bob'), 'email_verification'));
UPDATE laurel.users SET email = 'robert@acme.test' WHERE email = 'bob@acme.test';
SELECT is((SELECT laurel.consume_one_time_token(token, 'email_verification') FROM given WHERE name = 'moved'), NULL,
    'a token sent to another address proves nothing');
INSERT INTO given SELECT purpose, laurel.create_one_time_token(tests.person('bob'), purpose)
FROM unnest('{sign_in, invitation}'::text[]) purpose;
UPDATE laurel.users SET is_active = false WHERE email = 'robert@acme.test';
SELECT results_eq($$ SELECT name, laurel.consume_one_time_token(token, name) FROM given WHERE name IN ('sign_in', 'invitation') ORDER BY name $$,
    $$ VALUES ('invitation', tests.person('bob')), ('sign_in', NULL) $$,
    'who is not active is invited, not signed in');
SELECT is(tests.error_of($$ SELECT laurel.create_one_time_token(tests.person('ada'), 'fun') $$), '22023',
    'a purpose is known');
SELECT is(tests.error_of($$ SELECT laurel.consume_one_time_token('x', 'fun') $$), '22023', 'at both ends');
SELECT is(tests.error_of($$ SELECT laurel.create_one_time_token(tests.person('ada'), 'sign_in', '0') $$),
    '22023', 'a token lives some time');
SELECT is(tests.error_of($$ SELECT laurel.create_one_time_token('00000000-0000-0000-0000-000000000000', 'sign_in') $$),
    '23503 one_time_tokens_membership_fkey', 'and is somebody''s');
SELECT tests.act_as(tests.person('ada'));
SELECT is(tests.error_of($$ SELECT laurel.create_one_time_token(laurel.uid(), 'sign_in') $$), '42501',
    'clients make no tokens');

SELECT * FROM finish();
ROLLBACK;
