-- Which state of a row may follow which.
\ir ../support/load.sql
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT no_plan();

SELECT tests.make_crews();
GRANT TEMPORARY ON DATABASE laurel_test TO laurel_owner;
SET LOCAL ROLE laurel_owner;
CREATE TABLE kit.quests (
    id integer NOT NULL, organization_id uuid NOT NULL, status text NOT NULL DEFAULT 'draft', mood text NOT NULL DEFAULT 'good', note text, wrong_type timestamp,
    started_at timestamptz, completed_at timestamptz, done boolean NOT NULL DEFAULT false,
    CONSTRAINT quests_completed_at_check CHECK ((status = 'completed') = (completed_at IS NOT NULL)),
    PRIMARY KEY (id, done)
) PARTITION BY LIST (done);
CREATE TABLE kit.quests_open PARTITION OF kit.quests FOR VALUES IN (false);
SELECT laurel_internal.states('kit.quests', 'status',
    '{"draft": ["active", "cancelled"], "active": ["completed", "cancelled", "paused"], "paused": ["active"], "completed": [], "cancelled": []}',
    stamps => '{"completed": "completed_at", "active": "started_at"}');
SELECT laurel_internal.states('kit.quests', 'mood', '{"good": ["bad"], "bad": ["good"]}');
CREATE TABLE kit.quests_done PARTITION OF kit.quests FOR VALUES IN (true);
RESET ROLE;
GRANT SELECT, INSERT, UPDATE ON ALL TABLES IN SCHEMA kit TO service_role;
INSERT INTO kit.quests (id, organization_id) SELECT n, tests.org('a') FROM generate_series(1, 5) n;
SELECT is(tests.error_of($$ INSERT INTO kit.quests (id, organization_id, status, completed_at) VALUES (9, tests.org('a'), 'completed', now()) $$), 'none', 'a row is inserted in any state');
SELECT is(tests.error_of($$ INSERT INTO kit.quests (id, organization_id, status) VALUES (10, tests.org('a'), 'odd') $$), '23514 quests_status_check', 'that there is');

SELECT tests.act_as_service();
SELECT is(tests.error_of($$ UPDATE kit.quests SET status = 'active' WHERE id IN (1, 2) $$), 'none', 'a step');
SELECT is(tests.error_of($$ UPDATE kit.quests SET status = 'completed' WHERE id = 3 $$), '23514 quests_status_steps', 'one that leaves out another');
SELECT is(tests.error_of($$ UPDATE kit.quests SET status = 'draft' WHERE id = 1 $$), '23514 quests_status_steps', 'one back');
SELECT is(tests.error_of($$ UPDATE kit.quests SET status = 'odd' WHERE id = 1 $$), '23514 quests_status_steps', 'one to nowhere');
SELECT is(tests.error_of($$ UPDATE kit.quests SET status = NULL WHERE id = 1 $$), '23514 quests_status_steps', 'one to nothing');
SELECT is(tests.error_of($$ UPDATE kit.quests SET status = 'cancelled' WHERE id = 9 $$), '23514 quests_status_steps', 'one from the end');
SELECT is(tests.error_of($$ UPDATE kit.quests SET status = status, note = 'x' $$), 'none', 'what does not change is no step');
SELECT is(tests.error_of($$ UPDATE kit.quests SET status = 'completed' WHERE id = 1 $$), 'none', 'to the end');
SELECT is(tests.error_of($$ UPDATE kit.quests SET status = 'completed', completed_at = '2020-01-01' WHERE id = 2 $$), 'none', 'at a time that the writer says');
SELECT tests.act_as_owner();
SELECT results_eq('SELECT status, started_at BETWEEN now() AND clock_timestamp(), completed_at BETWEEN now() AND clock_timestamp() FROM kit.quests WHERE id IN (1, 2, 3) ORDER BY id',
    $$ VALUES ('completed', true, true), ('completed', true, false), ('draft', NULL, NULL) $$, 'the time of a state is filled in, unless it is there');
SELECT is(tests.error_of($$ UPDATE kit.quests SET mood = 'good' WHERE id = 4 $$), 'none', 'a second column of states');
SELECT is(tests.error_of($$ UPDATE kit.quests SET mood = 'ugly' WHERE id = 4 $$), '23514 quests_mood_steps', 'has its own');

-- Other ways to update.
SELECT is(tests.error_of($$ INSERT INTO kit.quests (id, organization_id, status) VALUES (3, tests.org('a'), 'active') ON CONFLICT (id, done) DO UPDATE SET status = EXCLUDED.status $$), 'none', 'an upsert steps');
SELECT is(tests.error_of($$ INSERT INTO kit.quests (id, organization_id, status) VALUES (3, tests.org('a'), 'draft') ON CONFLICT (id, done) DO UPDATE SET status = EXCLUDED.status $$), '23514 quests_status_steps', 'or is refused');
SELECT is(tests.error_of($$ MERGE INTO kit.quests q USING (VALUES (4)) v (id) ON q.id = v.id WHEN MATCHED THEN UPDATE SET status = 'paused' $$), '23514 quests_status_steps', 'MERGE');
SELECT is(tests.error_of($$ UPDATE kit.quests_open SET status = 'paused' WHERE id = 4 $$), '23514 quests_status_steps', 'a partition, written directly, under the table''s name');
SELECT is(tests.error_of($$ INSERT INTO kit.quests_done (id, organization_id, done) VALUES (20, tests.org('a'), true) $$), 'none', 'and a new one');
SELECT is(tests.error_of($$ UPDATE kit.quests_done SET status = 'paused' $$), '23514 quests_status_steps', 'steps too');
CREATE FUNCTION pg_temp.told(command text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    m text; h text; t text; s text;
BEGIN
    EXECUTE command;
    RETURN 'none';
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS m = MESSAGE_TEXT, h = PG_EXCEPTION_HINT, t = TABLE_NAME, s = SCHEMA_NAME;
    RETURN concat_ws(' | ', m, h, s || '.' || t);
END $$;
SELECT is(pg_temp.told($$ UPDATE kit.quests_open SET status = 'paused' WHERE id = 4 $$), 'status of a row of "quests" cannot become paused after draft | After draft: active, cancelled. | kit.quests', 'the error says what may follow');
SELECT is(pg_temp.told($$ UPDATE kit.quests SET status = 'paused' WHERE id = 9 $$), 'status of a row of "quests" cannot become paused after completed | After completed: nothing. | kit.quests', 'or that nothing does');

-- An application's own triggers, before and after.
CREATE FUNCTION public.app_state() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.status := TG_ARGV[0]; RETURN NEW; END $$;
CREATE FUNCTION pg_temp.under(name text, state text, command text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    answer text;
BEGIN
    EXECUTE format('CREATE TRIGGER %I BEFORE UPDATE ON kit.quests FOR EACH ROW EXECUTE FUNCTION public.app_state(%L)', name, state);
    answer := tests.error_of(command);
    RAISE EXCEPTION USING ERRCODE = 'P9999', MESSAGE = concat_ws(' ', answer, (SELECT status || ' ' || (completed_at IS NOT NULL) FROM kit.quests WHERE id = 3));
EXCEPTION WHEN SQLSTATE 'P9999' THEN RETURN SQLERRM;
END $$;
SELECT is(pg_temp.under('app', 'completed', $$ UPDATE kit.quests SET note = 'x' WHERE id = 3 $$), 'none completed true', 'one before steps as its statement would');
SELECT is(pg_temp.under('app', 'draft', $$ UPDATE kit.quests SET status = 'paused' WHERE id = 3 $$), '23514 quests_status_steps active false', 'and is refused as its statement would be');
SELECT is(pg_temp.under('zz', 'paused', $$ UPDATE kit.quests SET note = 'x' WHERE id = 3 $$), 'none paused false', 'so does one after');
SELECT is(pg_temp.under('zz', 'draft', $$ UPDATE kit.quests SET status = 'paused' WHERE id = 3 $$), '23514 quests_status_steps active false', 'and is refused');
SELECT is(pg_temp.under('zz', 'draft', $$ UPDATE kit.quests SET note = 'x' WHERE id = 3 $$), '23514 quests_status_steps active false', 'where the statement leaves the state alone too');

-- Names that no longer hold.
CREATE FUNCTION pg_temp.after(change text, command text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE change;
    RAISE EXCEPTION USING ERRCODE = 'P9999', MESSAGE = pg_temp.told(command);
EXCEPTION WHEN SQLSTATE 'P9999' THEN RETURN split_part(SQLERRM, ' | ', 1);
END $$;
SELECT is(pg_temp.after('ALTER TABLE kit.quests RENAME status TO stage', $$ UPDATE kit.quests SET stage = 'draft' WHERE id = 3 $$),
    'trigger "z_step_status" of table "quests_open" names column "status" of kit.quests_open, which does not exist', 'a state renamed');
SELECT is(pg_temp.after('ALTER TABLE kit.quests RENAME started_at TO began_at', $$ UPDATE kit.quests SET status = 'draft' WHERE id = 3 $$),
    'trigger "z_step_status" of table "quests_open" names column "started_at" of kit.quests_open, which does not exist', 'a time renamed');
SELECT is(pg_temp.after('ALTER TABLE kit.quests RENAME TO tasks', $$ UPDATE kit.tasks SET status = 'draft' WHERE id = 3 $$),
    'status of a row of "tasks" cannot become draft after active', 'the table renamed holds under its new name');
SELECT is(pg_temp.after($$ CREATE TRIGGER z BEFORE UPDATE ON kit.crews FOR EACH ROW EXECUTE FUNCTION laurel_internal.step_state('name', '[]', '{}') $$,
    $$ INSERT INTO kit.crews (organization_id, name) VALUES (tests.org('a'), 'x'); UPDATE kit.crews SET name = 'y' $$),
    'trigger "z" of table "crews" says "[]", which does not say which state follows which', 'what somebody attached otherwise');
SELECT is(pg_temp.after($$ CREATE TRIGGER z BEFORE UPDATE ON kit.crews FOR EACH ROW EXECUTE FUNCTION laurel_internal.step_state('name', '{"a": "b"}', '{}') $$,
    $$ INSERT INTO kit.crews (organization_id, name) VALUES (tests.org('a'), 'x'); UPDATE kit.crews SET name = 'y' $$),
    'trigger "z" of table "crews" says "{"a": "b"}", which does not say which state follows which', 'or wrote wrongly');
SELECT is(pg_temp.after($$ CREATE TRIGGER z BEFORE UPDATE ON kit.crews FOR EACH ROW EXECUTE FUNCTION laurel_internal.step_state('name', '{"a', '{}') $$,
    $$ INSERT INTO kit.crews (organization_id, name) VALUES (tests.org('a'), 'x'); UPDATE kit.crews SET name = 'y' $$),
    'trigger "z" of table "crews" cannot be understood: invalid input syntax for type json', 'even that is no JSON');

-- What is refused when it is attached.
CREATE FUNCTION pg_temp.refused(column_name text, transitions text, stamps text DEFAULT '{}') RETURNS text LANGUAGE sql AS $$
    SELECT tests.error_of(format('SELECT laurel_internal.states(%L, %L, %L, %L)', 'kit.crews', column_name, transitions, stamps))
$$;
SELECT is(pg_temp.refused('nothing', '{"a": []}'), '42703', 'an unknown column');
SELECT is(pg_temp.refused('level', '{"a": []}'), '22023', 'one that is no text');
SELECT is(pg_temp.refused('motto', '{"a": []}'), '22023', 'one that may be null');
SELECT is(pg_temp.refused('name', '{"a": ["b"]}'), '22023', 'a state that is no key');
SELECT is(pg_temp.refused('name', '{"a": "a"}'), '22023', 'what is no list');
SELECT is(pg_temp.refused('name', '{"a": [1]}'), '22023', 'of states');
SELECT is(pg_temp.refused('name', '{"a": [["a"]]}'), '22023', 'one within another');
SELECT is(pg_temp.refused('name', '["a"]'), '22023', 'no object');
SELECT is(pg_temp.refused('name', '{}'), '22023', 'no state at all');
SELECT is(pg_temp.refused('name', NULL), '22023', 'nothing');
SELECT is(pg_temp.refused('name', '{"a": []}', '{"b": "motto"}'), '22023', 'a time of no state');
SELECT is(pg_temp.refused('name', '{"a": []}', '{"a": "nothing"}'), '42703', 'in a column that is not there');
SELECT is(pg_temp.refused('name', '{"a": []}', '{"a": "motto"}'), '22023', 'or is no timestamptz');
SELECT is(pg_temp.refused('name', '{"a": []}', '{"a": 1}'), '42703', 'or has no name');
SELECT is(pg_temp.refused('name', '{"a": []}', '[]'), '22023', 'times that are no object');
INSERT INTO kit.crews (organization_id, name) VALUES (tests.org('a'), 'x');
SELECT is(pg_temp.refused('name', '{"a": []}'), '23514 crews_name_check', 'states that rows are not in');
SELECT throws_ok($$ SELECT laurel_internal.states('kit.quests', 'status', '{"draft": []}') $$, '42710', 'kit.quests has the guard states of status already', 'states that are there already');
ALTER TABLE kit.crews ADD CONSTRAINT crews_name_check CHECK (name <> '');
SELECT throws_ok($$ SELECT laurel_internal.states('kit.crews', 'name', '{"x": []}') $$, '42710', 'kit.crews has the constraint crews_name_check already', 'or somebody''s CHECK of that name');
ALTER TABLE kit.crews DROP CONSTRAINT crews_name_check;
SELECT is(pg_temp.refused('name', '{"it''s": ["x"], "x": []}'), 'none', 'any word is a state');
SELECT is(tests.error_of($$ UPDATE kit.crews SET name = 'it''s' $$), '23514 crews_name_steps', 'as written');

SELECT * FROM finish();
ROLLBACK;
