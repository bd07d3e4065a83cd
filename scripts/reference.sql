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

CREATE TEMP VIEW functions AS
SELECT p.oid, p.proname AS name, obj_description(p.oid, 'pg_proc') AS said,
    (SELECT array_agg(format('%s %s', a.name, format_type(a.type, NULL))
            || coalesce(' DEFAULT ' || pg_temp.plain_default(pg_get_function_arg_default(p.oid, a.no::integer)), '') ORDER BY a.no)
        FROM unnest(p.proargnames, coalesce(p.proallargtypes, p.proargtypes::oid[]), p.proargmodes)
            WITH ORDINALITY a (name, type, mode, no)
        WHERE a.mode IS NULL OR a.mode = 'i') AS arguments,
    coalesce((SELECT CASE WHEN p.proretset THEN 'rows of ' ELSE '' END
            || '(' || string_agg(format('%s %s', a.name, format_type(a.type, NULL)), ', ' ORDER BY a.no) || ')'
        FROM unnest(p.proargnames, p.proallargtypes, p.proargmodes) WITH ORDINALITY a (name, type, mode, no)
        WHERE a.mode IN ('o', 't')
        HAVING count(*) > 1), pg_get_function_result(p.oid)) AS result,
    (SELECT string_agg(r.rolname, ', ' ORDER BY r.rolname) FROM pg_roles r
        WHERE r.rolname IN ('anon', 'authenticated', 'service_role')
            AND has_function_privilege(r.oid, p.oid, 'EXECUTE')) AS callers
FROM pg_proc p
WHERE p.pronamespace = 'laurel'::regnamespace AND p.prorettype <> 'trigger'::regtype;

CREATE TEMP VIEW relations AS
SELECT c.oid, c.relname AS name, c.relkind = 'v' AS is_view, obj_description(c.oid, 'pg_class') AS said
FROM pg_class c WHERE c.relnamespace = 'laurel'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm')
    AND NOT c.relispartition;

\echo '# Reference'
\echo
\echo 'Written by `make docs` from the comments in the database; change those, not this page.'
\echo
\echo '- [Functions](#functions):'
SELECT string_agg(format('[%s](#laurel%s)', name, name), ', ' ORDER BY name) FROM functions;
\echo '- [Tables](#tables):'
SELECT string_agg(format('[%s](#laurel%s)', name, name), ', ' ORDER BY name) FROM relations WHERE NOT is_view;
\echo '- [Views](#views):'
SELECT string_agg(format('[%s](#laurel%s)', name, name), ', ' ORDER BY name) FROM relations WHERE is_view;
\echo
\echo '## Functions'
\echo
\echo '“Callable by” names the client roles that may call a function; the owner of the extension may call all.'

SELECT format(E'\n### laurel.%s\n\n```sql\n%s\n→ %s\n```\n\n%s\n\n%s', name,
    CASE WHEN length(array_to_string(arguments, ', ')) <= 90
        THEN format('laurel.%s(%s)', name, array_to_string(arguments, ', '))
        ELSE format(E'laurel.%s(\n    %s\n)', name, array_to_string(arguments, E',\n    ')) END,
    result, said, coalesce('Callable by ' || callers || '.', 'Callable by the owner only.'))
FROM functions ORDER BY name COLLATE "C", arguments::text COLLATE "C";

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
\echo '## Views'
\echo
\echo 'Views run with the rights of the caller.'

SELECT format(E'\n### laurel.%s\n\n%s\n\n| column | type | meaning |\n|---|---|---|\n%s', name, said,
    (SELECT string_agg(format('| %s | %s | %s |', a.attname, format_type(a.atttypid, a.atttypmod),
            pg_temp.cell(col_description(r.oid, a.attnum))), E'\n' ORDER BY a.attnum)
        FROM pg_attribute a WHERE a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped))
FROM relations r WHERE is_view ORDER BY name;
