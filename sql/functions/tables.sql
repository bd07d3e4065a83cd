-- What a migration says of a table besides its columns and policies: that it is a tenant's, and what all of it means.

-- Attaches what every tenant table has: organization filling, organization immutability and updated_at.
CREATE FUNCTION laurel_internal.add_tenant_triggers(table_name regclass) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    EXECUTE format('CREATE TRIGGER a_fill_organization BEFORE INSERT ON %s FOR EACH ROW'
        ' WHEN (NEW.organization_id IS NULL) EXECUTE FUNCTION laurel_internal.fill_organization()', table_name);
    EXECUTE format('CREATE TRIGGER keep_organization BEFORE UPDATE OF organization_id ON %s FOR EACH ROW'
        ' EXECUTE FUNCTION laurel_internal.keep_organization()', table_name);
    IF EXISTS (SELECT FROM pg_attribute WHERE attrelid = table_name AND attname = 'updated_at') THEN
        EXECUTE format('CREATE TRIGGER touch_updated_at BEFORE UPDATE ON %s FOR EACH ROW'
            ' EXECUTE FUNCTION laurel_internal.touch_updated_at()', table_name);
    END IF;
END
$$;
COMMENT ON FUNCTION laurel_internal.add_tenant_triggers(regclass) IS
'Attaches organization filling, organization immutability and updated_at to a tenant table.';

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
    wrong text;
BEGIN
    SELECT jsonb_object_agg(a.attname, nullif(coalesce(said ->> a.attname, col_description(table_name, a.attnum), known ->> a.attname), ''))
    INTO meanings FROM pg_attribute a WHERE a.attrelid = table_name AND a.attnum > 0 AND NOT a.attisdropped;
    SELECT string_agg(name, ', ') INTO wrong FROM jsonb_object_keys(said || meanings) name WHERE meanings ->> name IS NULL;
    IF kind IS NULL OR meaning IS NULL OR wrong IS NOT NULL THEN
        RAISE invalid_parameter_value USING
            MESSAGE = CASE WHEN kind IS NULL THEN format('"%s" is no table or view', table_name)
                WHEN meaning IS NULL THEN format('%s is not explained', table_name)
                ELSE format('columns of %s are not explained, or not there', table_name) END,
            DETAIL = coalesce('These: ' || wrong || '.', ''),
            HINT = 'Say what a row is, and of every column what it means: {"column": "..."}.';
    END IF;
    EXECUTE format('COMMENT ON %s %s IS %L', kind, table_name, meaning);
    EXECUTE (SELECT string_agg(format('COMMENT ON COLUMN %s.%I IS %L', table_name, name, words), ';')
        FROM jsonb_each_text(meanings) m (name, words));
END
$$;
COMMENT ON FUNCTION laurel_internal.explain(regclass, text, jsonb) IS
'Comments a table or view and all its columns. what: what a row is; null leaves the comment that is there. columns: an object, column to words; none need id, organization_id, user_id, created_at, updated_at, columns that have a comment, and those of a view that are named as in its tables. Error 22023: a column without words, words for a column that is not there, no table or view.';
