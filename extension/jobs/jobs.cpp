// Jobs without pg_cron: a worker claims what is due under a lease, runs it and says how it ended.

#include "jobs/pgcron.h"
#include "jobs/runnable.h"
#include "kernel/cron.h"
#include "postgres/arguments.h"
#include "postgres/bridge.h"
#include "postgres/error.h"
#include "postgres/owner.h"
#include "postgres/spi.h"

namespace laurel::jobs {

namespace {

// pg_catalog.to_timestamp counts from 1970, timestamptz from 2000.
constexpr int64 kEpochSeconds = (POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE) * SECS_PER_DAY;

// A job is due at its first time after it was started last, or made, and once more when its worker was lost.
// The conflict is decided on the lease as it is committed now, so that of two who see the same job due one
// gets it.
Statement claim = Statement(Sql<R"(WITH due AS (
            SELECT j.name FROM ONLY laurel.jobs j WHERE {1} AND j.name <> ALL ($4)
                AND (j.last_status = 'running'
                    OR laurel_internal.next_run(j.schedule, greatest(j.last_started_at, j.created_at)) <= $3)
                AND NOT EXISTS (SELECT FROM ONLY laurel.job_leases l WHERE l.name = j.name AND l.lease_until > $3)
            ORDER BY coalesce(j.last_started_at, j.created_at), j.name LIMIT 1 FOR UPDATE OF j SKIP LOCKED
        ), leased AS (
            INSERT INTO laurel.job_leases AS l (name, worker_id, lease_token, leased_at, lease_until)
            SELECT j.name, $1, pg_catalog.gen_random_uuid(), $3, $3 + greatest($2, j.timeout)
            FROM due JOIN ONLY laurel.jobs j USING (name)
            ON CONFLICT (name) DO UPDATE SET worker_id = EXCLUDED.worker_id, lease_token = EXCLUDED.lease_token,
                leased_at = EXCLUDED.leased_at, lease_until = EXCLUDED.lease_until WHERE l.lease_until <= $3
            RETURNING name, lease_token
        ) UPDATE ONLY laurel.jobs j
        SET last_started_at = $3, last_finished_at = NULL, last_status = 'running', last_error = NULL
        FROM leased WHERE j.name = leased.name
        RETURNING j.name, j.command, leased.lease_token, j.timeout)",
                                kRunnable>,
                            UUIDOID, INTERVALOID, TIMESTAMPTZOID, TEXTARRAYOID)
                      .Returns(TEXTOID, TEXTOID, UUIDOID, INTERVALOID);

// The job first, then its lease, as a claim takes them.
Statement finish(
    R"(WITH job AS (SELECT name FROM ONLY laurel.jobs WHERE name = $1 FOR UPDATE),
        ended AS (DELETE FROM ONLY laurel.job_leases l USING job WHERE l.name = job.name AND l.lease_token = $2
            RETURNING l.name)
        UPDATE ONLY laurel.jobs j SET last_finished_at = pg_catalog.clock_timestamp(),
            last_status = CASE WHEN $3 IS NULL THEN 'succeeded' ELSE 'failed' END, last_error = $3
        FROM ended WHERE j.name = ended.name)",
    TEXTOID, UUIDOID, TEXTOID);

kernel::CronSchedule
Parse(Datum text) {
    kernel::CronSchedule schedule;
    const std::string_view value = ToText(text);
    if (const char *problem = kernel::ParseCron(value, &schedule))
        Refuse({.sqlstate = ERRCODE_INVALID_PARAMETER_VALUE,
                .message = psprintf("\"%s\" is no cron schedule", CString(value)),
                .detail = psprintf("For one, %s.", problem),
                .hint = "For example '30 3 * * *': every day at 3:30 UTC."});
    return schedule;
}

} // namespace

// laurel_internal.is_cron(schedule): one that never comes is none.
LAUREL_FUNCTION(laurel_is_cron) {
    kernel::CronSchedule schedule;
    const bool is_schedule = kernel::ParseCron(ToText(PG_GETARG_DATUM(0)), &schedule) == nullptr;
    PG_RETURN_BOOL(is_schedule && kernel::NextCron(schedule, 0).has_value());
}

// laurel_internal.next_run(schedule, after)
LAUREL_FUNCTION(laurel_next_run) {
    const kernel::CronSchedule schedule = Parse(PG_GETARG_DATUM(0));
    const TimestampTz after = PG_GETARG_TIMESTAMPTZ(1);
    if (TIMESTAMP_NOT_FINITE(after))
        PG_RETURN_NULL();
    const int64 seconds = after / USECS_PER_SEC - (after % USECS_PER_SEC < 0 ? 1 : 0);
    const std::optional<int64_t> next = kernel::NextCron(schedule, seconds + kEpochSeconds);
    if (!next)
        PG_RETURN_NULL();
    PG_RETURN_TIMESTAMPTZ((*next - kEpochSeconds) * USECS_PER_SEC);
}

// laurel_internal.claim_due_job(worker, lease)
LAUREL_FUNCTION(laurel_claim_due_job) {
    InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
    auto *result = reinterpret_cast<ReturnSetInfo *>(fcinfo->resultinfo);
    const AsOwner owner(OwnerOf(TableOid("jobs")));
    const SpiConnection spi;
    const Datum values[] = {PG_GETARG_DATUM(0), PG_GETARG_DATUM(1),
                            TimestampTzGetDatum(GetCurrentTimestamp()), JobsOfPgCron()};
    if (claim.Run(Access::Write, values) == 0)
        PG_RETURN_NULL();
    Row row;
    Datum fields[] = {row.Next(), row.Next(), row.Next(), row.Next()};
    bool nulls[] = {false, false, false, false};
    tuplestore_putvalues(result->setResult, result->setDesc, fields, nulls);
    PG_RETURN_NULL();
}

// laurel_internal.finish_job(name, lease_token, error)
LAUREL_FUNCTION(laurel_finish_job) {
    if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
        PG_RETURN_BOOL(false);
    const AsOwner owner(OwnerOf(TableOid("jobs")));
    const SpiConnection spi;
    PG_RETURN_BOOL(finish.Run(Access::Write, {PG_GETARG_DATUM(0), PG_GETARG_DATUM(1), Argument(fcinfo, 2)}) >
                   0);
}

// laurel.refresh_view(view_name)
LAUREL_FUNCTION(laurel_refresh_view) {
    const char *name = CString(ToText(PG_GETARG_DATUM(0)));
    const Oid view = TableOid(name, "laurel_internal");
    if (get_rel_relkind(view) != RELKIND_MATVIEW)
        Refuse({.sqlstate = ERRCODE_WRONG_OBJECT_TYPE,
                .message = psprintf("\"laurel_internal.%s\" is no materialized view", name)});
    const AsOwner owner(OwnerOf(view));
    const SpiConnection spi;
    const CatalogPath path(CatalogPath::Force);
    SPI_execute(psprintf("REFRESH MATERIALIZED VIEW CONCURRENTLY laurel_internal.%s", quote_identifier(name)),
                false, 0);
    PG_RETURN_VOID();
}

} // namespace laurel::jobs
