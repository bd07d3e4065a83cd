-- Guards that are taken off again.
\ir ../support/load.sql
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT no_plan();

-- What a statement would come to; nothing of it stays.
CREATE FUNCTION pg_temp.would(command text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE command;
    RAISE EXCEPTION USING ERRCODE = 'P9999';
EXCEPTION WHEN SQLSTATE 'P9999' THEN RETURN 'none';
    WHEN OTHERS THEN RETURN SQLSTATE;
END
$$;
-- What is attached to the tables of kit, and what a guard adds besides triggers.
CREATE FUNCTION pg_temp.things() RETURNS SETOF text LANGUAGE sql AS $$
    SELECT thing FROM (
        SELECT t.tgrelid::regclass || ' ' || t.tgname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
        WHERE c.relnamespace = to_regnamespace('kit') AND NOT t.tgisinternal AND t.tgname <> 'before_cascade'
        UNION ALL SELECT k.conrelid::regclass || ' ' || k.conname FROM pg_constraint k WHERE k.connamespace = to_regnamespace('kit') AND k.contype = 'c'
        UNION ALL SELECT p.polrelid::regclass || ' ' || p.polname FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid WHERE c.relnamespace = to_regnamespace('kit')
        UNION ALL SELECT c.oid::regclass || ' ' || g.grantee::regrole || ' ' || g.privilege_type FROM pg_class c, aclexplode(c.relacl) g
        WHERE c.relnamespace = to_regnamespace('kit') AND g.grantee <> c.relowner
        UNION ALL SELECT c.oid::regclass || ' identity ' || c.relreplident::text FROM pg_class c WHERE c.relnamespace = to_regnamespace('kit') AND c.relkind IN ('r', 'p')
        UNION ALL SELECT d.adrelid::regclass || ' ' || pg_get_expr(d.adbin, d.adrelid) FROM pg_attrdef d JOIN pg_class c ON c.oid = d.adrelid WHERE c.relnamespace = to_regnamespace('kit')
        UNION ALL SELECT 'usage ' || u.kind FROM laurel.quota_usage u
    ) t (thing)
$$;

-- Each guard: what it refused, and that it no longer does.
CREATE FUNCTION pg_temp.tried(partitioned boolean) RETURNS SETOF text LANGUAGE plpgsql AS $body$
DECLARE
    held record;
BEGIN
    PERFORM tests.make_crews(partitioned);
    SET LOCAL ROLE laurel_owner;
    ALTER TABLE kit.crews ADD COLUMN slug text NOT NULL, ADD CONSTRAINT crews_slug_key UNIQUE (organization_id, slug), ADD COLUMN status text NOT NULL DEFAULT 'it''s new';
    ALTER TABLE kit.crew_members ADD COLUMN version bigint NOT NULL DEFAULT 1, ADD COLUMN follows uuid, ADD COLUMN status text NOT NULL DEFAULT 'in',
        ADD COLUMN created_at timestamptz NOT NULL DEFAULT now();
    RESET ROLE;
    INSERT INTO kit.crews (id, organization_id, name, slug) SELECT tests.crew('a', g), tests.org('a'), 'x', g FROM generate_series(1, 2) g;
    INSERT INTO kit.crew_members (organization_id, crew_id, user_id) SELECT tests.org('a'), tests.crew('a', 1), tests.one('a', g) FROM generate_series(1, 3) g;
    SET LOCAL ROLE laurel_owner;
    FOR held IN SELECT * FROM (VALUES
        ('add_tenant_triggers', 'kit.crew_members', '', '', $$ UPDATE kit.crew_members SET organization_id = tests.org('b'), crew_id = NULL, user_id = tests.one('b', 1) WHERE user_id = tests.one('a', 1) $$),
        ('keep', 'kit.crew_members', $$, 'motto', 'level'$$, $$, 'level', 'motto'$$, $$ UPDATE kit.crew_members SET motto = 'y' $$),
        ('append_only', 'kit.crew_members', $$, 'Not that.'$$, '', $$ UPDATE kit.crew_members SET motto = 'y' $$),
        ('states', 'kit.crews', $$, 'status', '{"it''s new": ["old"], "old": [], "\"so\"": []}'$$, $$, 'status'$$, $$ UPDATE kit.crews SET status = '"so"' $$),
        ('states', 'kit.crews', $$, 'status', '{"it''s new": ["old"], "old": []}'$$, '', $$ UPDATE kit.crews SET status = 'odd' $$),
        ('belongs', 'kit.crew_members', $$, 'crew_id', 'kit.crews', '{motto}', 'is_open'$$, $$, 'crew_id'$$, $$ UPDATE kit.crew_members SET motto = 'z' $$),
        ('counts', 'kit.crews', $$, 'member_count', 'kit.crew_members', 'crew_id'$$, $$, 'member_count'$$, $$ UPDATE kit.crews SET member_count = 9 $$),
        ('slugs', 'kit.crews', $$, 'slug', 'name'$$, $$, 'slug'$$, NULL),
        ('canonical', 'kit.crews', $$, 'motto', 'time_zone'$$, $$, 'motto'$$, $$ UPDATE kit.crews SET motto = 'Nowhere' $$),
        ('versioned', 'kit.crew_members', '', '', $$ UPDATE kit.crew_members SET version = 9 $$),
        ('archive_instead', 'kit.crew_members', $$, 'status', 'gone'$$, '', 'TRUNCATE kit.crew_members'),
        ('acyclic', 'kit.crew_members', $$, 'id', 'follows'$$, $$, 'id', 'follows'$$, 'UPDATE kit.crew_members SET follows = id'),
        ('quota', 'kit.crew_members', $$, 'crewing', '{user_id}', '1', 'day', '1'$$, $$, 'crewing'$$,
            $$ INSERT INTO kit.crew_members (organization_id, crew_id, user_id) SELECT tests.org('a'), tests.crew('a', g), tests.one('a', 4) FROM generate_series(1, 2) g $$),
        ('tell', 'kit.crew_members', $qq$, $q$ SELECT id, organization_id, user_id, 'told' AS type, 1 / (level - 1) AS priority FROM new_rows $q$$qq$, $$, 'tell_insert'$$,
            $$ INSERT INTO kit.crew_members (organization_id, crew_id, user_id, level) VALUES (tests.org('a'), tests.crew('a', 1), tests.one('a', 5), 1) $$),
        ('protect', 'kit.crews', $$, 'catalogue'$$, '', NULL)
    ) v (guard, place, attached, of, refused) LOOP
        CREATE TEMP TABLE before AS SELECT pg_temp.things() AS thing;
        RETURN NEXT is(tests.told(format('SELECT laurel_internal.%I(%L%s)', held.guard, held.place, held.attached)), 'none', held.guard || ' is attached');
        RETURN NEXT isnt_empty('SELECT pg_temp.things() EXCEPT SELECT thing FROM before', held.guard || ' adds something');
        IF held.refused IS NOT NULL THEN
            RETURN NEXT isnt(pg_temp.would(held.refused), 'none', held.guard || ' refuses');
        END IF;
        RETURN NEXT is(tests.told(format('SELECT laurel_internal.detach(%L, %L%s)', held.place, held.guard, held.of)), 'none', held.guard || ' is taken off');
        RETURN NEXT bag_eq('SELECT pg_temp.things()', 'SELECT thing FROM before', held.guard || ' leaves nothing');
        DROP TABLE before;
        RETURN NEXT is_empty('SELECT * FROM laurel.check()', held.guard || ': nothing is wrong');
        RETURN NEXT alike(tests.error_of(format('SELECT laurel_internal.detach(%L, %L%s)', held.place, held.guard, held.of)), '42704', held.guard || ' is no longer there');
        IF held.refused IS NOT NULL THEN
            RETURN NEXT is(pg_temp.would(held.refused), 'none', held.guard || ' refuses no more');
        END IF;
    END LOOP;
    RESET ROLE;
    RAISE EXCEPTION USING ERRCODE = 'P9999';
EXCEPTION WHEN SQLSTATE 'P9999' THEN RETURN;
END
$body$;
SELECT * FROM pg_temp.tried(false);
SELECT * FROM pg_temp.tried(true);

-- All that Laurel's own tables have of the kit can be taken off.
CREATE TEMP TABLE known AS SELECT DISTINCT unnest(g.functions) AS function FROM pg_class c, laurel_internal.attached_guards(c.oid) g
    WHERE c.relnamespace IN ('laurel'::regnamespace, 'laurel_internal'::regnamespace) AND c.relkind IN ('r', 'p');
SELECT is((SELECT string_agg(DISTINCT p.proname, ', ') FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid
    WHERE NOT t.tgisinternal AND p.pronamespace = 'laurel_internal'::regnamespace AND p.oid NOT IN (SELECT function FROM known)
        AND pg_temp.would(format('SELECT laurel_internal.read_guard(%L, %L)', t.tgrelid::regclass, t.tgname)) = 'none'),
    'follow_streaks, guard_progress, guard_usage, keep_rule, quota_zone', 'but what holds all quotas, streaks, challenges and rules');

-- Which of several, and none.
SELECT tests.make_crews();
SET LOCAL ROLE laurel_owner;
CREATE FUNCTION pg_temp.detached(VARIADIC arguments text[]) RETURNS text LANGUAGE sql AS $$
    SELECT tests.told(format('SELECT laurel_internal.detach(%s)', (SELECT string_agg(quote_literal(a), ', ') FROM unnest(arguments) a)))
$$;
SELECT is(pg_temp.detached('kit.crews', 'keep'), '42704 | kit.crews has no guard keep | None is attached to it.', 'none at all');
SELECT is(pg_temp.detached('kit.crews', 'kept'), '42704 | kit.crews has no guard kept | None is attached to it.', 'of a name that there is not');
SELECT is(pg_temp.detached('kit.crews', 'protect'), '42704 | kit.crews is not protected | It has no policies, and clients have no rights on it.', 'nor is it protected');
SELECT laurel_internal.keep('kit.crews', 'motto'), laurel_internal.keep('kit.crews', 'level', 'name'), laurel_internal.counts('kit.crews', 'member_count', 'kit.crew_members', 'crew_id'),
    laurel_internal.counts('kit.crews', 'leader_count', 'kit.crew_members', 'crew_id', $$role = 'leader'$$);
SELECT is(pg_temp.detached('kit.crews', 'keep', 'name'), '42704 | kit.crews has no guard keep of name | It has counts of leader_count; counts of member_count; keep of level, name; keep of motto.', 'of something else');
SELECT is(pg_temp.detached('kit.crews', 'keep'), '21000 | kit.crews has 2 guards keep | Say which one: level, name; motto.', 'several');
SELECT is(pg_temp.detached('kit.crew_members', 'counts', 'member_count'), '42704 | kit.crew_members has no guard counts of member_count | None is attached to it.', 'a counter is the parent''s');
SELECT is(pg_temp.detached('kit.crews', 'counts', 'leader_count') || pg_temp.detached('kit.crews', 'keep', 'motto'), 'nonenone', 'one of each is taken off');
INSERT INTO kit.crews (id, organization_id, name) VALUES (tests.crew('a', 1), tests.org('a'), 'x');
INSERT INTO kit.crew_members (organization_id, crew_id, user_id, role) VALUES (tests.org('a'), tests.crew('a', 1), tests.one('a', 1), 'leader');
SELECT results_eq('SELECT member_count, leader_count FROM kit.crews', 'VALUES (1::bigint, 0::bigint)', 'the others hold');
SELECT is(tests.error_of($$ UPDATE kit.crews SET level = 2 $$), '23001 crews_level_immutable', 'as before');
SELECT is(tests.error_of($$ UPDATE kit.crews SET member_count = 2 $$), '23001 crews_member_count_follows', 'on the parent too');

-- The same columns in another order: whoever names them as they were named takes that one.
SELECT laurel_internal.keep('kit.crews', 'name', 'level');
SELECT is(pg_temp.detached('kit.crews', 'keep', 'name', 'level'), 'none', 'one of two of the same columns');
SELECT is((SELECT string_agg(tgname, ' ') FROM pg_trigger WHERE tgrelid = 'kit.crews'::regclass AND tgname ~ '^keep'), 'keep_level_name', 'leaves the one of the other order');
SELECT is(pg_temp.detached('kit.crews', 'keep', 'name', 'level'), 'none', 'which goes in any order once it is alone');
SELECT laurel_internal.keep('kit.crews', 'level', 'name');

-- Several that tell: a new one takes the name that is free.
SELECT laurel_internal.tell('kit.crews', $$ SELECT organization_id, NULL::uuid AS user_id, 'a' AS type FROM new_rows $$),
    laurel_internal.tell('kit.crews', $$ SELECT organization_id, NULL::uuid AS user_id, 'a' AS type FROM new_rows $$);
SELECT is(pg_temp.detached('kit.crews', 'tell', 'tell_insert'), 'none', 'one of two that tell the same');
SELECT is((SELECT string_agg(tgname, ' ') FROM pg_trigger WHERE tgrelid = 'kit.crews'::regclass AND tgname ~ 'tell'), 'tell_insert_2', 'leaves the other');
SELECT is(tests.told($$ SELECT laurel_internal.tell('kit.crews', 'SELECT organization_id, NULL::uuid AS user_id, ''b'' AS type FROM new_rows') $$), 'none', 'and room for a third');

-- What was renamed is found; what is a partition's by its table is not the partition's own.
ALTER TABLE kit.crews ADD COLUMN status text NOT NULL DEFAULT 'a';
SELECT laurel_internal.states('kit.crews', 'status', '{"a": ["b"], "b": []}');
SELECT is(tests.told($$ SELECT laurel_internal.states('kit.crews', 'status', '{"a": []}') $$),
    '42710 | kit.crews has the guard states of status already | To change it, first SELECT laurel_internal.detach(''kit.crews'', ''states'', ''status'').', 'states that are there already');
ALTER TABLE kit.crews RENAME TO teams;
SELECT is(pg_temp.detached('kit.teams', 'states', 'status') || pg_temp.detached('kit.teams', 'counts', 'member_count'), 'nonenone', 'a table of another name by now');
SELECT is_empty($$ SELECT conname FROM pg_constraint WHERE conrelid = 'kit.teams'::regclass AND contype = 'c' $$, 'has no CHECK left');
SELECT is_empty($$ SELECT tgname FROM pg_trigger WHERE tgrelid = 'kit.crew_members'::regclass AND NOT tgisinternal $$, 'nor has its child a trigger');
SELECT laurel_internal.counts('kit.teams', 'member_count', 'kit.crew_members', 'crew_id');
ALTER TABLE kit.teams DROP COLUMN member_count CASCADE;
SELECT alike(tests.told(format('INSERT INTO kit.crew_members (organization_id, crew_id, user_id) VALUES (%L, %L, %L)', tests.org('a'), tests.crew('a', 1), tests.one('a', 2))),
    '39P01 | trigger % | Attach the guard with names that hold, after laurel_internal.detach() where it is attached already; %', 'rows that a counter counts that is gone');
SELECT is(pg_temp.detached('kit.crew_members', 'counts', 'member_count'), 'none', 'are freed of it');
SELECT is_empty($$ SELECT tgname FROM pg_trigger WHERE tgrelid = 'kit.crew_members'::regclass AND NOT tgisinternal $$, 'with all that counted them');
CREATE TABLE kit.days (n integer, organization_id uuid NOT NULL, status text NOT NULL) PARTITION BY RANGE (n);
CREATE TABLE kit.days_few PARTITION OF kit.days FOR VALUES FROM (0) TO (10);
SELECT laurel_internal.append_only('kit.days', 'No.');
SELECT is(pg_temp.detached('kit.days_few', 'append_only'), '42704 | kit.days_few has no guard append_only | None is attached to it.', 'a partition follows its table');
SELECT is(pg_temp.detached('kit.days', 'append_only'), 'none', 'which says so for it');
SELECT is_empty($$ SELECT tgname FROM pg_trigger WHERE tgrelid = 'kit.days_few'::regclass $$, 'with all that it had');
RESET ROLE;

-- A table of somebody else's.
CREATE TABLE kit.others (n integer);
SELECT laurel_internal.keep('kit.others', 'n');
SET LOCAL ROLE laurel_owner;
SELECT alike(pg_temp.detached('kit.others', 'keep'), '42501 | must be owner of relation others%', 'only the owner takes a guard off');
RESET ROLE;
SET LOCAL ROLE service_role;
SELECT is(tests.error_of($$ SELECT laurel_internal.detach('kit.teams', 'keep') $$), '42501', 'clients take off nothing');
RESET ROLE;
SELECT is_empty('SELECT * FROM laurel.check()', 'nothing is wrong');

SELECT * FROM finish();
ROLLBACK;
