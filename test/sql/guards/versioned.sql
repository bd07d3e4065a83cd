-- Optimistic locks: an update names the version that it was made of.
\ir ../support/load.sql
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT no_plan();
SELECT tests.make_crews();

SET LOCAL ROLE laurel_owner;
SELECT throws_ok($$ SELECT laurel_internal.versioned('kit.crews') $$, '42703', NULL, 'a table without version has none');
ALTER TABLE kit.crews ADD COLUMN version integer NOT NULL DEFAULT 1;
SELECT throws_ok($$ SELECT laurel_internal.versioned('kit.crews') $$, '22023', NULL, 'it is a bigint');
ALTER TABLE kit.crews ALTER COLUMN version TYPE bigint, ALTER COLUMN version DROP NOT NULL;
SELECT throws_ok($$ SELECT laurel_internal.versioned('kit.crews') $$, '22023', NULL, 'that is never null');
ALTER TABLE kit.crews ALTER COLUMN version SET NOT NULL;
SELECT laurel_internal.counts('kit.crews', 'member_count', 'kit.crew_members', 'crew_id'), laurel_internal.versioned('kit.crews');
RESET ROLE;
INSERT INTO kit.crews (id, organization_id, name) SELECT tests.crew('a', g), tests.org('a'), 'Crew ' || g FROM generate_series(1, 3) g;

CREATE FUNCTION pg_temp.told(command text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    m text; d text; h text; c text;
BEGIN
    EXECUTE command;
    RETURN (SELECT string_agg(version::text, ' ' ORDER BY id) FROM kit.crews WHERE organization_id = tests.org('a'));
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS m = MESSAGE_TEXT, d = PG_EXCEPTION_DETAIL, h = PG_EXCEPTION_HINT, c = CONSTRAINT_NAME;
    RETURN concat_ws(' | ', SQLSTATE, m, nullif(d, ''), nullif(h, ''), nullif(c, ''));
END
$$;
GRANT SELECT, UPDATE, INSERT ON kit.crews TO authenticated, service_role;
SELECT is(pg_temp.told('SELECT 1'), '1 1 1', 'rows begin with version 1');
SELECT is(pg_temp.told($$ UPDATE kit.crews SET name = 'x', version = 1 WHERE id = tests.crew('a', 1) $$), '2 1 1', 'an update of the version that was read');
SELECT is(pg_temp.told($$ UPDATE kit.crews SET name = 'y', version = 1 WHERE id = tests.crew('a', 1) $$),
    'PT409 | the row of "crews" has changed since it was read | It has version 2, the update was made of version 1.'
    ' | Read it again, make the change of what it says now, and update it with that version. | crews_version', 'one of another version');
SELECT is(pg_temp.told($$ UPDATE kit.crews SET version = 3 WHERE id = tests.crew('a', 1) $$),
    'PT409 | the row of "crews" has changed since it was read | It has version 2, the update was made of version 3.'
    ' | Read it again, make the change of what it says now, and update it with that version. | crews_version', 'of one to come');
SELECT alike(pg_temp.told($$ UPDATE kit.crews SET version = NULL WHERE id = tests.crew('a', 1) $$), 'PT409 |%made of version 0.%', 'or of none');
SELECT is(pg_temp.told($$ UPDATE kit.crews SET name = 'z' $$), '3 2 2', 'one that does not say so overwrites');
SELECT is(pg_temp.told($$ UPDATE kit.crews SET version = version $$), '4 3 3', 'so does one that says what is there');
SELECT is(pg_temp.told($$ INSERT INTO kit.crews (id, organization_id, name, version) VALUES (tests.crew('a', 1), tests.org('a'), 'u', 4)
    ON CONFLICT (id) DO UPDATE SET name = EXCLUDED.name, version = EXCLUDED.version $$), '5 3 3', 'an upsert');
SELECT alike(pg_temp.told($$ INSERT INTO kit.crews (id, organization_id, name, version) VALUES (tests.crew('a', 1), tests.org('a'), 'u', 4)
    ON CONFLICT (id) DO UPDATE SET name = EXCLUDED.name, version = EXCLUDED.version $$), 'PT409 |%', 'that comes twice');
SELECT alike(pg_temp.told($$ MERGE INTO kit.crews c USING (VALUES (tests.crew('a', 2), 3), (tests.crew('a', 3), 2)) n (id, version) ON c.id = n.id
    WHEN MATCHED THEN UPDATE SET name = 'merged', version = n.version $$), 'PT409 |%It has version 3%', 'one stale row of a statement');
SELECT is((SELECT count(*) FROM kit.crews WHERE name = 'merged'), 0::bigint, 'and nothing of it is done');
SELECT is(pg_temp.told($$ INSERT INTO kit.crews (id, organization_id, name, version) VALUES (tests.crew('a', 4), tests.org('a'), 'imported', 41) $$), '5 3 3 41', 'a row that is imported keeps its version');
SELECT alike(pg_temp.told($$ DO $do$ BEGIN INSERT INTO kit.crews (id, organization_id, name, version) VALUES (tests.crew('a', 5), tests.org('a'), 'last', 9223372036854775807);
    UPDATE kit.crews SET name = 'x' WHERE id = tests.crew('a', 5); END $do$ $$), '22003 |%', 'there is a last version');
SAVEPOINT before;
SELECT is(pg_temp.told('UPDATE kit.crews SET motto = ''s'', version = 5 WHERE id = tests.crew(''a'', 1)'), '6 3 3 41', 'a change');
ROLLBACK TO before;
SELECT is(pg_temp.told('UPDATE kit.crews SET motto = ''s'', version = 5 WHERE id = tests.crew(''a'', 1)'), '6 3 3 41', 'that is rolled back was none');

-- Counters follow from other rows, and make nobody's editing stale.
SELECT is(pg_temp.told($$ INSERT INTO kit.crew_members (organization_id, crew_id, user_id) VALUES (tests.org('a'), tests.crew('a', 1), tests.one('a', 1)) $$), '6 3 3 41', 'a counter raises no version');
SELECT is((SELECT member_count FROM kit.crews WHERE id = tests.crew('a', 1)), 1::bigint, 'but counts');

-- Triggers of the application.
CREATE FUNCTION pg_temp.hook() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.version := NEW.version + 5; RETURN NEW; END $$;
CREATE TRIGGER a_hook BEFORE UPDATE ON kit.crews FOR EACH ROW EXECUTE FUNCTION pg_temp.hook();
SELECT alike(pg_temp.told($$ UPDATE kit.crews SET name = 'h' WHERE id = tests.crew('a', 1) $$), 'PT409 |%', 'one before says another version');
DROP TRIGGER a_hook ON kit.crews;
CREATE TRIGGER z_hook BEFORE UPDATE ON kit.crews FOR EACH ROW EXECUTE FUNCTION pg_temp.hook();
SELECT is(pg_temp.told($$ UPDATE kit.crews SET name = 'h' WHERE id = tests.crew('a', 1) $$),
    '23001 | version of a row of "crews" is raised by the database alone | A trigger of the application has set it after the database did. | crews_version', 'one after raises it by itself');
SELECT alike(pg_temp.told($$ DELETE FROM kit.crew_members $$), '23001 |%', 'with a counter too');
DROP TRIGGER z_hook ON kit.crews;
CREATE FUNCTION pg_temp.lowered() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.version := OLD.version; RETURN NEW; END $$;
CREATE TRIGGER z_hook BEFORE UPDATE ON kit.crews FOR EACH ROW EXECUTE FUNCTION pg_temp.lowered();
SELECT alike(pg_temp.told($$ UPDATE kit.crews SET name = 'h' WHERE id = tests.crew('a', 1) $$), '23001 |%', 'or keeps it');
DROP TRIGGER z_hook ON kit.crews;

-- Where it must be named.
SET LOCAL ROLE laurel_owner;
DROP TRIGGER raise_version ON kit.crews;
DROP TRIGGER check_version ON kit.crews;
SELECT laurel_internal.versioned('kit.crews', required => true);
RESET ROLE;
ALTER TABLE kit.crews ENABLE ROW LEVEL SECURITY;
CREATE POLICY everything ON kit.crews TO authenticated USING (true) WITH CHECK (true);
SELECT tests.act_as(tests.one('a', 1));
SELECT is(pg_temp.told($$ UPDATE kit.crews SET name = 'r' WHERE id = tests.crew('a', 2) $$),
    'PT409 | an update of "crews" must name the version that it was made of | Read version with the row, and set it to what was read. | crews_version', 'by callers whom policies bind');
SELECT is(pg_temp.told($$ UPDATE kit.crews SET name = 'r', version = 3 WHERE id = tests.crew('a', 2) $$), '6 4 3 41', 'named, it is taken');
SELECT tests.act_as_owner();
SELECT is(pg_temp.told($$ UPDATE kit.crews SET name = 'r' WHERE id = tests.crew('a', 2) $$), '6 5 3 41', 'a back end may leave it out');
SELECT is(pg_temp.told($$ DELETE FROM kit.crew_members $$), '6 5 3 41', 'a counter needs none');

-- What laurel.check() finds.
SELECT is_empty('SELECT * FROM laurel.check()', 'nothing is wrong');
ALTER TABLE kit.crews DISABLE TRIGGER check_version;
SELECT results_eq('SELECT DISTINCT table_name, guard FROM laurel.check()', $$ VALUES ('kit.crews', 'triggers') $$, 'a trigger that is off');
ALTER TABLE kit.crews ENABLE TRIGGER check_version;
DROP TRIGGER check_version ON kit.crews;
SELECT results_eq('SELECT table_name, guard FROM laurel.check()', $$ VALUES ('kit.crews', 'triggers') $$, 'one that is gone');
ALTER TABLE kit.crews RENAME version TO edition;
SELECT alike(pg_temp.told($$ UPDATE kit.crews SET name = 'x' $$), '39P01 |%names column "version" of kit.crews, which does not exist%', 'a column that was renamed');
SELECT results_eq('SELECT DISTINCT table_name, guard FROM laurel.check() WHERE guard = ''arguments''', $$ VALUES ('kit.crews', 'arguments') $$, 'is found');

-- Partitions, those to come too; a table of anybody's.
CREATE TABLE kit.sheets (id integer, organization_id uuid, version bigint NOT NULL DEFAULT 1, kind text) PARTITION BY LIST (kind);
CREATE TABLE kit.sheets_a PARTITION OF kit.sheets FOR VALUES IN ('a');
ALTER TABLE kit.sheets OWNER TO laurel_owner;
ALTER TABLE kit.sheets_a OWNER TO laurel_owner;
SELECT laurel_internal.versioned('kit.sheets');
CREATE TABLE kit.sheets_b (kind text, gone text, version bigint NOT NULL DEFAULT 1, organization_id uuid, id integer);
ALTER TABLE kit.sheets_b DROP COLUMN gone;
ALTER TABLE kit.sheets ATTACH PARTITION kit.sheets_b FOR VALUES IN ('b');
ALTER TABLE kit.sheets_b OWNER TO laurel_owner;
INSERT INTO kit.sheets (id, kind) VALUES (1, 'a'), (2, 'b');
UPDATE kit.sheets SET version = 1;
SELECT is(tests.error_of('UPDATE kit.sheets_b SET version = 1'), 'PT409 sheets_version', 'a partition that came later, written directly');
SELECT results_eq('SELECT id, version FROM kit.sheets ORDER BY 1', 'VALUES (1, 2::bigint), (2, 2::bigint)', 'rows of all partitions');
SELECT is(tests.error_of($$ UPDATE kit.sheets SET kind = 'b', version = 2 WHERE id = 1 $$), 'none', 'a row that moves');
SELECT is((SELECT version FROM kit.sheets WHERE id = 1), 3::bigint, 'takes its version along');
CREATE TABLE public.pages (id integer, version bigint NOT NULL DEFAULT 1);
SELECT lives_ok($$ SELECT laurel_internal.versioned('public.pages') $$, 'it reads no table, so it may be anybody''s');
SELECT * FROM finish();
ROLLBACK;
