-- The domain kit: rules that a migration attaches to a table in one line. The trigger functions are in extension/guards/;
-- what they hold stands in the triggers' arguments, so that laurel.check() can prove it.

-- What the attaching functions share.

CREATE FUNCTION laurel_internal.qualified_name(table_name regclass) RETURNS text
LANGUAGE sql STABLE STRICT SET search_path = pg_catalog, pg_temp AS $$
    SELECT format('%I.%I', n.nspname, c.relname) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = table_name
$$;
COMMENT ON FUNCTION laurel_internal.qualified_name(regclass) IS
'"schema.name" of a table, as guards want it in their arguments whatever the search_path.';

CREATE FUNCTION laurel_internal.require_column(table_name regclass, column_name name, type regtype DEFAULT NULL, required boolean DEFAULT false)
RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    found record;
BEGIN
    SELECT a.atttypid, a.attnotnull INTO found FROM pg_attribute a
    WHERE a.attrelid = table_name AND a.attname = column_name AND a.attnum > 0 AND NOT a.attisdropped;
    IF found IS NULL THEN
        RAISE undefined_column USING MESSAGE = format('there is no column %I in %s', column_name, laurel_internal.qualified_name(table_name));
    END IF;
    IF type IS NOT NULL AND found.atttypid <> type THEN
        RAISE invalid_parameter_value USING
            MESSAGE = format('column %I of %s has type %s, not %s', column_name, laurel_internal.qualified_name(table_name),
                format_type(found.atttypid, NULL), format_type(type, NULL));
    END IF;
    IF required AND NOT found.attnotnull THEN
        RAISE invalid_parameter_value USING
            MESSAGE = format('column %I of %s must be NOT NULL', column_name, laurel_internal.qualified_name(table_name));
    END IF;
END
$$;
COMMENT ON FUNCTION laurel_internal.require_column(regclass, name, regtype, boolean) IS
'Refuses to go on where the table has no such column (42703), or one of another type or, where required, one that may be null (22023). For functions that attach guards.';

CREATE FUNCTION laurel_internal.read_guard(table_name regclass, trigger_name name) RETURNS void
LANGUAGE c STRICT AS 'MODULE_PATHNAME', 'laurel_read_guard';
COMMENT ON FUNCTION laurel_internal.read_guard(regclass, name) IS
'Reads what a guard''s trigger says in its arguments, as its first call would; error 39P01 where that does not hold, 42704 where there is no such trigger or it is no guard''s.';

CREATE FUNCTION laurel_internal.attach_guard(table_name regclass, trigger_name text, event text, level text, function text, VARIADIC arguments text[])
RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    name constant text := CASE WHEN octet_length(trigger_name) < 64 THEN trigger_name
        ELSE left(trigger_name, 54) || '_' || left(md5(trigger_name), 8) END;
BEGIN
    EXECUTE format('CREATE TRIGGER %I %s ON %s %s EXECUTE FUNCTION laurel_internal.%I(%s)', name, event,
        laurel_internal.qualified_name(table_name), level, function, (
        SELECT string_agg(quote_literal(argument), ', ' ORDER BY place) FROM unnest(arguments) WITH ORDINALITY a (argument, place)));
    PERFORM laurel_internal.read_guard(table_name, name);
END
$$;
COMMENT ON FUNCTION laurel_internal.attach_guard(regclass, text, text, text, text, text[]) IS
'Creates a guard''s trigger and reads its arguments at once (39P01 where they do not hold). event: such as BEFORE UPDATE; level: what stands between the table and EXECUTE, such as FOR EACH ROW WHEN (...); function: of laurel_internal. A name of more than 63 bytes is shortened and stays unique.';

-- A table and its partitions; a statement trigger does not reach those by itself.
CREATE FUNCTION laurel_internal.partition_tree(table_name regclass) RETURNS TABLE (relid regclass)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT table_name UNION SELECT t.relid FROM pg_partition_tree(table_name) t
$$;
COMMENT ON FUNCTION laurel_internal.partition_tree(regclass) IS 'The table and all its partitions.';

CREATE FUNCTION laurel_internal.guard_partition(partition regclass) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    guard record;
BEGIN
    FOR guard IN SELECT t.tgname, p.proname, CASE WHEN t.tgtype & 2 <> 0 THEN 'BEFORE' ELSE 'AFTER' END AS timing,
            (string_to_array(replace(encode(t.tgargs, 'escape'), '\\\\', '\\'), '\000'))[:t.tgnargs] AS arguments
        FROM pg_inherits i JOIN pg_trigger t ON t.tgrelid = i.inhparent JOIN pg_proc p ON p.oid = t.tgfoid
        WHERE i.inhrelid = partition AND t.tgtype & 33 = 32 AND p.pronamespace = 'laurel_internal'::regnamespace
            AND NOT EXISTS (SELECT FROM pg_trigger o WHERE o.tgrelid = partition AND o.tgname = t.tgname) LOOP
        PERFORM laurel_internal.attach_guard(partition, guard.tgname, guard.timing || ' TRUNCATE', 'FOR EACH STATEMENT', guard.proname,
            VARIADIC guard.arguments);
    END LOOP;
END
$$;
COMMENT ON FUNCTION laurel_internal.guard_partition(regclass) IS
'Gives a new partition the guards against TRUNCATE that its table has; whoever makes partitions calls it. All other guards are there by themselves. laurel.check() lists partitions without.';

-- Columns that never change, and history.

CREATE FUNCTION laurel_internal.keep_columns() RETURNS trigger
LANGUAGE c AS 'MODULE_PATHNAME', 'laurel_keep_columns';
COMMENT ON FUNCTION laurel_internal.keep_columns() IS
'AFTER UPDATE row trigger of laurel_internal.keep: the columns that its arguments name keep their values (23001).';

CREATE FUNCTION laurel_internal.keep_rows() RETURNS trigger
LANGUAGE c AS 'MODULE_PATHNAME', 'laurel_keep_rows';
COMMENT ON FUNCTION laurel_internal.keep_rows() IS
'BEFORE UPDATE or DELETE row trigger of laurel_internal.append_only: refuses both (23001). Argument: the hint.';

CREATE FUNCTION laurel_internal.keep_table() RETURNS trigger
LANGUAGE c AS 'MODULE_PATHNAME', 'laurel_keep_table';
COMMENT ON FUNCTION laurel_internal.keep_table() IS
'BEFORE TRUNCATE trigger of laurel_internal.append_only: refuses it (23001). Argument: the hint.';

CREATE FUNCTION laurel_internal.keep(table_name regclass, VARIADIC columns name[]) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    changed text;
BEGIN
    IF coalesce(cardinality(columns), 0) = 0 THEN
        RAISE invalid_parameter_value USING MESSAGE = 'keep needs a column at least';
    END IF;
    PERFORM laurel_internal.require_column(table_name, c) FROM unnest(columns) c;
    SELECT string_agg(format(
        -- What has no equality is compared as it is written.
        CASE WHEN a.atttypid = ANY ('{json, xml}'::regtype[]) THEN 'OLD.%1$I::text IS DISTINCT FROM NEW.%1$I::text'
            ELSE 'OLD.%1$I IS DISTINCT FROM NEW.%1$I' END, c), ' OR ' ORDER BY place)
    INTO changed FROM unnest(columns) WITH ORDINALITY u (c, place)
    JOIN pg_attribute a ON a.attrelid = table_name AND a.attname = c;
    PERFORM laurel_internal.attach_guard(table_name, 'keep_' || array_to_string(columns, '_'), 'AFTER UPDATE', format('FOR EACH ROW WHEN (%s)', changed),
        'keep_columns', VARIADIC columns::text[]);
END
$$;
COMMENT ON FUNCTION laurel_internal.keep(regclass, name[]) IS
'Columns that never change once the row is there, whoever writes and whatever triggers of the application make of it: 23001, constraint <table>_<column>_immutable. On a partitioned table the partitions are held too.';

CREATE FUNCTION laurel_internal.append_only(table_name regclass, hint text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF coalesce(hint, '') = '' THEN
        RAISE invalid_parameter_value USING MESSAGE = 'append_only needs a hint that says what to do instead';
    END IF;
    PERFORM laurel_internal.attach_guard(table_name, 'keep_rows', 'BEFORE UPDATE OR DELETE', 'FOR EACH ROW', 'keep_rows', hint);
    PERFORM laurel_internal.attach_guard(t.relid, 'keep_table', 'BEFORE TRUNCATE', 'FOR EACH STATEMENT', 'keep_table', hint)
    FROM laurel_internal.partition_tree(table_name) t;
END
$$;
COMMENT ON FUNCTION laurel_internal.append_only(regclass, text) IS
'Rows that are neither updated nor deleted, and a table that is not truncated (23001, constraint <table>_history, with that hint). On a partitioned table the partitions are held too; new ones against TRUNCATE once laurel_internal.guard_partition was called.';

REVOKE ALL ON FUNCTION laurel_internal.qualified_name(regclass), laurel_internal.require_column(regclass, name, regtype, boolean),
    laurel_internal.read_guard(regclass, name), laurel_internal.attach_guard(regclass, text, text, text, text, text[]),
    laurel_internal.partition_tree(regclass), laurel_internal.guard_partition(regclass),
    laurel_internal.keep_columns(), laurel_internal.keep_rows(), laurel_internal.keep_table(),
    laurel_internal.keep(regclass, name[]), laurel_internal.append_only(regclass, text) FROM PUBLIC;
