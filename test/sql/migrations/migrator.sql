\ir ../support/load.sql
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT plan(54);

CREATE TEMP TABLE carried AS SELECT * FROM laurel_internal.embedded_migrations();
GRANT SELECT ON carried TO PUBLIC;
-- Lets the extension carry what a query says instead of what the build embedded.
CREATE FUNCTION pg_temp.carry(query text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    carried text;
BEGIN
    EXECUTE format('SELECT string_agg(format(''(%%L, %%L, %%L)'', version, name, script), '', '') FROM (%s) q', query) INTO carried;
    EXECUTE format('CREATE OR REPLACE FUNCTION laurel_internal.embedded_migrations() RETURNS TABLE (version text, name text, script text) '
        'LANGUAGE sql IMMUTABLE AS %L', 'VALUES ' || carried);
END
$$;
CREATE FUNCTION pg_temp.carry_more(VARIADIC scripts text[]) RETURNS void LANGUAGE sql AS $$
    SELECT pg_temp.carry('SELECT * FROM carried UNION ALL SELECT * FROM (VALUES '
        || (SELECT string_agg(format('(%L, %L, %L)', '20990101_00000' || n, 'more' || n, script), ', ') FROM unnest(scripts) WITH ORDINALITY AS s (script, n))
        || ') AS m')
$$;
-- SQLSTATE, message and context of what migrating raises.
CREATE FUNCTION pg_temp.error_of_migrating(target text DEFAULT NULL) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    state text;
    message text;
    context text;
BEGIN
    PERFORM laurel.migrate(target);
    RETURN 'none';
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT, context = PG_EXCEPTION_CONTEXT;
    RETURN concat_ws(': ', state, message, substring(context FROM '^migration [^\n]*'));
END
$$;
CREATE FUNCTION pg_temp.tables() RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(relname, ' ' ORDER BY relname) FROM pg_class
    WHERE relkind IN ('r', 'v', 'p', 'm') AND relnamespace IN ('laurel'::regnamespace, 'laurel_internal'::regnamespace)
$$;
CREATE TEMP TABLE before AS SELECT pg_temp.tables() AS tables;

-- Where it stands.
SELECT is_empty($$ SELECT * FROM laurel.migration_status() WHERE state <> 'applied' OR applied_at IS NULL $$, 'everything is applied');
SELECT results_eq('SELECT version, name, checksum FROM laurel.migration_status()',
    $$ SELECT version, name, encode(sha256(convert_to(script, 'UTF8')), 'hex') FROM carried ORDER BY version $$, 'in order, with the SHA-256 of its text');
SELECT is_empty('SELECT laurel.migrate()', 'there is nothing to do');
SELECT is((SELECT string_agg(locktype, ' ') FROM pg_locks WHERE pid = pg_backend_pid() AND (locktype = 'advisory' OR objsubid > 0)), 'object',
    'one session migrates at a time, by a lock that nobody else can take');
SELECT is_empty('SELECT laurel.migrate((SELECT max(version) FROM carried))', 'nor up to the newest');
SELECT ok(bool_and(version ~ '^[0-9]{8}_[0-9]{6}$' AND name ~ '^[a-z_]+$' AND script ~ '-- Up Migration' AND script ~ '-- Down Migration'),
    'every migration has a stamp, a name and two directions') FROM carried;
SELECT is((SELECT array_agg(DISTINCT pg_get_userbyid(relowner)) FROM pg_class WHERE relnamespace IN ('laurel'::regnamespace, 'laurel_internal'::regnamespace)),
    ARRAY['laurel_owner'::name], 'tables, views and indexes belong to laurel_owner, though a superuser has migrated');
SELECT is_empty($$ SELECT objid::regclass FROM pg_depend WHERE classid = 'pg_class'::regclass AND deptype = 'e'
    AND refobjid = (SELECT oid FROM pg_extension WHERE extname = 'laurel') $$, 'not to the extension');

-- Who may.
SELECT tests.act_as_service();
SELECT is(tests.error_of('SELECT laurel.migrate()'), '42501', 'a service does not migrate');
SELECT is(tests.error_of('SELECT laurel.migration_status()'), 'none', 'it asks how far things are');
SELECT is(tests.error_of('DELETE FROM laurel_internal.schema_migrations'), '42501', 'without touching the history itself');
SELECT tests.act_as('a0000000-0000-0000-0000-000000000001');
SELECT is(tests.error_of('SELECT laurel.migrate()'), '42501', 'members do not migrate');
SELECT is(tests.error_of('SELECT laurel.migration_status()'), '42501', 'nor ask');
SELECT tests.act_as_owner();

-- Targets that are none.
SELECT is(pg_temp.error_of_migrating(target), format('22023: there is no migration "%s"', target), format('"%s" is no version', target))
FROM unnest(ARRAY['', '1', 'points', '20990101_000000', '00000000_000000', ' ']) target;

-- History that does not fit the extension.
SELECT pg_temp.carry($$ SELECT version, name, CASE name WHEN 'courses' THEN script || ' ' ELSE script END FROM carried $$);
SELECT is((SELECT string_agg(name, ' ') FROM laurel.migration_status() WHERE state = 'changed'), 'courses', 'an applied migration whose text has changed');
SELECT matches(pg_temp.error_of_migrating(), '^55000: applied migration .*_courses has changed$', 'stops everything');
SELECT matches(pg_temp.error_of_migrating('0'), '^55000: applied migration .*_courses has changed$', 'also the way down');
SELECT pg_temp.carry($$ SELECT * FROM carried WHERE name <> 'badges' $$);
SELECT is((SELECT string_agg(name, ' ') FROM laurel.migration_status() WHERE state = 'unknown'), 'badges', 'an applied migration that nobody knows');
SELECT matches(pg_temp.error_of_migrating(), '^55000: migration .* is applied but unknown to this version of laurel$', 'stops everything too');
SELECT is((SELECT tables FROM before), pg_temp.tables(), 'and nothing has happened');

-- Up, a little, and down again.
SELECT pg_temp.carry_more(E'-- Up Migration\nCREATE TABLE laurel.more1 (a int);\n-- Down Migration\nDROP TABLE laurel.more1;',
    E'-- Up Migration\nCREATE TABLE laurel.more2 AS SELECT\n  * FROM laurel.more3;\n-- Down Migration\nDROP TABLE laurel.more2;');
SELECT is((SELECT string_agg(name, ' ' ORDER BY version) FROM laurel.migration_status() WHERE state = 'pending'), 'more1 more2', 'two are to come');
SELECT results_eq($$ SELECT laurel.migrate('20990101_000001') $$, $$ VALUES ('applied 20990101_000001_more1') $$, 'one of them comes');
SELECT is((SELECT string_agg(name || ' ' || state, ', ' ORDER BY version) FROM laurel.migration_status() WHERE name LIKE 'more_'), 'more1 applied, more2 pending',
    'and is remembered');
SELECT is(pg_temp.error_of_migrating(), '42P01: relation "laurel.more3" does not exist: migration 20990101_000002_more2, line 3',
    'an error says what, in which migration and line');
SELECT is((SELECT string_agg(name || ' ' || state, ', ' ORDER BY version) FROM laurel.migration_status() WHERE name LIKE 'more_'), 'more1 applied, more2 pending',
    'and leaves everything where it was');
SELECT results_eq('SELECT laurel.migrate((SELECT max(version) FROM carried))', $$ VALUES ('reverted 20990101_000001_more1') $$, 'one goes');
SELECT is(pg_temp.tables(), (SELECT tables FROM before), 'without a trace');

-- All or nothing.
SELECT pg_temp.carry_more(E'-- Up Migration\nCREATE TABLE laurel.more1 (a int CONSTRAINT more1_a_check CHECK (a > 0));\n-- Down Migration\nDROP TABLE laurel.more1;',
    E'-- Up Migration\n\nINSERT INTO laurel.more1 VALUES (0);\n-- Down Migration\n');
SELECT is(pg_temp.error_of_migrating(), '23514: new row for relation "more1" violates check constraint "more1_a_check": migration 20990101_000002_more2',
    'an error while it runs is that error');
SELECT is(tests.error_of('SELECT laurel.migrate()'), '23514 more1_a_check', 'with its constraint');
SELECT is(pg_temp.tables(), (SELECT tables FROM before), 'and takes back the migrations before it');
SELECT pg_temp.carry_more(E'-- Down Migration\nSELECT 1;', 'nothing');
SELECT is(pg_temp.error_of_migrating(), '42601: migration 20990101_000001_more1 has no line "-- Up Migration"', 'a migration without a way up');
SELECT pg_temp.carry_more(E'-- Up Migration\nSELEC 1;\n-- Down Migration\n');
SELECT is(pg_temp.error_of_migrating(), '42601: syntax error at or near "SELEC": migration 20990101_000001_more1, line 2', 'one with an error in its first word');
SELECT pg_temp.carry_more(E'-- Up Migration\nCREATE TABLE laurel.more1 (a int);\n\n-- Down Migration\n\nSELECT laurel.more9();');
SELECT laurel.migrate();
SELECT is(pg_temp.error_of_migrating((SELECT max(version) FROM carried)), '42883: function laurel.more9() does not exist: migration 20990101_000001_more1, line 6',
    'an error on the way down says the line of the whole text');
SELECT is((SELECT state FROM laurel.migration_status() WHERE name = 'more1'), 'applied', 'leaves it applied');
DROP TABLE laurel.more1;
DELETE FROM laurel_internal.schema_migrations WHERE name = 'more1';
SELECT pg_temp.carry_more(E'-- Up Migration\nCREATE TABLE laurel.more1 (a int);');
SELECT results_eq('SELECT laurel.migrate()', $$ VALUES ('applied 20990101_000001_more1') $$, 'one without a way down goes up');
SELECT is(pg_temp.error_of_migrating((SELECT max(version) FROM carried)), '42601: migration 20990101_000001_more1 has no line "-- Down Migration"', 'and stays');
DROP TABLE laurel.more1;
DELETE FROM laurel_internal.schema_migrations WHERE name = 'more1';

-- A caller's search_path does not matter.
CREATE SCHEMA evil;
CREATE TABLE evil.more1 (a int);
CREATE FUNCTION evil.now() RETURNS timestamptz LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'ran'; END $$;
CREATE FUNCTION evil.equal(text, text) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'ran'; END $$;
CREATE OPERATOR evil.= (LEFTARG = text, RIGHTARG = text, FUNCTION = evil.equal);
SELECT pg_temp.carry_more(E'-- Up Migration\nCREATE TABLE laurel.more1 AS SELECT now() WHERE ''a''::text = ''a''::text;\n-- Down Migration\nDROP TABLE laurel.more1;');
SET LOCAL search_path = evil, pg_catalog;
CREATE TEMP TABLE outcomes AS SELECT 1 AS n, pg_temp.error_of_migrating() AS error, current_setting('search_path') AS path;
CREATE TEMP TABLE made AS SELECT * FROM laurel.more1;
INSERT INTO outcomes SELECT 2, pg_temp.error_of_migrating('0'), pg_temp.tables();
INSERT INTO outcomes SELECT 3, pg_temp.error_of_migrating(), NULL;
RESET search_path;
SELECT results_eq('SELECT error, path FROM outcomes ORDER BY n', $$ VALUES ('none', 'evil, pg_catalog'), ('none', NULL), ('none', NULL) $$,
    'up, down to nothing and up again with a foreign search_path, which stays as it was');
SELECT is((SELECT count(*) FROM made), 1::bigint, 'and in which nothing was looked up');
DROP TABLE laurel.more1;
SELECT is(pg_temp.tables(), (SELECT tables FROM before), 'all is back');
SELECT pg_temp.carry('SELECT * FROM carried');
SELECT is((SELECT string_agg(state, ',') FROM laurel.migration_status() WHERE state <> 'applied'), 'unknown', 'but for the one that nobody knows any more');

-- Whose the tables are. Scripts run as who has them.
DELETE FROM laurel_internal.schema_migrations WHERE name = 'more1';
SELECT pg_temp.carry_more(E'-- Up Migration\nALTER ROLE laurel_jobs CREATEDB;\n-- Down Migration\n');
SELECT matches(pg_temp.error_of_migrating(), '^42501: .*more1', 'a script does what laurel_owner may do, not what the superuser may who calls');
SELECT pg_temp.carry_more(E'-- Up Migration\nCREATE TABLE laurel.more1 (a int);\n-- Down Migration\nDROP TABLE laurel.more1;');
SELECT is((SELECT string_agg(line, ' ') FROM laurel.migrate('0') line WHERE line !~ '^reverted '), NULL, 'all down');
CREATE ROLE laurel_deployer;
GRANT USAGE, CREATE ON SCHEMA laurel, laurel_internal TO laurel_deployer;
GRANT EXECUTE ON ALL ROUTINES IN SCHEMA laurel, laurel_internal TO laurel_deployer;
GRANT USAGE ON SCHEMA tests TO laurel_deployer;
SET LOCAL ROLE laurel_deployer;
SELECT is(pg_temp.error_of_migrating((SELECT max(version) FROM carried)), 'none', 'somebody else may migrate, who is allowed to');
RESET ROLE;
CREATE FUNCTION pg_temp.owners() RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(DISTINCT owner::regrole::text, ' ') FROM (
        SELECT relowner AS owner FROM pg_class WHERE relnamespace IN ('laurel'::regnamespace, 'laurel_internal'::regnamespace) AND relkind <> 'c'
        UNION ALL SELECT proowner FROM pg_proc WHERE pronamespace = 'laurel'::regnamespace AND proname = 'member') owned
$$;
SELECT is(pg_temp.owners(), 'laurel_deployer', 'the tables are his');
SELECT is(pg_temp.error_of_migrating(), 'none', 'a superuser migrates on');
SELECT is(pg_temp.owners(), 'laurel_deployer', 'and they stay his');
-- What pg_restore --no-owner leaves.
DO $$
DECLARE
    one text;
BEGIN
    FOR one IN SELECT 'TABLE ' || oid::regclass FROM pg_class WHERE relnamespace IN ('laurel'::regnamespace, 'laurel_internal'::regnamespace) AND relkind IN ('r', 'p', 'v', 'm')
        UNION ALL SELECT 'FUNCTION ' || oid::regprocedure FROM pg_proc WHERE pronamespace = 'laurel'::regnamespace AND proname = 'member' LOOP
        EXECUTE format('ALTER %s OWNER TO %I', one, SESSION_USER);
    END LOOP;
END
$$;
SELECT is_empty('SELECT laurel.migrate()', 'nothing is to be applied');
SELECT is(pg_temp.owners(), 'laurel_owner', 'but a superuser''s tables become laurel_owner''s');
-- A role that somebody dropped.
SELECT count(*) FROM laurel.migrate('0');
ALTER ROLE laurel_owner RENAME TO laurel_owner_once;
SELECT is(pg_temp.error_of_migrating(), '42704: role "laurel_owner" does not exist', 'nothing is made that would be a superuser''s');

SELECT * FROM finish();
ROLLBACK;
