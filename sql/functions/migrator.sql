-- The migrator: tables come and go in one transaction, from texts the extension carries.

CREATE FUNCTION laurel.migrate(target text DEFAULT NULL) RETURNS SETOF text
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'laurel_migrate';
COMMENT ON FUNCTION laurel.migrate(text) IS
'Creates or changes Laurel''s tables, all or nothing. They belong to laurel_owner where a superuser calls, else to the caller; who has them already, keeps them. target: a version of laurel.migration_status() to go up or down to; null goes up to the newest; ''0'' removes everything. Returns what it did, one line each. Errors: 22023 unknown target; 55000 an applied migration has changed or is unknown.';

CREATE FUNCTION laurel.migration_status()
RETURNS TABLE (version text, name text, state text, checksum text, applied_at timestamptz)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF to_regclass('laurel_internal.schema_migrations') IS NULL THEN
        RETURN QUERY SELECT e.version, e.name, 'pending', encode(sha256(convert_to(e.script, 'UTF8')), 'hex'), NULL::timestamptz
            FROM laurel_internal.embedded_migrations() e ORDER BY 1;
        RETURN;
    END IF;
    RETURN QUERY SELECT coalesce(e.version, a.version), coalesce(e.name, a.name),
            CASE WHEN a.version IS NULL THEN 'pending'
                 WHEN e.version IS NULL THEN 'unknown'
                 WHEN a.checksum = encode(sha256(convert_to(e.script, 'UTF8')), 'hex') THEN 'applied'
                 ELSE 'changed' END,
            coalesce(encode(sha256(convert_to(e.script, 'UTF8')), 'hex'), a.checksum), a.applied_at
        FROM laurel_internal.embedded_migrations() e
        FULL JOIN laurel_internal.schema_migrations a USING (version) ORDER BY 1;
END
$$;
COMMENT ON FUNCTION laurel.migration_status() IS
'Every migration: applied, pending, changed (its text is not the applied one) or unknown (applied by another version), with the SHA-256 of its text.';
