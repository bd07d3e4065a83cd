-- Personal data: which columns hold it, how it is kept, who reads it.

CREATE TYPE laurel.pii_column AS (schema_name text, table_name text, column_name text, data_type text, encrypted boolean);
ALTER TYPE laurel.pii_column OWNER TO laurel_owner;
COMMENT ON TYPE laurel.pii_column IS 'A column that holds personal data, as laurel.pii_columns() tells it in a list.';
COMMENT ON COLUMN laurel.pii_column.schema_name IS 'The table''s schema.';
COMMENT ON COLUMN laurel.pii_column.table_name IS 'The table.';
COMMENT ON COLUMN laurel.pii_column.column_name IS 'The column.';
COMMENT ON COLUMN laurel.pii_column.data_type IS 'The column''s type.';
COMMENT ON COLUMN laurel.pii_column.encrypted IS 'Whether its values are kept encrypted.';

CREATE FUNCTION laurel.pii_columns() RETURNS SETOF laurel.pii_column
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT n.nspname::text, c.relname::text, a.attname::text, format_type(a.atttypid, a.atttypmod), d.description LIKE '% (personal data, encrypted)'
    FROM pg_description d JOIN pg_class c ON c.oid = d.objoid AND c.relkind IN ('r', 'p') JOIN pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = d.objsubid AND a.attnum > 0
    WHERE d.classoid = 'pg_class'::regclass AND d.description ~ ' \(personal data(, encrypted)?\)$'
    ORDER BY 1, 2, a.attnum
$$;
COMMENT ON FUNCTION laurel.pii_columns() IS
'All columns of tables that hold personal data, as laurel_internal.personal() has tagged them at the end of their comments: what an export gives, an erasure clears and a register of processing lists.';

CREATE FUNCTION laurel_internal.tag_personal(table_name regclass, columns name[], encrypted boolean) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    tagged record;
BEGIN
    FOR tagged IN SELECT c AS name, coalesce(col_description(table_name, a.attnum), 'A value.') AS words
        FROM unnest(columns) c JOIN pg_attribute a ON a.attrelid = table_name AND a.attname = c
    LOOP
        EXECUTE format('COMMENT ON COLUMN %s.%I IS %L', table_name, tagged.name,
            regexp_replace(tagged.words, ' \(personal data(, encrypted)?\)$', '') || CASE WHEN encrypted THEN ' (personal data, encrypted)' ELSE ' (personal data)' END);
    END LOOP;
END
$$;
COMMENT ON FUNCTION laurel_internal.tag_personal(regclass, name[], boolean) IS
'Says at the end of the comments of columns that they hold personal data; laurel_internal.explain keeps that.';

CREATE FUNCTION laurel_internal.personal(table_name regclass, columns name[], encrypted boolean DEFAULT true, owner name DEFAULT 'user_id') RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF table_name IS NULL OR encrypted IS NULL OR coalesce(cardinality(columns), 0) = 0 THEN
        RAISE invalid_parameter_value USING MESSAGE = 'personal needs a table and a column at least';
    END IF;
    IF (SELECT relkind NOT IN ('r', 'p') OR relispartition FROM pg_class WHERE oid = table_name) THEN
        RAISE wrong_object_type USING MESSAGE = format('%s is no table of its own', laurel_internal.qualified_name(table_name)),
            HINT = 'Name an ordinary table, or the partitioned one of a partition.';
    END IF;
    PERFORM laurel_internal.require_column(table_name, c) FROM unnest(columns) c;
    PERFORM laurel_internal.tag_personal(table_name, columns, encrypted);
END
$$;
COMMENT ON FUNCTION laurel_internal.personal(regclass, name[], boolean, name) IS
'Columns that hold personal data: laurel.pii_columns() lists them. Errors: 22023 no column is named; 42703 no such column; 42809 no table, or a partition.';
