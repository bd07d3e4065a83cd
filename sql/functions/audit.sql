-- The audit log: who has changed what, and that nobody has changed that.

CREATE FUNCTION laurel_internal.audit_rows() RETURNS trigger
LANGUAGE c AS 'MODULE_PATHNAME', 'laurel_audit_rows';
COMMENT ON FUNCTION laurel_internal.audit_rows() IS
'AFTER INSERT, UPDATE or DELETE row trigger of laurel_internal.audited: gathers what the row was and has become. Arguments: how many columns are shown, these, and those of which only the names are.';

CREATE FUNCTION laurel_internal.audit_written() RETURNS trigger
LANGUAGE c AS 'MODULE_PATHNAME', 'laurel_audit_written';
COMMENT ON FUNCTION laurel_internal.audit_written() IS
'AFTER INSERT, UPDATE or DELETE statement trigger of laurel_internal.audited: writes down what its row triggers have gathered.';

CREATE FUNCTION laurel_internal.audit_truncated() RETURNS trigger
LANGUAGE c AS 'MODULE_PATHNAME', 'laurel_audit_truncated';
COMMENT ON FUNCTION laurel_internal.audit_truncated() IS
'AFTER TRUNCATE trigger of laurel_internal.audited: writes down that the table was emptied.';

CREATE FUNCTION laurel_internal.audited(
    table_name regclass, shown name[], hidden name[] DEFAULT '{}', commands text DEFAULT 'INSERT, UPDATE, DELETE', condition text DEFAULT NULL
) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    named constant name[] := shown || hidden;
    arguments constant text[] := cardinality(shown)::text || named::text[];
    command text;
BEGIN
    IF table_name IS NULL OR shown IS NULL OR hidden IS NULL OR cardinality(named) = 0 OR commands IS NULL THEN
        RAISE invalid_parameter_value USING MESSAGE = 'audited needs a table and a column at least',
            HINT = 'Such as: SELECT laurel_internal.audited(''public.contracts'', ''{ends_on}'', hidden => ''{iban}'').';
    END IF;
    IF (SELECT relkind FROM pg_class WHERE oid = table_name) <> 'r' THEN
        RAISE wrong_object_type USING MESSAGE = format('%s is no ordinary table', laurel_internal.qualified_name(table_name)),
            HINT = 'What is partitioned or foreign is written past its triggers.';
    END IF;
    IF NOT regexp_split_to_array(commands, ', *') <@ '{INSERT,UPDATE,DELETE}' THEN
        RAISE invalid_parameter_value USING MESSAGE = format('"%s" is no list of commands', commands),
            HINT = 'Name INSERT, UPDATE and DELETE, in capitals and separated by commas.';
    END IF;
    PERFORM laurel_internal.require_column(table_name, c) FROM unnest(named) c;
    PERFORM laurel_internal.require_unguarded(table_name, 'audited', VARIADIC '{}');
    FOREACH command IN ARRAY regexp_split_to_array(commands, ', *') LOOP
        PERFORM laurel_internal.attach_guard(table_name, 'z_audit_' || lower(command COLLATE "C"), 'AFTER ' || command,
            'FOR EACH ROW' || coalesce(' WHEN (' || nullif(condition, '') || ')', ''),
            'audit_rows', VARIADIC arguments);
    END LOOP;
    PERFORM laurel_internal.attach_guard(table_name, 'z_audit_written', 'AFTER ' || replace(commands, ',', ' OR'), 'FOR EACH STATEMENT',
        'audit_written', VARIADIC arguments),
        laurel_internal.attach_guard(table_name, 'z_audit_truncated', 'AFTER TRUNCATE', 'FOR EACH STATEMENT', 'audit_truncated', VARIADIC arguments);
END
$$;
COMMENT ON FUNCTION laurel_internal.audited(regclass, name[], name[], text, text) IS
'Changes of an ordinary table''s rows leave a line in laurel.audit_log, in the same transaction: by whom, when, and what. shown:'
' columns whose values are kept, before and after, where they differ. hidden: secrets and personal values, of which only is'
' said that they changed. Other columns leave no line. commands: INSERT, UPDATE and DELETE, or some of them. condition: only of'
' rows of which this holds, over NEW and OLD as the WHEN of a trigger, so that a command that lacks one of them must not name it.'
' A value longer than 8 kB is kept as its length and SHA-256. Errors: 22023 nothing to write down, or another command; 42703 no'
' such column; 42809 no ordinary table; 42710 it is audited already; 39P01 it has another owner than Laurel''s.';

CREATE FUNCTION laurel_internal.keep_audit_seals() RETURNS trigger
LANGUAGE c AS 'MODULE_PATHNAME', 'laurel_keep_audit_seals';
COMMENT ON FUNCTION laurel_internal.keep_audit_seals() IS
'BEFORE INSERT, UPDATE, DELETE, TRUNCATE statement trigger of audit_seals: laurel.seal_audit() adds seals, nobody changes them (23001).';

CREATE FUNCTION laurel.seal_audit() RETURNS bigint
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'laurel_seal_audit';
COMMENT ON FUNCTION laurel.seal_audit() IS
'Seals the lines of the audit log that no seal covers yet, and returns how many those are. Lines whose transaction is still open wait for the next call; nobody waits for it. For a scheduler, every minute: what is younger than the newest seal can still be changed unseen.';

CREATE TYPE laurel.audit_seal AS (seal_no bigint, sealed_at timestamptz, open_from timestamptz, lines bigint, total bigint, root bytea, seal_hash bytea);
ALTER TYPE laurel.audit_seal OWNER TO laurel_owner;
COMMENT ON TYPE laurel.audit_seal IS 'A seal of the audit log, as laurel.audit_seal() tells it, as one object.';
COMMENT ON COLUMN laurel.audit_seal.seal_no IS '1, 2, 3 ...';
COMMENT ON COLUMN laurel.audit_seal.sealed_at IS 'When it was made.';
COMMENT ON COLUMN laurel.audit_seal.open_from IS 'Lines made from then on are not covered.';
COMMENT ON COLUMN laurel.audit_seal.lines IS 'Lines that came since the seal before.';
COMMENT ON COLUMN laurel.audit_seal.total IS 'Lines of this seal and those before.';
COMMENT ON COLUMN laurel.audit_seal.root IS 'Root of the Merkle tree (RFC 6962) over the lines, as texts of JSON, in the order of created_at and id.';
COMMENT ON COLUMN laurel.audit_seal.seal_hash IS 'SHA-256 over 0x01, the hash of the seal before, 16 zeros, seal_no, sealed_at, open_from, lines, total (8 bytes each, big-endian, times in microseconds since 2000-01-01 UTC) and root.';

CREATE FUNCTION laurel.audit_seal() RETURNS laurel.audit_seal
LANGUAGE c STABLE PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'laurel_audit_seal';
COMMENT ON FUNCTION laurel.audit_seal() IS
'The newest seal of the audit log, to be kept where nobody who writes this database can reach it: seal_hash is enough. Null: nothing was sealed yet. Error 42501: not allowed.';

CREATE FUNCTION laurel.verify_audit("from" timestamptz DEFAULT NULL, until timestamptz DEFAULT NULL, kept bytea DEFAULT NULL)
RETURNS TABLE (seal_no bigint, sealed_from timestamptz, sealed_until timestamptz, problem text)
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'laurel_verify_audit';
COMMENT ON FUNCTION laurel.verify_audit(timestamptz, timestamptz, bytea) IS
'Whether the audit log is as it was sealed: a row for each thing that is wrong, none where all is sound. "from" and until: only seals that cover that time; null: all. kept: the seal_hash of a seal that was kept elsewhere, which must be there; without it whoever can rewrite the log and all its seals, or take the newest away, is not found out. A seal says in which of its minutes lines were changed, added or taken away, not which. Lines younger than the newest seal are not looked at. For service_role. Errors: 42501 not allowed, as it reads lines of every organization; 22023 kept is no hash of 32 bytes.';

CREATE FUNCTION laurel.history_of(table_name regclass, row_id uuid)
RETURNS TABLE (id uuid, created_at timestamptz, operation text, before jsonb, after jsonb, hidden jsonb, actor_id uuid, role text, request_id text, application_name text)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN QUERY SELECT l.id, l.created_at, l.operation, l.before, l.after, l.hidden, l.actor_id, l.role, l.request_id, l.application_name
        FROM laurel.audit_log l
        WHERE l.table_name = (SELECT concat_ws('.', n.nspname, c.relname) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                WHERE c.oid = history_of.table_name) AND l.row_id = history_of.row_id
        ORDER BY l.created_at, l.id;
END
$$;
COMMENT ON FUNCTION laurel.history_of(regclass, uuid) IS
'What the audit log tells of a row of a table, oldest first: row_id is its id; a table without one, such as user_organizations, has its lines in laurel.audit_log, by user_id. before and after: the columns that'
' differ; hidden: the names of those whose values are not shown. actor_id: the user whom the claims named, null where nobody was. For administrators, of their organization; service_role sees all; others get no'
' line. No line either where the table is not audited (laurel.audited_columns() lists those that are), or the row was not changed since. Errors: 42P01 no such table.';

CREATE FUNCTION laurel.audited_columns() RETURNS TABLE (schema_name text, table_name text, column_name text, shown boolean, commands text[])
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT n.nspname::text, c.relname::text, u.name, u.number <= a[1]::integer,
        array_agg(CASE WHEN t.tgtype & 4 > 0 THEN 'INSERT' WHEN t.tgtype & 8 > 0 THEN 'DELETE' ELSE 'UPDATE' END ORDER BY t.tgname)
    FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace,
        laurel_internal.guard_arguments(t.tgargs) a, unnest(a[2:]) WITH ORDINALITY u (name, number)
    WHERE t.tgfoid = 'laurel_internal.audit_rows'::regproc AND t.tgparentid = 0
    GROUP BY 1, 2, 3, 4, u.number ORDER BY 1, 2, u.number
$$;
COMMENT ON FUNCTION laurel.audited_columns() IS
'The columns whose changes leave a line in laurel.audit_log, by table, as laurel_internal.audited() was told: whether their values are shown in before and after, or only their names in hidden, and at which commands. What is not listed leaves no line.';
