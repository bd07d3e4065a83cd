-- What Supabase's linter (splinter) asks of a catalogue, by its names; what it finds, and why that is as it must be. It looks at what
-- an extension does not own, so at tables, views, policies and the functions member(row). Left out is what it asks of statistics
-- (unused indexes, bloat), of Supabase's own schemas (auth, storage, pgmq) and of other extensions' versions.
\ir ../support/load.sql
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT plan(5);

CREATE TEMP VIEW relations AS SELECT c.oid, c.oid::regclass::text AS name, c.relkind, c.relrowsecurity, c.relnamespace = 'laurel'::regnamespace AS exposed, c.reloptions, c.relispartition
    FROM pg_class c WHERE c.relnamespace IN ('laurel'::regnamespace, 'laurel_internal'::regnamespace) AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
    AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e');
CREATE TEMP VIEW policies AS SELECT p.schemaname || '.' || p.tablename AS name, p.policyname, p.cmd, p.roles, coalesce(p.qual, '') AS qual, coalesce(p.with_check, '') AS with_check
    FROM pg_policies p WHERE p.schemaname IN ('laurel', 'laurel_internal');
CREATE TEMP VIEW functions AS SELECT p.oid, p.oid::regprocedure::text AS name, p.proname, p.prosecdef, p.proconfig,
        EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e') AS of_extension
    FROM pg_proc p WHERE p.pronamespace IN ('laurel'::regnamespace, 'laurel_internal'::regnamespace);

CREATE TEMP VIEW findings (lint, name) AS
SELECT 'unindexed_foreign_keys', k.conrelid::regclass || ' ' || k.conname FROM pg_constraint k JOIN relations r ON r.oid = k.conrelid WHERE k.contype = 'f'
    AND NOT EXISTS (SELECT FROM pg_index i WHERE i.indrelid = k.conrelid
        AND (SELECT array_agg(c ORDER BY c) FROM unnest((i.indkey::int2[])[0:cardinality(k.conkey) - 1]) c) = (SELECT array_agg(c ORDER BY c) FROM unnest(k.conkey) c))
UNION ALL SELECT 'auth_rls_initplan', name FROM policies WHERE qual || with_check ~ '(auth\.\w+|current_setting)\('
UNION ALL SELECT 'rls_references_user_metadata', name FROM policies WHERE qual || with_check ~ '(user|app)_metadata|auth\.users'
UNION ALL SELECT 'no_primary_key', name FROM relations r WHERE relkind IN ('r', 'p') AND NOT EXISTS (SELECT FROM pg_index i WHERE i.indrelid = r.oid AND i.indisprimary)
UNION ALL SELECT 'multiple_permissive_policies', name FROM policies, unnest(roles) role, unnest(CASE cmd WHEN 'ALL' THEN '{SELECT,INSERT,UPDATE,DELETE}' ELSE ARRAY[cmd] END) command
    GROUP BY name, role, command HAVING count(*) > 1
UNION ALL SELECT 'policy_exists_rls_disabled', r.name FROM relations r WHERE NOT relrowsecurity AND EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = r.oid)
UNION ALL SELECT 'rls_enabled_no_policy', r.name FROM relations r WHERE relrowsecurity AND NOT EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = r.oid)
UNION ALL SELECT 'rls_disabled_in_public', name FROM relations WHERE exposed AND relkind IN ('r', 'p') AND NOT relrowsecurity
UNION ALL SELECT 'sensitive_columns_exposed', name FROM relations WHERE NOT relrowsecurity AND relkind IN ('r', 'p')
    AND (has_any_column_privilege('anon', oid, 'SELECT') OR has_any_column_privilege('authenticated', oid, 'SELECT'))
UNION ALL SELECT 'permissive_rls_policy', name || ' ' || policyname FROM policies WHERE cmd <> 'SELECT' AND (qual = 'true' OR with_check = 'true') AND roles && '{anon,authenticated,public}'
UNION ALL SELECT 'duplicate_index', i.indrelid::regclass::text FROM pg_index i JOIN relations r ON r.oid = i.indrelid
    GROUP BY i.indrelid, i.indkey::text, i.indclass::text, i.indcollation::text, i.indoption::text, pg_get_expr(i.indexprs, i.indrelid), pg_get_expr(i.indpred, i.indrelid) HAVING count(*) > 1
UNION ALL SELECT 'security_definer_view', name FROM relations WHERE relkind = 'v' AND NOT coalesce(reloptions::text[] && '{security_invoker=true,security_invoker=on}', false)
UNION ALL SELECT 'materialized_view_in_api', name FROM relations WHERE exposed AND relkind = 'm'
UNION ALL SELECT 'foreign_table_in_api', name FROM relations WHERE exposed AND relkind = 'f'
UNION ALL SELECT 'unsupported_reg_types', r.name || '.' || a.attname FROM relations r JOIN pg_attribute a ON a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped
    WHERE relkind IN ('r', 'p') AND a.atttypid = ANY ('{regcollation,regconfig,regdictionary,regnamespace,regoper,regoperator,regproc,regprocedure}'::regtype[])
UNION ALL SELECT 'function_search_path_mutable', name FROM functions WHERE NOT of_extension AND NOT EXISTS (SELECT FROM unnest(proconfig) c WHERE c LIKE 'search_path=%')
UNION ALL SELECT 'security_definer_function_executable', name FROM functions WHERE prosecdef
    AND (has_function_privilege('anon', oid, 'EXECUTE') OR has_function_privilege('authenticated', oid, 'EXECUTE'))
UNION ALL SELECT 'extension_in_public', e.extname FROM pg_extension e WHERE e.extnamespace = 'public'::regnamespace AND e.extname IN ('laurel', 'pgcrypto', 'btree_gist');

-- What is found all the same, and why.
CREATE TEMP TABLE reasons (lint text, pattern text, why text);
INSERT INTO reasons VALUES
    ('no_primary_key', '^laurel_internal\.\w+_changes$', 'nothing is ever stored there: a change of its relation cache is the signal'),
    ('rls_enabled_no_policy', '^laurel_internal\.', 'partitions are read by their parent, under its policies, and nothing of laurel_internal by clients'),
    ('function_search_path_mutable', '^(laurel\.)?member\(', 'to become part of the query it is in; every name in it is qualified'),
    ('extension_in_public', '^(pgcrypto|btree_gist)$', 'where CREATE EXTENSION ... CASCADE puts it; it may lie in another schema');

SELECT is_empty($$ SELECT f.* FROM findings f WHERE NOT EXISTS (SELECT FROM reasons r WHERE r.lint = f.lint AND f.name ~ r.pattern) $$, 'nothing is found but what has a reason');
SELECT is_empty($$ SELECT r.* FROM reasons r WHERE NOT EXISTS (SELECT FROM findings f WHERE r.lint = f.lint AND f.name ~ r.pattern) $$, 'and every reason is of something that is found');
SELECT is_empty($$ SELECT name FROM relations WHERE name ~ '^laurel_internal\.' AND relrowsecurity AND NOT EXISTS (SELECT FROM pg_policy WHERE polrelid = oid)
    AND (has_any_column_privilege('anon', oid, 'SELECT, INSERT, UPDATE') OR has_any_column_privilege('authenticated', oid, 'SELECT, INSERT, UPDATE')) $$, 'clients are granted none of those without policies');
SELECT is_empty($$ SELECT n.name FROM (SELECT p.oid::regprocedure::text AS name, p.prosrc FROM pg_proc p JOIN functions f USING (oid) WHERE NOT f.of_extension) n
    WHERE prosrc !~ '^SELECT p\.\* FROM laurel\.people p WHERE p\.id OPERATOR\(pg_catalog\.=\) \(\$1\)\.\w+$' $$, 'what has no search_path looks nothing up in one');

-- Each lint finds what it is for.
CREATE TABLE laurel.wrong (user_id uuid REFERENCES laurel.users, place regproc);
CREATE INDEX ON laurel.wrong (place);
CREATE INDEX ON laurel.wrong (place);
GRANT SELECT ON laurel.wrong TO authenticated;
CREATE VIEW laurel.wrong_view AS SELECT * FROM laurel.wrong;
CREATE MATERIALIZED VIEW laurel.wrong_copy AS SELECT * FROM laurel.wrong;
CREATE FUNCTION laurel.wrong() RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 1';
CREATE TABLE laurel.wrong_too (id uuid PRIMARY KEY);
ALTER TABLE laurel.wrong_too ENABLE ROW LEVEL SECURITY;
CREATE TABLE laurel.open (id uuid PRIMARY KEY);
CREATE POLICY a ON laurel.open FOR UPDATE TO authenticated USING (true);
CREATE POLICY b ON laurel.open FOR UPDATE TO authenticated USING (id = auth.uid() AND auth.jwt() -> 'user_metadata' IS NULL);
SELECT set_eq($$ SELECT DISTINCT lint FROM findings WHERE name ~ 'wrong|laurel\.open' $$, ARRAY['unindexed_foreign_keys', 'auth_rls_initplan', 'rls_references_user_metadata', 'no_primary_key',
    'multiple_permissive_policies', 'policy_exists_rls_disabled', 'rls_enabled_no_policy', 'rls_disabled_in_public', 'sensitive_columns_exposed', 'permissive_rls_policy', 'duplicate_index',
    'security_definer_view', 'materialized_view_in_api', 'unsupported_reg_types', 'function_search_path_mutable', 'security_definer_function_executable'], 'each would find what it is for');

SELECT * FROM finish();
ROLLBACK;
