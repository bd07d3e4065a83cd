-- Prints every object of a database that came after the system's own and belongs to no extension.
WITH objects (catalog, id) AS (
    SELECT tableoid, oid FROM pg_namespace
    UNION ALL SELECT tableoid, oid FROM pg_class WHERE relnamespace <> 'pg_toast'::regnamespace
    UNION ALL SELECT tableoid, oid FROM pg_proc
    UNION ALL SELECT tableoid, oid FROM pg_type
    UNION ALL SELECT tableoid, oid FROM pg_attrdef
    UNION ALL SELECT tableoid, oid FROM pg_constraint
    UNION ALL SELECT tableoid, oid FROM pg_rewrite
    UNION ALL SELECT tableoid, oid FROM pg_trigger
    UNION ALL SELECT tableoid, oid FROM pg_policy
    UNION ALL SELECT tableoid, oid FROM pg_statistic_ext
    UNION ALL SELECT tableoid, oid FROM pg_operator
    UNION ALL SELECT tableoid, oid FROM pg_opclass
    UNION ALL SELECT tableoid, oid FROM pg_opfamily
    UNION ALL SELECT tableoid, oid FROM pg_amop
    UNION ALL SELECT tableoid, oid FROM pg_amproc
    UNION ALL SELECT tableoid, oid FROM pg_cast
    UNION ALL SELECT tableoid, oid FROM pg_collation
    UNION ALL SELECT tableoid, oid FROM pg_conversion
    UNION ALL SELECT tableoid, oid FROM pg_language
    UNION ALL SELECT tableoid, oid FROM pg_ts_config
    UNION ALL SELECT tableoid, oid FROM pg_ts_dict
    UNION ALL SELECT tableoid, oid FROM pg_event_trigger
    UNION ALL SELECT tableoid, oid FROM pg_publication
    UNION ALL SELECT tableoid, oid FROM pg_foreign_data_wrapper
    UNION ALL SELECT tableoid, oid FROM pg_foreign_server
    UNION ALL SELECT tableoid, oid FROM pg_extension
    UNION ALL SELECT tableoid, oid FROM pg_default_acl
)
SELECT object.type || ' ' || object.identity
FROM objects, pg_identify_object(catalog, id, 0) AS object
WHERE id >= 16384
  AND NOT EXISTS (SELECT FROM pg_depend WHERE classid = catalog AND objid = id AND deptype = 'e')
ORDER BY 1;
