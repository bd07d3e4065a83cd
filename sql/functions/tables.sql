-- What a migration says of a table besides its columns and policies: that it is a tenant's, who hears of its changes, whom its
-- rows are about, what all of it means.

-- A publication that is to send one organization's rows needs the organization in what identifies a changed row.
CREATE FUNCTION laurel_internal.set_replica_identity(table_name regclass) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    identity text := (
        SELECT format('USING INDEX %I', c.relname) FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
        WHERE i.indrelid = table_name AND i.indisunique AND i.indimmediate AND i.indpred IS NULL AND i.indexprs IS NULL
          AND (SELECT bool_and(a.attnotnull) AND bool_or(a.attname = 'organization_id') FROM pg_attribute a
               WHERE a.attrelid = table_name AND a.attnum = ANY (i.indkey))
        ORDER BY (SELECT array_agg(a.attname ORDER BY a.attname) FROM pg_attribute a
                  WHERE a.attrelid = table_name AND a.attnum = ANY (i.indkey)) = '{id, organization_id}' DESC, i.indisprimary DESC, c.relname
        LIMIT 1);
BEGIN
    EXECUTE format('ALTER TABLE %s REPLICA IDENTITY %s', table_name, coalesce(identity, 'FULL'));
END
$$;
COMMENT ON FUNCTION laurel_internal.set_replica_identity(regclass) IS
'Lets logical replication identify rows by the unique index on (organization_id, id), else by the primary key or another one with the organization, else, where the organization may be null, by the whole row.';

-- Triggers meet null as without a default; clients that read the catalogue see that the column may be left out.
CREATE FUNCTION laurel_internal.assigned() RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN NULL::text;
COMMENT ON FUNCTION laurel_internal.assigned() IS 'Null: the default of a column that the database fills in.';

-- Twice: what a statement asks for is refused before anything else looks at the row, what a trigger does when the row is there.
CREATE FUNCTION laurel_internal.hold_organization(table_name regclass, looked_at boolean DEFAULT false) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    EXECUTE format('CREATE TRIGGER keep_organization BEFORE UPDATE OF organization_id ON %s FOR EACH ROW'
        ' EXECUTE FUNCTION laurel_internal.keep_organization()', table_name);
    IF NOT looked_at THEN
        EXECUTE format('CREATE TRIGGER check_organization AFTER UPDATE ON %s FOR EACH ROW'
            ' WHEN (OLD.organization_id IS DISTINCT FROM NEW.organization_id) EXECUTE FUNCTION laurel_internal.check_organization()', table_name);
    END IF;
    -- An update that moves a row to another partition fires no AFTER UPDATE trigger.
    IF (SELECT relkind = 'p' FROM pg_class WHERE oid = table_name) THEN
        EXECUTE format('CREATE TRIGGER z_keep_organization BEFORE UPDATE ON %s FOR EACH ROW'
            ' WHEN (OLD.organization_id IS DISTINCT FROM NEW.organization_id) EXECUTE FUNCTION laurel_internal.keep_organization()', table_name);
    END IF;
END
$$;
COMMENT ON FUNCTION laurel_internal.hold_organization(regclass, boolean) IS
'Rows of the table never move to another organization (23001, constraint <table>_organization_id_immutable), whoever writes and whatever triggers of the application make of them. looked_at: a trigger of the table''s own looks at its rows'' organization when they have arrived.';

-- Attaches what every tenant table has.
CREATE FUNCTION laurel_internal.add_tenant_triggers(table_name regclass, looked_at boolean DEFAULT false) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM laurel_internal.require_column(table_name, 'organization_id', 'uuid'),
        laurel_internal.require_unguarded(table_name, 'add_tenant_triggers', VARIADIC '{}');
    EXECUTE format('CREATE TRIGGER a_fill_organization BEFORE INSERT ON %s FOR EACH ROW'
        ' WHEN (NEW.organization_id IS NULL) EXECUTE FUNCTION laurel_internal.fill_organization()', table_name);
    PERFORM laurel_internal.hold_organization(table_name, looked_at);
    IF EXISTS (SELECT FROM pg_attribute WHERE attrelid = table_name AND attname = 'updated_at') THEN
        EXECUTE format('CREATE TRIGGER touch_updated_at BEFORE UPDATE ON %s FOR EACH ROW'
            ' EXECUTE FUNCTION laurel_internal.touch_updated_at()', table_name);
    END IF;
    EXECUTE format('ALTER TABLE %s ALTER COLUMN organization_id SET DEFAULT laurel_internal.assigned()::uuid', table_name);
    PERFORM laurel_internal.set_replica_identity(table_name);
END
$$;
COMMENT ON FUNCTION laurel_internal.add_tenant_triggers(regclass, boolean) IS
'Attaches organization filling, organization immutability and updated_at to a tenant table, and sets its replica identity and the default that says so of organization_id. looked_at: as of laurel_internal.hold_organization. Errors: 42703, 22023 no column organization_id, or of another type; 42710 attached already.';

-- Statement triggers are not fired for what a subscription applies, but where it truncates; row triggers are.
CREATE FUNCTION laurel_internal.add_signal(table_name regclass, changes text, VARIADIC events text[]) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    name constant text := 'signal_' || replace(changes, '_changes', '');
BEGIN
    EXECUTE format('CREATE TRIGGER %I AFTER %s ON %s FOR EACH STATEMENT EXECUTE FUNCTION laurel_internal.signal_change(%L)',
        name, array_to_string(events, ' OR '), table_name, changes);
    EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER %I', table_name, name);
    EXECUTE format('CREATE TRIGGER %I AFTER %s ON %s FOR EACH ROW EXECUTE FUNCTION laurel_internal.signal_applied_change(%L)',
        name || '_applied', array_to_string(array_remove(events, 'TRUNCATE'), ' OR '), table_name, changes);
    EXECUTE format('ALTER TABLE %s ENABLE REPLICA TRIGGER %I', table_name, name || '_applied');
END
$$;
COMMENT ON FUNCTION laurel_internal.add_signal(regclass, text, text[]) IS
'Makes every session read anew what callers may see when the table changes, also by replication. changes: access_changes or following_changes; events: INSERT, UPDATE (or UPDATE OF columns), DELETE, TRUNCATE.';

-- PostgREST follows foreign keys, and those of personal rows lead to memberships: this leads on, by one name everywhere. To
-- become part of the query that calls it, it may set no search_path, so that all in it is qualified; a body that is bound
-- when it is made (BEGIN ATOMIC) would keep the table from being rewritten.
CREATE FUNCTION laurel_internal.member(table_name regclass, user_column name DEFAULT 'user_id') RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    made constant text := format('%I.member(%s)', (SELECT relnamespace::regnamespace FROM pg_class WHERE oid = table_name), table_name);
BEGIN
    EXECUTE format('CREATE FUNCTION %s RETURNS SETOF laurel.people LANGUAGE sql STABLE PARALLEL SAFE ROWS 1 AS %L', made,
        format('SELECT p.* FROM laurel.people p WHERE p.id OPERATOR(pg_catalog.=) ($1).%I', user_column));
    EXECUTE format('REVOKE ALL ON FUNCTION %s FROM PUBLIC', made);
    EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO authenticated, service_role', made);
    EXECUTE format('COMMENT ON FUNCTION %s IS %L', made, format('The person whom a row of %s is about, as far as the caller may see the person: for PostgREST'
        ' to embed as member(...), and for queries to join.', table_name));
END
$$;
COMMENT ON FUNCTION laurel_internal.member(regclass, name) IS
'Makes the computed relationship member(row) of a table or view: the row of laurel.people that user_column names. It runs with the rights of who calls.';

-- What the columns of the tables under a view mean, by name, where they agree.
CREATE FUNCTION laurel_internal.meanings_beneath(view_name regclass) RETURNS jsonb
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT coalesce(jsonb_object_agg(name, meaning), '{}') FROM (
        SELECT a.attname AS name, min(col_description(a.attrelid, a.attnum)) AS meaning
        FROM pg_rewrite w JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = w.oid
        JOIN pg_attribute a ON d.refclassid = 'pg_class'::regclass AND a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
        WHERE w.ev_class = view_name AND d.refobjid <> view_name AND d.refobjsubid > 0
        GROUP BY 1 HAVING min(col_description(a.attrelid, a.attnum)) = max(col_description(a.attrelid, a.attnum))) beneath
$$;
COMMENT ON FUNCTION laurel_internal.meanings_beneath(regclass) IS
'The comments of the columns that a view is made of, by name, where those of one name agree.';

CREATE FUNCTION laurel_internal.explain(table_name regclass, what text, columns jsonb DEFAULT '{}') RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    known constant jsonb := '{
        "id": "Time-ordered identifier.",
        "organization_id": "The organization.",
        "user_id": "The member.",
        "created_at": "When the row was made.",
        "updated_at": "When the row was last written."}' || laurel_internal.meanings_beneath(table_name);
    kind constant text := (SELECT CASE relkind WHEN 'v' THEN 'VIEW' WHEN 'm' THEN 'MATERIALIZED VIEW' ELSE 'TABLE' END
        FROM pg_class WHERE oid = table_name AND relkind IN ('r', 'p', 'v', 'm'));
    said constant jsonb := coalesce(columns, '{}');
    meaning constant text := nullif(coalesce(what, obj_description(table_name, 'pg_class')), '');
    meanings jsonb;
    wordless text;
    absent text;
BEGIN
    SELECT jsonb_object_agg(a.attname, nullif(coalesce(
            -- A tag stays: see laurel_internal.personal().
            said ->> a.attname || coalesce(substring(col_description(table_name, a.attnum) FROM ' \(personal data(?:, encrypted)?\)$'), ''),
            col_description(table_name, a.attnum), known ->> a.attname), ''))
    INTO meanings FROM pg_attribute a WHERE a.attrelid = table_name AND a.attnum > 0 AND NOT a.attisdropped;
    SELECT string_agg(name, ', ') FILTER (WHERE meanings ? name), string_agg(name, ', ') FILTER (WHERE NOT meanings ? name)
    INTO wordless, absent FROM jsonb_object_keys(said || meanings) name WHERE meanings ->> name IS NULL;
    IF kind IS NULL OR meaning IS NULL THEN
        RAISE invalid_parameter_value USING
            MESSAGE = CASE WHEN kind IS NULL THEN format('"%s" is no table or view', table_name) ELSE format('%s is not explained', table_name) END,
            HINT = 'Say of a table or view what a row is.';
    END IF;
    IF num_nonnulls(wordless, absent) > 0 THEN
        RAISE invalid_parameter_value USING MESSAGE = format('columns of %s are not explained, or not there', table_name),
            DETAIL = concat_ws(' ', 'Without words: ' || wordless || '.', 'Not there: ' || absent || '.'),
            HINT = 'Say of every column what it means: {"column": "..."}.';
    END IF;
    EXECUTE format('COMMENT ON %s %s IS %L', kind, table_name, meaning);
    EXECUTE (SELECT string_agg(format('COMMENT ON COLUMN %s.%I IS %L', table_name, name, words), ';')
        FROM jsonb_each_text(meanings) m (name, words));
END
$$;
COMMENT ON FUNCTION laurel_internal.explain(regclass, text, jsonb) IS
'Comments a table or view and all its columns. what: what a row is; null leaves the comment that is there. columns: an object, column to words; none need id, organization_id, user_id, created_at, updated_at, columns that have a comment, and those of a view that are named as in its tables. Error 22023: a column without words, words for a column that is not there, no table or view.';
