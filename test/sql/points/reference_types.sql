-- What entries refer to: tables only, named in full when registered, checked again when used, read as their own owner.
\ir ../support/load.sql
BEGIN;
SELECT plan(34);

CREATE FUNCTION pg_temp.lesson() RETURNS uuid LANGUAGE sql IMMUTABLE AS $$ SELECT md5('lesson')::uuid $$;
SELECT tests.cast('ann');

CREATE ROLE app_owner;
CREATE SCHEMA app AUTHORIZATION app_owner;
SET LOCAL ROLE app_owner;
CREATE TABLE app.lessons (id uuid PRIMARY KEY, organization_id uuid NOT NULL);
CREATE TABLE app."Odd"".Name" (id uuid PRIMARY KEY, organization_id uuid NOT NULL);
CREATE TABLE app.no_organization (id uuid);
CREATE TABLE app.no_id (organization_id uuid);
CREATE TABLE app.text_id (id text, organization_id uuid);
CREATE TABLE app.text_organization (id uuid, organization_id text);
CREATE VIEW app.lesson_view AS SELECT * FROM app.lessons;
INSERT INTO app.lessons VALUES (pg_temp.lesson(), tests.acme());
INSERT INTO app."Odd"".Name" VALUES (pg_temp.lesson(), tests.acme());
RESET ROLE;
CREATE MATERIALIZED VIEW app.lesson_copy AS SELECT * FROM app.lessons;
CREATE FOREIGN DATA WRAPPER test_wrapper;
CREATE SERVER test_server FOREIGN DATA WRAPPER test_wrapper;
CREATE FOREIGN TABLE app.lesson_far (id uuid, organization_id uuid) SERVER test_server;
CREATE TEMP TABLE lesson_temp (id uuid, organization_id uuid);
SELECT format('%I.lesson_temp', nspname) AS temporary FROM pg_namespace WHERE oid = pg_my_temp_schema() \gset

CREATE FUNCTION pg_temp.register(place text) RETURNS text LANGUAGE sql AS $$
    SELECT tests.error_of(format('INSERT INTO laurel.reference_types (name, table_name) VALUES (%L, %L)', 'T ' || place, place))
$$;
-- Points for a lesson, as the service role.
CREATE FUNCTION pg_temp.award(type text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    said text;
BEGIN
    PERFORM tests.act_as_service();
    said := tests.error_of(format('SELECT laurel.record_points_transaction(%L, 1, ''t'', %L, %L)', tests.person('ann'), type, pg_temp.lesson()));
    PERFORM tests.act_as_owner();
    RETURN said;
END
$$;

-- When it is registered.
SET LOCAL search_path = app, public;
SELECT is(pg_temp.register('lessons'), '22023 reference_types_table_name_check', 'a name without schema is refused, whatever the path');
SELECT is(pg_temp.register('pg_temp.lesson_temp'), '22023 reference_types_table_name_check', 'a temporary table too');
SELECT is(pg_temp.register(:'temporary'), '22023 reference_types_table_name_check', 'by any name');
SELECT is(pg_temp.register('laurel_db.app.lessons'), '22023 reference_types_table_name_check', 'and a database''s name');
SELECT is(pg_temp.register('app.nothing'), '42P01 reference_types_table_name_check', 'no table');
SELECT is(pg_temp.register('nothing.lessons'), '42P01 reference_types_table_name_check', 'no schema');
SELECT is(pg_temp.register('app.lessons; DROP'), '42602', 'no name at all');
SELECT is(pg_temp.register(place), '42809 reference_types_table_name_check', place || ' is no table')
    FROM unnest(ARRAY['app.lesson_view', 'app.lesson_copy', 'app.lesson_far', 'app.lessons_pkey']) place;
SELECT is(pg_temp.register('app.no_organization') || ' ' || pg_temp.register('app.no_id'),
    '42703 reference_types_table_name_check 42703 reference_types_table_name_check', 'a column is missing');
SELECT is(pg_temp.register('app.text_id') || ' ' || pg_temp.register('app.text_organization'),
    '42804 reference_types_table_name_check 42804 reference_types_table_name_check', 'or of another type');
SELECT is(tests.error_of($$ UPDATE laurel.reference_types SET table_name = 'lessons' WHERE name = 'Course' $$), '22023 reference_types_table_name_check', 'nor by an update');
SELECT is(tests.error_of($$ INSERT INTO laurel.reference_types (name) VALUES ('Nothing') $$), '23502', 'nor nothing');
INSERT INTO laurel.reference_types (name, table_name) VALUES ('Lesson', 'APP.Lessons'), ('Odd', 'app."Odd"".Name"');
SELECT is((SELECT string_agg(table_name, ' ' ORDER BY name) FROM laurel.reference_types WHERE name IN ('Lesson', 'Odd')), 'app.lessons app."Odd"".Name"',
    'the name is kept as quote_ident writes it');

-- When it is used.
SELECT is(pg_temp.award('Lesson') || ' ' || pg_temp.award('Odd'), 'none none', 'nobody but its owner needs rights on the table');
REVOKE ALL ON app.lessons FROM app_owner;
SELECT is(pg_temp.award('Lesson'), '42501', 'its owner does');
GRANT ALL ON app.lessons TO app_owner;
ALTER TABLE app.lessons ENABLE ROW LEVEL SECURITY;
ALTER TABLE app.lessons FORCE ROW LEVEL SECURITY;
SELECT is(pg_temp.award('Lesson'), 'none', 'policies hide nothing from it');
CREATE TEMP TABLE lessons (id uuid, organization_id uuid);
SET LOCAL search_path = pg_temp, app, public;
SELECT is(pg_temp.award('Lesson'), 'none', 'a temporary table of its name is not it');
DELETE FROM app.lessons;
INSERT INTO pg_temp.lessons VALUES (pg_temp.lesson(), tests.acme());
SELECT is(pg_temp.award('Lesson'), '23503 points_ledger_reference_id_fkey', 'whatever it holds');
CREATE TABLE app.child () INHERITS (app.lessons);
INSERT INTO app.child VALUES (pg_temp.lesson(), tests.acme());
SELECT is(pg_temp.award('Lesson'), '23503 points_ledger_reference_id_fkey', 'nor what inherits from it');
DROP TABLE app.child;
INSERT INTO app.lessons VALUES (pg_temp.lesson(), tests.acme());
ALTER TABLE app.lessons RENAME TO lessons_data;
SELECT is(pg_temp.award('Lesson'), '42P01 reference_types_table_name_check', 'a table that was renamed says so');
CREATE VIEW app.lessons AS SELECT * FROM app.lessons_data;
SELECT is(pg_temp.award('Lesson'), '42809 reference_types_table_name_check', 'a view in its place is not read');
DROP VIEW app.lessons;
ALTER TABLE app."Odd"".Name" RENAME TO lessons;
SELECT is(pg_temp.award('Lesson'), 'none', 'a table in its place is');
DELETE FROM app.lessons;
SELECT is(pg_temp.award('Lesson'), '23503 points_ledger_reference_id_fkey', 'with what it holds');
ALTER TABLE app.lessons RENAME TO odd;
ALTER TABLE app.lessons_data RENAME TO lessons;
SELECT is(pg_temp.award('Lesson'), 'none', 'the old one again');
DROP VIEW app.lesson_view;
DROP MATERIALIZED VIEW app.lesson_copy;
ALTER TABLE app.lessons ALTER COLUMN organization_id TYPE text;
SELECT is(pg_temp.award('Lesson'), '42804 reference_types_table_name_check', 'another type is not compared');
ALTER TABLE app.lessons RENAME COLUMN organization_id TO organization;
SELECT is(pg_temp.award('Lesson'), '42703 reference_types_table_name_check', 'a column that has gone is missed');
DROP TABLE app.lessons CASCADE;
SELECT is(pg_temp.award('Lesson'), '42P01 reference_types_table_name_check', 'a table that has gone says so');
CREATE TABLE app.lessons (id uuid, organization_id uuid) PARTITION BY HASH (id);
CREATE TABLE app.lessons_0 PARTITION OF app.lessons FOR VALUES WITH (MODULUS 1, REMAINDER 0);
INSERT INTO app.lessons VALUES (pg_temp.lesson(), tests.acme());
SELECT is(pg_temp.award('Lesson'), 'none', 'made again with partitions it is the same type');

-- More tables than plans are kept for, used in turn, in one transaction.
SET LOCAL client_min_messages = warning;
DO $$ BEGIN
    FOR i IN 1..100 LOOP
        EXECUTE format('CREATE TABLE app.t%s (id uuid, organization_id uuid)', i);
        EXECUTE format('INSERT INTO app.t%s VALUES (pg_temp.lesson(), tests.acme())', i);
        EXECUTE format('INSERT INTO laurel.reference_types (name, table_name) VALUES (%L, %L)', i, 'app.t' || i);
    END LOOP;
END $$;
SELECT is((SELECT string_agg(DISTINCT pg_temp.award(i::text), ' ') FROM generate_series(1, 100) i, generate_series(1, 3)), 'none', 'each finds its own');
SELECT is((SELECT count(*) FROM laurel.verify_ledger()), 0::bigint, 'and the ledger is sound');
SELECT is(tests.error_of(format('INSERT INTO laurel.points_ledger (user_id, amount, transaction_type, reference_type, reference_id)
    SELECT %L, 1, ''t'', i, pg_temp.lesson() FROM generate_series(1, 100) i', tests.person('ann'))), 'none', 'also in one statement');

SELECT * FROM finish();
ROLLBACK;
