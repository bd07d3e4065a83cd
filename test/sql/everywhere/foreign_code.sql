-- What others have written does not run with the rights of the tables' owner, whatever way it is called.
\ir ../support/load.sql
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT plan(36);

SELECT tests.cast('admin', 'ben', 'cat');
INSERT INTO laurel.badges (id, organization_id, slug, badge_name, points_value) VALUES ('c0000000-0000-0000-0000-000000000000', tests.acme(), 'helper', 'Helper', 10);

-- A developer who may attach triggers, and nothing else.
CREATE ROLE foreign_dev;
CREATE SCHEMA app AUTHORIZATION foreign_dev;
GRANT USAGE ON SCHEMA laurel TO foreign_dev;
GRANT TRIGGER ON ALL TABLES IN SCHEMA laurel TO foreign_dev;
CREATE TABLE app.ran (who text);
GRANT ALL ON app.ran TO PUBLIC;
GRANT USAGE ON SCHEMA app TO PUBLIC;
SET LOCAL ROLE foreign_dev;
CREATE FUNCTION app.hook() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN INSERT INTO app.ran VALUES (current_user); RETURN coalesce(NEW, OLD); END $$;
CREATE FUNCTION app.hook_with_settings() RETURNS trigger LANGUAGE plpgsql SET work_mem = '4MB' AS $$
BEGIN INSERT INTO app.ran VALUES (current_user); RETURN coalesce(NEW, OLD); END $$;
CREATE FUNCTION app.hook_of_definer() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN INSERT INTO app.ran VALUES (current_user); RETURN coalesce(NEW, OLD); END $$;
CREATE FUNCTION app.condition(points bigint) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN INSERT INTO app.ran VALUES (current_user); RETURN true; END $$;
CREATE FUNCTION app.condition_in_sql(points bigint) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$ SELECT app.condition(points) $$;
RESET ROLE;

-- What an award says while the developer's trigger is on the accounts, and as whom the trigger ran.
CREATE FUNCTION pg_temp.award_under(trigger_definition text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    error text;
BEGIN
    DELETE FROM app.ran;
    SET LOCAL ROLE foreign_dev;
    EXECUTE 'CREATE TRIGGER hook ' || trigger_definition;
    RESET ROLE;
    error := tests.error_of(format('SELECT laurel.record_points_transaction(%L, 5, ''t'', reason => ''r'')', tests.person('ben')));
    DROP TRIGGER hook ON laurel.user_points;
    RETURN concat_ws(' ', error, (SELECT string_agg(DISTINCT who, ' ') FROM app.ran));
END
$$;

SELECT is(pg_temp.award_under('BEFORE UPDATE ON laurel.user_points FOR EACH ROW EXECUTE FUNCTION app.hook()'), '42501', 'a row trigger before');
SELECT is(pg_temp.award_under('AFTER UPDATE ON laurel.user_points FOR EACH ROW EXECUTE FUNCTION app.hook()'), '42501', 'a row trigger after');
SELECT is(pg_temp.award_under('BEFORE UPDATE ON laurel.user_points FOR EACH STATEMENT EXECUTE FUNCTION app.hook()'), '42501', 'a statement trigger before');
SELECT is(pg_temp.award_under('AFTER UPDATE ON laurel.user_points FOR EACH STATEMENT EXECUTE FUNCTION app.hook()'), '42501', 'a statement trigger after');
SELECT is(pg_temp.award_under('AFTER UPDATE ON laurel.user_points REFERENCING NEW TABLE AS n FOR EACH STATEMENT EXECUTE FUNCTION app.hook()'), '42501',
    'one with a transition table');
SELECT is(pg_temp.award_under('BEFORE UPDATE OF total_points ON laurel.user_points FOR EACH ROW EXECUTE FUNCTION app.hook_with_settings()'), '42501',
    'a function with settings of its own');
SELECT is(pg_temp.award_under('BEFORE UPDATE ON laurel.user_points FOR EACH ROW WHEN (app.condition(NEW.total_points))'
    ' EXECUTE FUNCTION suppress_redundant_updates_trigger()'), '42501', 'the condition of a trigger whose function is in order');
SELECT is(pg_temp.award_under('BEFORE UPDATE ON laurel.user_points FOR EACH ROW WHEN (app.condition_in_sql(NEW.total_points))'
    ' EXECUTE FUNCTION suppress_redundant_updates_trigger()'), '42501', 'a condition that could be inlined');
SELECT is(pg_temp.award_under('BEFORE UPDATE ON laurel.user_points FOR EACH ROW EXECUTE FUNCTION app.hook_of_definer()'), 'none foreign_dev',
    'a definer''s function runs: as the definer');

-- A condition may do without functions of the developer's.
SELECT is(pg_temp.award_under($$BEFORE UPDATE ON laurel.user_points FOR EACH ROW WHEN (set_config('app.ran', current_user, true) IS NULL)
    EXECUTE FUNCTION suppress_redundant_updates_trigger()$$), '42501', 'a condition of the server''s own functions');
SELECT is(current_setting('app.ran', true), NULL, 'is not evaluated');
SELECT is(pg_temp.award_under($$BEFORE UPDATE ON laurel.user_points FOR EACH STATEMENT WHEN (set_config('app.ran', current_user, true) IS NULL)
    EXECUTE FUNCTION suppress_redundant_updates_trigger()$$), '42501', 'nor is a statement trigger''s');

-- The error says what to do.
SET LOCAL ROLE foreign_dev;
CREATE TRIGGER hook BEFORE UPDATE ON laurel.user_points FOR EACH ROW EXECUTE FUNCTION app.hook();
RESET ROLE;
CREATE FUNCTION pg_temp.told(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    m text; d text; h text;
BEGIN
    EXECUTE statement;
    RETURN 'none';
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS m = MESSAGE_TEXT, d = PG_EXCEPTION_DETAIL, h = PG_EXCEPTION_HINT;
    RETURN concat_ws(' | ', m, d, h);
END
$$;
SELECT is(pg_temp.told(format('SELECT laurel.record_points_transaction(%L, 5, ''t'', reason => ''r'')', tests.person('ben'))),
    replace('function app.hook() of role foreign_dev must not run with the rights of @ | It is called by trigger hook of table laurel.user_points.'
    ' | If you trust it, let its owner be that role: ALTER FUNCTION app.hook() OWNER TO @.', '@',
    (SELECT relowner::regrole::text FROM pg_class WHERE oid = 'laurel.user_points'::regclass)), 'it names function, owner, trigger and the way out');
SELECT is((SELECT current_user::text), session_user::text, 'and the session is itself again');
SELECT lives_ok('SELECT app.condition(1)', 'in which foreign functions run as ever');

-- Whose function it is may change within a session.
DO $$ BEGIN EXECUTE format('ALTER FUNCTION app.hook() OWNER TO %s', session_user); END $$;
SELECT lives_ok(format('SELECT laurel.record_points_transaction(%L, 5, ''t'', reason => ''r'')', tests.person('ben')), 'a superuser''s function runs');
ALTER FUNCTION app.hook() OWNER TO foreign_dev;
SELECT throws_ok(format('SELECT laurel.record_points_transaction(%L, 5, ''t'', reason => ''r'')', tests.person('ben')), '42501', NULL, 'until it is another''s again');
ALTER ROLE foreign_dev SUPERUSER;
SELECT lives_ok(format('SELECT laurel.record_points_transaction(%L, 5, ''t'', reason => ''r'')', tests.person('ben')), 'so does one of somebody who became superuser');
ALTER ROLE foreign_dev NOSUPERUSER;
SELECT throws_ok(format('SELECT laurel.record_points_transaction(%L, 5, ''t'', reason => ''r'')', tests.person('ben')), '42501', NULL, 'until he is none any more');
DO $$ BEGIN EXECUTE format('GRANT %s TO foreign_dev', (SELECT relowner::regrole FROM pg_class WHERE oid = 'laurel.user_points'::regclass)); END $$;
SELECT lives_ok(format('SELECT laurel.record_points_transaction(%L, 5, ''t'', reason => ''r'')', tests.person('ben')), 'or of a member of the owner''s role');
DO $$ BEGIN EXECUTE format('REVOKE %s FROM foreign_dev', (SELECT relowner::regrole FROM pg_class WHERE oid = 'laurel.user_points'::regclass)); END $$;
SELECT throws_ok(format('SELECT laurel.record_points_transaction(%L, 5, ''t'', reason => ''r'')', tests.person('ben')), '42501', NULL, 'as long as he is one');
DROP TRIGGER hook ON laurel.user_points;

-- A function in order that calls one which is not.
CREATE FUNCTION app.errand() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM app.condition(1); RETURN NEW; END $$;
CREATE TRIGGER errand BEFORE UPDATE ON laurel.user_points FOR EACH ROW EXECUTE FUNCTION app.errand();
SELECT throws_ok(format('SELECT laurel.record_points_transaction(%L, 5, ''t'', reason => ''r'')', tests.person('ben')), '42501', NULL, 'what a trusted function calls is looked at too');
DROP TRIGGER errand ON laurel.user_points;

-- Everything Laurel writes for a caller: badges and their counts, entries, notifications, streaks.
CREATE FUNCTION pg_temp.refused_under_hook(target text, event text, statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    error text;
BEGIN
    SET LOCAL ROLE foreign_dev;
    EXECUTE format('CREATE TRIGGER hook BEFORE %s ON %s FOR EACH ROW EXECUTE FUNCTION app.hook()', event, target);
    RESET ROLE;
    error := tests.error_of(statement);
    EXECUTE format('DROP TRIGGER hook ON %s', target);
    RETURN error;
END
$$;
SELECT is(pg_temp.refused_under_hook('laurel.badge_awards', 'INSERT', format('SELECT laurel.award_badge_named(%L, ''helper'')', tests.person('ben'))), '42501', 'an award');
SELECT is(pg_temp.refused_under_hook('laurel.badges', 'UPDATE', format('SELECT laurel.award_badge_named(%L, ''helper'')', tests.person('ben'))), '42501', 'its count');
SELECT is(pg_temp.refused_under_hook('laurel.points_ledger', 'INSERT', format('SELECT laurel.record_points_transaction(%L, 1, ''t'', reason => ''r'')', tests.person('ben'))),
    '42501', 'an entry');
SELECT is(pg_temp.refused_under_hook('laurel.daily_activity', 'INSERT', format('SELECT laurel.record_activity(%L)', tests.person('ben'))), '42501', 'a day of activity');
SELECT is(pg_temp.refused_under_hook('laurel.notification_deliveries', 'INSERT',
    format('SELECT laurel.notify(%L, ''t'', ''t'', channels => ''{email}'')', tests.person('ben'))), '42501', 'a delivery');
SELECT is(pg_temp.refused_under_hook('laurel.profiles', 'INSERT', format('INSERT INTO laurel.users (organization_id, email) VALUES (%L, ''n@acme.test'')', tests.acme())),
    '42501', 'a profile');
SELECT is(pg_temp.refused_under_hook('laurel.user_preferences', 'DELETE', format('DELETE FROM laurel.users WHERE id = %L', tests.person('cat'))), '42501', 'what goes with a user');

-- A partition may have a trigger of its own, and get it after rows were written there.
SELECT laurel_internal.register_worker('70000000-0000-0000-0000-000000000001', 'host', 1, '1');
CREATE FUNCTION pg_temp.deliver() RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    PERFORM laurel.notify(tests.person('ben'), 'reminder', 'Hello', channels => '{email}');
    RETURN tests.error_of($q$SELECT laurel_internal.complete_deliveries(lease_token, jsonb_build_array(jsonb_build_object('id', delivery_id, 'outcome', 'delivered')))
        FROM laurel_internal.claim_deliveries('70000000-0000-0000-0000-000000000001', 10)$q$);
END
$$;
SELECT is(pg_temp.deliver(), 'none', 'an attempt is noted in its month''s partition');
SELECT tableoid::regclass AS this_month FROM laurel.delivery_attempts LIMIT 1 \gset
GRANT TRIGGER ON :this_month TO foreign_dev;
GRANT USAGE ON SCHEMA laurel_internal TO foreign_dev;
SET LOCAL ROLE foreign_dev;
CREATE TRIGGER hook BEFORE INSERT ON :this_month FOR EACH ROW WHEN (set_config('app.ran', current_user, true) IS NULL) EXECUTE FUNCTION suppress_redundant_updates_trigger();
RESET ROLE;
SELECT is(pg_temp.deliver(), '42501', 'a condition of a trigger on that partition alone is refused');
SELECT is(current_setting('app.ran', true), NULL, 'and not evaluated');
DROP TRIGGER hook ON :this_month;

-- Guards act as the owner of the tables that they are on, who need not be Laurel's.
SELECT tests.make_crews();
CREATE ROLE keeper;
GRANT USAGE ON SCHEMA kit TO keeper, foreign_dev;
ALTER TABLE kit.crews OWNER TO keeper;
ALTER TABLE kit.crew_members OWNER TO keeper;
SELECT laurel_internal.counts('kit.crews', 'member_count', 'kit.crew_members', 'crew_id');
INSERT INTO kit.crews (id, organization_id, name) VALUES (tests.crew('a', 1), tests.org('a'), 'x');
GRANT TRIGGER ON kit.crews TO foreign_dev;
\set join 'INSERT INTO kit.crew_members (organization_id, crew_id, user_id) VALUES (tests.org(''a''), tests.crew(''a'', 1), tests.person(''ben''))'
SET LOCAL ROLE foreign_dev;
CREATE TRIGGER hook BEFORE UPDATE ON kit.crews FOR EACH ROW EXECUTE FUNCTION app.hook();
RESET ROLE;
SELECT is(tests.error_of(:'join'), '42501', 'another owner''s rights are lent to nobody either');
ALTER FUNCTION app.hook() OWNER TO keeper;
GRANT USAGE ON SCHEMA app TO keeper;
SELECT is(tests.error_of(:'join'), 'none', 'but to itself');
ALTER FUNCTION app.hook() OWNER TO foreign_dev;
DROP SCHEMA kit CASCADE;

-- A caller's own write is his own: triggers run as he does.
DELETE FROM app.ran;
SET LOCAL ROLE foreign_dev;
CREATE TRIGGER hook BEFORE UPDATE ON laurel.profiles FOR EACH ROW EXECUTE FUNCTION app.hook();
RESET ROLE;
SELECT tests.act_as(tests.person('ben'));
UPDATE laurel.profiles SET bio = 'Hello' WHERE user_id = tests.person('ben');
SELECT tests.act_as_owner();
SELECT is((SELECT string_agg(DISTINCT who, ' ') FROM app.ran), 'authenticated', 'a trigger on what a member writes himself runs as the member');

-- Who may refer to Laurel's tables has his keys compared as their owner, by a cast of his own.
GRANT REFERENCES ON laurel.users TO foreign_dev;
SET LOCAL ROLE foreign_dev;
CREATE TYPE app.one AS ENUM ('ben');
CREATE FUNCTION app.who(app.one) RETURNS uuid LANGUAGE plpgsql AS $$ BEGIN INSERT INTO app.ran VALUES (current_user); RETURN NULL; END $$;
CREATE CAST (app.one AS uuid) WITH FUNCTION app.who(app.one) AS IMPLICIT;
CREATE TABLE app.notes (who app.one REFERENCES laurel.users (id));
RESET ROLE;
SELECT is(tests.error_of($$INSERT INTO app.notes VALUES ('ben')$$), '42501', 'a cast that a foreign key to Laurel''s table needs');
DROP TABLE app.notes;

SELECT * FROM finish();
ROLLBACK;
