-- What a row takes from its parent: organization, copies of columns, and whether it may be there.
\ir ../support/load.sql
BEGIN;
SET LOCAL client_min_messages = warning;
SET LOCAL check_function_bodies = off;
SELECT no_plan();

CREATE FUNCTION pg_temp.told(command text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    m text; d text; c text;
BEGIN
    EXECUTE command;
    RETURN 'none';
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS m = MESSAGE_TEXT, d = PG_EXCEPTION_DETAIL, c = CONSTRAINT_NAME;
    RETURN concat_ws(' | ', SQLSTATE, m, nullif(d, ''), nullif(c, ''));
END $$;
CREATE FUNCTION pg_temp.rows() RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(format('%s %s %s', left(organization_id::text, 1), coalesce(level::text, '-'), coalesce(motto, '-')), ', ' ORDER BY user_id, role) FROM kit.crew_members
$$;
GRANT USAGE ON SCHEMA tests TO laurel_owner;

CREATE FUNCTION pg_temp.play(partitioned boolean) RETURNS SETOF text LANGUAGE plpgsql AS $f$
DECLARE
    kind constant text := CASE WHEN partitioned THEN 'partitioned' ELSE 'plain' END;
BEGIN
    PERFORM tests.make_crews(partitioned);
    SET LOCAL ROLE laurel_owner;
    PERFORM laurel_internal.add_tenant_triggers('kit.crews'), laurel_internal.add_tenant_triggers('kit.crew_members'),
        laurel_internal.belongs('kit.crew_members', 'crew_id', 'kit.crews', '{level, motto}', 'is_open AND level < 9');
    IF partitioned THEN
        CREATE TABLE kit.crew_members_others PARTITION OF kit.crew_members DEFAULT;
    END IF;
    RESET ROLE;
    INSERT INTO kit.crews (id, organization_id, name, level, motto) SELECT tests.crew(l, n), tests.org(l), l || n, n, CASE WHEN n = 1 THEN 'on' END
    FROM unnest('{a, b}'::text[]) l, generate_series(1, 3) n;
    INSERT INTO kit.crews (id, organization_id, name, is_open) VALUES (tests.crew('a', 4), tests.org('a'), 'closed', false);

    RETURN NEXT is(tests.error_of($$ INSERT INTO kit.crew_members (crew_id, user_id, role) VALUES (tests.crew('a', 1), tests.one('a', 1), 'x') $$), 'none', kind || ': a row that says nothing');
    RETURN NEXT is(pg_temp.rows(), 'a 1 on', kind || ': has the organization and the copies');
    RETURN NEXT is(tests.error_of($$ INSERT INTO kit.crew_members (crew_id, user_id, level) SELECT tests.crew(l, n), tests.one(l, n), n FROM unnest('{b, a}'::text[]) l, generate_series(2, 3) n $$),
        'none', kind || ': many, of two organizations, that say it rightly');
    RETURN NEXT is(pg_temp.rows(), 'a 1 on, a 2 -, a 3 -, b 2 -, b 3 -', kind || ': have it');
    RETURN NEXT is(tests.error_of($$ INSERT INTO kit.crew_members (crew_id, user_id, level) VALUES (tests.crew('a', 1), tests.one('a', 2), 2) $$), '23514 crew_members_level_copied', kind || ': a wrong copy');
    RETURN NEXT is(tests.error_of($$ INSERT INTO kit.crew_members (crew_id, user_id, motto) VALUES (tests.crew('a', 2), tests.one('a', 2), 'x') $$), '23514 crew_members_motto_copied', kind || ': of what the parent leaves open');
    RETURN NEXT is(pg_temp.told($$ INSERT INTO kit.crew_members (crew_id, user_id) VALUES (tests.crew('a', 4), tests.one('a', 2)) $$),
        '23514 | the row of "crews" that crew_id refers to takes no rows of "crew_members" now | Row ac000000-0000-0000-0000-000000000004 would need (is_open AND level < 9). | crew_members_crew_id_required', kind || ': a parent that takes none');
    RETURN NEXT is(pg_temp.told($$ INSERT INTO kit.crew_members (crew_id, user_id) VALUES (tests.crew('a', 8), tests.one('a', 2)) $$),
        '23503 | crew_id of a row of "crew_members" refers to no row of "crews" | Key (crew_id)=(ac000000-0000-0000-0000-000000000008) is not present in table "crews". | crew_members_crew_id_fkey',
        kind || ': one that is not there');
    RETURN NEXT is(tests.error_of($$ INSERT INTO kit.crew_members (organization_id, crew_id, user_id) VALUES (tests.org('b'), tests.crew('a', 1), tests.one('b', 1)) $$), '23503 crew_members_crew_id_fkey', kind || ': one of another organization than the row says');
    RETURN NEXT is(tests.error_of($$ INSERT INTO kit.crew_members (crew_id, user_id) VALUES (NULL, tests.one('b', 1)) $$), 'none', kind || ': no parent at all');
    RETURN NEXT is((SELECT organization_id FROM kit.crew_members WHERE crew_id IS NULL), tests.org('b'), kind || ': leaves the organization to the user');
    DELETE FROM kit.crew_members WHERE crew_id IS NULL;

    -- In one statement with its parent, and one that has just been made.
    RETURN NEXT is(tests.error_of($$ WITH made AS (INSERT INTO kit.crews (id, organization_id, name, level) VALUES (tests.crew('a', 5), tests.org('a'), 'x', 5) RETURNING id)
        INSERT INTO kit.crew_members (crew_id, user_id) SELECT id, tests.one('a', 5) FROM made $$), 'none', kind || ': a parent of the same statement');
    RETURN NEXT is(tests.error_of($$ INSERT INTO kit.crew_members (crew_id, user_id, level) VALUES (tests.crew('a', 1), tests.one('a', 1), 3), (tests.crew('a', 1), tests.one('a', 1), 1) ON CONFLICT DO NOTHING $$),
        '23514 crew_members_level_copied', kind || ': ON CONFLICT DO NOTHING asks first');
    COPY kit.crew_members (crew_id, user_id, role) FROM PROGRAM 'echo ac000000-0000-0000-0000-000000000001 a0000000-0000-0000-0000-000000000006 leader' (DELIMITER ' ');
    RETURN NEXT is(pg_temp.rows(), 'a 1 on, a 2 -, a 3 -, a 5 -, a 1 on, b 2 -, b 3 -', kind || ': COPY');
    MERGE INTO kit.crew_members m USING (VALUES (tests.one('a', 6)), (tests.one('a', 7))) v (id) ON m.user_id = v.id
        WHEN MATCHED THEN UPDATE SET crew_id = tests.crew('a', 3) WHEN NOT MATCHED THEN INSERT (crew_id, user_id) VALUES (tests.crew('a', 2), v.id);
    RETURN NEXT is(pg_temp.rows(), 'a 1 on, a 2 -, a 3 -, a 5 -, a 3 -, a 2 -, b 2 -, b 3 -', kind || ': MERGE, and a row that goes to another parent');

    -- Updates.
    RETURN NEXT is(tests.error_of($$ UPDATE kit.crew_members SET level = 7 WHERE user_id = tests.one('a', 6) $$), '23514 crew_members_level_copied', kind || ': a copy that is changed');
    RETURN NEXT is(tests.error_of($$ UPDATE kit.crew_members SET crew_id = tests.crew('a', 2), level = 7 WHERE user_id = tests.one('a', 6) $$), '23514 crew_members_level_copied', kind || ': with the parent');
    RETURN NEXT is(tests.error_of($$ UPDATE kit.crew_members SET crew_id = tests.crew('a', 2), level = 2 WHERE user_id = tests.one('a', 6) $$), 'none', kind || ': rightly');
    RETURN NEXT is(tests.error_of($$ UPDATE kit.crew_members SET crew_id = tests.crew('a', 4) WHERE user_id = tests.one('a', 6) $$), '23514 crew_members_crew_id_required', kind || ': to a parent that takes none');
    RETURN NEXT is(tests.error_of($$ UPDATE kit.crew_members SET crew_id = tests.crew('b', 1) WHERE user_id = tests.one('a', 6) $$), '23503 crew_members_crew_id_fkey', kind || ': or that is another organization''s');
    UPDATE kit.crews SET is_open = false, level = 8 WHERE id = tests.crew('a', 2);
    RETURN NEXT is(tests.error_of($$ UPDATE kit.crew_members SET user_id = user_id, crew_id = crew_id WHERE crew_id = tests.crew('a', 2) $$), 'none', kind || ': copies do not follow, nor do rows leave a parent that has closed');
    RETURN NEXT is(tests.error_of($$ UPDATE kit.crew_members SET level = 2 WHERE crew_id = tests.crew('a', 2) $$), 'none', kind || ': nor are they wrong then');
    RETURN NEXT is(tests.error_of($$ UPDATE kit.crew_members SET level = 8 WHERE user_id = tests.one('a', 6) $$), 'none', kind || ': but may be brought up to date');
    RETURN NEXT is(tests.error_of($$ UPDATE kit.crew_members SET crew_id = NULL WHERE user_id = tests.one('a', 6) $$), 'none', kind || ': a row may leave');
    UPDATE kit.crews SET is_open = true, level = 2 WHERE id = tests.crew('a', 2);
END
$f$;

SAVEPOINT fresh;
SELECT pg_temp.play(true);
SELECT is(tests.error_of($$ INSERT INTO kit.crew_members_leaders (crew_id, user_id, role, level) VALUES (tests.crew('a', 1), tests.one('a', 9), 'leader', 2) $$), '23514 crew_members_level_copied', 'a partition that is written directly');
SELECT is(tests.error_of($$ INSERT INTO kit.crew_members_others (organization_id, crew_id, user_id, role) VALUES (tests.org('a'), tests.crew('a', 4), tests.one('a', 9), 'odd') $$), '23514 crew_members_crew_id_required', 'and one that came later');
ROLLBACK TO fresh;
SELECT pg_temp.play(false);

-- Callers whom row security binds.
SET LOCAL ROLE laurel_owner;
SELECT laurel_internal.protect('kit.crews', 'catalogue');
SELECT laurel_internal.protect('kit.crew_members', 'own');
RESET ROLE;
DELETE FROM kit.crew_members;
INSERT INTO kit.crews (id, organization_id, name, is_open) VALUES (tests.crew('b', 4), tests.org('b'), 'closed', false);
SELECT tests.act_as(tests.one('a', 1));
SELECT is(tests.error_of($$ INSERT INTO kit.crew_members (crew_id, user_id) VALUES (tests.crew('a', 1), tests.one('a', 1)) $$), 'none', 'a member joins');
CREATE FUNCTION pg_temp.same(command text, crew uuid, nobody uuid) RETURNS boolean LANGUAGE sql AS $$
    SELECT replace(pg_temp.told(replace(command, ':crew', quote_literal(crew))), crew::text, '') = replace(pg_temp.told(replace(command, ':crew', quote_literal(nobody))), nobody::text, '')
$$;
\set join 'INSERT INTO kit.crew_members (crew_id, user_id) VALUES (:crew, tests.one(''a'', 1))'
\set join_b 'INSERT INTO kit.crew_members (organization_id, crew_id, user_id) VALUES (tests.org(''b''), :crew, tests.one(''a'', 1))'
\set join_level 'INSERT INTO kit.crew_members (organization_id, crew_id, user_id, level) VALUES (tests.org(''b''), :crew, tests.one(''a'', 1), 3)'
\set move 'UPDATE kit.crew_members SET crew_id = :crew'
SELECT is(tests.error_of(replace(:'join', ':crew', quote_literal(tests.crew('b', 1)))), '23503 crew_members_crew_id_fkey', 'another organization''s parent is not there');
SELECT ok(pg_temp.same(:'join', tests.crew('b', n), tests.crew('a', 99)), 'exactly like one that is not: ' || n) FROM generate_series(1, 4) n;
SELECT is(tests.error_of(replace(:'join_b', ':crew', quote_literal(tests.crew('b', 1)))), '23503 crew_members_crew_id_fkey', 'nor where its organization is named');
SELECT ok(pg_temp.same(:'join_b', tests.crew('b', n), tests.crew('b', 99)), 'open or not: ' || n) FROM generate_series(1, 4) n;
SELECT ok(pg_temp.same(:'join_level', tests.crew('b', n), tests.crew('b', 99)), 'whatever it says: ' || n) FROM generate_series(1, 4) n;
SELECT ok(pg_temp.same(:'move', tests.crew('b', n), tests.crew('a', 99)), 'nor is it where a row goes: ' || n) FROM generate_series(1, 4) n;
SELECT tests.act_as(tests.one('a', 1), tests.org('b'));
SELECT is(tests.error_of(replace(:'join', ':crew', quote_literal(tests.crew('b', 2)))) ~ '^(23503 crew_members_crew_id_fkey|42501)$', true, 'who names an organization that is not his finds none of its parents');
SELECT tests.act_as(tests.one('a', 0));
SELECT is(tests.error_of(replace(:'join', ':crew', quote_literal(tests.crew('a', 2)))), '42501', 'who has no organization finds none at all');
SELECT tests.act_as_service();
SELECT is(tests.error_of($$ INSERT INTO kit.crew_members (crew_id, user_id) VALUES (tests.crew('b', 1), tests.one('b', 1)) $$), 'none', 'the back end finds all');
SELECT tests.act_as_owner();
INSERT INTO laurel.user_organizations (organization_id, user_id) VALUES (tests.org('b'), tests.one('a', 2));
SELECT tests.act_as(tests.one('a', 2));
SELECT is(tests.error_of($$ INSERT INTO kit.crew_members (organization_id, crew_id, user_id) VALUES (tests.org('b'), tests.crew('b', 1), tests.one('a', 2)) $$), '23503 crew_members_crew_id_fkey', 'a member of two does not find what policies show him in the other alone');
SELECT is(tests.error_of($$ INSERT INTO kit.crew_members (crew_id, user_id) VALUES (tests.crew('b', 2), tests.one('a', 2)) $$), '23503 crew_members_crew_id_fkey', 'and finds the parents of the active one where he names none');
SELECT tests.act_as(tests.one('a', 2), tests.org('b'));
SELECT is(tests.error_of($$ INSERT INTO kit.crew_members (crew_id, user_id) VALUES (tests.crew('b', 2), tests.one('a', 2)) $$), 'none', 'which he chooses');
SET LOCAL search_path = pg_temp, public;
CREATE TEMP TABLE crews (id uuid, organization_id uuid, level integer, motto text, is_open boolean);
SELECT public.is(tests.error_of($$ INSERT INTO kit.crew_members (crew_id, user_id) VALUES (tests.crew('b', 3), tests.one('a', 2)) $$), 'none', 'under any path');
RESET search_path;
SELECT tests.act_as_owner();

-- Without copies or a condition only the organization is filled in.
SET LOCAL ROLE laurel_owner;
CREATE TABLE kit.notes (id uuid PRIMARY KEY DEFAULT laurel.uuidv7(), organization_id uuid NOT NULL, crew_id uuid NOT NULL, level integer,
    CONSTRAINT notes_crew_fkey FOREIGN KEY (organization_id, crew_id) REFERENCES kit.crews (organization_id, id));
SELECT laurel_internal.add_tenant_triggers('kit.notes'), laurel_internal.belongs('kit.notes', 'crew_id', 'kit.crews');
RESET ROLE;
INSERT INTO kit.notes (crew_id) SELECT id FROM kit.crews;
SELECT is_empty('SELECT FROM kit.notes n JOIN kit.crews c ON c.id = n.crew_id WHERE c.organization_id <> n.organization_id', 'the organization alone');
SELECT isnt_empty('SELECT FROM kit.notes', 'was filled in');
SELECT is(tests.error_of($$ INSERT INTO kit.notes (crew_id) VALUES (tests.crew('a', 99)) $$), '23503 notes_crew_fkey', 'under the foreign key''s name');
SELECT is(tests.error_of($$ INSERT INTO kit.notes (organization_id, crew_id) VALUES (tests.org('b'), tests.crew('a', 1)) $$), '23503 notes_crew_fkey', 'which holds what names its organization');

-- An application's own triggers, before and after.
CREATE FUNCTION public.app_row() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    CASE TG_ARGV[0] WHEN 'level' THEN NEW.level := 3; WHEN 'crew' THEN NEW.crew_id := TG_ARGV[1]; WHEN 'organization' THEN NEW.organization_id := TG_ARGV[1]; END CASE;
    RETURN NEW;
END $$;
CREATE FUNCTION pg_temp.under(name text, event text, arguments text, command text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    answer text;
BEGIN
    DELETE FROM kit.crew_members;
    INSERT INTO kit.crew_members (crew_id, user_id) VALUES (tests.crew('a', 1), tests.one('a', 1));
    EXECUTE format('CREATE TRIGGER %I BEFORE %s ON kit.crew_members FOR EACH ROW EXECUTE FUNCTION public.app_row(%s)', name, event, arguments);
    answer := tests.error_of(command);
    RAISE EXCEPTION USING ERRCODE = 'P9999', MESSAGE = concat_ws(' ', answer, pg_temp.rows());
EXCEPTION WHEN SQLSTATE 'P9999' THEN RETURN SQLERRM;
END $$;
\set add 'INSERT INTO kit.crew_members (crew_id, user_id) VALUES (tests.crew(''a'', 1), tests.one(''a'', 2))'
SELECT is(pg_temp.under('a', 'INSERT', $$'level'$$, :'add'), '23514 crew_members_level_copied a 1 on', 'one before that writes a wrong copy');
SELECT is(pg_temp.under('a', 'INSERT', $$'crew', 'ac000000-0000-0000-0000-000000000003'$$, :'add'), 'none a 1 on, a 3 -', 'one that sends the row to another parent');
SELECT is(pg_temp.under('z', 'INSERT', $$'level'$$, :'add'), '23514 crew_members_level_copied a 1 on', 'one after');
SELECT is(pg_temp.under('z', 'INSERT', $$'crew', 'ac000000-0000-0000-0000-000000000003'$$, :'add'), '23514 crew_members_level_copied a 1 on', 'after the copies were made');
SELECT is(pg_temp.under('z', 'INSERT', $$'crew', 'ac000000-0000-0000-0000-000000000004'$$, :'add'), '23514 crew_members_crew_id_required a 1 on', 'to one that takes none');
SELECT is(pg_temp.under('z', 'INSERT', $$'organization', 'b0000000-0000-0000-0000-000000000000'$$, :'add'), '23503 crew_members_crew_id_fkey a 1 on', 'or to another organization');
SELECT is(pg_temp.under('z', 'UPDATE', $$'level'$$, 'UPDATE kit.crew_members SET role = ''x'''), '23514 crew_members_level_copied a 1 on', 'when a row is updated too');
SELECT is(pg_temp.under('z', 'UPDATE', $$'crew', 'ac000000-0000-0000-0000-000000000004'$$, 'UPDATE kit.crew_members SET role = ''x'''), '23514 crew_members_crew_id_required a 1 on', 'and goes elsewhere');

-- Names that no longer hold.
CREATE FUNCTION pg_temp.after(change text, command text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE change;
    RAISE EXCEPTION USING ERRCODE = 'P9999', MESSAGE = pg_temp.told(command);
EXCEPTION WHEN SQLSTATE 'P9999' THEN RETURN split_part(SQLERRM, ' | ', 2);
END $$;
SELECT is(pg_temp.after('SELECT 1', :'add'), '', 'as long as all is there');
SELECT is(pg_temp.after('ALTER TABLE kit.crews RENAME TO gangs', :'add'), 'trigger "a_belongs_crew_id" of table "crew_members" names table "kit.crews", which does not exist', 'a parent renamed');
SELECT is(pg_temp.after('ALTER TABLE kit.crews RENAME level TO height', :'add'), 'trigger "a_belongs_crew_id" of table "crew_members" cannot be understood: column "level" does not exist', 'a column of the condition renamed');
SELECT is(pg_temp.after('ALTER TABLE kit.crews RENAME motto TO words', :'add'), 'trigger "a_belongs_crew_id" of table "crew_members" names column "motto" of kit.crews, which does not exist', 'a copied one');
SELECT is(pg_temp.after('ALTER TABLE kit.crew_members RENAME motto TO words', :'add'), 'trigger "a_belongs_crew_id" of table "crew_members" names column "motto" of kit.crew_members, which does not exist', 'its copy');
SELECT is(pg_temp.after('ALTER TABLE kit.crews ALTER motto TYPE jsonb USING NULL', :'add'), 'trigger "a_belongs_crew_id" of table "crew_members" names column "motto" of kit.crews, which has type jsonb, not text', 'or of another type');
SELECT is(pg_temp.after('ALTER TABLE kit.crew_members RENAME crew_id TO team', replace(:'add', 'crew_id', 'team')), 'trigger "a_belongs_crew_id" of table "crew_members" names column "crew_id" of kit.crew_members, which does not exist', 'the link');
SELECT alike(pg_temp.after('ALTER TABLE kit.crews OWNER TO postgres', :'add'), 'trigger "a_belongs_crew_id" of table "crew_members" names table "kit.crews", which has another owner', 'a parent of another owner');

-- What is refused when it is attached.
CREATE TABLE public.foreign_members (crew_id uuid, organization_id uuid, FOREIGN KEY (organization_id, crew_id) REFERENCES kit.crews (organization_id, id));
CREATE TABLE kit.odd_members (crew_id uuid, organization_id uuid, level text, FOREIGN KEY (organization_id, crew_id) REFERENCES kit.crews (organization_id, id));
ALTER TABLE kit.odd_members OWNER TO laurel_owner;
SELECT is(tests.error_of($$ SELECT laurel_internal.belongs('public.foreign_members', 'crew_id', 'kit.crews') $$), '39P01', 'a table of another owner');
SELECT is(tests.error_of($$ SELECT laurel_internal.belongs('kit.odd_members', 'crew_id', 'kit.crews', '{level}') $$), '22023', 'a copy of another type');
SELECT is(tests.error_of($$ SELECT laurel_internal.belongs('kit.odd_members', 'crew_id', 'kit.crews', '{motto}') $$), '42703', 'or that is not there');
SELECT is(tests.error_of($$ SELECT laurel_internal.belongs('kit.odd_members', 'crew_id', 'kit.crews', '{}', 'nothing') $$), '39P01', 'a condition on no column');
SELECT is(tests.error_of($$ SELECT laurel_internal.belongs('kit.odd_members', 'crew_id', 'kit.crews', '{}', 'EXISTS (SELECT FROM laurel.users)') $$), '39P01', 'or on other tables');
SELECT is(tests.error_of($$ SELECT laurel_internal.belongs('kit.odd_members', 'organization_id', 'laurel.organizations') $$), '42703', 'a parent without organization');
SELECT is(tests.error_of($$ SELECT laurel_internal.belongs('kit.crew_members', 'user_id', 'laurel.user_organizations') $$), '22023', 'one whose key does not say it alone');
SELECT is(tests.error_of($$ SELECT laurel_internal.belongs('kit.odd_members', 'crew_id', 'kit.crews', '{}', 'now() > ''2020-01-01''') $$), 'none', 'a condition of the moment is in order');
SELECT is(tests.error_of($$ INSERT INTO kit.odd_members (crew_id) VALUES (tests.crew('a', 1)) $$), 'none', 'and holds');

-- A session's own table is never what a trigger names.
CREATE TEMP TABLE temp_crews (id uuid PRIMARY KEY, organization_id uuid NOT NULL);
ALTER TABLE temp_crews OWNER TO laurel_owner;
INSERT INTO temp_crews VALUES (tests.crew('a', 1), tests.org('a'));
DO $$ BEGIN
    EXECUTE format('CREATE TRIGGER astray BEFORE INSERT ON kit.odd_members FOR EACH ROW EXECUTE FUNCTION laurel_internal.belong(%L, %L, %L, %L)',
        'crew_id', pg_my_temp_schema()::regnamespace || '.temp_crews', 'id', '');
END $$;
SELECT is(tests.error_of($$ INSERT INTO kit.odd_members (crew_id) VALUES (tests.crew('a', 1)) $$), '39P01', 'a parent that is temporary is none');

SELECT * FROM finish();
ROLLBACK;
