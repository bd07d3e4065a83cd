-- One person, one account, however an address or a password is written, by every way in.
\ir ../support/load.sql
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT no_plan();
SELECT tests.cast();
SELECT laurel_internal.register_worker('70000000-0000-0000-0000-000000000001', 'host', 1, '1');

-- The same address in other words.
CREATE TEMP TABLE spellings AS SELECT * FROM (VALUES ('capitals', 'Ren' || U&'\00e9@M\00dcLLER.test'), ('an accent of its own', U&'rene\0301@mu\0308ller.test'), ('as DNS has it', U&'ren\00e9@xn--mller-kva.test'),
    ('a mark before it', U&'\feffren\00e9@m\00fcller.test'), ('blanks after it', U&'ren\00e9@m\00fcller.test\00a0\200b '), ('a wide dot', U&'ren\00e9@m\00fcller\3002test')) v (what, spelling);
GRANT SELECT ON spellings TO authenticated, service_role;
SELECT is(laurel.mail_address(spelling), U&'ren\00e9@xn--mller-kva.test', what) FROM spellings;
INSERT INTO laurel.users (organization_id, email) VALUES (tests.acme(), U&'Ren\00e9@m\00fcller.test');
SELECT id AS rene FROM laurel.users WHERE email = U&'ren\00e9@xn--mller-kva.test' \gset
SELECT is(tests.error_of(format('INSERT INTO laurel.users (organization_id, email) VALUES (%L, %L)', tests.bolt(), spelling)), '23505 users_email_key', 'no second account with ' || what) FROM spellings;
SELECT is(tests.error_of(format('UPDATE laurel.users SET email = %L WHERE id = %L', spelling, tests.person('other'))), '23505 users_email_key', 'nor by an update with ' || what) FROM spellings;
UPDATE laurel.users SET email_verified = true WHERE id = :'rene';
UPDATE laurel.users SET email = spelling FROM spellings WHERE id = :'rene';
SELECT is((SELECT email_verified FROM laurel.users WHERE id = :'rene'), true, 'another spelling is no other address');
SELECT laurel.set_password(:'rene', 'correct horse');
SELECT is(laurel.verify_password(spelling, 'correct horse'), :'rene', 'signs in with ' || what) FROM spellings;

-- Nobody signs in as somebody else whose address only looks the same, and garbage is nobody.
INSERT INTO laurel.users (organization_id, email) SELECT tests.acme(), a FROM unnest(ARRAY['kit@acme.test', 'ida@acme.test', 'sam@acme.test']) a;
SELECT laurel.set_password(id, 'their password') FROM laurel.users WHERE email IN ('kit@acme.test', 'ida@acme.test', 'sam@acme.test');
SELECT is(laurel.verify_password(given, 'their password'), NULL, 'nobody is ' || coalesce(given, 'null'))
FROM unnest(ARRAY[U&'\212Ait@acme.test', U&'\0131da@acme.test', U&'\0130da@acme.test', U&'\017fam@acme.test', U&'\ff4bit@acme.test', '<kit@acme.test>', 'mailto:kit@acme.test', 'kit@acme.test.', 'kit', '', repeat('k', 5000)]) given;
SELECT lives_ok(format('INSERT INTO laurel.users (organization_id, email) VALUES (%L, %L)', tests.acme(), given), 'an account of its own: ' || given)
FROM unnest(ARRAY[U&'\212Ait@acme.test', U&'\0131da@acme.test', U&'\0130da@acme.test', U&'\017fam@acme.test']) given;
SELECT is((SELECT count(*) FROM laurel.users WHERE email IN ('kit@acme.test', 'ida@acme.test', 'sam@acme.test')), 3::bigint, 'and theirs are what they were');

-- Invitations, codes and tokens.
SELECT is(tests.told(statement), '23514 | ' || table_column || ' must be an e-mail address | It has angle brackets. | Give what stands between < and > alone, such as ann@example.com. | ' || check_name, statement)
FROM (VALUES ($$ INSERT INTO laurel.users (email) VALUES ('<ann@acme.test>') $$, 'email of users', 'users_email_check'),
    ($$ UPDATE laurel.users SET email = '<ann@acme.test>' WHERE email = 'kit@acme.test' $$, 'email of users', 'users_email_check'),
    ($$ SELECT laurel.mail_address('<ann@acme.test>') $$, 'email of users', 'users_email_check'),
    ($$ SELECT laurel.invite_member('<ann@acme.test>', organization_id => tests.acme()) $$, 'email of invitations', 'invitations_email_check'),
    ($$ INSERT INTO laurel.invitations (organization_id, email, token_hash, expires_at) VALUES (tests.acme(), '<ann@acme.test>', sha256('x'), now()) $$, 'email of invitations', 'invitations_email_check'),
    ($$ SELECT laurel.change_email('<ann@acme.test>', tests.person('learner')) $$, 'email of one_time_tokens', 'one_time_tokens_email_check'),
    ($$ INSERT INTO laurel.one_time_tokens (user_id, purpose, email, token_hash, expires_at) VALUES (tests.person('learner'), 'sign_in', '<ann@acme.test>', sha256('x'), now()) $$, 'email of one_time_tokens', 'one_time_tokens_email_check')
) v (statement, table_column, check_name);
SELECT laurel.invite_member(spelling, organization_id => tests.bolt()) FROM spellings LIMIT 3;
SELECT results_eq($$ SELECT email, count(*) FILTER (WHERE status = 'pending'), count(*) FROM laurel.invitations GROUP BY 1 $$, $$ VALUES (U&'ren\00e9@xn--mller-kva.test', 1::bigint, 3::bigint) $$, 'all spellings are invited as one');
SELECT is(tests.error_of(format('SELECT laurel.invite_member(%L, organization_id => tests.bolt())', (SELECT spelling FROM spellings OFFSET 3 LIMIT 1))), 'PT429 invitations_invitations_to_one_quota', 'and count as one');
SELECT tests.act_as(:'rene');
SELECT is((SELECT count(*) FROM laurel.my_invitations()), 1::bigint, 'whom it reaches');
SELECT tests.act_as_owner();
INSERT INTO laurel.one_time_tokens (user_id, purpose, email, token_hash, expires_at) SELECT :'rene', 'sign_in', spelling, sha256('token of rene'), now() + interval '1 hour' FROM spellings LIMIT 1;
SELECT is((SELECT email FROM laurel.one_time_tokens WHERE user_id = :'rene'), U&'ren\00e9@xn--mller-kva.test', 'a token that a back end writes is for the address as it is');
SELECT laurel.change_email(U&' Zo\00eb@M\00dcLLER.test', tests.person('learner'));
SELECT is((SELECT message ->> 'to' FROM laurel_internal.claim_deliveries('70000000-0000-0000-0000-000000000001', 100, channels => '{email}') WHERE message ->> 'to' ~ 'zo'), U&'zo\00eb@xn--mller-kva.test', 'what is sent goes to the name that DNS knows');

-- Organizations and badges by their names.
UPDATE laurel.organizations SET domain = U&' M\00dcLLER.test' WHERE id = tests.acme();
SELECT is((SELECT domain FROM laurel.organizations WHERE id = tests.acme()), 'xn--mller-kva.test', 'a domain is as DNS has it');
SELECT is(tests.error_of(format('UPDATE laurel.organizations SET domain = %L WHERE id = tests.bolt()', U&'m\00fcller.test')), '23505 organizations_domain_key', 'and one organization''s, however it is written');
SELECT is(tests.told($$ UPDATE laurel.organizations SET domain = 'acme.test/' $$), '23514 | domain of organizations must be a domain | It has a character that no domain may have. | For example example.com. | organizations_domain_check', 'a page is no domain');
INSERT INTO laurel.organizations (name, slug) VALUES ('Third', ' The-THIRD ');
SELECT is((SELECT slug FROM laurel.organizations WHERE name = 'Third'), 'the-third', 'a slug is in lower case');
INSERT INTO laurel.badges (organization_id, slug, badge_name) VALUES (tests.acme(), 'First-Steps', 'First steps');
SELECT isnt((laurel.award_badge_named(tests.person('learner'), U&'\feffFIRST-steps ')).award_id, NULL, 'a badge is found by whatever spelling');
SELECT lives_ok($$ SELECT laurel.revoke_badge_named(tests.person('learner'), 'First-steps', 'by mistake') $$, 'and taken back');
SELECT is(tests.error_of($$ SELECT laurel.award_badge_named(tests.person('learner'), 'No such badge') $$), '23503 badge_awards_badge_id_fkey', 'one that is no slug is no badge');

-- Passwords: what keyboards and systems make in several ways is one, all else is another.
CREATE FUNCTION pg_temp.opens(password text, typed text) RETURNS boolean LANGUAGE sql AS $$
    SELECT laurel.set_password(tests.person('learner'), password);
    SELECT laurel.verify_password('learner@acme.test', typed) IS NOT NULL
$$;
SELECT is(pg_temp.opens(password, typed), same, description) FROM (VALUES
    (U&'cre\0300me br\00fbl\00e9e', U&'cr\00e8me bru\0302le\0301e', true, 'accents in either way'), (U&'four\00a0words\2003of\3000mine', 'four words of mine', true, 'blanks of all kinds'),
    (repeat(U&'\1112\1161\11ab\1100\1173\11af', 2), repeat(U&'\d55c\ae00', 2), true, 'Korean in parts or whole'), (U&'temperature 20 \212A', 'temperature 20 K', true, 'signs that Unicode holds for one'),
    -- Joiners where a script is written with them.
    (U&'\0645\06cc\200c\062e\0648\0627\0647\0645', U&'\0645\06cc\200c\062e\0648\0627\0647\0645', true, 'a Persian word with its non-joiner'), (U&'\0645\06cc\200c\062e\0648\0627\0647\0645', U&'\0645\06cc\062e\0648\0627\0647\0645', false, 'which is not the one without'),
    (U&'\0645\06cc\064e\200c\064e\062e\0648\0627', U&'\0645\06cc\064e\200c\064e\062e\0648\0627', true, 'marks beside it'),
    (U&'\0915\094d\200d\0937 four', U&'\0915\094d\200d\0937 four', true, 'a joiner after a virama'), (U&'\0915\094d\200c\0937 four', U&'\0915\094d\200d\0937 four', false, 'is not a non-joiner there'),
    ('Correct Horse', 'correct horse', false, 'not capitals'), (U&'\ff41bcdefgh', 'abcdefgh', false, 'not wide letters'), (' surrounded ', 'surrounded', false, 'not without its blanks'), ('two  blanks', 'two blanks', false, 'nor with fewer'),
    (repeat('x', 72), repeat('x', 73), false, 'nor with more at its end'), (repeat(U&'e\0301', 36), repeat(U&'\00e9', 36), true, '72 bytes once they are in normal form')) v (password, typed, same, description);
SELECT is(tests.told(format('SELECT laurel.set_password(tests.person(''learner''), %L)', password)), said, description) FROM (VALUES
    (E'tab\there it is', '22023 | a password must not hold what cannot be seen | It holds U+0009. | Letters, digits, signs and blanks of any script will do.', 'a control character'),
    (E'two lines\nof it', '22023 | a password must not hold what cannot be seen | It holds U+000A. | Letters, digits, signs and blanks of any script will do.', 'two lines'),
    (U&'\feffcorrect horse', '22023 | a password must not hold what cannot be seen | It holds U+FEFF. | Letters, digits, signs and blanks of any script will do.', 'a mark from a file'),
    (U&'correct\200bhorse', '22023 | a password must not hold what cannot be seen | It holds U+200B. | Letters, digits, signs and blanks of any script will do.', 'a blank without width'),
    (U&'correct\200dhorse', '22023 | a password must not hold what cannot be seen | It holds U+200D. | Letters, digits, signs and blanks of any script will do.', 'a joiner between letters that do not join'),
    (U&'\0645\06cc\0645\06cc\200c', '22023 | a password must not hold what cannot be seen | It holds U+200C. | Letters, digits, signs and blanks of any script will do.', 'one that nothing follows'),
    (U&'\200c\0645\06cc\0645\06cc', '22023 | a password must not hold what cannot be seen | It holds U+200C. | Letters, digits, signs and blanks of any script will do.', 'or precedes'),
    (U&'\0645\06cc\200d\0645\06cc', '22023 | a password must not hold what cannot be seen | It holds U+200D. | Letters, digits, signs and blanks of any script will do.', 'a joiner where letters join anyhow'),
    (U&'\0627\200c\0645\06cc\0645\06cc', '22023 | a password must not hold what cannot be seen | It holds U+200C. | Letters, digits, signs and blanks of any script will do.', 'a non-joiner after a letter that joins nothing after it'),
    (U&'correct\2028horse', '22023 | a password must not hold what cannot be seen | It holds U+2028. | Letters, digits, signs and blanks of any script will do.', 'a separator of lines'),
    (repeat('x', 73), '22023 | a password must have 8 to 72 bytes | It has 73 bytes. | Choose a shorter one; bcrypt would not look at what comes after.', 'more than bcrypt reads'),
    (repeat(U&'\00e9', 37), '22023 | a password must have 8 to 72 bytes | It has 74 bytes. | Choose a shorter one; bcrypt would not look at what comes after.', 'counted in bytes'),
    (U&'e\0301' || repeat(U&'a\0301', 2) || 'x', '22023 | a password must have 8 to 72 bytes | It has 7 bytes. | Choose a longer one.', 'counted in normal form'),
    ('', '22023 | a password must have 8 to 72 bytes | It has 0 bytes. | Choose a longer one.', 'none')) v (password, said, description);
SELECT laurel.set_password(tests.person('learner'), 'correct horse');
SELECT is(laurel.verify_password('learner@acme.test', typed), NULL, 'what nobody can have is wrong, and no error') FROM unnest(ARRAY[E'correct\thorse', U&'correct horse\200b', repeat('x', 500), '']) typed;
SELECT tests.act_as_learner();
SELECT lives_ok(format('SELECT laurel.set_password(laurel.uid(), %L, %L)', 'another horse', U&'correct\00a0horse'), 'who changes it may type the old one in another way');

SELECT * FROM finish();
ROLLBACK;
