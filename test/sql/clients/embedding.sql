-- What PostgREST embeds, by its own rules: many-to-one, one-to-one, one-to-many, many-to-many through a table whose primary key holds both
-- keys, and functions of a row. More than one way between two tables is refused (PGRST201) unless the request names one, and
-- none is refused too (PGRST200).
\ir ../support/load.sql
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT plan(13);

\set page `cat docs/clients.md`

CREATE TEMP VIEW keys AS
SELECT c.conname::text AS name, c.conrelid::regclass AS origin, c.confrelid::regclass AS target, c.conkey, c.confkey,
    EXISTS (SELECT FROM pg_index i WHERE i.indrelid = c.conrelid AND i.indisunique AND i.indpred IS NULL AND i.indkey::int2[] <@ c.conkey AND c.conkey <@ i.indkey::int2[]) AS is_unique
FROM pg_constraint c WHERE c.contype = 'f' AND c.conparentid = 0 AND c.connamespace = 'laurel'::regnamespace;
-- Of a key within one table the direction is told by the name that is asked for: the table's for many, the column's for one, if it has
-- no more than one.
CREATE TEMP VIEW embeddings AS
SELECT origin, target, CASE WHEN origin = target THEN 'column' ELSE 'table' END AS asked, name AS hint FROM keys WHERE origin <> target OR cardinality(conkey) = 1
UNION ALL SELECT target, origin, 'table', name FROM keys WHERE target <> origin OR NOT is_unique
UNION ALL
SELECT a.target, b.target, 'table', (SELECT relname FROM pg_class WHERE oid = a.origin) FROM keys a JOIN keys b ON a.origin = b.origin AND a.name <> b.name AND NOT a.is_unique AND NOT b.is_unique
JOIN pg_index pk ON pk.indrelid = a.origin AND pk.indisprimary AND (a.conkey || b.conkey) <@ pk.indkey::int2[];
CREATE TEMP VIEW ambiguous AS SELECT origin, target, asked FROM embeddings GROUP BY 1, 2, 3 HAVING count(*) > 1;

SELECT isnt_empty('SELECT * FROM ambiguous', 'some tables belong together in more than one way');
SELECT is_empty($$ SELECT origin, target, hint FROM embeddings JOIN ambiguous USING (origin, target, asked) GROUP BY 1, 2, 3 HAVING count(*) > 1 $$, 'each way has a name of its own');
SELECT is_empty($$ SELECT e.origin, e.target, e.hint FROM embeddings e JOIN ambiguous USING (origin, target, asked) LEFT JOIN keys k ON k.name = e.hint AND k.origin IN (e.origin, e.target)
    WHERE e.hint <> (SELECT relname FROM pg_class c WHERE c.relname = e.hint AND c.relnamespace = 'laurel'::regnamespace) IS NOT FALSE AND (k.name IS NULL
        OR k.name NOT IN (SELECT split_part(k.origin::text, '.', 2) || '_' || n || '_fkey' FROM (SELECT 'membership' UNION SELECT a.attname FROM pg_attribute a WHERE a.attrelid = k.origin AND a.attnum = ANY (k.conkey)) v (n))) $$,
    'which follows from the table and the column');
SELECT is(position('`<table>_membership_fkey` leads to the member whose row it is, `<table>_<column>_fkey` to who or what stands in' IN :'page') > 0, true, 'as docs/clients.md says');
SELECT is_empty(format($$ SELECT said[1] FROM regexp_matches(%L, '(\w+!\w+)\(', 'g') said
    WHERE NOT EXISTS (SELECT FROM embeddings e WHERE split_part(e.target::text, '.', 2) || '!' || e.hint = said[1]) $$, :'page'), 'and it says no other');
SELECT results_eq($$ SELECT origin::text FROM keys WHERE origin = target AND cardinality(conkey) > 1 ORDER BY 1 DESC $$, $$ VALUES ('laurel.users'), ('laurel.recognitions'), ('laurel.messages'), ('laurel.messages'), ('laurel.learning_paths'), ('laurel.document_shares'), ('laurel.appointments') $$,
    'no other key leads from a table to itself in a way that it cannot embed');

-- Whoever reads rows about a member gets the member's name with them: by member(row), which takes whole rows, or from table to table.
CREATE TEMP TABLE ways AS
WITH RECURSIVE roads AS (
    SELECT origin AS relation, target, ARRAY[origin, target] AS road FROM embeddings UNION
    SELECT r.relation, e.target, r.road || e.target FROM roads r JOIN embeddings e ON e.origin = r.target AND e.target <> ALL (r.road)
        AND NOT EXISTS (SELECT FROM ambiguous a WHERE a.origin = e.origin AND a.target = e.target)
    WHERE cardinality(r.road) < 3)
SELECT c.oid::regclass AS relation, role,
    EXISTS (SELECT FROM pg_proc p WHERE p.proname = 'member' AND p.pronamespace = c.relnamespace AND p.proargtypes = ARRAY[c.reltype]::oidvector AND p.prorettype = 'laurel.people'::regtype
        AND has_function_privilege(role, p.oid, 'EXECUTE') AND has_table_privilege(role, c.oid, 'SELECT') AND has_any_column_privilege(role, p.prorettype::regtype::text, 'SELECT')) AS by_row,
    EXISTS (SELECT FROM roads r WHERE r.relation = c.oid AND r.target = 'laurel.users'::regclass
        AND NOT EXISTS (SELECT FROM unnest(r.road) step WHERE NOT has_any_column_privilege(role, step, 'SELECT'))) AS by_tables
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'user_id' AND NOT a.attisdropped, unnest('{authenticated, service_role}'::text[]) role
WHERE c.relnamespace = 'laurel'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm') AND has_any_column_privilege(role, c.oid, 'SELECT');
SELECT cmp_ok((SELECT count(*) FROM ways WHERE by_row), '>', 50::bigint, 'there are many relations of personal rows');
SELECT results_eq($$ SELECT relation::text, role FROM ways WHERE NOT by_row AND NOT by_tables $$, $$ VALUES ('laurel.invitations', 'authenticated') $$,
    'and from each somebody''s name is within reach, unless who is invited is no member yet');
SELECT results_eq($$ SELECT relation::text, role FROM ways WHERE NOT by_row ORDER BY 1 $$, $$ VALUES ('laurel.invitations', 'authenticated'), ('laurel.suppressed_addresses', 'authenticated'), ('laurel.webhook_endpoints', 'authenticated') $$,
    'all but three by member(row); tokens and secrets of those are read by nobody');
SELECT is(position('webhook_endpoints?select=url,user_organizations(users(full_name))' IN :'page') > 0, true, 'whose way docs/clients.md says');

-- A computed relationship hides a table of its name.
SELECT is_empty($$ SELECT p.oid::regprocedure FROM pg_proc p JOIN pg_class c ON c.relnamespace = p.pronamespace AND c.relname = p.proname
    WHERE p.pronamespace = 'laurel'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm') $$, 'no function has the name of a table');

-- Generators take a key that can occur once for one-to-one, and then want it unique as a whole, in its order.
CREATE TEMP VIEW wanting AS SELECT k.origin::text COLLATE "C" AS relation, k.name COLLATE "C" AS name, (SELECT string_agg(a.attname, ', ' ORDER BY n) FROM unnest(k.conkey) WITH ORDINALITY c (attnum, n)
        JOIN pg_attribute a ON a.attrelid = k.origin AND a.attnum = c.attnum) AS columns
    FROM keys k WHERE EXISTS (SELECT FROM pg_index i WHERE i.indrelid = k.origin AND i.indisunique AND i.indpred IS NULL AND i.indexprs IS NULL AND i.indkey::int2[] <@ k.conkey)
        AND NOT EXISTS (SELECT FROM pg_index i WHERE i.indrelid = k.origin AND i.indisunique AND i.indpred IS NULL AND i.indkey::text = array_to_string(k.conkey, ' '));
SELECT results_eq('SELECT relation, name FROM wanting', $$ VALUES ('laurel.user_points' COLLATE "C", 'user_points_team_membership_fkey' COLLATE "C") $$,
    'a key of which a part is unique, is unique; one is not, since every award would write its index');
SELECT is_empty(format($$ SELECT name FROM wanting WHERE strpos(%L, '@@unique([' || columns || '])') = 0 $$, :'page'), 'and docs/clients.md says what to add there');

SELECT * FROM finish();
ROLLBACK;
