-- Laurel's tables belong to landlord, as where that role has migrated. What goes with a user fires a trigger of a developer's: first
-- the developer's function, then landlord's own, and who ran it.
\set ON_ERROR_STOP off
INSERT INTO laurel.users (id, email) VALUES ('c0000000-0000-0000-0000-000000000000', 'cat@owner.test');
GRANT USAGE, CREATE ON SCHEMA laurel, laurel_internal TO landlord;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA laurel, laurel_internal TO landlord;
SELECT format('ALTER %s %s OWNER TO landlord', CASE relkind WHEN 'v' THEN 'VIEW' WHEN 'm' THEN 'MATERIALIZED VIEW' ELSE 'TABLE' END, oid::regclass)
FROM pg_class WHERE relnamespace IN ('laurel'::regnamespace, 'laurel_internal'::regnamespace) AND relkind IN ('r', 'p', 'v', 'm') AND NOT relispartition \gexec
CREATE SCHEMA app AUTHORIZATION dev;
CREATE TABLE app.ran (who text);
GRANT ALL ON app.ran TO PUBLIC;
GRANT USAGE ON SCHEMA app TO PUBLIC;
GRANT USAGE ON SCHEMA laurel TO dev;
GRANT TRIGGER ON laurel.user_preferences TO dev;
SET ROLE dev;
CREATE FUNCTION app.hook() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO app.ran VALUES (current_user); RETURN OLD; END $$;
CREATE TRIGGER hook BEFORE DELETE ON laurel.user_preferences FOR EACH ROW EXECUTE FUNCTION app.hook();
RESET ROLE;
DELETE FROM laurel.users WHERE email = 'cat@owner.test';
ALTER FUNCTION app.hook() OWNER TO landlord;
DELETE FROM laurel.users WHERE email = 'cat@owner.test';
SELECT DISTINCT who FROM app.ran;
