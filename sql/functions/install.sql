-- What must hold before anything is made: a database in UTF-8, schemas of Laurel's own, two roles that are small.

SET LOCAL search_path = pg_catalog, pg_temp;

DO $encoding$
BEGIN
    IF getdatabaseencoding() <> 'UTF8' THEN
        RAISE feature_not_supported USING
            MESSAGE = 'laurel needs a database in UTF-8',
            DETAIL = format('Database %I is in %s.', current_database(), getdatabaseencoding()),
            HINT = format('Make one with CREATE DATABASE %I ENCODING ''UTF8'' TEMPLATE template0.', 'laurel');
    END IF;
END
$encoding$;

-- Who made a schema before may have put something into it, or do so later.
DO $schemas$
DECLARE
    owner name;
    inhabitants text;
BEGIN
    IF to_regnamespace('laurel_internal') IS NOT NULL THEN
        RAISE duplicate_schema USING
            MESSAGE = 'schema "laurel_internal" is there already',
            DETAIL = format('It belongs to %I; Laurel makes its own.',
                (SELECT pg_get_userbyid(nspowner) FROM pg_namespace WHERE nspname = 'laurel_internal')),
            HINT = 'Look what is in it, then drop or rename it.';
    END IF;
    SELECT r.rolname INTO owner FROM pg_namespace n JOIN pg_roles r ON r.oid = n.nspowner
    WHERE n.nspname = 'laurel' AND NOT r.rolsuper;
    SELECT string_agg(thing, ', ') INTO inhabitants FROM (
        SELECT pg_describe_object(d.classid, d.objid, d.objsubid) AS thing FROM pg_depend d
        WHERE d.refclassid = 'pg_namespace'::regclass AND d.refobjid = 'laurel'::regnamespace
          AND d.classid <> 'pg_extension'::regclass
        ORDER BY 1 LIMIT 5) found;
    IF owner IS NOT NULL OR inhabitants IS NOT NULL THEN
        RAISE duplicate_schema USING
            MESSAGE = 'schema "laurel" is there already and not fit for Laurel',
            DETAIL = CASE WHEN owner IS NOT NULL THEN format('It belongs to %I, who is no superuser.', owner)
                ELSE format('It holds %s.', inhabitants) END,
            HINT = 'Look what is in it, then drop or rename it.';
    END IF;
END
$schemas$;

-- laurel_owner has the tables and acts for them; laurel_jobs runs what runs by itself, and logs in because pg_cron asks
-- for it. All Laurel databases of a server share them, so they stay when the extension goes.
DO $small$
DECLARE
    wanted record;
    excess text;
BEGIN
    FOR wanted IN SELECT * FROM (VALUES ('laurel_owner', 'NOLOGIN'), ('laurel_jobs', 'LOGIN')) AS v (name, login) LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = wanted.name) THEN
            EXECUTE format('CREATE ROLE %I %s NOSUPERUSER NOCREATEROLE NOCREATEDB NOREPLICATION NOBYPASSRLS NOINHERIT',
                wanted.name, wanted.login);
        END IF;
        SELECT concat_ws(', ',
            CASE WHEN a.rolsuper THEN 'is SUPERUSER' END, CASE WHEN a.rolcreaterole THEN 'is CREATEROLE' END,
            CASE WHEN a.rolcreatedb THEN 'is CREATEDB' END, CASE WHEN a.rolreplication THEN 'is REPLICATION' END,
            CASE WHEN a.rolbypassrls THEN 'is BYPASSRLS' END,
            CASE WHEN a.rolcanlogin AND wanted.login = 'NOLOGIN' THEN 'may log in' END,
            CASE WHEN a.rolpassword IS NOT NULL THEN 'has a password' END,
            (SELECT 'is a member of ' || string_agg(quote_ident(pg_get_userbyid(m.roleid)), ', ')
             FROM pg_auth_members m WHERE m.member = a.oid),
            (SELECT 'has as members ' || string_agg(quote_ident(pg_get_userbyid(m.member)), ', ')
             FROM pg_auth_members m WHERE m.roleid = a.oid))
        INTO excess FROM pg_authid a WHERE a.rolname = wanted.name;
        IF excess <> '' THEN
            RAISE duplicate_object USING
                MESSAGE = format('role "%s" is there already and more than Laurel''s may be', wanted.name),
                DETAIL = format('It %s.', excess),
                HINT = format('Take that away from it, or rename it (ALTER ROLE %I RENAME TO ...), then try again.', wanted.name);
        END IF;
    END LOOP;
END
$small$;
