-- laurel.check() finds whatever guards could not hold: rows that were written past them, names that are gone, triggers that are missing.
\ir ../support/load.sql
BEGIN;
SET LOCAL client_min_messages = warning;
SET LOCAL check_function_bodies = off;
SELECT no_plan();

SELECT is_empty('SELECT * FROM laurel.check()', 'what the migrations have made is sound');

SELECT tests.make_crews(true);
SET LOCAL ROLE laurel_owner;
CREATE TABLE kit.quests (id uuid PRIMARY KEY, organization_id uuid NOT NULL, crew_id uuid NOT NULL, status text NOT NULL, ended_at timestamptz, note text,
    CONSTRAINT quests_crew_id_fkey FOREIGN KEY (organization_id, crew_id) REFERENCES kit.crews (organization_id, id));
ALTER TABLE kit.crews ADD quest_count bigint NOT NULL DEFAULT 0;
SELECT laurel_internal.belongs('kit.quests', 'crew_id', 'kit.crews', '{}', 'is_open'),
    laurel_internal.states('kit.quests', 'status', '{"draft": ["ended"], "ended": []}', '{"ended": "ended_at"}'),
    laurel_internal.counts('kit.crews', 'quest_count', 'kit.quests', 'crew_id', 'status <> ''draft'''),
    laurel_internal.counts('kit.crews', 'member_count', 'kit.crew_members', 'crew_id'),
    laurel_internal.keep('kit.quests', 'crew_id', 'organization_id');
CREATE TABLE kit.lines (id integer PRIMARY KEY, said text) PARTITION BY RANGE (id);
CREATE TABLE kit.lines_1 PARTITION OF kit.lines FOR VALUES FROM (1) TO (100);
SELECT laurel_internal.append_only('kit.lines', 'Say it again.');
RESET ROLE;
INSERT INTO kit.crews (id, organization_id, name) SELECT tests.crew(l, n), tests.org(l), n FROM unnest('{a, b}'::text[]) l, generate_series(1, 3) n;
INSERT INTO kit.crew_members (organization_id, crew_id, user_id, role) SELECT tests.org(l), tests.crew(l, n), tests.one(l, n), CASE n WHEN 1 THEN 'leader' ELSE 'member' END
FROM unnest('{a, b}'::text[]) l, generate_series(1, 3) n;
INSERT INTO kit.quests (id, crew_id, status) SELECT tests.crew('a', 10 + n), tests.crew('a', n), CASE n WHEN 1 THEN 'draft' ELSE 'ended' END FROM generate_series(1, 3) n;
INSERT INTO kit.lines VALUES (1, 'x');
SELECT is_empty('SELECT * FROM laurel.check()', 'so is what guards have held');

CREATE FUNCTION pg_temp.done(command text) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN EXECUTE command; RETURN true; END $$;

-- What it finds after a command that passes the guards.
CREATE FUNCTION pg_temp.found(command text, OUT table_name text, OUT guard text, OUT organization text, OUT row_id uuid, OUT problem text) RETURNS SETOF record LANGUAGE plpgsql AS $$
DECLARE
    all_found jsonb;
BEGIN
    BEGIN
        SET LOCAL session_replication_role = replica;
        EXECUTE command;
        SET LOCAL session_replication_role = origin;
        RAISE EXCEPTION USING ERRCODE = 'P9999', MESSAGE = coalesce((SELECT jsonb_agg(f)::text FROM laurel.check() f), '[]');
    EXCEPTION WHEN SQLSTATE 'P9999' THEN all_found := SQLERRM;
    END;
    RETURN QUERY SELECT f ->> 'table_name', f ->> 'guard', left(f ->> 'organization_id', 1), (f ->> 'row_id')::uuid, f ->> 'problem' FROM jsonb_array_elements(all_found) f;
END $$;
SELECT is_empty($$ SELECT * FROM pg_temp.found('SELECT 1') $$, 'nothing where nothing was done');

-- Rows.
SELECT results_eq($$ SELECT * FROM pg_temp.found('DELETE FROM kit.crew_members WHERE crew_id = tests.crew(''b'', 2); UPDATE kit.crews SET member_count = 9 WHERE id = tests.crew(''a'', 1)') $$,
    $$ VALUES ('kit.crews', 'counts', 'a', tests.crew('a', 1), 'member_count is 9, and the rows of kit.crew_members come to 1'),
        ('kit.crews', 'counts', 'b', tests.crew('b', 2), 'member_count is 1, and the rows of kit.crew_members come to 0') $$, 'counters, of rows and of what counts them');
SELECT results_eq($$ SELECT * FROM pg_temp.found('UPDATE kit.quests SET status = ''ended'' WHERE id = tests.crew(''a'', 11)') $$,
    $$ VALUES ('kit.crews', 'counts', 'a', tests.crew('a', 1), 'quest_count is 0, and the rows of kit.quests come to 1') $$, 'a condition that has changed');
SELECT results_eq($$ SELECT * FROM pg_temp.found('ALTER TABLE kit.quests DROP CONSTRAINT quests_status_check; UPDATE kit.quests SET status = ''odd'' WHERE id = tests.crew(''a'', 12)') $$,
    $$ VALUES ('kit.quests', 'states', NULL, NULL::uuid, 'no valid CHECK holds the states of status'),
        ('kit.quests', 'states', 'a', tests.crew('a', 12), 'status is "odd", which is no state') $$, 'states that there are not');
SELECT results_eq($$ SELECT * FROM pg_temp.found('UPDATE kit.quests SET organization_id = tests.org(''b'') WHERE id = tests.crew(''a'', 11)') $$,
    $$ VALUES ('kit.quests', 'organization', 'b', tests.crew('a', 11), 'crew_id refers to a row of kit.crews of another organization') $$, 'rows in another organization than their parent');
SELECT results_eq($$ SELECT * FROM pg_temp.found('UPDATE kit.quests SET crew_id = tests.crew(''a'', 99) WHERE id = tests.crew(''a'', 11)') $$,
    $$ VALUES ('kit.quests', 'organization', 'a', tests.crew('a', 11), 'crew_id refers to no row of kit.crews') $$, 'or without one');
SELECT results_eq($$ SELECT table_name, guard, organization, problem FROM pg_temp.found('UPDATE kit.crew_members SET organization_id = tests.org(''b'') WHERE user_id = tests.one(''a'', 2)') ORDER BY problem $$,
    $$ VALUES ('kit.crew_members', 'organization', 'b', 'crew_id refers to a row of kit.crews of another organization'),
        ('kit.crews', 'counts', 'a', 'member_count is 1, and the rows of kit.crew_members come to 0'),
        ('kit.crew_members', 'organization', 'b', 'user_id refers to a row of laurel.user_organizations of another organization') $$, 'by every foreign key, partitions and all');

-- Names that are gone.
SELECT set_eq($$ SELECT DISTINCT table_name, guard, split_part(problem, ' names ', 2) FROM pg_temp.found('ALTER TABLE kit.crews RENAME TO gangs') WHERE guard = 'arguments' $$,
    $$ VALUES ('kit.quests', 'arguments', 'table "kit.crews", which does not exist'), ('kit.crew_members', 'arguments', 'table "kit.crews", which does not exist'),
        ('kit.crew_members_leaders', 'arguments', 'table "kit.crews", which does not exist'), ('kit.crew_members_members', 'arguments', 'table "kit.crews", which does not exist'),
        ('kit.gangs', 'arguments', 'table "kit.crews", which does not exist') $$, 'a table renamed');
SELECT set_eq($$ SELECT DISTINCT table_name, guard, split_part(problem, ' names ', 2) FROM pg_temp.found('ALTER TABLE kit.quests RENAME ended_at TO finished_at') $$,
    $$ VALUES ('kit.quests', 'arguments', 'column "ended_at" of kit.quests, which does not exist') $$, 'a column');
SELECT set_eq($$ SELECT DISTINCT table_name, guard, split_part(problem, ' names ', 2) FROM pg_temp.found('ALTER TABLE kit.quests RENAME status TO stage') $$,
    $$ VALUES ('kit.quests', 'arguments', 'column "status" of kit.quests, which does not exist'), ('kit.quests', 'arguments', ''), ('kit.crews', 'arguments', '') $$, 'of conditions too');
SELECT isnt_empty($$ SELECT FROM pg_temp.found('ALTER TABLE kit.quests RENAME status TO stage') WHERE problem LIKE '% cannot be understood: column "status" does not exist' $$, 'which says how');
SELECT set_eq($$ SELECT DISTINCT guard, split_part(problem, ' names ', 2) FROM pg_temp.found('ALTER TABLE kit.quests RENAME crew_id TO gang_id') WHERE guard = 'arguments' $$,
    $$ VALUES ('arguments', 'column "crew_id" of kit.quests, which does not exist') $$, 'links and what is kept');
SELECT isnt_empty($$ SELECT FROM pg_temp.found('ALTER TABLE kit.crews DROP COLUMN quest_count CASCADE') WHERE guard = 'arguments' AND problem LIKE '%column "quest_count" of kit.crews%' $$, 'a column dropped');
SELECT isnt_empty($$ SELECT FROM pg_temp.found('ALTER TABLE kit.crews OWNER TO postgres') WHERE guard = 'arguments' AND problem LIKE '%which has another owner' $$, 'a table of another owner');

-- Triggers.
SELECT results_eq($$ SELECT table_name, guard, problem FROM pg_temp.found('ALTER TABLE kit.quests DISABLE TRIGGER "keep_crew_id_organization_id"') $$,
    $$ VALUES ('kit.quests', 'triggers', 'trigger "keep_crew_id_organization_id" is disabled') $$, 'one disabled');
SELECT results_eq($$ SELECT table_name, guard, problem FROM pg_temp.found('ALTER TABLE kit.lines_1 DISABLE TRIGGER keep_rows') $$,
    $$ VALUES ('kit.lines_1', 'triggers', 'trigger "keep_rows" is disabled') $$, 'on one partition');
SELECT results_eq($$ SELECT table_name, guard, problem FROM pg_temp.found('DROP TRIGGER "A_count_crews_quest_count_updated" ON kit.quests') $$,
    $$ VALUES ('kit.quests', 'triggers', 'trigger count_rows() for UPDATE, which trigger "guard_quest_count" of kit.crews needs, is missing') $$, 'one dropped of several');
SELECT results_eq($$ SELECT table_name, guard, problem FROM pg_temp.found('DROP TRIGGER guard_quest_count ON kit.crews') $$,
    $$ VALUES ('kit.crews', 'triggers', 'trigger guard_count() for UPDATE, which trigger "A_count_crews_quest_count_inserted" of kit.quests needs, is missing') $$, 'the guard of a counter');
SELECT results_eq($$ SELECT table_name, guard, problem FROM pg_temp.found('DROP TRIGGER guard_new_quest_count ON kit.crews') $$,
    $$ VALUES ('kit.crews', 'triggers', 'trigger guard_count() for INSERT, which trigger "guard_quest_count" of kit.crews needs, is missing') $$, 'of a new one');
SELECT results_eq($$ SELECT table_name, guard, problem FROM pg_temp.found('DROP TRIGGER count_crews_member_count_pending ON kit.crews') $$,
    $$ VALUES ('kit.crews', 'triggers', 'trigger count_pending() for UPDATE, which trigger "guard_member_count" of kit.crews needs, is missing') $$, 'what a partitioned child needs');
SELECT results_eq($$ SELECT table_name, guard, problem FROM pg_temp.found('DROP TRIGGER check_step_status ON kit.quests') $$,
    $$ VALUES ('kit.quests', 'triggers', 'trigger check_step() for UPDATE, which trigger "z_step_status" of kit.quests needs, is missing') $$, 'one of states');
SELECT results_eq($$ SELECT table_name, guard, problem FROM pg_temp.found('DROP TRIGGER keep_table ON kit.lines') $$,
    $$ VALUES ('kit.lines', 'triggers', 'trigger keep_table() for TRUNCATE, which trigger "keep_rows" of kit.lines needs, is missing') $$, 'of history');
SELECT results_eq($$ SELECT table_name, guard, problem FROM pg_temp.found('CREATE TABLE kit.lines_2 PARTITION OF kit.lines FOR VALUES FROM (100) TO (200)') $$,
    $$ VALUES ('kit.lines_2', 'triggers', 'trigger "keep_table" is missing: SELECT laurel_internal.guard_partition(''kit.lines_2'')') $$, 'a partition without its guard');
SELECT is_empty($$ SELECT * FROM pg_temp.found('CREATE TABLE kit.lines_2 PARTITION OF kit.lines FOR VALUES FROM (100) TO (200); ALTER TABLE kit.lines_2 OWNER TO laurel_owner; SELECT laurel_internal.guard_partition(''kit.lines_2'')') $$, 'and with it');

-- One table alone.
SELECT results_eq($$ SELECT c.table_name, (SELECT count(*) FROM laurel.check('kit.crews')), (SELECT count(*) FROM laurel.check('kit.quests'))
    FROM pg_temp.done('ALTER TABLE kit.lines_1 DISABLE TRIGGER keep_rows'), laurel.check('kit.lines') c $$, $$ VALUES ('kit.lines_1', 0::bigint, 0::bigint) $$, 'a table and its partitions');
ALTER TABLE kit.lines_1 ENABLE TRIGGER keep_rows;
SELECT is(tests.error_of('SELECT laurel.check(1::oid::regclass)'), '42P01', 'which must be there');

-- What is found is mended.
SET LOCAL session_replication_role = replica;
UPDATE kit.crews SET member_count = 9 WHERE id = tests.crew('a', 1);
SET LOCAL session_replication_role = origin;
SELECT is((SELECT count(*) FROM laurel.check()), 1::bigint, 'a counter that is wrong');
SELECT laurel_internal.recount('kit.crews', 'member_count');
SELECT is_empty('SELECT * FROM laurel.check()', 'is right once it is counted anew');

-- Who may ask.
SELECT tests.act_as_service();
SELECT is_empty('SELECT * FROM laurel.check()', 'the back end may ask, and sees what it may not read');
SELECT tests.act_as(tests.one('a', 1));
SELECT is(tests.error_of('SELECT * FROM laurel.check()'), '42501', 'a member may not');
SELECT tests.act_as_owner();

SELECT * FROM finish();
ROLLBACK;
