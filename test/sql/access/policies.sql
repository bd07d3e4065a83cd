-- The classes of laurel_internal.protect, each on a table of its own.
\ir ../support/load.sql
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT plan(15);

-- Acme: 1 administers, 2 is trainer of 3, 4 is somebody else; Bolt: 5, and 3 as a guest.
SELECT tests.cast('admin', 'trainer', 'learner', 'other', 'bolt_learner'), tests.invite('learner', tests.bolt()), tests.teach('trainer', 'learner');

-- A row of Acme from each person to the next, and one of Bolt from the guest.
CREATE TABLE public.notes (n integer PRIMARY KEY, organization_id uuid, user_id uuid, recipient_id uuid, note text);
INSERT INTO public.notes SELECT n, tests.acme(), tests.nth(n), tests.nth(n % 4 + 1), 'x' FROM generate_series(1, 4) n;
INSERT INTO public.notes VALUES (5, tests.bolt(), tests.nth(3), tests.nth(5), 'x');

-- Which rows each caller reads, changes and deletes, and for whom one inserts: to oneself and to person 4.
CREATE FUNCTION pg_temp.rights(client text, who integer) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    answer text := '';
    what text;
    found text;
BEGIN
    FOREACH what IN ARRAY ARRAY['SELECT n FROM public.notes', 'UPDATE public.notes SET note = note RETURNING n', 'DELETE FROM public.notes RETURNING n',
        format('INSERT INTO public.notes SELECT 10 + n, %L, tests.nth(n), tests.nth(2) FROM unnest(ARRAY[%s]) n RETURNING n', tests.acme(), coalesce(who, 4)),
        format('INSERT INTO public.notes VALUES (20, %L, tests.nth(%s), tests.nth(2)) RETURNING n', tests.acme(), CASE who WHEN 3 THEN 4 ELSE 3 END)]
    LOOP
        BEGIN
            PERFORM tests.act(client, CASE WHEN who IS NULL THEN '' ELSE format('{"sub": "%s"}', tests.nth(who)) END);
            EXECUTE format('WITH got AS (%s) SELECT coalesce(string_agg(n::text, '','' ORDER BY n), ''-'') FROM got', what) INTO found;
            RAISE EXCEPTION USING ERRCODE = 'P9999';
        EXCEPTION WHEN SQLSTATE 'P9999' THEN NULL;
            WHEN insufficient_privilege THEN found := 'no';
        END;
        answer := answer || ' ' || found;
    END LOOP;
    PERFORM tests.act_as_owner();
    RETURN ltrim(answer);
END
$$;
CREATE FUNCTION pg_temp.protected(class text, more text, expected text[]) RETURNS SETOF text LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('SELECT laurel_internal.protect(''public.notes'', %L%s)', class, more);
    GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA tests TO anon, authenticated, service_role;
    RETURN NEXT is(ARRAY[pg_temp.rights('authenticated', 3), pg_temp.rights('authenticated', 2), pg_temp.rights('authenticated', 1),
        pg_temp.rights('anon', NULL), pg_temp.rights('service_role', NULL)], expected, class || more);
    EXECUTE (SELECT string_agg(format('DROP POLICY %I ON public.notes', polname), '; ') FROM pg_policy WHERE polrelid = 'public.notes'::regclass);
END
$$;
GRANT USAGE ON SCHEMA public TO anon, authenticated, service_role;

-- The callers: learner, trainer of the learner, administrator, anon, the back end. For each: rows read, changed, deleted, inserted for
-- oneself and for somebody else.
SELECT pg_temp.protected('personal', '', ARRAY['3 3 3 13 no', '2,3 2 2 12 no', '1,2,3,4 1 1 11 no',
    'no no no no no', '1,2,3,4,5 1,2,3,4,5 1,2,3,4,5 14 20']);
SELECT pg_temp.protected('personal', $$, commands => '{"administrators": "ALL"}'$$, ARRAY['3 - - no no', '2,3 - - no no', '1,2,3,4 1,2,3,4 1,2,3,4 11 20',
    'no no no no no', '1,2,3,4,5 1,2,3,4,5 1,2,3,4,5 14 20']);
SELECT pg_temp.protected('personal', $$, commands => '{}'$$, ARRAY['3 no no no no', '2,3 no no no no', '1,2,3,4 no no no no',
    'no no no no no', '1,2,3,4,5 1,2,3,4,5 1,2,3,4,5 14 20']);
SELECT pg_temp.protected('own', '', ARRAY['3,5 3,5 3,5 13 no', '2,3 2 2 12 no', '1,2,3,4 1 1 11 no',
    'no no no no no', '1,2,3,4,5 1,2,3,4,5 1,2,3,4,5 14 20']);
SELECT pg_temp.protected('catalogue', '', ARRAY['1,2,3,4 - - no no', '1,2,3,4 - - no no', '1,2,3,4 1,2,3,4 1,2,3,4 11 20',
    'no no no no no', '1,2,3,4,5 1,2,3,4,5 1,2,3,4,5 14 20']);
SELECT pg_temp.protected('pair', $$, other_column => 'recipient_id'$$, ARRAY['2,3 2,3 3 13 no', '1,2 1,2 2 12 no', '1,4 1,4 1 11 no',
    'no no no no no', '1,2,3,4,5 1,2,3,4,5 1,2,3,4,5 14 20']);
-- Its grants are still there; a policy comes with them again.
SELECT laurel_internal.allow('public.notes', 'SELECT', 'authenticated', 'seen', 'true');
CREATE POLICY written ON public.notes FOR UPDATE TO authenticated USING (true);
SELECT tests.act('authenticated', format('{"sub": "%s"}', tests.nth(4)));
SELECT is(tests.error_of(format('UPDATE public.notes SET user_id = %L WHERE n = 3', tests.nth(1))), '42501', 'the recipient names no other sender');
SELECT is(tests.error_of($$ UPDATE public.notes SET note = 'seen' WHERE n = 3 $$), 'none', 'but may say that it was read');
SELECT tests.act_as_owner();
DROP POLICY seen ON public.notes;
DROP POLICY written ON public.notes;
SELECT pg_temp.protected('administrative', '', ARRAY['- - - no no', '- - - no no', '1,2,3,4 1,2,3,4 1,2,3,4 11 20',
    'no no no no no', '1,2,3,4,5 1,2,3,4,5 1,2,3,4,5 14 20']);
SELECT pg_temp.protected('public', '', ARRAY['1,2,3,4,5 no no no no', '1,2,3,4,5 no no no no', '1,2,3,4,5 no no no no',
    '1,2,3,4,5 no no no no', '1,2,3,4,5 1,2,3,4,5 1,2,3,4,5 14 20']);
SELECT pg_temp.protected('service', '', ARRAY['no no no no no', 'no no no no no', 'no no no no no',
    'no no no no no', '1,2,3,4,5 1,2,3,4,5 1,2,3,4,5 14 20']);

SELECT is(tests.error_of($$ SELECT laurel_internal.protect('public.notes', 'secret') $$), '22023', 'a class that is none');
SELECT is(tests.error_of($$ SELECT laurel_internal.protect('public.notes', 'pair') $$), '22023', 'a pair of one');
SELECT is(tests.error_of($$ SELECT laurel_internal.protect('public.notes', 'personal', other_column => 'recipient_id') $$), '22023', 'a second person where there is one');
SET LOCAL ROLE authenticated;
SELECT is(tests.error_of($$ SELECT laurel_internal.protect('public.notes', 'personal') $$), '42501', 'clients protect nothing');
RESET ROLE;

SELECT * FROM finish();
ROLLBACK;
