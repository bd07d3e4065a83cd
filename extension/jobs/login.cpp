#include "jobs/login.h"

#include "postgres/error.h"
#include "postgres/small_roles.h"
#include "postgres/spi.h"

extern "C" {
#include "commands/dbcommands.h"
}

namespace laurel::jobs {

namespace {

Statement may_use_cron = Statement(R"(SELECT pg_catalog.has_schema_privilege(r.oid, 'cron', 'USAGE')
        FROM pg_catalog.pg_roles r WHERE r.rolname = 'laurel_jobs')")
                             .Returns(BOOLOID);

// What laurel_jobs has to be granted before pg_cron can run a job as it; empty where nothing is missing.
Statement missing_grants = Statement(R"(
SELECT pg_catalog.concat_ws('; ',
    CASE WHEN NOT pg_catalog.has_schema_privilege(r.oid, 'cron', 'USAGE') THEN 'GRANT USAGE ON SCHEMA cron TO laurel_jobs' END,
    CASE WHEN NOT pg_catalog.has_database_privilege(r.oid, pg_catalog.current_database(), 'CONNECT')
        THEN pg_catalog.format('GRANT CONNECT ON DATABASE %I TO laurel_jobs', pg_catalog.current_database()) END,
    CASE WHEN NOT r.rolcanlogin THEN 'ALTER ROLE laurel_jobs LOGIN' END)
FROM pg_catalog.pg_roles r WHERE r.oid = $1)",
                                     OIDOID)
                               .Returns(TEXTOID);

// Whether a line of pg_hba.conf lets laurel_jobs in, by socket or by address; null where the caller may not
// see.
Statement may_read_rules =
    Statement(R"(SELECT pg_catalog.has_table_privilege('pg_catalog.pg_hba_file_rules', 'SELECT')
        AND pg_catalog.has_function_privilege('pg_catalog.pg_hba_file_rules()', 'EXECUTE'))")
        .Returns(BOOLOID);
Statement is_let_in = Statement(R"(
SELECT EXISTS (SELECT FROM pg_catalog.pg_hba_file_rules r
    WHERE r.error IS NULL AND (r.type = 'local') = $1
      AND r.database && ARRAY['all', pg_catalog.current_database()::pg_catalog.text]
      AND ('laurel_jobs' = ANY (r.user_name) OR 'all' = ANY (r.user_name) AND r.auth_method = 'trust')))",
                                BOOLOID)
                          .Returns(BOOLOID);

} // namespace

bool
MayUseCron() {
    return may_use_cron.Run(Access::Write) > 0 && DatumGetBool(Field(0, 1));
}

void
RequireCron() {
    const Datum role = ObjectIdGetDatum(SmallRole(kLaurelJobs));
    missing_grants.Run(Access::Write, role);
    const char *grants = CString(ToText(Field(0, 1)));
    if (*grants != '\0')
        Refuse({.sqlstate = ERRCODE_INSUFFICIENT_PRIVILEGE,
                .message = "role \"laurel_jobs\" may not use pg_cron",
                .detail = "Jobs are scheduled and run by that role.",
                .hint = psprintf("%s; then call again.", grants)});
}

const char *
MissingRule() {
    const char *workers = GetConfigOption("cron.use_background_workers", true, false);
    if (workers != nullptr && strcmp(workers, "on") == 0)
        return nullptr;
    const char *host = GetConfigOption("cron.host", true, false);
    const bool by_socket = host != nullptr && (*host == '\0' || *host == '/');
    may_read_rules.Run(Access::Write);
    if (DatumGetBool(Field(0, 1))) {
        const Datum local = BoolGetDatum(by_socket);
        is_let_in.Run(Access::Write, local);
        if (DatumGetBool(Field(0, 1)))
            return nullptr;
    }
    return psprintf(by_socket ? "local %s laurel_jobs trust" : "host %s laurel_jobs samehost trust",
                    quote_identifier(get_database_name(MyDatabaseId)));
}

} // namespace laurel::jobs
