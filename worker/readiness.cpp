#include "readiness.h"

namespace laurel::worker {

namespace {

// One row: is it a standby, the extension's version, the role, whether the role may look, whether the
// functions the worker calls exist and may be called, and the role's name.
constexpr const char *kLook =
    "SELECT pg_catalog.pg_is_in_recovery(),"
    " (SELECT e.extversion FROM pg_catalog.pg_extension e WHERE e.extname OPERATOR(pg_catalog.=) 'laurel'),"
    " pg_catalog.to_regprocedure('laurel_internal.claim_deliveries(uuid,integer,interval,text[])') IS NOT "
    "NULL,"
    " coalesce((SELECT pg_catalog.has_function_privilege(p.oid, 'EXECUTE')"
    "  AND pg_catalog.has_schema_privilege('laurel_internal', 'USAGE') FROM pg_catalog.pg_proc p"
    "  WHERE p.oid OPERATOR(pg_catalog.=)"
    "  pg_catalog.to_regprocedure('laurel_internal.claim_deliveries(uuid,integer,interval,text[])')), false),"
    " current_user, pg_catalog.current_database()";

// Without the schema the name of the function cannot be looked up; that is no reason to fail.
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
    const std::string role(found.Text(0, 4));
    const std::string name(found.Text(0, 5));
    if (found.IsNull(0, 1))
        return "database " + name +
               " has no Laurel: run CREATE EXTENSION laurel CASCADE; SELECT laurel.migrate(); or name "
               "another database";
    if (found.Text(0, 2) != "t")
        return "database " + name + " has Laurel " + std::string(found.Text(0, 1)) +
               ", which is older than this worker: run ALTER EXTENSION laurel UPDATE; SELECT "
               "laurel.migrate()";
    if (found.Text(0, 3) != "t")
        return "role " + role + " may not do the worker's work: run GRANT service_role TO \"" + role + "\"";
    if (found.Text(0, 0) == "t")
        return "database " + name + " is a standby: name the primary";
    return MissingMigrations(database, name);
}

} // namespace laurel::worker
