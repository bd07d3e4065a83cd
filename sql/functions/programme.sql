-- Who accompanies whom.

CREATE FUNCTION laurel_internal.require_role() RETURNS trigger
LANGUAGE c AS 'MODULE_PATHNAME', 'laurel_require_role';
COMMENT ON FUNCTION laurel_internal.require_role() IS
'AFTER INSERT or UPDATE row trigger of laurel_internal.requires_role. Arguments: the column, and the role.';

CREATE FUNCTION laurel_internal.requires_role(table_name regclass, column_name name, role text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM laurel_internal.require_column(table_name, 'organization_id', 'uuid'), laurel_internal.require_column(table_name, column_name, 'uuid');
    IF NOT EXISTS (SELECT FROM ONLY laurel.roles r WHERE r.name = role) THEN
        RAISE invalid_parameter_value USING MESSAGE = format('there is no role "%s"', role), HINT = 'laurel.roles lists them.';
    END IF;
    EXECUTE format('CREATE TRIGGER %I AFTER INSERT ON %s FOR EACH ROW WHEN (NEW.%I IS NOT NULL) EXECUTE FUNCTION laurel_internal.require_role(%L, %L)',
        'require_' || column_name, table_name, column_name, column_name, role);
    EXECUTE format('CREATE TRIGGER %I AFTER UPDATE ON %s FOR EACH ROW WHEN (OLD.%I IS DISTINCT FROM NEW.%3$I) EXECUTE FUNCTION laurel_internal.require_role(%L, %L)',
        'require_new_' || column_name, table_name, column_name, column_name, role);
END
$$;
COMMENT ON FUNCTION laurel_internal.requires_role(regclass, name, text) IS
'Whoever a column names must hold that role in the row''s organization when named (23514, constraint <table>_<column>_role); who loses it later stays named. Errors: 42703 no such column, 22023 no such role.';
