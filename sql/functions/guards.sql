-- The domain kit: rules that a migration attaches to a table in one line. The trigger functions are in extension/guards/;
-- what they hold stands in the triggers' arguments, so that laurel.check() can prove it.

-- What the attaching functions share.

CREATE FUNCTION laurel_internal.qualified_name(table_name regclass) RETURNS text
LANGUAGE sql STABLE STRICT SET search_path = pg_catalog, pg_temp AS $$
    SELECT format('%I.%I', n.nspname, c.relname) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = table_name
$$;
COMMENT ON FUNCTION laurel_internal.qualified_name(regclass) IS
'"schema.name" of a table, as guards want it in their arguments whatever the search_path.';

CREATE FUNCTION laurel_internal.require_column(
    table_name regclass, column_name name, type regtype DEFAULT NULL, required boolean DEFAULT false
) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    altered constant text := format('ALTER TABLE %s ALTER COLUMN %I ', laurel_internal.qualified_name(table_name), column_name);
    found record;
BEGIN
    IF table_name IS NULL THEN
        RAISE null_value_not_allowed USING MESSAGE = 'table_name must not be null', HINT = 'Name a table with its schema.';
    END IF;
    SELECT a.atttypid, a.attnotnull INTO found FROM pg_attribute a
    WHERE a.attrelid = table_name AND a.attname = column_name AND a.attnum > 0 AND NOT a.attisdropped;
    IF found IS NULL THEN
        RAISE undefined_column USING
            MESSAGE = format('there is no column %I in %s', column_name, laurel_internal.qualified_name(table_name)),
            HINT = format('It has %s.', (SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum) FROM pg_attribute a
                WHERE a.attrelid = table_name AND a.attnum > 0 AND NOT a.attisdropped));
    END IF;
    IF type IS NOT NULL AND found.atttypid <> type THEN
        RAISE invalid_parameter_value USING
            MESSAGE = format('column %I of %s has type %s, not %s', column_name, laurel_internal.qualified_name(table_name),
                format_type(found.atttypid, NULL), format_type(type, NULL)),
            HINT = format('%sTYPE %s.', altered, format_type(type, NULL));
    END IF;
    IF required AND NOT found.attnotnull THEN
        RAISE invalid_parameter_value USING
            MESSAGE = format('column %I of %s must be NOT NULL', column_name, laurel_internal.qualified_name(table_name)),
            HINT = format('%sSET NOT NULL.', altered);
    END IF;
END
$$;
COMMENT ON FUNCTION laurel_internal.require_column(regclass, name, regtype, boolean) IS
'Refuses to go on where the table has no such column (42703), or one of another type or, where required, one that may be'
' null (22023), or where table_name is null (22004). For functions that attach guards.';

CREATE TYPE laurel.finding AS (table_name text, guard text, organization_id uuid, row_id uuid, problem text);
ALTER TYPE laurel.finding OWNER TO laurel_owner;
COMMENT ON TYPE laurel.finding IS 'Something that laurel.check() has found wrong, as a list; organization_id and row_id are null where none is meant.';
COMMENT ON COLUMN laurel.finding.table_name IS 'The table, with its schema.';
COMMENT ON COLUMN laurel.finding.guard IS 'The guard that is not kept, such as counts or states.';
COMMENT ON COLUMN laurel.finding.organization_id IS 'The organization of the row.';
COMMENT ON COLUMN laurel.finding.row_id IS 'The row, where it has an id.';
COMMENT ON COLUMN laurel.finding.problem IS 'What is wrong with it.';

CREATE FUNCTION laurel.check(only_table regclass DEFAULT NULL) RETURNS SETOF laurel.finding
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'laurel_check';
COMMENT ON FUNCTION laurel.check(regclass) IS
'Proves what the guards of all tables hold, from the catalogue and the rows: a row for each thing that is wrong, none where'
' all is sound. only_table: that table and its partitions alone. guard: counts (a counter is not what its rows say), quota'
' (what was used is not), states (a state that there is not, or no CHECK), acyclic (rows lead round in a circle),'
' organization (a row refers to another organization''s, or to none), versions (a rule is not what its version says), freezes (a day of'
' activity says that freezes were used before it, and they were not), progress (a'
' challenge that is under way is not what has happened; of a team whatever those have earned who have left), arguments (a trigger names what is no longer there),'
' triggers (one is disabled or missing). organization_id and row_id: of the row, where it is one; of a quota the member.'
' Reads every guarded table once or more; NOTICE says which, for tables of 100,000 rows and more. Holds no lock that keeps'
' a writer waiting. Error 42P01: there is no such table.';

CREATE FUNCTION laurel_internal.read_guard(table_name regclass, trigger_name name) RETURNS void
LANGUAGE c STRICT AS 'MODULE_PATHNAME', 'laurel_read_guard';
COMMENT ON FUNCTION laurel_internal.read_guard(regclass, name) IS
'Reads what a guard''s trigger says in its arguments, as its first call would; error 39P01 where that does not hold, 42704'
' where there is no such trigger or it is no guard''s.';

CREATE FUNCTION laurel_internal.attach_guard(
    table_name regclass, trigger_name text, event text, level text, function text, VARIADIC arguments text[]
) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    name constant text := CASE WHEN octet_length(trigger_name) < 64 THEN trigger_name
        ELSE left(trigger_name, 54) || '_' || left(md5(trigger_name), 8) END;
    owner constant name := (SELECT pg_get_userbyid(relowner) FROM pg_class WHERE oid = table_name);
    schema constant name := (SELECT n.nspname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = table_name);
BEGIN
    IF NOT has_schema_privilege(owner, schema, 'USAGE') THEN
        RAISE insufficient_privilege USING
            MESSAGE = format('%s, who owns %s, may not use its schema', owner, laurel_internal.qualified_name(table_name)),
            HINT = format('GRANT USAGE ON SCHEMA %I TO %I.', schema, owner);
    END IF;
    IF EXISTS (SELECT FROM pg_trigger t WHERE t.tgrelid = table_name AND t.tgname = name) THEN
        RAISE duplicate_object USING MESSAGE = format('%s has the trigger %I already', laurel_internal.qualified_name(table_name), name),
            HINT = 'To change a guard, take it off first: laurel_internal.detach() does.';
    END IF;
    EXECUTE format('CREATE TRIGGER %I %s ON %s %s EXECUTE FUNCTION laurel_internal.%I(%s)', name, event,
        laurel_internal.qualified_name(table_name), level, function, (
        SELECT string_agg(quote_literal(argument), ', ' ORDER BY place) FROM unnest(arguments) WITH ORDINALITY a (argument, place)));
    PERFORM laurel_internal.read_guard(table_name, name);
END
$$;
COMMENT ON FUNCTION laurel_internal.attach_guard(regclass, text, text, text, text, text[]) IS
'Creates a guard''s trigger and reads its arguments at once (39P01 where they do not hold). event: such as BEFORE UPDATE;'
' level: what stands between the table and EXECUTE, such as FOR EACH ROW WHEN (...); function: of laurel_internal. A name'
' of more than 63 bytes is shortened and stays unique.';

-- A table and its partitions; a statement trigger does not reach those by itself.
CREATE FUNCTION laurel_internal.partition_tree(table_name regclass) RETURNS TABLE (relid regclass)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT table_name UNION SELECT t.relid FROM pg_partition_tree(table_name) t
$$;
COMMENT ON FUNCTION laurel_internal.partition_tree(regclass) IS 'The table and all its partitions.';

-- Statement triggers with transition tables, on a table and on its partitions: whoever writes one of those directly fires
-- its own only.
CREATE FUNCTION laurel_internal.attach_to_tree(
    table_name regclass, trigger_name text, event text, level text, function text, VARIADIC arguments text[]
) RETURNS void
LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $$
    SELECT laurel_internal.attach_guard(t.relid, trigger_name, event, level, function, VARIADIC arguments)
    FROM laurel_internal.partition_tree(table_name) t
$$;
COMMENT ON FUNCTION laurel_internal.attach_to_tree(regclass, text, text, text, text, text[]) IS
'laurel_internal.attach_guard for a statement trigger, on the table and on each of its partitions;'
' laurel_internal.guard_partition does it for those to come.';

-- Each ends with a zero byte.
CREATE FUNCTION laurel_internal.guard_arguments(arguments bytea) RETURNS text[]
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT array_agg(convert_from(decode(replace(argument, ' ', ''), 'hex'), current_setting('server_encoding')) ORDER BY place)
    FROM string_to_table(regexp_replace(regexp_replace(encode(arguments, 'hex'), '(..)', '\1 ', 'g'), '00 $', ''), '00 ')
        WITH ORDINALITY a (argument, place)
$$;
COMMENT ON FUNCTION laurel_internal.guard_arguments(bytea) IS 'The arguments of a trigger, of its tgargs.';

CREATE FUNCTION laurel_internal.guard_partition(partition regclass) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    guard record;
BEGIN
    FOR guard IN SELECT t.tgname, p.proname, laurel_internal.guard_arguments(t.tgargs) AS arguments,
            format('%s %s', CASE WHEN t.tgtype & 2 <> 0 THEN 'BEFORE' ELSE 'AFTER' END, concat_ws(' OR ',
                CASE WHEN t.tgtype & 4 <> 0 THEN 'INSERT' END, CASE WHEN t.tgtype & 16 <> 0 THEN 'UPDATE' END,
                CASE WHEN t.tgtype & 8 <> 0 THEN 'DELETE' END, CASE WHEN t.tgtype & 32 <> 0 THEN 'TRUNCATE' END)) AS event,
            concat_ws(' ', 'REFERENCING ' || nullif(concat_ws(' ', 'OLD TABLE AS ' || quote_ident(t.tgoldtable),
                'NEW TABLE AS ' || quote_ident(t.tgnewtable)), ''), 'FOR EACH STATEMENT') AS level
        FROM pg_inherits i JOIN pg_trigger t ON t.tgrelid = i.inhparent JOIN pg_proc p ON p.oid = t.tgfoid
        WHERE i.inhrelid = partition AND t.tgtype & 1 = 0
            AND (t.tgtype & 32 <> 0 OR t.tgoldtable IS NOT NULL OR t.tgnewtable IS NOT NULL)
            AND p.pronamespace = 'laurel_internal'::regnamespace
            AND NOT EXISTS (SELECT FROM pg_trigger o WHERE o.tgrelid = partition AND o.tgname = t.tgname) ORDER BY t.tgname LOOP
        PERFORM laurel_internal.attach_guard(
            partition, guard.tgname, guard.event, guard.level, guard.proname, VARIADIC guard.arguments);
    END LOOP;
END
$$;
COMMENT ON FUNCTION laurel_internal.guard_partition(regclass) IS
'Gives a new partition the statement triggers of guards that its table has, against TRUNCATE and with transition tables;'
' whoever makes partitions calls it. Row triggers are there by themselves. laurel.check() lists partitions without.';

-- What is attached, and how it is taken off again.

-- Which trigger functions are whose, and which of their arguments say what the guard is of.
CREATE FUNCTION laurel_internal.attached_guards(table_name regclass)
RETURNS TABLE (guard text, of text[], arguments bytea, functions oid[])
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT k.guard, CASE k.guard WHEN 'tell' THEN ARRAY[t.tgname::text] ELSE coalesce(a[k.first_of:k.last_of], '{}') END,
        t.tgargs, k.functions
    FROM (
        SELECT v.guard, v.first_of, v.last_of, array_agg(p.oid) AS functions FROM (VALUES
            ('add_tenant_triggers', 1, 0, '{fill_organization, keep_organization, check_organization, touch_updated_at}'),
            ('keep', 1, 1600, '{keep_columns, keep_moving}'), ('append_only', 1, 0, '{keep_rows, keep_table}'),
            ('states', 1, 1, '{step_state, check_step}'), ('belongs', 1, 1, '{belong, check_belonging}'),
            ('counts', 2, 2, '{guard_count, count_rows, count_gone, count_row, count_pending, count_table}'),
            ('slugs', 1, 1, '{fill_slug}'), ('canonical', 1, 1, '{bring_to_form}'), ('versioned', 1, 0, '{raise_version, check_version}'),
            ('archive_instead', 1, 0, '{archive_row, archive_table}'), ('acyclic', 1, 2, '{check_circles}'),
            ('quota', 2, 2, '{quota_rows, quota_table}'), ('tell', 1, 0, '{tell_rows}'),
            ('audited', 1, 0, '{audit_rows, audit_written, audit_truncated}'),
            ('personal', 5, 1600, '{seal_personal, digest_personal, forget_digests}')) v (guard, first_of, last_of, names)
        JOIN pg_proc p ON p.pronamespace = 'laurel_internal'::regnamespace AND p.proname = ANY (v.names::name[])
        GROUP BY 1, 2, 3
    ) k JOIN pg_trigger t ON t.tgrelid = table_name AND t.tgfoid = ANY (k.functions) AND t.tgparentid = 0,
        laurel_internal.guard_arguments(t.tgargs) a
    -- A counter is the parent's, and the child's where the parent has dropped it; what a table has its partitions follow.
    WHERE (k.guard <> 'counts' OR t.tgfoid = 'laurel_internal.guard_count'::regproc OR NOT EXISTS (
        SELECT FROM pg_trigger p WHERE p.tgfoid = 'laurel_internal.guard_count'::regproc AND p.tgargs = t.tgargs)) AND NOT EXISTS (
        SELECT FROM pg_inherits i JOIN pg_trigger o ON o.tgrelid = i.inhparent
        WHERE i.inhrelid = table_name AND (o.tgname, o.tgfoid, o.tgargs) = (t.tgname, t.tgfoid, t.tgargs))
    GROUP BY 1, 2, 3, 4
$$;
COMMENT ON FUNCTION laurel_internal.attached_guards(regclass) IS
'The guards of a table: by which function of laurel_internal each was attached; of what: the columns of keep and acyclic, the'
' column of states, slugs and canonical, the link of belongs, the counter of counts, the kind of a quota, the trigger of tell; the'
' arguments and functions that its triggers share. Those of a partition are its own only.';

CREATE FUNCTION laurel_internal.require_unguarded(table_name regclass, guard text, VARIADIC of text[]) RETURNS void
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    place constant text := laurel_internal.qualified_name(table_name);
BEGIN
    IF EXISTS (SELECT FROM laurel_internal.attached_guards(table_name) g
            WHERE (g.guard, g.of) = (require_unguarded.guard, require_unguarded.of)) THEN
        RAISE duplicate_object USING
            MESSAGE = format('%s has the guard %s%s already', place, guard, ' of ' || nullif(array_to_string(of, ', '), '')),
            HINT = format('To change it, first SELECT laurel_internal.detach(%L, %L%s).', place, guard, (
                SELECT string_agg(', ' || quote_literal(o), '') FROM unnest(of) o));
    END IF;
END
$$;
COMMENT ON FUNCTION laurel_internal.require_unguarded(regclass, text, text[]) IS
'Refuses to go on where the table has that guard already, of that (42710). For functions that attach guards.';

-- What a guard has made besides its triggers.
CREATE FUNCTION laurel_internal.clear_after_guard(table_name regclass, guard text, of text[], arguments text[]) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    place constant text := laurel_internal.qualified_name(table_name);
    held name;
BEGIN
    IF guard = 'states' THEN
        -- Whatever it is called by now: the CHECK of that column whose literals are the states.
        SELECT k.conname INTO held FROM pg_constraint k JOIN pg_attribute a ON a.attrelid = table_name AND a.attname = of[1]
        WHERE k.conrelid = table_name AND k.contype = 'c' AND k.conkey = ARRAY[a.attnum] AND (
            SELECT array_agg(replace(m[1], $q$''$q$, $q$'$q$) ORDER BY replace(m[1], $q$''$q$, $q$'$q$))
            FROM regexp_matches(pg_get_constraintdef(k.oid), $q$'((?:[^']|'')*)'$q$, 'g') m
        ) = (SELECT array_agg(s ORDER BY s) FROM jsonb_object_keys(arguments[2]::jsonb) s);
        IF held IS NOT NULL THEN
            EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', place, held);
        END IF;
    ELSIF guard = 'quota' THEN
        DELETE FROM ONLY laurel.quota_usage u WHERE u.kind = of[1];
    ELSIF guard = 'personal' THEN
        DELETE FROM ONLY laurel_internal.personal_digests d WHERE d.table_name = arguments[1];
        PERFORM laurel_internal.decrypt_columns(table_name, arguments);
    ELSIF guard = 'add_tenant_triggers' THEN
        EXECUTE format('ALTER TABLE %s REPLICA IDENTITY DEFAULT, ALTER COLUMN organization_id DROP DEFAULT', place);
    END IF;
END
$$;
COMMENT ON FUNCTION laurel_internal.clear_after_guard(regclass, text, text[], text[]) IS
'Takes away what a guard that is gone has left: the CHECK of states, the usage of a quota, what a tenant table has besides triggers; what was encrypted is in clear again.';

CREATE FUNCTION laurel_internal.detach(table_name regclass, guard text, VARIADIC of text[] DEFAULT '{}') RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    place constant text := laurel_internal.qualified_name(table_name);
    what constant text := concat_ws(' of ', guard, nullif(array_to_string(of, ', '), ''));
    taken record;
    part record;
BEGIN
    IF guard = 'protect' AND of = '{}' THEN
        PERFORM laurel_internal.unprotect(table_name);
        RETURN;
    END IF;
    SELECT g.*, count(*) OVER () AS many INTO taken FROM laurel_internal.attached_guards(table_name) g
    WHERE g.guard = detach.guard AND (detach.of IN ('{}', g.of) OR g.of @> detach.of AND g.of <@ detach.of AND NOT EXISTS (
        SELECT FROM laurel_internal.attached_guards(table_name) e WHERE (e.guard, e.of) = (detach.guard, detach.of)));
    IF NOT FOUND THEN
        RAISE undefined_object USING MESSAGE = format('%s has no guard %s', place, what),
            HINT = coalesce('It has ' || (
                SELECT string_agg(concat_ws(' of ', g.guard, nullif(array_to_string(g.of, ', '), '')), '; ' ORDER BY g.guard, g.of)
                FROM laurel_internal.attached_guards(table_name) g) || '.', 'None is attached to it.');
    END IF;
    IF taken.many > 1 THEN
        RAISE cardinality_violation USING MESSAGE = format('%s has %s guards %s', place, taken.many, what),
            HINT = format('Say which one: %s.', (SELECT string_agg(array_to_string(g.of, ', '), '; ' ORDER BY g.of)
                FROM laurel_internal.attached_guards(table_name) g WHERE g.guard = detach.guard));
    END IF;
    FOR part IN SELECT t.tgname AS name, laurel_internal.qualified_name(t.tgrelid) AS place FROM pg_trigger t
        WHERE t.tgfoid = ANY (taken.functions) AND t.tgargs = taken.arguments AND t.tgparentid = 0
            AND (guard <> 'tell' OR t.tgname = taken.of[1])
            AND (guard = 'counts' OR t.tgrelid IN (SELECT p.relid FROM laurel_internal.partition_tree(table_name) p))
        ORDER BY t.tgrelid = table_name DESC, t.oid
    LOOP
        EXECUTE format('DROP TRIGGER %I ON %s', part.name, part.place);
    END LOOP;
    PERFORM laurel_internal.clear_after_guard(table_name, guard, taken.of, laurel_internal.guard_arguments(taken.arguments));
END
$$;
COMMENT ON FUNCTION laurel_internal.detach(regclass, text, text[]) IS
'Takes a guard off its table again, with all its triggers, those on partitions and of counts on the child too; by the tables'''
' owner. guard: the function that attached it. of: of what it is where the table has several: the columns of keep and'
' acyclic, the column of states and slugs, the link of belongs, the counter of counts (the table is the parent, or the child once the parent has dropped it), the kind of'
' a quota, the trigger of tell. Columns and values stay as they are, and nobody holds them any more; with states goes the CHECK, with'
' a quota what quota_usage says of it; with personal what is encrypted is written in clear again, which takes its key (F0000). protect: all policies of the table go and what clients were granted; row security'
' stays on, so that only the owner gets at it until it is protected anew. Errors: 42704 there is no such guard; 21000 there are'
' several; 42501 not the owner.';
