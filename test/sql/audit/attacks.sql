-- The audit log under attack by roles that are no superuser: whoever runs the database, the back end, an organization's administrator.
-- What whoever is one does, and what is told of it, is in test/isolation/specs/audit_tampered.spec and audit_months.spec.
\ir ../support/load.sql
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT no_plan();
SELECT tests.cast() \g /dev/null
SELECT 'laurel_internal.' || to_char(now() AT TIME ZONE 'UTC', '"audit_log_"YYYY_MM') AS month \gset

-- A role that reads and writes everything, and that no policy holds back.
CREATE ROLE audit_dba CREATEDB REPLICATION BYPASSRLS IN ROLE pg_read_all_data, pg_write_all_data, pg_monitor;
GRANT ALL ON SCHEMA tests TO audit_dba;
CREATE TEMP TABLE attacks AS SELECT n, format(s, :'month') AS statement FROM unnest(ARRAY[
    'UPDATE laurel.audit_log SET role = ''x''', 'DELETE FROM laurel.audit_log', 'TRUNCATE laurel.audit_log', 'UPDATE %s SET role = ''x''', 'DELETE FROM %s', 'TRUNCATE %s',
    'INSERT INTO laurel_internal.audit_seals SELECT 1, now(), now(), 1, 1, sha256(''''), sha256('''')', 'DELETE FROM laurel_internal.audit_seals', 'UPDATE laurel_internal.audit_seals SET lines = lines',
    'ALTER TABLE laurel.audit_log DETACH PARTITION %s', 'DROP TABLE %s', 'ALTER TABLE laurel.audit_log DISABLE TRIGGER ALL', 'ALTER TABLE %s DISABLE TRIGGER ALL',
    'CREATE TRIGGER t BEFORE INSERT ON laurel.audit_log FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()', 'CREATE RULE r AS ON INSERT TO laurel.audit_log DO INSTEAD NOTHING',
    'SET session_replication_role = replica', 'SET ROLE laurel_owner', 'GRANT laurel_owner TO CURRENT_USER', 'ALTER TABLE laurel.users DISABLE TRIGGER ALL', 'DROP TRIGGER z_audit_written ON laurel.users',
    'SELECT laurel_internal.detach(''laurel.users'', ''audited'')']) WITH ORDINALITY a (s, n);
GRANT SELECT ON attacks TO PUBLIC;
CREATE FUNCTION pg_temp.got(statement text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE statement;
    RETURN 'done';
EXCEPTION WHEN OTHERS THEN
    RETURN SQLSTATE;
END
$$;
SELECT $$INSERT INTO laurel.audit_log (created_at, id, table_name, operation, role, login, transaction_id) VALUES (now(), 'a0000000-0000-0000-0000-000000000001', 'laurel.users', 'UPDATE', 'x', 'x', '3')$$ AS forged \gset

SET SESSION AUTHORIZATION audit_dba;
SELECT matches(pg_temp.got(statement), '^(23001|42501)$', 'who runs the database: ' || statement) FROM attacks ORDER BY n;
-- Who may write every table and passes every policy adds lines, which is said in the guide; Laurel gives that to nobody.
SELECT is(pg_temp.got(:'forged'), 'done', 'adds a line');
RESET SESSION AUTHORIZATION;

SELECT tests.act_as_service() \g /dev/null
SELECT is(pg_temp.got(statement), '42501', 'the back end: ' || statement) FROM (SELECT n, statement FROM attacks UNION ALL SELECT 99, :'forged') a WHERE statement !~ '^SET' ORDER BY n;
SELECT tests.act_as_admin() \g /dev/null
SELECT is(pg_temp.got(statement), '42501', 'an administrator: ' || statement) FROM (SELECT n, statement FROM attacks UNION ALL SELECT 99, :'forged') a WHERE statement !~ '^SET' ORDER BY n;
SELECT is((SELECT count(*) FROM laurel.audit_log WHERE organization_id IS DISTINCT FROM tests.acme()), 0::bigint, 'an administrator reads what is of the organization');
SELECT is(pg_temp.got(format('SELECT * FROM %s', :'month')), '42501', 'and no month by its own name');

SELECT * FROM finish();
ROLLBACK;
