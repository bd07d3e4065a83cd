-- The functions of the module that :module names.
\set VERBOSITY verbose
CREATE FUNCTION frontier_counts() RETURNS bigint[] LANGUAGE c AS :'module', 'frontier_counts';
CREATE FUNCTION frontier_throw(message text) RETURNS void LANGUAGE c AS :'module', 'frontier_throw';
CREATE FUNCTION frontier_throw_int() RETURNS void LANGUAGE c AS :'module', 'frontier_throw_int';
CREATE FUNCTION frontier_throw_bad_alloc() RETURNS void LANGUAGE c AS :'module', 'frontier_throw_bad_alloc';
CREATE FUNCTION frontier_exhaust(many bigint) RETURNS boolean LANGUAGE c AS :'module', 'frontier_exhaust';
CREATE FUNCTION frontier_raise_native() RETURNS boolean LANGUAGE c AS :'module', 'frontier_raise_native';
CREATE FUNCTION frontier_raise_guarded() RETURNS boolean LANGUAGE c AS :'module', 'frontier_raise_guarded';
CREATE FUNCTION frontier_raise_nested(depth integer) RETURNS void LANGUAGE c AS :'module', 'frontier_raise_nested';
CREATE FUNCTION frontier_raise_again() RETURNS void LANGUAGE c AS :'module', 'frontier_raise_again';
CREATE FUNCTION frontier_swallow(many integer) RETURNS integer LANGUAGE c AS :'module', 'frontier_swallow';
CREATE FUNCTION frontier_succeed(value integer) RETURNS integer LANGUAGE c AS :'module', 'frontier_succeed';
CREATE FUNCTION frontier_refuse() RETURNS void LANGUAGE c AS :'module', 'frontier_refuse';
CREATE FUNCTION frontier_execute_native(statement text) RETURNS void LANGUAGE c AS :'module', 'frontier_execute_native';
CREATE FUNCTION frontier_execute_guarded(statement text) RETURNS void LANGUAGE c AS :'module', 'frontier_execute_guarded';

-- Every field of the error that a statement raises, as far as SQL can see.
CREATE FUNCTION error_of(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    fields text[];
    s text; m text; d text; h text; c text; t text; l text; k text; y text; x text;
BEGIN
    EXECUTE statement;
    RETURN 'none';
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS s = RETURNED_SQLSTATE, m = MESSAGE_TEXT, d = PG_EXCEPTION_DETAIL, h = PG_EXCEPTION_HINT, c = SCHEMA_NAME,
        t = TABLE_NAME, l = COLUMN_NAME, y = PG_DATATYPE_NAME, k = CONSTRAINT_NAME, x = PG_EXCEPTION_CONTEXT;
    fields := ARRAY[s, m, d, h, c, t, l, y, k, replace(x, statement, 'the statement')];
    RETURN array_to_string(fields, '|');
END
$$;

-- How many kilobytes of memory this backend holds.
CREATE FUNCTION resident() RETURNS integer LANGUAGE sql AS $$
    SELECT substring(pg_read_file('/proc/self/status') FROM 'VmRSS:\s+(\d+) kB')::integer
$$;

-- Kilobytes by which the backend grows while a statement fails 100,000 times, after it has settled.
CREATE FUNCTION growth(statement text, many integer DEFAULT 100000) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    before integer;
BEGIN
    FOR i IN 1 .. many + 5000 LOOP
        IF i = 5000 THEN
            before := resident();
        END IF;
        BEGIN
            EXECUTE statement;
        EXCEPTION WHEN OTHERS THEN NULL;
        END;
    END LOOP;
    RETURN resident() - before;
END
$$;

-- Objects that are alive though nothing is running: made without being destroyed.
CREATE FUNCTION alive() RETURNS bigint LANGUAGE sql AS $$ SELECT c[1] - c[2] FROM frontier_counts() c $$;
