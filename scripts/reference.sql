-- Prints the reference as Markdown from the comments and signatures of a migrated database; run with psql -A -t.
\set ON_ERROR_STOP 1

-- Text for a cell of a Markdown table.
CREATE FUNCTION pg_temp.cell(value text) RETURNS text
LANGUAGE sql IMMUTABLE AS $$ SELECT replace(regexp_replace(coalesce(value, ''), '\s+', ' ', 'g'), '|', '\|') $$;

-- The same in code quotes, nothing for nothing.
CREATE FUNCTION pg_temp.code_cell(value text) RETURNS text
LANGUAGE sql IMMUTABLE AS $$ SELECT coalesce('`' || nullif(pg_temp.cell(value), '') || '`', '') $$;

-- A default as people write it, without the cast that only repeats the type.
CREATE FUNCTION pg_temp.plain_default(value text) RETURNS text
LANGUAGE sql IMMUTABLE AS $$
    SELECT regexp_replace(value, '^(NULL|''[^'']*'')::(text|uuid|uuid\[\]|jsonb|bigint|integer|interval|inet|timestamp with time zone)$', '\1')
$$;

-- The fields of a type that has a name, nothing for others.
CREATE FUNCTION pg_temp.fields(of_type oid) RETURNS text
LANGUAGE sql STABLE AS $$
    SELECT format(' (%s)', string_agg(format('%s %s', a.attname, format_type(a.atttypid, a.atttypmod)), ', ' ORDER BY a.attnum))
    FROM pg_type t JOIN pg_class c ON c.oid = t.typrelid AND c.relkind = 'c' JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
    WHERE t.oid = of_type HAVING count(*) > 0
$$;

-- What an application attaches to tables of its own, and calls for them.
CREATE TEMP TABLE guards AS SELECT unnest('{acyclic, add_tenant_triggers, append_only, archive_instead, belongs, canonical, counts, detach, explain, guard_partition, keep,
    member, protect, quota, recount, recount_quota, slugs, states, tell, versioned}'::text[]) AS name;

CREATE TEMP VIEW functions AS
SELECT p.oid, p.pronamespace::regnamespace AS schema, p.proname AS name, obj_description(p.oid, 'pg_proc') AS said,
    (SELECT array_agg(CASE a.mode WHEN 'v' THEN 'VARIADIC ' ELSE '' END || format('%s %s', a.name, format_type(a.type, NULL))
            || coalesce(' DEFAULT ' || pg_temp.plain_default(pg_get_function_arg_default(p.oid, a.no::integer)), '') ORDER BY a.no)
        FROM unnest(p.proargnames, coalesce(p.proallargtypes, p.proargtypes::oid[]), p.proargmodes)
            WITH ORDINALITY a (name, type, mode, no)
        WHERE a.mode IS NULL OR a.mode IN ('i', 'v')) AS arguments,
    coalesce((SELECT CASE WHEN p.proretset THEN 'rows of ' ELSE '' END
            || '(' || string_agg(format('%s %s', a.name, format_type(a.type, NULL)), ', ' ORDER BY a.no) || ')'
        FROM unnest(p.proargnames, p.proallargtypes, p.proargmodes) WITH ORDINALITY a (name, type, mode, no)
        WHERE a.mode IN ('o', 't')
        HAVING count(*) > 1), pg_get_function_result(p.oid) || coalesce(pg_temp.fields(p.prorettype), '')) AS result,
    (SELECT string_agg(r.rolname, ', ' ORDER BY r.rolname) FROM pg_roles r
        WHERE r.rolname IN ('anon', 'authenticated', 'service_role')
            AND has_function_privilege(r.oid, p.oid, 'EXECUTE')) AS callers
FROM pg_proc p
WHERE p.prorettype <> 'trigger'::regtype AND (p.pronamespace = 'laurel'::regnamespace
    OR p.pronamespace = 'laurel_internal'::regnamespace AND p.proname IN (SELECT g.name FROM guards g));

-- A section for each function.
CREATE FUNCTION pg_temp.sections(of_schema regnamespace) RETURNS SETOF text LANGUAGE sql AS $$
    SELECT format(E'\n### %s.%s\n\n```sql\n%s\n→ %s\n```\n\n%s\n\n%s', schema, name,
        CASE WHEN coalesce(length(array_to_string(arguments, ', ')), 0) <= 90
            THEN format('%s.%s(%s)', schema, name, array_to_string(arguments, ', '))
            ELSE format(E'%s.%s(\n    %s\n)', schema, name, array_to_string(arguments, E',\n    ')) END,
        result, replace(said, '<', '\<'), coalesce('Callable by ' || callers || '.', 'Callable by the owner only.'))
    FROM functions WHERE schema = of_schema ORDER BY name COLLATE "C", arguments::text COLLATE "C"
$$;

CREATE TEMP VIEW relations AS
SELECT c.oid, c.relname AS name, c.relkind = 'v' AS is_view, obj_description(c.oid, 'pg_class') AS said
FROM pg_class c WHERE c.relnamespace = 'laurel'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm')
    AND NOT c.relispartition;

\echo '# Reference'
\echo
\echo 'Written by `make docs` from the comments in the database; change those, not this page.'
\echo
\echo '- [Functions](#functions):'
SELECT string_agg(format('[%s](#laurel%s)', name, name), ', ' ORDER BY name) FROM functions WHERE schema = 'laurel'::regnamespace;
\echo '- [Guards](#guards):'
SELECT string_agg(format('[%s](#laurel_internal%s)', name, name), ', ' ORDER BY name) FROM functions WHERE schema <> 'laurel'::regnamespace;
\echo '- [Tables](#tables):'
SELECT string_agg(format('[%s](#laurel%s)', name, name), ', ' ORDER BY name) FROM relations WHERE NOT is_view;
\echo '- [Types](#types):'
SELECT string_agg(format('[%s](#laurel%s)', relname, relname), ', ' ORDER BY relname) FROM pg_class WHERE relnamespace = 'laurel'::regnamespace AND relkind = 'c';
\echo '- [Views](#views):'
SELECT string_agg(format('[%s](#laurel%s)', name, name), ', ' ORDER BY name) FROM relations WHERE is_view;
\echo
\echo '## Functions'
\echo
\echo '“Callable by” names the client roles that may call a function; the owner of the extension may call all.'

SELECT * FROM pg_temp.sections('laurel');

\echo
\echo '## Guards'
\echo
\echo 'What migrations call for tables, those of an application too: [tables of your own](guide/tables.md) shows how.'

SELECT * FROM pg_temp.sections('laurel_internal');

\echo
\echo '## Tables'
\echo
\echo 'Names of constraints are part of the errors that they raise. Rows of a table under row security are seen and written'
\echo 'as its policies say; service_role and the owner are not bound by them.'

SELECT format(E'\n### laurel.%s\n\n%s\n\n| column | type | default | meaning |\n|---|---|---|---|\n%s%s%s', name, said,
    (SELECT string_agg(format('| %s | %s | %s | %s |', a.attname,
            format_type(a.atttypid, a.atttypmod) || CASE WHEN a.attnotnull THEN '' ELSE ', nullable' END,
            pg_temp.code_cell(pg_temp.plain_default(pg_get_expr(d.adbin, d.adrelid))),
            pg_temp.cell(col_description(r.oid, a.attnum))), E'\n' ORDER BY a.attnum)
        FROM pg_attribute a LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
        WHERE a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped),
    (SELECT E'\n\n| constraint | rule |\n|---|---|\n'
            || string_agg(format('| %s | %s |', k.name, pg_temp.code_cell(k.rule)), E'\n' ORDER BY k.kind, k.name)
        FROM (SELECT conname AS name, pg_get_constraintdef(oid) AS rule, strpos('pufxc', contype::text) AS kind
            FROM pg_constraint WHERE conrelid = r.oid AND contype <> 'n'
            UNION ALL
            SELECT x.relname, 'UNIQUE ' || substring(pg_get_indexdef(x.oid) FROM 'USING btree (.*)'), 2
            FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid
            WHERE i.indrelid = r.oid AND i.indisunique
                AND NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conindid = i.indexrelid)) k),
    (SELECT E'\n\n| policy | role | for | rows |\n|---|---|---|---|\n'
            || string_agg(format('| %s | %s | %s | %s |', p.policyname, array_to_string(p.roles, ', '), p.cmd,
            pg_temp.code_cell(coalesce(p.qual, p.with_check))), E'\n'
            ORDER BY p.roles::text, strpos('SELECT INSERT UPDATE DELETE ALL', p.cmd), p.policyname)
        FROM pg_policies p WHERE p.schemaname = 'laurel' AND p.tablename = r.name))
FROM relations r WHERE NOT is_view ORDER BY name;

\echo
\echo '## Types'
\echo
\echo 'What functions return as one object, or a list of objects where it says SETOF.'

SELECT format(E'\n### laurel.%s\n\n%s\n\n| column | type | meaning |\n|---|---|---|\n%s', c.relname, obj_description(c.reltype, 'pg_type'),
    (SELECT string_agg(format('| %s | %s | %s |', a.attname, format_type(a.atttypid, a.atttypmod), pg_temp.cell(col_description(c.oid, a.attnum))), E'\n' ORDER BY a.attnum)
        FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0))
FROM pg_class c WHERE c.relnamespace = 'laurel'::regnamespace AND c.relkind = 'c' ORDER BY c.relname;

\echo
\echo '## Views'
\echo
\echo 'Views run with the rights of the caller.'

SELECT format(E'\n### laurel.%s\n\n%s\n\n| column | type | meaning |\n|---|---|---|\n%s', name, said,
    (SELECT string_agg(format('| %s | %s | %s |', a.attname, format_type(a.atttypid, a.atttypmod),
            pg_temp.cell(col_description(r.oid, a.attnum))), E'\n' ORDER BY a.attnum)
        FROM pg_attribute a WHERE a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped))
FROM relations r WHERE is_view ORDER BY name;
