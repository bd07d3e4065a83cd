-- Prints all that a database holds outside the system's schemas, one line for each thing, so that two can be compared.
SET search_path = pg_catalog;
SET extra_float_digits = 3;
\set here '(SELECT oid FROM pg_namespace WHERE nspname !~ ''^pg_'' AND nspname <> ''information_schema'')'

SELECT 'extensions|' || extname || ' ' || extversion || ' in ' || extnamespace::regnamespace FROM pg_extension;

SELECT 'schemas|' || oid::regnamespace || ' of ' || pg_get_userbyid(nspowner) FROM pg_namespace WHERE oid IN :here;

SELECT 'tables|' || concat_ws(' ', relkind, oid::regclass, 'of', pg_get_userbyid(relowner), relpersistence, relrowsecurity,
                              relforcerowsecurity, relreplident, relispopulated, reloptions,
                              pg_get_expr(relpartbound, oid))
FROM pg_class WHERE relnamespace IN :here AND relkind IN ('r', 'p', 'v', 'm', 'f', 'S');

SELECT 'columns|' || concat_ws(' ', attrelid::regclass || '.' || quote_ident(attname), format_type(atttypid, atttypmod),
                               attnotnull, attidentity, attgenerated, attcollation::regcollation,
                               regexp_replace(pg_get_expr(adbin, adrelid), '\s+', ' ', 'g'))
FROM pg_attribute
JOIN pg_class ON pg_class.oid = attrelid
LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
WHERE relnamespace IN :here AND relkind IN ('r', 'p', 'v', 'm', 'f') AND attnum > 0 AND NOT attisdropped;

SELECT 'constraints|' || concat_ws(' ', coalesce(nullif(conrelid, 0)::regclass::text, contypid::regtype::text), conname,
                                   regexp_replace(pg_get_constraintdef(oid), '\s+', ' ', 'g'), convalidated)
FROM pg_constraint WHERE connamespace IN :here AND contype <> 't';

SELECT 'indexes|' || pg_get_indexdef(indexrelid) || ' ' || indisvalid
FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid WHERE relnamespace IN :here;

SELECT 'triggers|' || regexp_replace(pg_get_triggerdef(pg_trigger.oid), '\s+', ' ', 'g') || ' ' || tgenabled::text
FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid WHERE relnamespace IN :here AND NOT tgisinternal;

SELECT 'policies|' || concat_ws(' ', schemaname, tablename, policyname, permissive, roles, cmd,
                                'using', regexp_replace(qual, '\s+', ' ', 'g'),
                                'check', regexp_replace(with_check, '\s+', ' ', 'g'))
FROM pg_policies;

SELECT 'views|' || oid::regclass || ' ' || regexp_replace(pg_get_viewdef(oid), '\s+', ' ', 'g')
FROM pg_class WHERE relnamespace IN :here AND relkind IN ('v', 'm');

SELECT 'functions|' || oid::regprocedure || ' of ' || pg_get_userbyid(proowner) || ' ' || md5(pg_get_functiondef(oid))
FROM pg_proc WHERE pronamespace IN :here AND prokind <> 'a';

SELECT 'sequences|' || concat_ws(' ', schemaname, sequencename, data_type, start_value, increment_by, cycle, last_value)
FROM pg_sequences;

SELECT 'comments|' || concat_ws(' ', object.type, object.identity, regexp_replace(description, '\s+', ' ', 'g'))
FROM pg_description, pg_identify_object(classoid, objoid, objsubid) AS object
WHERE objoid >= 16384;

WITH things (name, acl) AS (
    SELECT 'schema ' || oid::regnamespace, coalesce(nspacl, acldefault('n', nspowner))
    FROM pg_namespace WHERE oid IN :here
    UNION ALL
    SELECT 'relation ' || oid::regclass,
           coalesce(relacl, acldefault(CASE relkind WHEN 'S' THEN 's' ELSE 'r' END::"char", relowner))
    FROM pg_class WHERE relnamespace IN :here AND relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
    UNION ALL
    SELECT 'column ' || attrelid::regclass || '.' || attname, attacl
    FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
    WHERE relnamespace IN :here AND attacl IS NOT NULL AND NOT attisdropped
    UNION ALL
    SELECT 'function ' || oid::regprocedure, coalesce(proacl, acldefault('f', proowner))
    FROM pg_proc WHERE pronamespace IN :here
    UNION ALL
    SELECT concat_ws(' ', 'default', defaclobjtype, defaclnamespace::regnamespace, pg_get_userbyid(defaclrole)), defaclacl
    FROM pg_default_acl
)
SELECT 'grants|' || concat_ws(' ', name, privilege_type, 'to',
                              CASE grantee WHEN 0 THEN 'PUBLIC' ELSE pg_get_userbyid(grantee) END, is_grantable)
FROM things, aclexplode(acl);

SELECT format('SELECT ''rows|%1$s '' || count(*) || '' '' || md5(coalesce('
              'string_agg(laurel_row::text, E''\n'' ORDER BY laurel_row::text COLLATE "C"), ''''))'
              ' FROM ONLY %1$s AS laurel_row', oid::regclass)
FROM pg_class WHERE relnamespace IN :here AND relkind = 'r' \gexec
