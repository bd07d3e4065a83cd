#include "jobs/failures.h"

#include "postgres/owner.h"
#include "postgres/spi.h"

namespace laurel::jobs {

namespace {

Statement note(R"(INSERT INTO laurel.job_failures AS f (job, organization_id, error) VALUES ($1, $2, $3)
    ON CONFLICT (organization_id, job) DO UPDATE SET error = EXCLUDED.error,
        failed_at = pg_catalog.clock_timestamp(), times = f.times + 1)",
               TEXTOID, UUIDOID, TEXTOID);

Statement forget("DELETE FROM ONLY laurel.job_failures WHERE job = $1 AND failed_at < $2", TEXTOID,
                 TIMESTAMPTZOID);

// The table comes with the jobs, after the domains whose work they do; null before.
Oid
FailuresTable() {
    return get_relname_relid("job_failures", get_namespace_oid("laurel", false));
}

} // namespace

void
NoteFailure(const char *job, const Uuid &organization, const ErrorData &error) {
    const Oid table = FailuresTable();
    if (!OidIsValid(table))
        return;
    const AsOwner owner(OwnerOf(table));
    const SpiConnection spi;
    const char *text = psprintf("%s %s", unpack_sql_state(error.sqlerrcode), error.message);
    const Datum values[] = {CStringGetTextDatum(job), FromUuid(organization), CStringGetTextDatum(text)};
    note.Run(Access::Write, values);
}

void
TellFailure(const char *job, const Uuid &organization, const ErrorData &error, const char *what) {
    NoteFailure(job, organization, error);
    ereport(WARNING,
            (errcode(error.sqlerrcode), errmsg("%s: %s", what, error.message),
             errhint("The other organizations are done. This one is tried again at the next call.")));
}

void
ForgetFailures(const char *job, TimestampTz since) {
    const Oid table = FailuresTable();
    if (!OidIsValid(table))
        return;
    const AsOwner owner(OwnerOf(table));
    const SpiConnection spi;
    const Datum values[] = {CStringGetTextDatum(job), TimestampTzGetDatum(since)};
    forget.Run(Access::Write, values);
}

} // namespace laurel::jobs
