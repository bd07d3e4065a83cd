\ir ../support/load.sql
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT plan(38);

-- Acme has 600 members, of whom a1 administers and a2 is trainer of ten; Bolt has 3. Every member has ten entries, and
-- so has one of Acme who was deleted since.
CREATE FUNCTION pg_temp.id(label text) RETURNS uuid LANGUAGE sql IMMUTABLE AS $$
    SELECT (left(label, 1) || '0000000-0000-0000-0000-' || lpad(substr(label, 2), 12, '0'))::uuid
$$;
SELECT tests.cast('admin', 'trainer', 'bolt_admin'), tests.crowd('a', 3, 601), tests.crowd('b', 2, 3);
INSERT INTO laurel.courses (id, organization_id, name, trainer_id) VALUES (pg_temp.id('ac'), pg_temp.id('a0'), 'A', pg_temp.id('a2'));
INSERT INTO laurel.enrollments (organization_id, user_id, course_id) SELECT pg_temp.id('a0'), pg_temp.id('a' || n), pg_temp.id('ac') FROM generate_series(11, 20) n;
INSERT INTO laurel.points_ledger (user_id, amount, transaction_type, reason)
SELECT id, 1, 't', 'r' FROM laurel.users, generate_series(1, 10) WHERE organization_id IN (tests.acme(), tests.bolt()) ORDER BY id;
DELETE FROM laurel.users WHERE id = pg_temp.id('a601');
ANALYZE laurel.points_ledger, laurel.user_points, laurel.users, laurel.enrollments;

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
-- Callers by a word; nobody has claims of nobody, a service is bound by no policy.
CREATE FUNCTION pg_temp.act(caller text) RETURNS void LANGUAGE sql AS $$
    SELECT CASE caller WHEN 'owner' THEN tests.act_as_owner() WHEN 'service' THEN tests.act_as_service() WHEN 'anon' THEN tests.act_as_anon()
        WHEN 'nobody' THEN tests.act('authenticated', '') ELSE tests.act_as(pg_temp.id(caller)) END
$$;

-- A policy costs what a hand-written condition costs.
SELECT pg_temp.act('a3');
SELECT matches(pg_temp.plan_of('SELECT count(*) FROM laurel.points_ledger'),
    'Index Cond: \(\(user_id = ANY \(laurel_internal\.visible_users\(\)\)\) AND \(organization_id = laurel\.org_id\(\)\)\)', 'a learner''s history is found by an index');
SELECT doesnt_match(pg_temp.plan_of('SELECT count(*) FROM laurel.points_ledger'), 'can_see', 'and not looked at row by row');
SELECT matches(pg_temp.plan_of('SELECT * FROM laurel.user_points'), 'user_id = ANY \(laurel_internal\.visible_users\(\)\)', 'the account too');
SET LOCAL enable_seqscan = off;
SELECT matches(pg_temp.plan_of('SELECT id FROM laurel.users'), 'Index Cond: \(id = ANY \(laurel_internal\.visible_users\(\)\)\)', 'the user too');
SELECT matches(pg_temp.plan_of('SELECT * FROM laurel.enrollments'), 'user_id = ANY \(laurel_internal\.visible_users\(\)\)', 'enrollments too');
SET LOCAL enable_seqscan = on;
SELECT pg_temp.act('a2');
SELECT matches(pg_temp.plan_of('SELECT count(*) FROM laurel.points_ledger'),
    'Index Cond: \(\(user_id = ANY \(laurel_internal\.visible_users\(\)\)\) AND \(organization_id = laurel\.org_id\(\)\)\)', 'a trainer''s learners are found by an index');
SELECT pg_temp.act('a1');
SELECT doesnt_match(pg_temp.plan_of('SELECT count(*) FROM laurel.points_ledger'), 'visible_users', 'an administrator has no list');
SELECT doesnt_match(pg_temp.plan_of('SELECT id FROM laurel.points_ledger ORDER BY created_at DESC LIMIT 20'), 'Sort|Seq Scan|visible_users',
    'and reads the newest entries in the order of an index');
SELECT matches(pg_temp.plan_of(format('SELECT * FROM laurel.points_ledger WHERE user_id = %L', pg_temp.id('a3'))),
    'Index Cond: \(\(user_id = .* AND \(organization_id = laurel\.org_id\(\)\)\)', 'what the administrator asks for is found by an index');
SELECT pg_temp.act('nobody');
SELECT matches(pg_temp.plan_of('SELECT count(*) FROM laurel.points_ledger'), 'Index Cond: \(+organization_id = laurel\.org_id\(\)\)', 'nobody costs nothing');
SELECT pg_temp.act('owner');

-- A plan that one caller has left behind is right for the next, in every order of callers. What they must see:
CREATE TEMP TABLE callers (name text, entries bigint, of_a11 bigint, accounts bigint);
INSERT INTO callers VALUES ('a3', 10, 0, 1), ('a11', 10, 10, 1), ('a2', 110, 10, 11), ('a1', 6010, 10, 600), ('b1', 30, 0, 3), ('nobody', 0, 0, 0),
    ('service', 6040, 10, 603), ('anon', NULL, NULL, NULL);
CREATE FUNCTION pg_temp.entries() RETURNS bigint LANGUAGE plpgsql AS $$ BEGIN RETURN (SELECT count(*) FROM laurel.points_ledger); END $$;
CREATE FUNCTION pg_temp.entries_of(member uuid) RETURNS bigint LANGUAGE plpgsql AS $$
BEGIN RETURN (SELECT count(*) FROM laurel.points_ledger WHERE user_id = member); END $$;
CREATE FUNCTION pg_temp.accounts() RETURNS bigint LANGUAGE plpgsql AS $$
BEGIN RETURN (SELECT count(*) FROM laurel.users u JOIN laurel.user_points p ON p.organization_id = u.organization_id AND p.user_id = u.id); END $$;
PREPARE entries AS SELECT count(*) FROM laurel.points_ledger;
PREPARE entries_of (uuid) AS SELECT count(*) FROM laurel.points_ledger WHERE user_id = $1;

-- What one caller finds by plans kept in functions and in prepared statements; null where the table is refused.
CREATE FUNCTION pg_temp.found(OUT entries bigint, OUT of_a11 bigint, OUT accounts bigint, OUT prepared bigint, OUT prepared_of_a11 bigint) LANGUAGE plpgsql AS $$
BEGIN
    entries := pg_temp.entries();
    of_a11 := pg_temp.entries_of('a0000000-0000-0000-0000-000000000011');
    accounts := pg_temp.accounts();
    EXECUTE 'EXECUTE entries' INTO prepared;
    EXECUTE $q$ EXECUTE entries_of ('a0000000-0000-0000-0000-000000000011') $q$ INTO prepared_of_a11;
EXCEPTION WHEN insufficient_privilege THEN RETURN;
END
$$;
-- The callers who find something else than they must, called in this order.
CREATE FUNCTION pg_temp.wrong(order_of_callers text[]) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    caller text;
    must record;
    found record;
    wrongs text;
BEGIN
    FOREACH caller IN ARRAY order_of_callers LOOP
        SELECT * INTO must FROM callers WHERE name = caller;
        PERFORM pg_temp.act(caller);
        found := pg_temp.found();
        PERFORM pg_temp.act('owner');
        IF (found.entries, found.of_a11, found.accounts, found.prepared, found.prepared_of_a11)
            IS DISTINCT FROM (must.entries, must.of_a11, must.accounts, must.entries, must.of_a11) THEN
            wrongs := concat_ws('; ', wrongs, format('%s after %s: %s', caller, order_of_callers, found));
        END IF;
    END LOOP;
    RETURN wrongs;
END
$$;
-- All orders of these callers.
CREATE FUNCTION pg_temp.orders(names text[]) RETURNS SETOF text[] LANGUAGE sql AS $$
    WITH RECURSIVE o (done) AS (
        SELECT '{}'::text[] UNION ALL SELECT done || name FROM o, unnest(names) name WHERE NOT name = ANY (done)
    ) SELECT done FROM o WHERE cardinality(done) = cardinality(names)
$$;
SELECT is((SELECT string_agg(pg_temp.wrong(o), E'\n') FROM pg_temp.orders('{a3, a1, a2, b1, anon}') o), NULL, 'learner, administrator, trainer, other tenant, anon');
SET LOCAL plan_cache_mode = force_generic_plan;
SELECT is((SELECT string_agg(pg_temp.wrong(o), E'\n') FROM pg_temp.orders('{a3, a1, a2, b1, anon}') o), NULL, 'the same with generic plans');
SELECT is((SELECT string_agg(pg_temp.wrong(o), E'\n') FROM pg_temp.orders('{a11, a1, nobody, service}') o), NULL, 'learner, administrator, nobody, service, with generic plans');
SET LOCAL plan_cache_mode = force_custom_plan;
SELECT is((SELECT string_agg(pg_temp.wrong(o), E'\n') FROM pg_temp.orders('{a3, a1, a2}') o), NULL, 'and with custom plans');
SET LOCAL plan_cache_mode = auto;
SELECT is(pg_temp.wrong('{a3, a3, a3, a3, a3, a3, a3, a1, a1, a1, a1, a1, a1, a1, a3, nobody, a1, nobody, a3, a1, a2, a2, a2, a2, a2, a2, a2, a1, service, a1, a3}'),
    NULL, 'callers who stay for a while');

-- A plan is made anew for another kind of caller, so that nobody pays for somebody else's.
SET LOCAL plan_cache_mode = force_generic_plan;
SELECT pg_temp.act('a3'), pg_temp.entries();
SELECT matches(pg_temp.plan_of('EXECUTE entries'), 'visible_users', 'a learner''s plan has a list');
SELECT pg_temp.act('a1');
SELECT doesnt_match(pg_temp.plan_of('EXECUTE entries'), 'visible_users', 'the administrator who comes next has none');
SELECT pg_temp.act('a3');
SELECT matches(pg_temp.plan_of('EXECUTE entries'), 'visible_users', 'and the learner after that has one again');
SELECT tests.act('authenticated', format('{"sub": "%s", "met": "never"}', pg_temp.id('a1')));
SELECT doesnt_match(pg_temp.plan_of('EXECUTE entries'), 'visible_users', 'nor has an administrator whom the session has not met');
SELECT tests.act('authenticated', format('{"sub": "%s", "met": "never"}', pg_temp.id('a4')));
SELECT matches(pg_temp.plan_of('EXECUTE entries'), 'visible_users', 'and a learner whom it has not met has one');
SELECT set_config('request.headers', '{"x-organization-id": "b0000000-0000-0000-0000-000000000000"}', true),
    set_config('request.jwt.claims', format('{"sub": "%s", "met": "never"}', pg_temp.id('b1')), true);
SELECT doesnt_match(pg_temp.plan_of('EXECUTE entries'), 'visible_users', 'an administrator of another organization, by settings of one statement, has none');
SELECT set_config('request.headers', '', true);
SELECT pg_temp.act('owner');

-- The same caller in another place, or with another role.
CREATE FUNCTION pg_temp.entries_as(claims text, headers text DEFAULT '') RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    many bigint;
BEGIN
    PERFORM tests.act('authenticated', claims), set_config('request.headers', headers, true);
    many := pg_temp.entries();
    PERFORM tests.act_as_owner();
    RETURN many;
END
$$;
INSERT INTO laurel.user_organizations VALUES (pg_temp.id('b0'), pg_temp.id('a3'));
INSERT INTO laurel.user_roles (organization_id, user_id, role) VALUES (pg_temp.id('b0'), pg_temp.id('a3'), 'org_admin');
SET LOCAL plan_cache_mode = force_generic_plan;
SELECT is((SELECT array_agg(pg_temp.entries_as(format('{"sub": "%s"}', pg_temp.id('a3')), headers) ORDER BY n)
    FROM unnest(ARRAY['', '{"x-organization-id": "b0000000-0000-0000-0000-000000000000"}', '', '{"x-organization-id": "b0000000-0000-0000-0000-000000000000"}'])
    WITH ORDINALITY AS h (headers, n)), '{10,30,10,30}', 'a learner here who administers there, by header');
SELECT is((SELECT array_agg(pg_temp.entries_as(json_build_object('sub', pg_temp.id('a3'), 'org_id', org)::text) ORDER BY n)
    FROM unnest(ARRAY[pg_temp.id('a0'), pg_temp.id('b0'), pg_temp.id('a0')]) WITH ORDINALITY AS h (org, n)), '{10,30,10}', 'by claim');
INSERT INTO laurel.user_roles (user_id, role) VALUES (pg_temp.id('a3'), 'org_admin');
SELECT is(pg_temp.entries_as(format('{"sub": "%s"}', pg_temp.id('a3'))), 6010::bigint, 'a learner becomes administrator under a kept plan');
DELETE FROM laurel.user_roles WHERE user_id = pg_temp.id('a3') AND organization_id = pg_temp.id('a0');
SELECT is(pg_temp.entries_as(format('{"sub": "%s"}', pg_temp.id('a3'))), 10::bigint, 'and a learner again');
SET LOCAL plan_cache_mode = auto;

-- A cursor goes on for whoever fetches, and shows nothing that this caller may not see.
SELECT pg_temp.act('a1');
DECLARE reading CURSOR FOR SELECT user_id FROM laurel.points_ledger;
MOVE 5 FROM reading;
SELECT pg_temp.act('a3');
CREATE FUNCTION pg_temp.others() RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    reading refcursor := 'reading';
    member uuid;
    many bigint := 0;
BEGIN
    LOOP
        FETCH reading INTO member;
        EXIT WHEN NOT FOUND;
        many := many + (member <> laurel.uid())::int;
    END LOOP;
    RETURN many;
END
$$;
SELECT is(pg_temp.others(), 0::bigint, 'a cursor of an administrator in the hands of a learner');
CLOSE reading;
DECLARE reading CURSOR FOR SELECT user_id FROM laurel.points_ledger;
MOVE 5 FROM reading;
SELECT tests.act_as('b0000000-0000-0000-0000-000000000002');
SELECT cmp_ok(pg_temp.others(), '<=', 5::bigint, 'a cursor of a learner in the hands of a stranger shows no more than the learner''s');
CLOSE reading;

-- Parallel workers know the caller.
SELECT pg_temp.act('owner');
SET LOCAL parallel_setup_cost = 0;
SET LOCAL parallel_tuple_cost = 0;
SET LOCAL min_parallel_table_scan_size = 0;
SET LOCAL min_parallel_index_scan_size = 0;
SET LOCAL enable_indexscan = off;
SET LOCAL enable_indexonlyscan = off;
SET LOCAL enable_bitmapscan = off;
CREATE FUNCTION pg_temp.parallel(caller text, leader text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    way text;
    many bigint;
BEGIN
    PERFORM set_config('parallel_leader_participation', leader, true), pg_temp.act(caller);
    way := CASE WHEN pg_temp.plan_of('SELECT count(*) FROM laurel.points_ledger') ~ 'Gather' THEN 'parallel ' ELSE '' END;
    EXECUTE 'SELECT count(*) FROM laurel.points_ledger' INTO many;
    PERFORM pg_temp.act('owner');
    RETURN way || many;
END
$$;
SELECT is(pg_temp.parallel(name, leader), 'parallel ' || entries, format('a parallel plan for %s, leader %s', name, leader))
FROM callers, unnest('{on, off}'::text[]) leader WHERE name IN ('a3', 'a2', 'a1', 'b1', 'nobody') AND NOT (name = 'b1' AND leader = 'on');
INSERT INTO laurel.user_roles (user_id, role) VALUES (pg_temp.id('a4'), 'org_admin');
SELECT is(pg_temp.parallel('a4', 'off'), 'parallel 6010', 'a role that is not committed is known to the workers');
DELETE FROM laurel.user_roles WHERE user_id = pg_temp.id('a4');
SELECT is(pg_temp.parallel('a4', 'off'), 'parallel 10', 'and so is its end');

SELECT * FROM finish();
ROLLBACK;
