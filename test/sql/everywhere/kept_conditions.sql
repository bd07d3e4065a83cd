-- Conditions of tables are kept from statement to statement, and hold as they are at each.
\ir ../support/load.sql
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT no_plan();
SELECT tests.cast();
SELECT tests.act_as_owner();
INSERT INTO laurel.teams (id, organization_id, name) SELECT ('7ea00000-0000-0000-0000-00000000000' || n)::uuid, tests.acme(), 'Team ' || n FROM generate_series(1, 3) n;

CREATE FUNCTION tests.rename(name text) RETURNS text LANGUAGE sql AS $$
    SELECT tests.error_of(format('UPDATE laurel.teams SET name = %L WHERE id = ''7ea00000-0000-0000-0000-000000000001''', name)) $$;

-- A CHECK that comes, changes, goes and comes back.
SELECT is(tests.rename('a'), 'none', 'a name');
ALTER TABLE laurel.teams ADD CONSTRAINT teams_own_check CHECK (name <> 'b');
SELECT is(tests.rename('b'), '23514 teams_own_check', 'a check that has come holds');
ALTER TABLE laurel.teams DROP CONSTRAINT teams_own_check, ADD CONSTRAINT teams_own_check CHECK (name <> 'c');
SELECT is(tests.rename('b'), 'none', 'one that has changed lets pass what it allows');
SELECT is(tests.rename('c'), '23514 teams_own_check', 'and refuses what it does not');
SAVEPOINT without;
ALTER TABLE laurel.teams DROP CONSTRAINT teams_own_check;
SELECT is(tests.rename('c'), 'none', 'one that is gone');
ROLLBACK TO without;
SELECT is(tests.rename('c'), '23514 teams_own_check', 'and is back');
ALTER TABLE laurel.teams DROP CONSTRAINT teams_own_check;

-- A CHECK that calls a function, which changes and which the caller may no longer call.
CREATE FUNCTION laurel.is_fine(name text) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$ SELECT name <> 'd' $$;
ALTER TABLE laurel.teams ADD CONSTRAINT teams_own_check CHECK (laurel.is_fine(name));
SELECT is(tests.rename('d'), '23514 teams_own_check', 'a function');
CREATE OR REPLACE FUNCTION laurel.is_fine(name text) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$ SELECT name <> 'e' $$;
SELECT is(tests.rename('d'), 'none', 'another function lets pass what it allows');
SELECT is(tests.rename('e'), '23514 teams_own_check', 'and refuses what it does not');
REVOKE EXECUTE ON FUNCTION laurel.is_fine FROM PUBLIC, laurel_owner, service_role;
SELECT tests.act_as_service();
SELECT is(tests.rename('f'), '42501', 'who may not call it does not write');
SELECT tests.act_as_owner();
ALTER TABLE laurel.teams DROP CONSTRAINT teams_own_check;

-- Also a function of the server's own, which anybody could call until now.
ALTER TABLE laurel.teams ADD CONSTRAINT teams_own_check CHECK (ascii(name) > 0);
SELECT tests.act_as_service();
SELECT is(tests.rename('f'), 'none', 'a function of the server');
SELECT tests.act_as_owner();
REVOKE EXECUTE ON FUNCTION pg_catalog.ascii(text) FROM PUBLIC;
SELECT tests.act_as_service();
SELECT is(tests.rename('g'), '42501', 'which not everybody may call any more');
SELECT tests.act_as_owner();
GRANT EXECUTE ON FUNCTION pg_catalog.ascii(text) TO service_role;
SELECT tests.act_as_service();
SELECT is(tests.rename('f'), 'none', 'unless he is named');
SELECT tests.act_as_owner();
ALTER TABLE laurel.teams DROP CONSTRAINT teams_own_check;

-- A condition of a trigger.
CREATE FUNCTION tests.shout() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.name := upper(NEW.name); RETURN NEW; END $$;
CREATE TRIGGER zz_shout BEFORE UPDATE ON laurel.teams FOR EACH ROW WHEN (NEW.name = 'g' AND OLD.name <> NEW.name) EXECUTE FUNCTION tests.shout();
SELECT tests.rename('g'), tests.rename('h');
SELECT is(name, 'h', 'fires as it says') FROM laurel.teams WHERE id = '7ea00000-0000-0000-0000-000000000001';
SELECT tests.rename('g');
SELECT is(name, 'G', 'and only then') FROM laurel.teams WHERE id = '7ea00000-0000-0000-0000-000000000001';
CREATE OR REPLACE TRIGGER zz_shout BEFORE UPDATE ON laurel.teams FOR EACH ROW WHEN (NEW.name = 'i') EXECUTE FUNCTION tests.shout();
SELECT tests.rename('g');
SELECT is(name, 'g', 'one that has changed') FROM laurel.teams WHERE id = '7ea00000-0000-0000-0000-000000000001';
CREATE OR REPLACE TRIGGER zz_shout BEFORE UPDATE ON laurel.teams FOR EACH ROW WHEN (true) EXECUTE FUNCTION tests.shout();
SELECT tests.rename('g');
SELECT is(name, 'G', 'one that always holds') FROM laurel.teams WHERE id = '7ea00000-0000-0000-0000-000000000001';
DROP TRIGGER zz_shout ON laurel.teams;

-- A table changes while a statement that writes it is running, by what the statement calls: it goes on with what it has.
CREATE FUNCTION tests.analyze() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('COMMENT ON TABLE laurel.teams IS %L', NEW.name);
    UPDATE laurel.teams SET description = NEW.name WHERE id <> NEW.id AND pg_trigger_depth() = 1;
    RETURN NULL;
END
$$;
CREATE TRIGGER zz_analyze AFTER UPDATE ON laurel.teams FOR EACH ROW WHEN (OLD.name <> NEW.name) EXECUTE FUNCTION tests.analyze();
SELECT lives_ok($$ UPDATE laurel.teams SET name = name || ' again' $$, 'conditions that were replaced meanwhile serve to the end');
SELECT is(tests.error_of($$ UPDATE laurel.teams SET name = '' $$), '23514 teams_name_check', 'and new ones after it');
DROP TRIGGER zz_analyze ON laurel.teams;

-- What a counter's table refuses is told by the constraint's name, and its row to nobody.
ALTER TABLE laurel.teams ADD CONSTRAINT teams_crowd_check CHECK (member_count < 2);
SELECT tests.act_as_admin();
INSERT INTO laurel.team_memberships (team_id, user_id) VALUES ('7ea00000-0000-0000-0000-000000000002', tests.person('learner'));
SELECT is(tests.told(format('INSERT INTO laurel.team_memberships (team_id, user_id) VALUES (''7ea00000-0000-0000-0000-000000000002'', %L)', tests.person('trainer'))) ~ '7ea00000|Failing row', false, 'no row is told');
SELECT is(tests.error_of(format('INSERT INTO laurel.team_memberships (team_id, user_id) VALUES (''7ea00000-0000-0000-0000-000000000002'', %L)', tests.person('trainer'))), '23514 teams_crowd_check', 'but the constraint');

-- Statement triggers of the application see what is counted, as do Laurel's own.
SELECT tests.act_as_owner();
CREATE TABLE tests.seen (was bigint, is_now bigint);
GRANT ALL ON tests.seen TO PUBLIC;
CREATE FUNCTION tests.see() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO tests.seen SELECT o.member_count, n.member_count FROM old_rows o JOIN new_rows n USING (id);
    RETURN NULL;
END
$$;
CREATE TRIGGER zz_see AFTER UPDATE ON laurel.teams REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION tests.see();
INSERT INTO laurel.team_memberships (team_id, user_id) VALUES ('7ea00000-0000-0000-0000-000000000003', tests.person('learner'));
SELECT results_eq('SELECT * FROM tests.seen', 'VALUES (0::bigint, 1::bigint)', 'a statement trigger with both tables');

-- A session that has written many tables keeps few of them.
CREATE FUNCTION tests.kept() RETURNS bigint LANGUAGE sql AS $$ SELECT sum(used_bytes) FROM pg_backend_memory_contexts WHERE name = 'laurel conditions' $$;
CREATE FUNCTION tests.write(tables integer) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    FOR n IN 1 .. tables LOOP
        CREATE TEMP TABLE many (n integer CHECK (n > 0));
        INSERT INTO many VALUES (1);
        DROP TABLE many;
    END LOOP;
END
$$;
SELECT tests.write(520);
SELECT tests.kept() AS kept \gset
SELECT tests.write(100);
SELECT is(tests.kept(), :kept::bigint, 'what is kept does not grow with every table that ever was');
SELECT tests.act_as_owner();
SELECT is(tests.error_of($$ UPDATE laurel.teams SET name = '' $$), '23514 teams_name_check', 'and conditions hold as before');

SELECT * FROM finish();
ROLLBACK;
