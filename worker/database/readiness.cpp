#include "database/readiness.h"

namespace laurel::worker {

namespace {

// One row: is it a standby; the extension's version; whether the role may use the internal schema, null
// without one; whether the function a worker lives by exists, and whether the role may call it; the role and
// the database.
constexpr const char *kLook =
    "SELECT pg_catalog.pg_is_in_recovery(), e.version, s.is_usable,"
    " CASE WHEN s.is_usable THEN f.claim IS NOT NULL END,"
    " CASE WHEN s.is_usable THEN pg_catalog.has_function_privilege(f.claim, 'EXECUTE') END,"
    " current_user, pg_catalog.current_database()"
    " FROM (SELECT (SELECT extversion FROM pg_catalog.pg_extension"
    "  WHERE extname OPERATOR(pg_catalog.=) 'laurel') AS version) e,"
    " LATERAL (SELECT pg_catalog.has_schema_privilege(pg_catalog.to_regnamespace('laurel_internal'), 'USAGE')"
    "  AS is_usable) s,"
    " LATERAL (SELECT CASE WHEN s.is_usable THEN pg_catalog.to_regprocedure("
    "  'laurel_internal.claim_deliveries(uuid,integer,interval,text[],text[],uuid[],integer[])')::oid END AS claim) f";

constexpr const char *kMigrations =
    "SELECT pg_catalog.count(*) FILTER (WHERE state OPERATOR(pg_catalog.=) 'pending'),"
    " pg_catalog.count(*) FILTER (WHERE state OPERATOR(pg_catalog.<>) ALL"
    " (ARRAY['pending', 'applied']))"
    " FROM laurel.migration_status()";

std::string
MissingMigrations(Database &database, const std::string &name) {
    const Rows counts = database.Query(kMigrations);
    if (counts.Integer(0, 0) > 0)
        return "database " + name + " has " + std::string(counts.Text(0, 0)) +
               " pending migrations: run SELECT laurel.migrate()";
    if (counts.Integer(0, 1) > 0)
        return "database " + name +
               " has migrations that this extension does not know or that have changed: see "
               "laurel.migration_status()";
    return {};
}

} // namespace

std::string
WhatIsMissing(Database &database) {
    const Rows found = database.Query(kLook);
    const std::string role(found.Text(0, 5));
    const std::string name(found.Text(0, 6));
    const bool is_usable = found.Text(0, 2) == "t";
    if (found.IsNull(0, 1))
        return "database " + name +
               " has no Laurel: run CREATE EXTENSION laurel CASCADE; SELECT laurel.migrate(); or name "
               "another database";
    if (is_usable && found.Text(0, 3) != "t")
        return "database " + name + " has Laurel " + std::string(found.Text(0, 1)) +
               ", which is older than this worker: run ALTER EXTENSION laurel UPDATE; SELECT "
               "laurel.migrate()";
    if (!is_usable || found.Text(0, 4) != "t")
        return "role " + role + " may not do the worker's work: run GRANT service_role TO \"" + role + "\"";
    if (found.Text(0, 0) == "t")
        return "database " + name + " is a standby: name the primary";
    return MissingMigrations(database, name);
}

} // namespace laurel::worker
