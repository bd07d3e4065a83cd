-- Guards that look at one row: what stays, which state follows which, names, archiving, versions.

-- Columns that never change, and history.

CREATE FUNCTION laurel_internal.keep_columns() RETURNS trigger
LANGUAGE c AS 'MODULE_PATHNAME', 'laurel_keep_columns';
COMMENT ON FUNCTION laurel_internal.keep_columns() IS
'AFTER UPDATE row trigger of laurel_internal.keep: the columns that its arguments name keep their values (23001).';

CREATE FUNCTION laurel_internal.keep_moving() RETURNS trigger
LANGUAGE c AS 'MODULE_PATHNAME', 'laurel_keep_moving';
COMMENT ON FUNCTION laurel_internal.keep_moving() IS
'BEFORE UPDATE row trigger of laurel_internal.keep on a partitioned table, where an update that moves a row fires no AFTER'
' UPDATE trigger: the same.';

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
    name constant text := 'keep_' || array_to_string(columns, '_');
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
    changed := format('FOR EACH ROW WHEN (%s)', changed);
    PERFORM laurel_internal.attach_guard(table_name, name, 'AFTER UPDATE', changed, 'keep_columns', VARIADIC columns::text[]);
    IF (SELECT relkind = 'p' FROM pg_class WHERE oid = table_name) THEN
        PERFORM laurel_internal.attach_guard(table_name, 'z_' || name, 'BEFORE UPDATE', changed, 'keep_moving', VARIADIC columns::text[]);
    END IF;
END
$$;
COMMENT ON FUNCTION laurel_internal.keep(regclass, name[]) IS
'Columns that never change once the row is there, whoever writes and whatever triggers of the application make of it:'
' 23001, constraint <table>_<column>_immutable. Only a foreign key ON DELETE SET NULL takes a value out, when its row is'
' gone. On a partitioned table the partitions are held too; there a BEFORE trigger of the application whose name sorts'
' after z_keep_ can still change a row on its way to another partition.';

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
'Rows that are neither updated nor deleted, and a table that is not truncated (23001, constraint <table>_history, with that'
' hint). On a partitioned table the partitions are held too; new ones against TRUNCATE once laurel_internal.guard_partition'
' was called.';

-- States.

CREATE FUNCTION laurel_internal.step_state() RETURNS trigger
LANGUAGE c AS 'MODULE_PATHNAME', 'laurel_step_state';
COMMENT ON FUNCTION laurel_internal.step_state() IS
'BEFORE UPDATE row trigger of laurel_internal.states: refuses a state that may not follow (23514) and fills the time of the'
' new one. Arguments: column, transitions, stamps.';

CREATE FUNCTION laurel_internal.check_step() RETURNS trigger
LANGUAGE c AS 'MODULE_PATHNAME', 'laurel_check_step';
COMMENT ON FUNCTION laurel_internal.check_step() IS
'AFTER UPDATE row trigger of laurel_internal.states: refuses a state that may not follow, whatever other triggers have made'
' of the row. Arguments: column, transitions, stamps.';

CREATE FUNCTION laurel_internal.require_states(table_name regclass, state name, transitions jsonb, stamps jsonb) RETURNS void
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    unknown constant text := 'no state of ' || laurel_internal.qualified_name(table_name);
    wrong text;
BEGIN
    IF jsonb_typeof(transitions) IS DISTINCT FROM 'object' OR transitions = '{}' OR jsonb_typeof(stamps) IS DISTINCT FROM 'object' THEN
        RAISE invalid_parameter_value USING
            MESSAGE = 'transitions is an object of states, each with the list of those that may follow; stamps is an object too';
    END IF;
    SELECT string_agg(key, ', ') INTO wrong FROM jsonb_each(transitions)
    WHERE jsonb_typeof(value) <> 'array' OR jsonb_path_exists(value, 'strict $[*] ? (@.type() != "string")');
    IF wrong IS NOT NULL THEN
        RAISE invalid_parameter_value USING MESSAGE = format('what may follow is a list of states: %s', wrong);
    END IF;
    SELECT string_agg(DISTINCT named, ', ') INTO wrong FROM (
        SELECT jsonb_array_elements_text(value) FROM jsonb_each(transitions) UNION ALL SELECT jsonb_object_keys(stamps)) n (named)
    WHERE NOT transitions ? named;
    IF wrong IS NOT NULL THEN
        RAISE invalid_parameter_value USING MESSAGE = format('%s: %s', unknown, wrong),
            HINT = 'Every state is a key of transitions; one that nothing follows has an empty list.';
    END IF;
    SELECT string_agg(a[2], ', ') INTO wrong FROM pg_trigger t, laurel_internal.guard_arguments(t.tgargs) a
    WHERE t.tgrelid = table_name AND t.tgfoid = 'laurel_internal.archive_row'::regproc AND a[1] = state AND NOT transitions ? a[2];
    IF wrong IS NOT NULL THEN
        RAISE invalid_parameter_value USING MESSAGE = format('%s: %s', unknown, wrong),
            HINT = 'Rows are archived to it, as laurel_internal.archive_instead was told.';
    END IF;
END
$$;
COMMENT ON FUNCTION laurel_internal.require_states(regclass, name, jsonb, jsonb) IS
'Refuses transitions and stamps that laurel_internal.states cannot take (22023).';

CREATE FUNCTION laurel_internal.states(table_name regclass, state name, transitions jsonb, stamps jsonb DEFAULT '{}') RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    held constant text := format('%s_%s_check', (SELECT relname FROM pg_class WHERE oid = table_name), state);
    changed constant text := format('OLD.%1$I IS DISTINCT FROM NEW.%1$I', state);
    stepped text;
BEGIN
    PERFORM laurel_internal.require_column(table_name, state, 'text', required => true),
        laurel_internal.require_states(table_name, state, transitions, stamps);
    PERFORM laurel_internal.require_column(table_name, value::name, 'timestamptz') FROM jsonb_each_text(stamps);
    PERFORM laurel_internal.require_unguarded(table_name, 'states', state);
    IF EXISTS (SELECT FROM pg_constraint WHERE conrelid = table_name AND conname = held) THEN
        RAISE duplicate_object USING MESSAGE = format('%s has the constraint %I already', laurel_internal.qualified_name(table_name), held),
            HINT = 'laurel_internal.states adds it itself: drop that one first.';
    END IF;
    EXECUTE format('ALTER TABLE %s ADD CONSTRAINT %I CHECK (%I IN (%s))', laurel_internal.qualified_name(table_name), held, state, (
        SELECT string_agg(quote_literal(key), ', ' ORDER BY key) FROM jsonb_object_keys(transitions) key));
    -- A step that is in order costs the second trigger no call.
    SELECT format('CASE OLD.%1$I %2$s ELSE true END IS NOT FALSE', state, string_agg(format('WHEN %L THEN %s', key,
        CASE value WHEN '[]' THEN 'true' ELSE format('NEW.%I <> ALL (ARRAY[%s])', state, (
            SELECT string_agg(quote_literal(next), ', ') FROM jsonb_array_elements_text(value) next)) END), ' '))
    INTO stepped FROM jsonb_each(transitions);
    PERFORM laurel_internal.attach_guard(table_name, 'z_step_' || state, 'BEFORE UPDATE', format('FOR EACH ROW WHEN (%s)', changed),
            'step_state', state, transitions::text, stamps::text),
        laurel_internal.attach_guard(table_name, 'check_step_' || state, 'AFTER UPDATE',
            format('FOR EACH ROW WHEN (%s AND %s)', changed, stepped), 'check_step', state, transitions::text, stamps::text);
END
$$;
COMMENT ON FUNCTION laurel_internal.states(regclass, name, jsonb, jsonb) IS
'The states of rows, in a column text NOT NULL: adds the CHECK (<table>_<column>_check) and lets UPDATE go from one state'
' only to those that transitions lists for it ({"draft": ["active"], "active": []}): 23514, constraint'
' <table>_<column>_steps, the hint says what may follow. stamps ({"active": "activated_at"}): a timestamptz column for a'
' state, filled with the time by the UPDATE that comes to it where it is null. Rows may be inserted in any state. 42703 for'
' a column that is not there; 22023 for one of another type, a state that is no key, or anything else that is not of that'
' shape.';

-- Names in addresses.

CREATE FUNCTION laurel_internal.fill_slug() RETURNS trigger
LANGUAGE c AS 'MODULE_PATHNAME', 'laurel_fill_slug';
COMMENT ON FUNCTION laurel_internal.fill_slug() IS
'BEFORE INSERT row trigger of laurel_internal.slugs. Arguments: the column, and the one whose text it is made of.';

CREATE FUNCTION laurel_internal.slugs(table_name regclass, slug name, of name) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM laurel_internal.require_column(table_name, slug, 'text', required => true),
        laurel_internal.require_column(table_name, of, 'text');
    IF NOT EXISTS (SELECT FROM pg_index i
        JOIN pg_attribute o ON o.attrelid = table_name AND o.attname = 'organization_id' AND o.attnum = i.indkey[0]
        JOIN pg_attribute s ON s.attrelid = table_name AND s.attname = slug AND s.attnum = i.indkey[1]
        WHERE i.indrelid = table_name AND i.indisunique AND i.indnkeyatts = 2 AND i.indpred IS NULL AND i.indisvalid) THEN
        RAISE invalid_parameter_value USING
            MESSAGE = format('%I of %s is not unique in an organization', slug, laurel_internal.qualified_name(table_name)),
            HINT = format('Declare UNIQUE (organization_id, %I) first.', slug);
    END IF;
    PERFORM laurel_internal.attach_guard(table_name, 'b_fill_' || slug, 'BEFORE INSERT',
        format('FOR EACH ROW WHEN (NEW.%I IS NULL)', slug), 'fill_slug', slug, of);
END
$$;
COMMENT ON FUNCTION laurel_internal.slugs(regclass, name, name) IS
'A row that comes without a slug gets one of the column `of`: lower-case words joined by hyphens, at most 100 characters;'
' where another row of the organization has it, or no letter is left, with the last eight digits of the row''s id. It does'
' not follow the name later. Two that come at once may meet in the unique key (23505). 22023 where the column is not unique'
' in an organization.';

-- Text that identifies.

CREATE FUNCTION laurel_internal.bring_to_form() RETURNS trigger
LANGUAGE c AS 'MODULE_PATHNAME', 'laurel_bring_to_form';
COMMENT ON FUNCTION laurel_internal.bring_to_form() IS
'BEFORE INSERT OR UPDATE row trigger of laurel_internal.canonical. Arguments: the column, and the kind of its text.';

CREATE FUNCTION laurel_internal.canonical(table_name regclass, column_name name, kind text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM laurel_internal.require_column(table_name, column_name, 'text'), laurel_internal.is_canonical('', kind);
    PERFORM laurel_internal.require_unguarded(table_name, 'canonical', column_name);
    PERFORM laurel_internal.attach_guard(table_name, 'b_form_' || column_name, format('BEFORE INSERT OR UPDATE OF %I', column_name),
        'FOR EACH ROW', 'bring_to_form', column_name, kind);
END
$$;
COMMENT ON FUNCTION laurel_internal.canonical(regclass, name, text) IS
'Text that identifies has one form in which it is stored and compared, however it was written: without blanks, marks and'
' control characters at its ends, and refused (23514 <table>_<column>_check, with what is wrong and what to do) where it has'
' none. kind: mail_address (normal form C, ASCII letters in lower case, the domain as domain; letters of other scripts before'
' the @ stay); domain (as DNS has it, by UTS 46: xn-- for other scripts, which a server without ICU refuses); slug (lower-case'
' words of a to z and digits joined by hyphens); time_zone (the IANA name); locale (BCP 47 in its usual case, or *);'
' web_address (scheme and host as DNS has them). 42703 for a column that is not there; 22023 for one of another type, or a'
' kind that there is not.';

-- Rows that are archived where others are deleted.

CREATE FUNCTION laurel_internal.archive_row() RETURNS trigger
LANGUAGE c AS 'MODULE_PATHNAME', 'laurel_archive_row';
COMMENT ON FUNCTION laurel_internal.archive_row() IS
'BEFORE DELETE row trigger of laurel_internal.archive_instead: archives the row and keeps it, unless it goes with its'
' parent. Arguments: column, value.';

CREATE FUNCTION laurel_internal.archive_table() RETURNS trigger
LANGUAGE c AS 'MODULE_PATHNAME', 'laurel_archive_table';
COMMENT ON FUNCTION laurel_internal.archive_table() IS
'BEFORE TRUNCATE trigger of laurel_internal.archive_instead: refuses it (23001). Arguments: column, value.';

CREATE FUNCTION laurel_internal.archive_instead(table_name regclass, column_name name, value text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF value IS NULL THEN
        RAISE invalid_parameter_value USING MESSAGE = 'archive_instead needs the value of an archived row';
    END IF;
    -- Columns of a partition key depend on their table.
    IF EXISTS (SELECT FROM laurel_internal.partition_tree(table_name) t
        JOIN pg_attribute a ON a.attrelid = t.relid AND a.attname = column_name
        JOIN pg_depend d ON (d.classid, d.objid, d.objsubid, d.refclassid, d.refobjid, d.refobjsubid, d.deptype)
            = ('pg_class'::regclass, t.relid, a.attnum, 'pg_class'::regclass, t.relid, 0, 'i')) THEN
        RAISE invalid_parameter_value USING
            MESSAGE = format('rows of %s move to another partition when %I changes',
                laurel_internal.qualified_name(table_name), column_name),
            HINT = 'An archived row stays where it is: use a column that does not say the partition.';
    END IF;
    IF EXISTS (SELECT FROM pg_trigger t, laurel_internal.guard_arguments(t.tgargs) a WHERE t.tgrelid = table_name
            AND t.tgfoid = 'laurel_internal.step_state'::regproc AND a[1] = column_name AND NOT a[2]::jsonb ? value) THEN
        RAISE invalid_parameter_value USING MESSAGE = format('no state of %s: %s', laurel_internal.qualified_name(table_name), value),
            HINT = 'Archive to one of the states that laurel_internal.states was given.';
    END IF;
    PERFORM laurel_internal.require_column(table_name, column_name, 'text'),
        laurel_internal.attach_guard(table_name, 'z_archive_row', 'BEFORE DELETE', 'FOR EACH ROW', 'archive_row', column_name, value),
        laurel_internal.attach_to_tree(table_name, 'archive_table', 'BEFORE TRUNCATE', 'FOR EACH STATEMENT',
            'archive_table', column_name, value);
END
$$;
COMMENT ON FUNCTION laurel_internal.archive_instead(regclass, name, text) IS
'A DELETE of a row sets the column to that value instead, with the rights of the owner, and reports no row; one that is'
' archived stays as it is. What goes with a parent by a foreign key, and what retention or erasure removes, is deleted.'
' Where laurel_internal.states says what may follow, archiving is a step like others (23514). TRUNCATE is refused (23001,'
' constraint <table>_archived). 22023 for a column that says the partition.';

-- Optimistic locks.

CREATE FUNCTION laurel_internal.raise_version() RETURNS trigger
LANGUAGE c AS 'MODULE_PATHNAME', 'laurel_raise_version';
COMMENT ON FUNCTION laurel_internal.raise_version() IS
'BEFORE UPDATE row trigger of laurel_internal.versioned: refuses an update of another version (PT409), raises it by one.'
' Arguments: the column, and "required" or "".';

CREATE FUNCTION laurel_internal.check_version() RETURNS trigger
LANGUAGE c AS 'MODULE_PATHNAME', 'laurel_check_version';
COMMENT ON FUNCTION laurel_internal.check_version() IS
'AFTER UPDATE row trigger of laurel_internal.versioned, where a version is not one more than it was: refuses what a trigger'
' of the application made of it (23001).';

CREATE FUNCTION laurel_internal.versioned(table_name regclass, required boolean DEFAULT false) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    named constant text := CASE WHEN required THEN 'required' ELSE '' END;
BEGIN
    PERFORM laurel_internal.require_column(table_name, 'version', 'bigint', required => true),
        laurel_internal.attach_guard(table_name, 'raise_version', 'BEFORE UPDATE', 'FOR EACH ROW', 'raise_version', 'version', named),
        laurel_internal.attach_guard(table_name, 'check_version', 'AFTER UPDATE',
            'FOR EACH ROW WHEN (NEW.version - 1 <> OLD.version)', 'check_version', 'version', named);
END
$$;
COMMENT ON FUNCTION laurel_internal.versioned(regclass, boolean) IS
'An optimistic lock: whoever updates a row sets version (bigint NOT NULL DEFAULT 1) to what he has read; where the row has'
' another one by now, he is refused (PT409, constraint <table>_version). Each update raises it by one, but for counters of'
' laurel_internal.counts, which nobody edits. required: callers bound by row security must name it; else an update that'
' leaves version out overwrites what is there.';
