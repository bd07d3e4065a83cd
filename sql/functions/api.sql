-- Functions of an extension are hidden by many tools that read a catalogue, and a schema that shows tables shows more than
-- the API: laurel.create_api writes ordinary functions into a schema of one's own, each of which calls one of Laurel's.

-- What stands beside the schema's own names: who sets whom a session speaks for, and what keeps the clock.
CREATE FUNCTION laurel_internal.api_functions() RETURNS SETOF regprocedure
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT p.oid::regprocedure FROM pg_proc p
    WHERE p.pronamespace = 'laurel'::regnamespace AND p.prokind = 'f' AND p.prorettype <> 'trigger'::regtype
      AND p.proname <> ALL ('{member, schedule, unschedule, set_context}'::name[])
      AND (has_function_privilege('anon', p.oid, 'EXECUTE') OR has_function_privilege('authenticated', p.oid, 'EXECUTE')
           OR has_function_privilege('service_role', p.oid, 'EXECUTE'))
    ORDER BY p.proname, p.oid
$$;
COMMENT ON FUNCTION laurel_internal.api_functions() IS
'The functions of schema laurel that laurel.create_api() writes: those that a client role may call, but member, which is for rows of Laurel''s tables, set_context, which is for a back end that logs in, and schedule and unschedule. Procedures commit and so belong to no API.';

CREATE FUNCTION laurel_internal.lock_apis() RETURNS void
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'laurel_lock_apis';
COMMENT ON FUNCTION laurel_internal.lock_apis() IS
'Waits until nobody else writes an API, and keeps others waiting until the transaction ends: the server knows no better than to fail where two change the rights of one schema.';

CREATE FUNCTION laurel_internal.may_write_apis(role oid, schema oid) RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT r.rolsuper OR r.oid IN (n.nspowner, current_user::regrole)
    FROM pg_roles r, pg_namespace n WHERE r.oid = role AND n.oid = schema
$$;
COMMENT ON FUNCTION laurel_internal.may_write_apis(oid, oid) IS
'True for whose things in the schema are taken for those of an API: the caller''s, the schema''s owner''s and those of superusers.';

CREATE FUNCTION laurel_internal.is_of_api(function oid) RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT strpos(p.prosrc, format('laurel.%I(', p.proname)) > 0 AND laurel_internal.may_write_apis(p.proowner, p.pronamespace) AND EXISTS (
        SELECT FROM pg_depend d JOIN pg_extension e ON e.oid = d.refobjid
        WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.refclassid = 'pg_extension'::regclass
          AND d.deptype = 'x' AND e.extname = 'laurel')
    FROM pg_proc p WHERE p.oid = function
$$;
COMMENT ON FUNCTION laurel_internal.is_of_api(oid) IS
'True for what laurel.create_api() has written: a function that calls the one of Laurel''s that has its name, goes with the extension, and belongs to who may have written it.';

-- The row types that Laurel's functions return are the extension's as well, so that a schema has its own of the same name.
CREATE FUNCTION laurel_internal.fields_of(type oid) RETURNS text
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT string_agg(format('%I %s', a.attname, format_type(a.atttypid, a.atttypmod)), ', ' ORDER BY a.attnum)
    FROM pg_type t JOIN pg_class c ON c.oid = t.typrelid AND c.relkind = 'c'
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    WHERE t.oid = fields_of.type
$$;
COMMENT ON FUNCTION laurel_internal.fields_of(oid) IS
'The fields of a row type that is no table''s, as CREATE TYPE takes them; null for every other type.';

CREATE FUNCTION laurel_internal.api_result(schema name, function regprocedure) RETURNS text
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT CASE WHEN laurel_internal.fields_of(t.oid) IS NULL THEN pg_get_function_result(p.oid)
        ELSE concat(CASE WHEN p.proretset THEN 'SETOF ' END, format('%I.%I', schema, t.typname)) END
    FROM pg_proc p JOIN pg_type t ON t.oid = p.prorettype WHERE p.oid = function
$$;
COMMENT ON FUNCTION laurel_internal.api_result(name, regprocedure) IS
'What a function of an API returns: what Laurel''s returns, row types by the API''s own.';

CREATE FUNCTION laurel_internal.api_function(schema name, function regprocedure) RETURNS text
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT format('CREATE OR REPLACE FUNCTION %I.%I(%s) RETURNS %s LANGUAGE sql %s PARALLEL %s COST %s%s%s AS %L',
        schema, p.proname, pg_get_function_arguments(p.oid), laurel_internal.api_result(schema, function),
        CASE p.provolatile WHEN 'i' THEN 'IMMUTABLE' WHEN 's' THEN 'STABLE' ELSE 'VOLATILE' END,
        CASE p.proparallel WHEN 's' THEN 'SAFE' WHEN 'r' THEN 'RESTRICTED' ELSE 'UNSAFE' END, p.procost,
        CASE WHEN p.proretset THEN ' ROWS ' || p.prorows END, CASE WHEN p.proisstrict THEN ' STRICT' END,
        CASE WHEN laurel_internal.fields_of(p.prorettype) IS NULL AND p.prorettype <> 'record'::regtype
            THEN format('SELECT laurel.%I(%s)', p.proname, passed) ELSE format('SELECT r.* FROM laurel.%I(%s) r', p.proname, passed) END)
    FROM pg_proc p, LATERAL (
        SELECT string_agg(concat(CASE WHEN n = p.pronargs AND p.provariadic <> 0 THEN 'VARIADIC ' END, '$', n), ', ' ORDER BY n) AS passed
        FROM generate_series(1, p.pronargs) n) arguments
    WHERE p.oid = function
$$;
COMMENT ON FUNCTION laurel_internal.api_function(name, regprocedure) IS
'The statement that writes a function into an API: the same name, arguments, defaults, volatility and result; it runs as who calls it, and all in it is qualified.';

CREATE FUNCTION laurel_internal.require_api_schema(schema name) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    is_new constant boolean := to_regnamespace(quote_ident(schema)) IS NULL;
    found record;
    creators text;
BEGIN
    IF schema IS NULL THEN
        RAISE null_value_not_allowed USING MESSAGE = 'schema must not be null', HINT = 'Leave it out for laurel_api.';
    ELSIF schema IN ('laurel', 'laurel_internal', 'public', 'information_schema') OR schema LIKE 'pg\_%' THEN
        RAISE invalid_parameter_value USING MESSAGE = format('schema "%s" is not for an API', schema),
            HINT = 'Take one of your own, such as laurel_api, in which nobody else makes anything.';
    END IF;
    IF is_new THEN
        EXECUTE format('CREATE SCHEMA %I', schema);
        EXECUTE format('COMMENT ON SCHEMA %I IS %L', schema, 'The functions of Laurel that clients call; written by laurel.create_api().');
    END IF;
    SELECT n.nspacl, n.nspowner, o.rolsuper INTO found FROM pg_namespace n JOIN pg_roles o ON o.oid = n.nspowner WHERE n.nspname = schema;
    IF NOT found.rolsuper AND found.nspowner <> current_user::regrole THEN
        RAISE insufficient_privilege USING MESSAGE = format('schema "%s" belongs to somebody else', schema),
            DETAIL = format('Its owner is %I, who could put other functions in the place of Laurel''s.', found.nspowner::regrole),
            HINT = 'Take another name, or call as its owner.';
    END IF;
    SELECT string_agg(DISTINCT CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE a.grantee::regrole::text END, ', ') INTO creators
    FROM aclexplode(found.nspacl) a WHERE a.privilege_type = 'CREATE' AND a.grantee NOT IN (found.nspowner, current_user::regrole);
    -- Those of default privileges.
    IF is_new AND creators IS NOT NULL THEN
        EXECUTE format('REVOKE CREATE ON SCHEMA %I FROM %s CASCADE', schema, creators);
    ELSIF creators IS NOT NULL THEN
        RAISE insufficient_privilege USING MESSAGE = format('others may create functions in schema "%s"', schema),
            DETAIL = format('These are %s.', creators), HINT = format('REVOKE CREATE ON SCHEMA %I FROM %s.', schema, creators);
    END IF;
END
$$;
COMMENT ON FUNCTION laurel_internal.require_api_schema(name) IS
'Makes the schema of an API, or looks that nobody but its owner makes anything in the one that is there.';

CREATE FUNCTION laurel_internal.row_types_of_api(schema name) RETURNS TABLE (original oid, copy oid, is_fit boolean)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT DISTINCT t.oid, c.oid, laurel_internal.may_write_apis(c.typowner, n.oid) AND laurel_internal.fields_of(c.oid) IS NOT NULL
        AND (laurel_internal.fields_of(c.oid) = laurel_internal.fields_of(t.oid)
             OR EXISTS (SELECT FROM pg_proc o WHERE o.prorettype = c.oid AND laurel_internal.is_of_api(o.oid)))
    FROM laurel_internal.api_functions() f JOIN pg_proc p ON p.oid = f JOIN pg_type t ON t.oid = p.prorettype
    JOIN pg_namespace n ON n.nspname = schema LEFT JOIN pg_type c ON c.typname = t.typname AND c.typnamespace = n.oid
    WHERE laurel_internal.fields_of(t.oid) IS NOT NULL
$$;
COMMENT ON FUNCTION laurel_internal.row_types_of_api(name) IS
'The row types that functions of an API return, and what has their names in the schema; is_fit: it is such a copy, of now or of an earlier version.';

CREATE FUNCTION laurel_internal.require_no_other(schema name) RETURNS void
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    others text := (
        SELECT string_agg(thing, ', ' ORDER BY thing) FROM (
            SELECT pg_describe_object('pg_proc'::regclass, o.oid, 0) AS thing FROM pg_proc o
            WHERE o.pronamespace = to_regnamespace(quote_ident(schema)) AND NOT laurel_internal.is_of_api(o.oid)
              AND o.proname IN (SELECT p.proname FROM laurel_internal.api_functions() f JOIN pg_proc p ON p.oid = f)
            UNION ALL
            SELECT pg_describe_object('pg_type'::regclass, t.copy, 0) FROM laurel_internal.row_types_of_api(schema) t WHERE NOT t.is_fit
            UNION ALL
            SELECT pg_describe_object('pg_class'::regclass, c.oid, 0) FROM laurel_internal.row_types_of_api(schema) t JOIN pg_type o ON o.oid = t.original
            JOIN pg_class c ON c.relname = o.typname AND c.relnamespace = to_regnamespace(quote_ident(schema)) AND c.reltype = 0) found);
BEGIN
    IF others IS NOT NULL THEN
        RAISE duplicate_object USING MESSAGE = format('schema "%s" has other things by the names of an API', schema),
            DETAIL = format('These are %s.', others), HINT = 'Take another schema, or rename them.';
    END IF;
END
$$;
COMMENT ON FUNCTION laurel_internal.require_no_other(name) IS
'Refuses a schema in which something else has the name of a function or row type of the API; sequences and indexes have names of the same kind as row types.';

-- Functions first: they return the types.
CREATE FUNCTION laurel_internal.drop_from_api(schema name) RETURNS SETOF text
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    old record;
    types oid[] := '{}';
    type oid;
BEGIN
    FOR old IN
        SELECT o.oid::regprocedure AS function, format('%I.%I', schema, o.proname) AS name, o.prorettype AS type, f IS NULL AS gone FROM pg_proc o
        LEFT JOIN (laurel_internal.api_functions() f JOIN pg_proc p ON p.oid = f) ON p.proname = o.proname AND p.proargtypes = o.proargtypes
        WHERE o.pronamespace = to_regnamespace(quote_ident(schema)) AND laurel_internal.is_of_api(o.oid)
          AND (f IS NULL OR pg_get_function_arguments(o.oid) <> pg_get_function_arguments(p.oid)
               OR pg_get_function_result(o.oid) <> laurel_internal.api_result(schema, f)
               OR laurel_internal.fields_of(o.prorettype) IS DISTINCT FROM laurel_internal.fields_of(p.prorettype))
        ORDER BY o.proname
    LOOP
        EXECUTE format('DROP FUNCTION %s', old.function);
        types := types || old.type;
        IF old.gone THEN
            RETURN NEXT format('dropped %s', old.name);
        END IF;
    END LOOP;
    FOR type IN
        SELECT DISTINCT t FROM unnest(types) t WHERE laurel_internal.fields_of(t) IS NOT NULL AND NOT EXISTS (
            SELECT FROM laurel_internal.row_types_of_api(schema) r
            WHERE r.copy = t AND laurel_internal.fields_of(t) = laurel_internal.fields_of(r.original))
    LOOP
        EXECUTE format('DROP TYPE %s', type::regtype);
    END LOOP;
END
$$;
COMMENT ON FUNCTION laurel_internal.drop_from_api(name) IS
'Drops what laurel.create_api() has written and Laurel no longer has, or has otherwise, with its row types; returns what is gone. Error 2BP01 where something depends on it.';

CREATE FUNCTION laurel_internal.copy_row_type(schema name, type oid) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    copy constant text := (SELECT format('%I.%I', schema, t.typname) FROM pg_type t WHERE t.oid = copy_row_type.type);
    field record;
BEGIN
    IF laurel_internal.fields_of(type) IS NULL THEN
        RETURN;
    ELSIF to_regtype(copy) IS NULL THEN
        EXECUTE format('CREATE TYPE %s AS (%s)', copy, laurel_internal.fields_of(type));
    END IF;
    EXECUTE format('COMMENT ON TYPE %s IS %L', copy, obj_description(type, 'pg_type'));
    FOR field IN
        SELECT a.attname AS name, col_description(a.attrelid, a.attnum) AS meaning FROM pg_type t JOIN pg_attribute a ON a.attrelid = t.typrelid
        WHERE t.oid = copy_row_type.type AND a.attnum > 0 AND NOT a.attisdropped
    LOOP
        EXECUTE format('COMMENT ON COLUMN %s.%I IS %L', copy, field.name, field.meaning);
    END LOOP;
END
$$;
COMMENT ON FUNCTION laurel_internal.copy_row_type(name, oid) IS
'Makes the API''s own row type where a function of Laurel''s returns one, with its words.';

CREATE FUNCTION laurel_internal.grant_as(schema name, function regprocedure) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    copy constant regprocedure := (
        SELECT o.oid FROM pg_proc o JOIN pg_proc p ON p.proname = o.proname AND p.proargtypes = o.proargtypes
        WHERE p.oid = function AND o.pronamespace = to_regnamespace(quote_ident(schema)));
    holder record;
BEGIN
    FOR holder IN
        SELECT DISTINCT CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE a.grantee::regrole::text END AS name
        FROM pg_proc p, aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a WHERE p.oid = copy AND a.grantee <> p.proowner
    LOOP
        EXECUTE format('REVOKE ALL ON FUNCTION %s FROM %s CASCADE', copy, holder.name);
    END LOOP;
    FOR holder IN
        SELECT r AS name FROM unnest('{anon, authenticated, service_role}'::name[]) r WHERE has_function_privilege(r, function, 'EXECUTE')
    LOOP
        EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO %I', copy, holder.name);
    END LOOP;
    EXECUTE format('COMMENT ON FUNCTION %s IS %L', copy, obj_description(function, 'pg_proc'));
    EXECUTE format('ALTER FUNCTION %s DEPENDS ON EXTENSION laurel', copy);
END
$$;
COMMENT ON FUNCTION laurel_internal.grant_as(name, regprocedure) IS
'Grants a function of an API to those client roles that may call Laurel''s, and to nobody else, with its words; it goes with the extension.';

CREATE FUNCTION laurel.create_api(schema name DEFAULT 'laurel_api') RETURNS SETOF text
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    of_laurel record;
    known boolean;
BEGIN
    PERFORM laurel_internal.lock_apis();
    PERFORM laurel_internal.require_api_schema(schema);
    PERFORM laurel_internal.require_no_other(schema);
    EXECUTE format('GRANT USAGE ON SCHEMA %I TO anon, authenticated, service_role', schema);
    RETURN QUERY SELECT laurel_internal.drop_from_api(schema);
    FOR of_laurel IN
        SELECT p.oid::regprocedure AS function, p.proname AS name, p.proargtypes AS arguments, p.prorettype AS result
        FROM laurel_internal.api_functions() f JOIN pg_proc p ON p.oid = f ORDER BY p.proname, p.oid
    LOOP
        known := EXISTS (SELECT FROM pg_proc o WHERE o.pronamespace = to_regnamespace(quote_ident(schema))
            AND o.proname = of_laurel.name AND o.proargtypes = of_laurel.arguments);
        PERFORM laurel_internal.copy_row_type(schema, of_laurel.result);
        EXECUTE laurel_internal.api_function(schema, of_laurel.function);
        PERFORM laurel_internal.grant_as(schema, of_laurel.function);
        IF NOT known THEN
            RETURN NEXT format('wrote %I.%I', schema, of_laurel.name);
        END IF;
    END LOOP;
END
$$;
COMMENT ON FUNCTION laurel.create_api(name) IS
'Writes an ordinary function into the schema for each of Laurel''s that a client may call, with the same name, arguments, defaults, words and grants, for tools that leave out what belongs to an extension (PostGraphile) and for a schema to expose that holds the API and nothing else. Each runs as who calls it. Makes the schema where it is not there. Call it again after each upgrade: what has changed is written anew, what is gone is dropped, nothing else is touched. Returns what was written and dropped, one line each. For the owner of the extension. Errors: 42501 the schema belongs to somebody else, or others may create in it; 42710 something else in it has such a name; 22023 a schema of the server''s or of Laurel''s, or public; 2BP01 something depends on what would be dropped.';
