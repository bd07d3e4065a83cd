-- Columns that never change, and rows that are history.
\ir ../support/load.sql
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT no_plan();

SELECT tests.make_crews();
SET LOCAL ROLE laurel_owner;
CREATE TABLE kit.facts (id integer NOT NULL, kind text NOT NULL DEFAULT 'a', organization_id uuid, said text, amount numeric, open jsonb, closed json, tags text[], at timestamptz, note text,
    PRIMARY KEY (id, kind)) PARTITION BY LIST (kind);
CREATE TABLE kit.facts_a PARTITION OF kit.facts FOR VALUES IN ('a');
SELECT laurel_internal.keep('kit.facts', 'said', 'amount', 'open', 'closed', 'tags', 'at');
CREATE TABLE kit.facts_b (note text, at timestamptz, said text, id integer NOT NULL, kind text NOT NULL, organization_id uuid, amount numeric, open jsonb, closed json, tags text[]);
ALTER TABLE kit.facts ATTACH PARTITION kit.facts_b FOR VALUES IN ('b');
RESET ROLE;
GRANT ALL ON ALL TABLES IN SCHEMA kit TO service_role;
INSERT INTO kit.facts (id, kind, said, amount, open, closed, tags, at, note)
SELECT n, k, repeat('long ', 2000), 1.5, '{"a": 1}', '{"a": 1}', '{x}', '2026-01-01', 'x' FROM generate_series(1, 2) n, unnest('{a, b}'::text[]) k;

SELECT tests.act_as_service();
SELECT is(tests.error_of($$ UPDATE kit.facts SET note = 'y' $$), 'none', 'another column changes');
SELECT is(tests.error_of($$ UPDATE kit.facts SET said = repeat('long ', 2000), amount = 1.5, open = '{"a":1}', closed = '{"a": 1}', tags = '{x}', at = '2026-01-01', note = 'z' $$), 'none', 'what is written as it was does not');
SELECT is(tests.error_of($$ UPDATE kit.facts SET said = 'x' $$), '23001 facts_said_immutable', 'text');
SELECT is(tests.error_of($$ UPDATE kit.facts SET said = NULL WHERE id = 1 $$), '23001 facts_said_immutable', 'nor is it taken out');
SELECT is(tests.error_of($$ UPDATE kit.facts SET amount = 2 $$), '23001 facts_amount_immutable', 'a number');
SELECT is(tests.error_of($$ UPDATE kit.facts SET open = '{"a": 2}' $$), '23001 facts_open_immutable', 'a document');
SELECT is(tests.error_of($$ UPDATE kit.facts SET closed = '{"a": 2}' $$), '23001 facts_closed_immutable', 'one that has no equality');
SELECT is(tests.error_of($$ UPDATE kit.facts SET tags = '{x,y}' $$), '23001 facts_tags_immutable', 'a list');
SELECT is(tests.error_of($$ UPDATE kit.facts SET at = now() $$), '23001 facts_at_immutable', 'a time');
SELECT is(tests.error_of($$ UPDATE kit.facts_a SET amount = 2 $$), '23001 facts_amount_immutable', 'in a partition that is written directly');
SELECT is(tests.error_of($$ UPDATE kit.facts_b SET amount = 2 $$), '23001 facts_amount_immutable', 'and one that came later, with other columns');
SELECT is(tests.error_of($$ INSERT INTO kit.facts (id, kind, amount) VALUES (1, 'a', 3) ON CONFLICT (id, kind) DO UPDATE SET amount = EXCLUDED.amount $$), '23001 facts_amount_immutable', 'an upsert');
SELECT is(tests.error_of($$ MERGE INTO kit.facts f USING (VALUES (1)) v (id) ON f.id = v.id WHEN MATCHED THEN UPDATE SET amount = 3 $$), '23001 facts_amount_immutable', 'MERGE');
SELECT is(tests.error_of($$ UPDATE kit.facts SET id = 7, kind = 'b', amount = 3 WHERE id = 1 AND kind = 'a' $$), '23001 facts_amount_immutable', 'in a row that moves to another partition');
SELECT is(tests.error_of($$ UPDATE kit.facts SET id = 7, kind = 'b' WHERE id = 1 AND kind = 'a' $$), 'none', 'which moves all the same');
SELECT is(tests.error_of($$ UPDATE kit.facts SET id = 9 WHERE id = 2 $$), 'none', 'what is not kept, is not');
SELECT is(tests.error_of($$ DELETE FROM kit.facts WHERE id = 9 $$), 'none', 'rows may go');
SELECT tests.act_as_owner();
SELECT results_eq('SELECT DISTINCT amount, note FROM kit.facts', $$ VALUES (1.5, 'z') $$, 'and nothing has changed');

-- An application's own triggers, before and after.
CREATE FUNCTION public.app_fact() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.amount := TG_ARGV[0]; RETURN NEW; END $$;
CREATE FUNCTION pg_temp.under(name text, amount text, command text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    answer text;
BEGIN
    EXECUTE format('CREATE TRIGGER %I BEFORE UPDATE ON kit.facts FOR EACH ROW EXECUTE FUNCTION public.app_fact(%L)', name, amount);
    answer := tests.error_of(command);
    RAISE EXCEPTION USING ERRCODE = 'P9999', MESSAGE = answer;
EXCEPTION WHEN SQLSTATE 'P9999' THEN RETURN SQLERRM;
END $$;
SELECT is(pg_temp.under('a', '7', $$ UPDATE kit.facts SET note = 'q' $$), '23001 facts_amount_immutable', 'one before changes what is kept');
SELECT is(pg_temp.under('z', '7', $$ UPDATE kit.facts SET note = 'q' $$), '23001 facts_amount_immutable', 'one after');
SELECT is(pg_temp.under('z', '1.5', $$ UPDATE kit.facts SET amount = 7 $$), 'none', 'one that brings it back');

-- A reference goes with what it referred to.
SET LOCAL ROLE laurel_owner;
CREATE TABLE kit.thanks (id integer PRIMARY KEY, organization_id uuid NOT NULL, giver_id uuid, said text,
    FOREIGN KEY (organization_id, giver_id) REFERENCES laurel.user_organizations (organization_id, user_id) ON DELETE SET NULL (giver_id));
SELECT laurel_internal.keep('kit.thanks', 'organization_id', 'giver_id', 'said');
RESET ROLE;
INSERT INTO kit.thanks VALUES (1, tests.org('a'), tests.one('a', 8), 'x'), (2, tests.org('a'), tests.one('a', 9), 'x');
SELECT is(tests.error_of($$ UPDATE kit.thanks SET giver_id = NULL $$), '23001 thanks_giver_id_immutable', 'a reference is not taken out');

-- One to a partitioned table, too.
SET LOCAL ROLE laurel_owner;
CREATE TABLE kit.subjects (organization_id uuid, id integer, PRIMARY KEY (organization_id, id)) PARTITION BY LIST (id);
CREATE TABLE kit.subjects_1 PARTITION OF kit.subjects FOR VALUES IN (1);
CREATE TABLE kit.subjects_2 PARTITION OF kit.subjects FOR VALUES IN (2);
CREATE TABLE kit.notes (id integer, organization_id uuid, subject_id integer,
    FOREIGN KEY (organization_id, subject_id) REFERENCES kit.subjects (organization_id, id) ON DELETE SET NULL (subject_id)) PARTITION BY LIST (id);
CREATE TABLE kit.notes_1 PARTITION OF kit.notes DEFAULT;
SELECT laurel_internal.keep('kit.notes', 'subject_id');
RESET ROLE;
INSERT INTO kit.subjects SELECT tests.org('a'), n FROM generate_series(1, 2) n;
INSERT INTO kit.notes SELECT n, tests.org('a'), n FROM generate_series(1, 2) n;
SELECT is(tests.error_of($$ UPDATE kit.notes SET subject_id = NULL $$), '23001 notes_subject_id_immutable', 'nor one to a partitioned table');
SELECT is(tests.error_of($$ UPDATE kit.notes_1 SET subject_id = NULL WHERE id = 2 $$), '23001 notes_subject_id_immutable', 'whichever partition it leads to');
DELETE FROM kit.subjects WHERE id = 2;
SELECT results_eq('SELECT id, subject_id FROM kit.notes ORDER BY id', 'VALUES (1, 1), (2, NULL)', 'it goes with its row all the same');
SELECT is(tests.error_of($$ UPDATE kit.thanks SET giver_id = tests.one('a', 7) $$), '23001 thanks_giver_id_immutable', 'or changed');
SELECT is(tests.error_of($$ DELETE FROM laurel.users WHERE id = tests.one('a', 8) $$), 'none', 'but whoever it referred to may go');
SELECT results_eq('SELECT id, giver_id FROM kit.thanks ORDER BY id', $$ VALUES (1, NULL), (2, tests.one('a', 9)) $$, 'and takes it along');

-- Names that no longer hold.
CREATE FUNCTION pg_temp.after(change text, command text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE change;
    EXECUTE command;
    RAISE EXCEPTION USING ERRCODE = 'P9999', MESSAGE = 'none';
EXCEPTION WHEN OTHERS THEN RETURN SQLERRM;
END $$;
SELECT is(pg_temp.after('ALTER TABLE kit.facts RENAME amount TO sum', 'UPDATE kit.facts SET note = ''w'''), 'none', 'a column renamed: what leaves it alone goes on');
SELECT alike(pg_temp.after('ALTER TABLE kit.facts RENAME amount TO sum', 'UPDATE kit.facts SET sum = 3'), 'trigger "%keep_said_amount_open_closed_tags_at" of table "facts__" names column "amount" of kit.facts__, which does not exist', 'what changes it is refused, in other words');
SELECT is(pg_temp.after('ALTER TABLE kit.facts DROP COLUMN amount', 'UPDATE kit.facts SET note = ''w'''), 'cannot drop desired object(s) because other objects depend on them', 'a column that is kept does not go by itself');
SELECT is(pg_temp.after('ALTER TABLE kit.facts RENAME TO truths', 'UPDATE kit.truths SET amount = 3'), 'amount of a row of "truths" does not change', 'a table renamed');

-- History.
INSERT INTO laurel.organizations (id, name) VALUES (tests.org('c'), 'Crow');
SET LOCAL ROLE laurel_owner;
CREATE TABLE kit.lines (id integer PRIMARY KEY, organization_id uuid REFERENCES laurel.organizations ON DELETE CASCADE, said text) PARTITION BY RANGE (id);
CREATE TABLE kit.lines_1 PARTITION OF kit.lines FOR VALUES FROM (1) TO (100);
SELECT laurel_internal.append_only('kit.lines', 'Say it again.');
CREATE TABLE kit.lines_2 PARTITION OF kit.lines FOR VALUES FROM (100) TO (200);
RESET ROLE;
GRANT ALL ON ALL TABLES IN SCHEMA kit TO service_role;
SELECT tests.act_as_service();
SELECT is(tests.error_of($$ INSERT INTO kit.lines VALUES (1, tests.org('a'), 'x'), (101, tests.org('c'), 'x') $$), 'none', 'rows come');
SELECT is(tests.error_of($$ INSERT INTO kit.lines VALUES (1, NULL, 'x') ON CONFLICT DO NOTHING $$), 'none', 'or not');
SELECT is(tests.error_of($$ UPDATE kit.lines SET said = 'y' $$), '23001 lines_history', 'they do not change');
SELECT is(tests.error_of($$ UPDATE kit.lines SET said = said $$), '23001 lines_history', 'not even in nothing');
SELECT is(tests.error_of($$ UPDATE kit.lines SET said = said WHERE false $$), 'none', 'where there is none, none is changed');
SELECT is(tests.error_of($$ DELETE FROM kit.lines $$), '23001 lines_history', 'nor go');
SELECT is(tests.error_of($$ UPDATE kit.lines_1 SET said = 'y' $$), '23001 lines_history', 'a partition, written directly');
SELECT is(tests.error_of($$ DELETE FROM kit.lines_2 $$), '23001 lines_history', 'a later one');
SELECT is(tests.error_of($$ INSERT INTO kit.lines VALUES (1, NULL, 'x') ON CONFLICT (id) DO UPDATE SET said = 'y' $$), '23001 lines_history', 'an upsert');
SELECT is(tests.error_of($$ MERGE INTO kit.lines l USING (VALUES (1)) v (id) ON l.id = v.id WHEN MATCHED THEN DELETE $$), '23001 lines_history', 'MERGE');
SELECT is(tests.error_of('TRUNCATE kit.lines'), '23001 lines_history', 'all at once');
SELECT is(tests.error_of('TRUNCATE kit.lines_1'), '23001 lines_history', 'or a partition''s');
SELECT is(tests.error_of('DELETE FROM laurel.organizations WHERE id = tests.org(''c'')'), '23001 lines_history', 'nor with what they refer to');
SELECT tests.act_as_owner();
SELECT is(tests.error_of('DELETE FROM laurel.organizations WHERE id = tests.org(''c'')'), '23001 lines_history', 'whoever deletes it');
SELECT throws_ok('DELETE FROM kit.lines', '23001', 'rows of "lines" are history: they are neither changed nor deleted', 'in these words');
SET LOCAL ROLE laurel_owner;
SELECT laurel_internal.guard_partition('kit.lines_2');
RESET ROLE;
SELECT is(tests.error_of('TRUNCATE kit.lines_2'), '23001 lines_history', 'a later partition too, once it is guarded');
SELECT is((SELECT count(*) FROM kit.lines), 2::bigint, 'all rows are there');

-- A hint with anything in it comes through to partitions.
SET LOCAL ROLE laurel_owner;
CREATE TABLE kit.words (id integer) PARTITION BY LIST (id);
SELECT laurel_internal.append_only('kit.words', E'It''s "so": C:\\temp\\000, 100 %, äöü.');
CREATE TABLE kit.words_1 PARTITION OF kit.words DEFAULT;
SELECT laurel_internal.guard_partition('kit.words_1');
RESET ROLE;
CREATE FUNCTION pg_temp.hint_of(command text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    hint text;
BEGIN
    EXECUTE command;
    RETURN 'none';
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS hint = PG_EXCEPTION_HINT;
    RETURN hint;
END $$;
SELECT is(pg_temp.hint_of('TRUNCATE kit.words_1'), E'It''s "so": C:\\temp\\000, 100 %, äöü.', 'whatever it says');

-- What is refused when it is attached.
SELECT is(tests.error_of($$ SELECT laurel_internal.keep('kit.crews', 'nothing') $$), '42703', 'an unknown column');
SELECT is(tests.error_of($$ SELECT laurel_internal.keep('kit.crews', VARIADIC '{}') $$), '22023', 'none at all');
SELECT is(tests.error_of($$ SELECT laurel_internal.keep('kit.crews', 'ctid') $$), '42703', 'one of the server''s');
SELECT is(tests.error_of($$ SELECT laurel_internal.append_only('kit.crews', '') $$), '22023', 'history without a hint');
SELECT is(tests.error_of($$ SELECT laurel_internal.keep('kit.crews', 'name', 'organization_id', 'is_open', 'level', 'motto', 'member_count', 'leader_count') $$), 'none', 'a name that grows too long');
SELECT is(tests.error_of($$ SELECT laurel_internal.keep('kit.crews', 'name', 'organization_id', 'is_open', 'level', 'motto', 'member_count', 'leader_count', 'id') $$), 'none', 'is shortened, and differs');
INSERT INTO kit.crews (organization_id, name) VALUES (tests.org('a'), 'x');
SELECT is(tests.error_of($$ UPDATE kit.crews SET id = gen_random_uuid() $$), '23001 crews_id_immutable', 'both hold');

SELECT * FROM finish();
ROLLBACK;
