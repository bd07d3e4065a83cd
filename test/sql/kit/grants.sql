-- Nothing is granted by accident: what clients may do with tables, a policy says; what they may call, everywhere/rights lists.
\ir ../support/load.sql
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT plan(5);

CREATE TEMP VIEW relations AS SELECT c.oid, c.oid::regclass::text AS name, c.relkind, c.relispartition FROM pg_class c
    WHERE c.relnamespace IN ('laurel'::regnamespace, 'laurel_internal'::regnamespace) AND c.relkind IN ('r', 'p', 'v', 'm');
CREATE TEMP VIEW granted AS SELECT r.name, r.relkind, r.relispartition, client, command FROM relations r,
    unnest('{anon, authenticated}'::text[]) client, unnest('{SELECT, INSERT, UPDATE, DELETE}'::text[]) command
    WHERE CASE command WHEN 'DELETE' THEN has_table_privilege(client, r.oid, command) ELSE has_any_column_privilege(client, r.oid, command) END;

SELECT is_empty($$ SELECT name, client, command FROM granted g WHERE relkind IN ('r', 'p') AND NOT EXISTS (SELECT FROM pg_policies p
    WHERE format('%I.%I', p.schemaname, p.tablename) = g.name AND g.client = ANY (p.roles) AND p.cmd IN (g.command, 'ALL')) $$, 'each command on a table has its policy');
SELECT is_empty('SELECT name, client, command FROM granted WHERE relispartition', 'clients have no business in partitions');
SELECT is_empty($$ SELECT v.name, v.client, v.command FROM granted v WHERE v.relkind = 'v' AND v.command <> 'SELECT'
    AND NOT pg_relation_is_updatable(v.name::regclass, true) & CASE v.command WHEN 'INSERT' THEN 8 WHEN 'UPDATE' THEN 4 ELSE 16 END <> 0 $$, 'views take what they can do');
SELECT is_empty($$ SELECT DISTINCT r.name, a.grantee::regrole FROM relations r JOIN pg_class c USING (oid), aclexplode(c.relacl) a
    WHERE a.is_grantable AND a.grantee <> c.relowner OR a.grantee <> c.relowner AND a.grantee::regrole::text <> ALL ('{anon, authenticated, service_role}') $$,
    'nobody else has any right to tables, and none passes it on');
SELECT is_empty($$ SELECT defaclrole::regrole, defaclnamespace::regnamespace FROM pg_default_acl WHERE defaclnamespace IN ('laurel'::regnamespace, 'laurel_internal'::regnamespace) $$,
    'what is made later begins without');

SELECT * FROM finish();
ROLLBACK;
