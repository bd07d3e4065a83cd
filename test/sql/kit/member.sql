-- laurel.member(row): PostgREST embeds the person whom a row is about, as far as the caller may see the person.
\ir ../support/load.sql
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT plan(20);

-- Acme: 1 administers, 2 is trainer of 3, 4 is somebody else; 5 of Bolt is a guest of Acme.
SELECT tests.cast('admin', 'trainer', 'learner', 'other', 'bolt_learner'), tests.invite('bolt_learner', tests.acme()), tests.teach('trainer', 'learner');
UPDATE laurel.users u SET full_name = 'P' || n, password_hash = '$2a$10$' || repeat('x', 53) FROM generate_series(1, 5) n WHERE u.id = tests.nth(n);
INSERT INTO laurel.points_ledger (organization_id, user_id, amount, transaction_type, reason) SELECT tests.acme(), tests.nth(n), n, 't', 'r' FROM generate_series(1, 5) n;

-- As PostgREST asks for points_ledger?select=amount,member(full_name).
CREATE FUNCTION pg_temp.embedded(client text, relation text DEFAULT 'points_ledger', amount text DEFAULT 'amount') RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    found text;
BEGIN
    PERFORM CASE WHEN client ~ '^[0-9]$' THEN tests.act_as(tests.nth(client::integer), tests.acme()) ELSE tests.act(client, '') END;
    EXECUTE format('SELECT string_agg(concat_ws('' '', %1$I.%2$I, member ->> ''full_name''), '', '' ORDER BY %1$I.%2$I) FROM (SELECT %1$I.%2$I, row_to_json(m.*) AS member FROM laurel.%1$I'
        ' LEFT JOIN LATERAL (SELECT p.full_name FROM laurel.member(%1$I) AS p) AS m ON true) AS %1$I', relation, amount) INTO found;
    PERFORM tests.act_as_owner();
    RETURN found;
EXCEPTION WHEN OTHERS THEN RETURN SQLSTATE;
END
$$;
SELECT is(pg_temp.embedded('3'), '3 P3', 'a learner sees the own name');
SELECT is(pg_temp.embedded('2'), '2 P2, 3 P3', 'a trainer those of the learners');
SELECT is(pg_temp.embedded('1'), '1 P1, 2 P2, 3 P3, 4 P4, 5', 'an administrator all of those at home');
SELECT is(pg_temp.embedded('5'), '5 P5', 'a guest the own one');
SELECT is(pg_temp.embedded('service_role'), '1 P1, 2 P2, 3 P3, 4 P4, 5 P5', 'the back end everybody''s');
SELECT is(pg_temp.embedded('anon'), '42501', 'and who has not signed in, none');
SELECT is(pg_temp.embedded('1', 'point_transactions', 'points'), '1 P1, 2 P2, 3 P3, 4 P4, 5', 'views too');

-- Every relation of personal rows has it.
SELECT bag_eq($$ SELECT format_type(p.proargtypes[0], NULL) FROM pg_proc p WHERE p.pronamespace = 'laurel'::regnamespace AND p.proname = 'member' $$,
    $$ SELECT c.oid::regclass::text FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'user_id' AND NOT a.attisdropped
       WHERE c.relnamespace = 'laurel'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm') $$, 'whatever names a user leads there');
SELECT is_empty($$ SELECT p.oid::regprocedure FROM pg_proc p WHERE p.pronamespace = 'laurel'::regnamespace AND p.proname = 'member'
    AND (p.prosecdef OR p.proisstrict OR p.provolatile <> 's' OR NOT p.proretset OR p.prorows <> 1 OR p.prorettype <> 'laurel.people'::regtype OR p.proconfig IS NOT NULL) $$,
    'each acts as who calls, finds one person, and can become part of a query');
SELECT is_empty($$ SELECT client, relation FROM (SELECT split_part(format_type(p.proargtypes[0], NULL), '.', 2) AS relation FROM pg_proc p
    WHERE p.pronamespace = 'laurel'::regnamespace AND p.proname = 'member') m, unnest('{1, service_role}'::text[]) client
    WHERE (pg_temp.embedded(client, relation, 'user_id') ~ '^[0-9A-Z]{5}$')
        <> (NOT has_table_privilege(CASE client WHEN '1' THEN 'authenticated' ELSE client END, 'laurel.' || relation, 'SELECT')) $$, 'and each can be asked by who may read whole rows');

-- What it costs.
CREATE FUNCTION pg_temp.plan_of(query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    line text;
    lines text := '';
BEGIN
    FOR line IN EXECUTE 'EXPLAIN (COSTS OFF) ' || query LOOP
        lines := lines || line || E'\n';
    END LOOP;
    RETURN lines;
END
$$;
SELECT tests.act_as(tests.nth(3));
SELECT doesnt_match(pg_temp.plan_of('SELECT l.amount, m.full_name FROM laurel.points_ledger l LEFT JOIN LATERAL laurel.member(l) m ON true'), 'Function Scan', 'no function is called row by row');
-- What it does not show.
SELECT is(tests.error_of('SELECT p.email, p.full_name, p.avatar_url FROM laurel.people p'), 'none', 'people are read by themselves too');
SELECT is((SELECT string_agg(full_name, ', ') FROM laurel.people), 'P3', 'as far as the caller may');
SELECT is(tests.error_of($$ UPDATE laurel.people SET full_name = 'X' $$), '42501', 'and not written');
SELECT hasnt_column('laurel', 'people', 'password_hash', 'passwords are not among what is known');
SELECT tests.act_as_owner();

-- A table of one's own.
CREATE TABLE public.notes (id integer, author uuid);
SELECT laurel_internal.member('public.notes', 'author');
INSERT INTO public.notes VALUES (1, tests.nth(4)), (2, NULL);
SELECT is((SELECT string_agg(concat(n.id, m.full_name), ', ' ORDER BY n.id) FROM public.notes n LEFT JOIN LATERAL public.member(n) m ON true), '1P4, 2', 'is about a person by another column');
CREATE TABLE public.drafts (id integer);
SELECT is(tests.error_of($$ SELECT laurel_internal.member('public.drafts') $$), '42703', 'which must be there');
SELECT is(tests.error_of($$ SELECT laurel_internal.member('public.notes', 'author') $$), '42723', 'once');
ALTER TABLE public.notes ADD COLUMN n uuid NOT NULL DEFAULT laurel.uuidv7();
SELECT is((SELECT string_agg(m.full_name, ', ') FROM public.notes w, public.member(w) m), 'P4', 'the table is free to change, as if it had none');
SELECT is((SELECT has_function_privilege('anon', 'public.member(public.notes)', 'EXECUTE')), false, 'and is not for everybody');

SELECT * FROM finish();
ROLLBACK;
