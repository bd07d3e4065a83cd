-- Who signs in elsewhere, under an id that is no uuid, is the user whom user_identities names: (iss, sub) of the claims.
\ir ../support/load.sql
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT no_plan();

SELECT tests.cast();
SELECT tests.invite('learner', tests.bolt());
CREATE FUNCTION pg_temp.as_with(claims jsonb, headers text DEFAULT '') RETURNS void LANGUAGE sql AS $$
    SELECT tests.act('authenticated', claims::text), set_config('request.headers', headers, true);
$$;
CREATE FUNCTION pg_temp.claims(sub text, iss text DEFAULT 'https://clerk.acme.test') RETURNS jsonb LANGUAGE sql AS $$
    SELECT jsonb_strip_nulls(jsonb_build_object('iss', iss, 'sub', sub, 'role', 'authenticated'))
$$;
INSERT INTO laurel.user_identities (user_id, provider, subject) VALUES
    (tests.person('learner'), 'https://clerk.acme.test', 'user_2ab'), (tests.person('learner'), 'https://acme.auth0.test/', 'auth0|7'),
    (tests.person('admin'), 'https://clerk.acme.test', 'user_9zz'), (tests.person('other'), 'https://clerk.acme.test', tests.person('admin')::text),
    (tests.person('other'), repeat('i', 255), repeat('ü', 255));
INSERT INTO laurel.points_ledger (user_id, amount, transaction_type, reason) VALUES
    (tests.person('learner'), 5, 't', 'r'), (tests.person('admin'), 7, 't', 'r');

-- Who it is.
SELECT pg_temp.as_with(pg_temp.claims('user_2ab'));
SELECT is(laurel.uid(), tests.person('learner'), 'the user of issuer and subject');
SELECT is(laurel_internal.me(), tests.person('learner'), 'for policies too');
SELECT is(laurel.org_id(), tests.acme(), 'at home');
SELECT results_eq('SELECT amount FROM laurel.points_ledger', ARRAY[5::bigint], 'who sees what is his own');
SELECT is((laurel.record_activity()).current_streak, 1, 'and is meant where nobody is named');
SELECT is(tests.error_of('SELECT auth.uid()'), '22P02', 'auth.uid() raises, as on Supabase');
SELECT pg_temp.as_with(pg_temp.claims('user_2ab') || jsonb_build_object('org_id', tests.bolt()));
SELECT is(laurel.org_id(), tests.bolt(), 'a claim names the organization');
SELECT pg_temp.as_with(pg_temp.claims('user_2ab'), format('{"x-organization-id": "%s"}', tests.bolt()));
SELECT is(laurel.org_id(), tests.bolt(), 'and so does a header');
SELECT pg_temp.as_with(pg_temp.claims('auth0|7', 'https://acme.auth0.test/'));
SELECT is(laurel.uid(), tests.person('learner'), 'one person may sign in in two ways');
SELECT pg_temp.as_with(pg_temp.claims(repeat('ü', 255), repeat('i', 255)));
SELECT is(laurel.uid(), tests.person('other'), 'the longest names fit');
SELECT pg_temp.as_with(pg_temp.claims('user_9zz'));
SELECT laurel.record_points_transaction(tests.person('other'), 3, 't', reason => 'r');
SELECT results_eq($$ SELECT created_by FROM laurel.points_ledger WHERE user_id = tests.person('other') $$, ARRAY[tests.person('admin')], 'an administrator signs what he does');

-- Who it is not.
CREATE FUNCTION pg_temp.found(claims jsonb) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_temp.as_with(claims);
    RETURN concat_ws(' ', coalesce(laurel.uid()::text, 'nobody'), (SELECT count(*) FROM laurel.points_ledger));
END
$$;
SELECT is(pg_temp.found(claims), 'nobody 0', 'nobody, who sees nothing: ' || left(claims::text, 60))
FROM unnest(ARRAY[pg_temp.claims('user_2ab', NULL), pg_temp.claims('user_2ab', 'https://acme.auth0.test/'), pg_temp.claims('USER_2AB'), pg_temp.claims('user_2ab '),
    pg_temp.claims(''), pg_temp.claims('user_2ab', ''), pg_temp.claims('user_3'), pg_temp.claims(repeat('ü', 256), repeat('i', 255)), pg_temp.claims(repeat('x', 5000)),
    '{"sub": 5, "iss": "https://clerk.acme.test"}', '{"sub": "user_2ab", "iss": ["https://clerk.acme.test"]}', '{"sub": "user_2ab", "iss": null}']) claims;
SELECT pg_temp.as_with(pg_temp.claims(tests.person('admin')::text));
SELECT is(laurel.uid(), tests.person('admin'), 'a subject that is a uuid is the user itself, whatever user_identities says');

-- Who says so: the back end alone.
SELECT tests.act_as_admin();
SELECT is(tests.error_of($$ INSERT INTO laurel.user_identities (user_id, provider, subject) VALUES (tests.person('admin'), 'x', 'y') $$), '42501', 'no administrator writes identities');
SELECT is(tests.error_of('UPDATE laurel.user_identities SET subject = ''user_2ab'''), '42501', 'changes them');
SELECT is(tests.error_of('DELETE FROM laurel.user_identities'), '42501', 'or deletes them');
SELECT tests.act_as_learner();
SELECT results_eq('SELECT subject FROM laurel.user_identities ORDER BY subject', ARRAY['auth0|7', 'user_2ab'], 'each sees his own');
SELECT tests.act('anon', '');
SELECT is(tests.error_of('SELECT FROM laurel.user_identities'), '42501', 'and who is not signed in none');
SELECT tests.act_as_owner();
SELECT is(tests.error_of($$ INSERT INTO laurel.user_identities (user_id, provider, subject) VALUES (tests.person('other'), 'https://clerk.acme.test', 'user_2ab') $$),
    '23505 user_identities_provider_subject_key', 'an account elsewhere is one person''s');

-- What changes is true at once, for claims that were asked for before.
CREATE FUNCTION pg_temp.user_after(change text) RETURNS uuid LANGUAGE plpgsql AS $$
DECLARE
    found uuid;
BEGIN
    PERFORM pg_temp.as_with(pg_temp.claims('user_2ab')), laurel.uid();
    PERFORM tests.act_as_service();
    EXECUTE change;
    PERFORM pg_temp.as_with(pg_temp.claims('user_2ab'));
    found := laurel.uid();
    PERFORM tests.act_as_owner();
    RETURN found;
END
$$;
SELECT is(pg_temp.user_after($$ UPDATE laurel.user_identities SET last_used_at = now() $$), tests.person('learner'), 'nothing that matters changes');
SELECT is(pg_temp.user_after($$ UPDATE laurel.user_identities SET subject = 'user_2abc' WHERE subject = 'user_2ab' $$), NULL, 'another subject');
SELECT is(pg_temp.user_after($$ UPDATE laurel.user_identities SET subject = 'user_2ab' WHERE subject = 'user_2abc' $$), tests.person('learner'), 'and back');
SELECT is(pg_temp.user_after($$ UPDATE laurel.user_identities SET provider = 'x' WHERE subject = 'user_2ab' $$), NULL, 'another provider');
SELECT is(pg_temp.user_after($$ UPDATE laurel.user_identities SET provider = 'https://clerk.acme.test', user_id = tests.person('manager') WHERE subject = 'user_2ab' $$),
    tests.person('manager'), 'another user');
SELECT is(pg_temp.user_after($$ DELETE FROM laurel.user_identities WHERE subject = 'user_2ab' $$), NULL, 'deleted');
SELECT is(pg_temp.user_after($$ INSERT INTO laurel.user_identities (user_id, provider, subject) VALUES (tests.person('learner'), 'https://clerk.acme.test', 'user_2ab') $$),
    tests.person('learner'), 'and added');
SELECT is(pg_temp.user_after($$ DELETE FROM laurel.user_organizations WHERE user_id = tests.person('learner') AND organization_id = tests.acme() $$),
    tests.person('learner'), 'it moves with the account to another home');
SELECT is(pg_temp.user_after($$ UPDATE laurel.users SET is_active = false WHERE id = tests.person('learner') $$), tests.person('learner'), 'who is not active keeps it');
SELECT pg_temp.as_with(pg_temp.claims('user_2ab'));
SELECT is(laurel_internal.me(), NULL, 'and has no rights');
SELECT tests.act_as_owner();
SELECT is(pg_temp.user_after($$ DELETE FROM laurel.users WHERE id = tests.person('learner') $$), NULL, 'and goes with the user');
SELECT is_empty($$ SELECT FROM laurel.user_identities WHERE subject = 'user_2ab' $$, 'row and all');

SELECT * FROM finish();
ROLLBACK;
