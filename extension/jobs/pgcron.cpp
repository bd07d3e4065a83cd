// Jobs in pg_cron, in this database or another one. Only what pg_cron 1.4 and 1.6 have in common is called.

#include "jobs/pgcron.h"

#include "jobs/login.h"
#include "jobs/runnable.h"
#include "postgres/bridge.h"
#include "postgres/error.h"
#include "postgres/list.h"
#include "postgres/owner.h"
#include "postgres/small_roles.h"
#include "postgres/spi.h"

extern "C" {
#include "commands/dbcommands.h"
}

namespace laurel::jobs {

namespace {

enum class Place { Absent, NotCreated, Here, Elsewhere };

// Why an enabled job does not run.
constexpr SqlText kRests = Sql<R"(CASE WHEN j.is_enabled AND NOT {1}
        THEN pg_catalog.concat('rests until there is laurel.', j.requires) END)",
                               kRunnable>;

// What else there is to say of a job.
constexpr SqlText kNote = Sql<R"(coalesce({1}, (SELECT pg_catalog.format(
        'failed for %s of the organizations: see laurel.job_failures', pg_catalog.count(*))
        FROM ONLY laurel.job_failures f WHERE f.job = j.name HAVING pg_catalog.count(*) > 0)))",
                              kRests>;

Statement list_jobs =
    Statement(Sql<"SELECT j.name, j.schedule, j.command, {1}, {2} FROM ONLY laurel.jobs j ORDER BY j.name",
                  kRunnable, kRests>)
        .Returns(TEXTOID, TEXTOID, TEXTOID, BOOLOID, TEXTOID);

// What rests, a worker begins when its time has come; schedule() then takes it along.
Statement set_runner(Sql<R"(UPDATE ONLY laurel.jobs j SET runner = r.runner FROM (SELECT j.name,
        CASE WHEN {1} THEN $1 ELSE 'worker' END AS runner FROM ONLY laurel.jobs j) r
        WHERE r.name = j.name AND r.runner <> j.runner)",
                         kRunnable>,
                     TEXTOID);
Statement is_created("SELECT FROM pg_catalog.pg_extension WHERE extname = 'pg_cron'");
Statement marked_jobs =
    Statement(
        "SELECT coalesce(pg_catalog.array_agg(name), '{}') FROM ONLY laurel.jobs WHERE runner = 'pg_cron'")
        .Returns(TEXTARRAYOID);
Statement running_jobs =
    Statement(Sql<R"(SELECT coalesce(pg_catalog.array_agg(j.name), '{}') FROM ONLY laurel.jobs j
        WHERE {1})",
                  kRunnable>)
        .Returns(TEXTARRAYOID);

// Texts that name pg_cron's tables and functions, which may not be there. Run by laurel_jobs, whose jobs they
// are.
constexpr SqlText kIsOurs = R"(c.jobname LIKE 'laurel: %' AND c.database = pg_catalog.current_database()
        AND c.username = CURRENT_USER)";
constexpr SqlText kJobName = "pg_catalog.substr(c.jobname::pg_catalog.text, 9)";

constexpr SqlText kActiveJobs = Sql<R"(SELECT coalesce(pg_catalog.array_agg({1}), '{}') FROM cron.job c
        WHERE {2} AND c.active)",
                                    kJobName, kIsOurs>;

constexpr const char *kSchedule = "SELECT cron.schedule(pg_catalog.concat('laurel: ', $1), $2, $3)";

// A job that somebody has made inactive is made anew: switching it on is not for everybody who may schedule.
constexpr SqlText kUnscheduleInactive =
    Sql<"SELECT cron.unschedule(c.jobid) FROM cron.job c WHERE {1} AND NOT c.active", kIsOurs>;

constexpr SqlText kUnscheduleUnwanted =
    Sql<R"(SELECT {1}, c.schedule, cron.unschedule(c.jobid) FROM cron.job c
        WHERE {2} AND c.jobname <> 'laurel: job log' AND {1} <> ALL ($1))",
        kJobName, kIsOurs>;

constexpr SqlText kUnscheduleLog =
    Sql<"SELECT cron.unschedule(c.jobid) FROM cron.job c WHERE {1} AND c.jobname = 'laurel: job log'",
        kIsOurs>;

// pg_cron itself never forgets a run.
constexpr const char *kLogSchedule = "47 3 * * *";
constexpr const char *kLogCommand =
    R"(DELETE FROM cron.job_run_details WHERE end_time < now() - interval '90 days' AND jobid IN
        (SELECT jobid FROM cron.job WHERE jobname LIKE 'laurel: %'))";

// The jobs in pg_cron and how each went last, as laurel_jobs sees them.
constexpr SqlText kRuns =
    Sql<R"(SELECT coalesce(pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object('job', {1},
        'start_time', d.start_time, 'end_time', d.end_time, 'status', d.status,
        'return_message', d.return_message)), '[]')
        FROM cron.job c LEFT JOIN LATERAL (SELECT r.* FROM cron.job_run_details r WHERE r.jobid = c.jobid
        ORDER BY r.runid DESC LIMIT 1) d ON true WHERE {2} AND c.active)",
        kJobName, kIsOurs>;

Statement status_here =
    Statement(
        Sql<R"(SELECT j.name, j.schedule, j.is_enabled, CASE WHEN c.job IS NULL THEN 'worker' ELSE 'pg_cron' END,
        CASE WHEN c.job IS NULL THEN j.last_started_at ELSE c.start_time END,
        CASE WHEN c.job IS NULL THEN j.last_finished_at ELSE c.end_time END,
        CASE WHEN c.job IS NULL THEN j.last_status WHEN c.status IN ('succeeded', 'failed') THEN c.status
        WHEN c.status IS NOT NULL THEN 'running' END,
        CASE WHEN c.job IS NULL THEN j.last_error WHEN c.status = 'failed' THEN c.return_message END,
        CASE WHEN NOT {1} THEN NULL
            WHEN c.job IS NULL THEN laurel_internal.next_run(j.schedule, greatest(j.last_started_at, j.created_at))
            ELSE pg_catalog.timezone($1, pg_catalog.timezone('UTC', laurel_internal.next_run(j.schedule,
                pg_catalog.timezone('UTC', pg_catalog.timezone($1, pg_catalog.now()))))) END,
        {2} FROM ONLY laurel.jobs j LEFT JOIN pg_catalog.jsonb_to_recordset($2) AS c (job text,
        start_time timestamptz, end_time timestamptz, status text, return_message text) ON c.job = j.name
        ORDER BY j.name)",
            kRunnable, kNote>,
        TEXTOID, JSONBOID)
        .Returns(TEXTOID, TEXTOID, BOOLOID, TEXTOID, TIMESTAMPTZOID, TIMESTAMPTZOID, TEXTOID, TEXTOID,
                 TIMESTAMPTZOID, TEXTOID);

Statement status_elsewhere =
    Statement(
        Sql<R"(SELECT j.name, j.schedule, j.is_enabled, CASE WHEN $1 IS NULL THEN 'worker' ELSE j.runner END,
        j.last_started_at, j.last_finished_at,
        CASE WHEN j.last_status = 'running' AND NOT EXISTS (SELECT FROM ONLY laurel.job_leases l
        WHERE l.name = j.name AND l.lease_until > pg_catalog.clock_timestamp()) THEN 'lost' ELSE j.last_status END,
        j.last_error,
        CASE WHEN {1} THEN laurel_internal.next_run(j.schedule, CASE WHEN $1 IS NOT NULL AND j.runner = 'pg_cron'
        THEN pg_catalog.now() ELSE greatest(j.last_started_at, j.created_at) END) END,
        coalesce({2}, CASE WHEN $1 IS NOT NULL AND j.runner = 'pg_cron'
        THEN pg_catalog.format('runs are in cron.job_run_details of database %I', $1) END)
        FROM ONLY laurel.jobs j ORDER BY j.name)",
            kRunnable, kNote>,
        TEXTOID)
        .Returns(TEXTOID, TEXTOID, BOOLOID, TEXTOID, TIMESTAMPTZOID, TIMESTAMPTZOID, TEXTOID, TEXTOID,
                 TIMESTAMPTZOID, TEXTOID);

struct Job {
    const char *name;
    const char *schedule;
    const char *command;
    bool runs;
    const char *rests; // until what; null for one that is disabled or runs
};

struct JobList {
    Job *items;
    uint64 count;
};

// The database that pg_cron lives in; null where it is not loaded.
const char *
CronDatabase() {
    return GetConfigOption("cron.database_name", true, false);
}

Place
FindPgCron() {
    const char *database = CronDatabase();
    if (database == nullptr)
        return Place::Absent;
    if (strcmp(database, get_database_name(MyDatabaseId)) != 0)
        return Place::Elsewhere;
    return is_created.Run(Access::Write) > 0 ? Place::Here : Place::NotCreated;
}

// The zone in which pg_cron reads schedules; versions before 1.5 know only UTC.
const char *
CronTimeZone() {
    const char *zone = GetConfigOption("cron.timezone", true, false);
    return zone == nullptr || *zone == '\0' ? "UTC" : zone;
}

// Runs what reads or calls pg_cron, as laurel_jobs. Returns how many rows came.
uint64
RunCron(const Statement &statement, const Parameters &parameters = {}) {
    const AsOwner jobs(SmallRole(kLaurelJobs));
    return statement.RunOnce(Access::Write, parameters);
}

JobList
ListJobs() {
    JobList jobs = {nullptr, list_jobs.Run(Access::Write)};
    jobs.items = NewList<Job>(jobs.count);
    for (uint64 row = 0; row < jobs.count; row++)
        jobs.items[row] = {TextField(row, 1), TextField(row, 2), TextField(row, 3),
                           DatumGetBool(Field(row, 4)), TextField(row, 5)};
    return jobs;
}

void
MarkRunner(const char *runner) {
    const Datum value = CStringGetTextDatum(runner);
    set_runner.Run(Access::Write, value);
}

// One line of schedule() and unschedule().
void
Say(ReturnSetInfo *result, const char *job, const char *schedule, const char *runner, const char *detail) {
    Datum values[] = {CStringGetTextDatum(job), CStringGetTextDatum(schedule), CStringGetTextDatum(runner),
                      CStringGetTextDatum(detail)};
    bool nulls[] = {false, false, false, false};
    tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
}

void
SayAll(ReturnSetInfo *result, const char *detail) {
    const JobList jobs = ListJobs();
    for (uint64 i = 0; i < jobs.count; i++)
        Say(result, jobs.items[i].name, jobs.items[i].schedule, jobs.items[i].runs ? "worker" : "nobody",
            jobs.items[i].runs    ? detail
            : jobs.items[i].rests ? jobs.items[i].rests
                                  : "disabled in laurel.jobs");
}

int64
Schedule(const char *name, const char *schedule, const char *command) {
    const Datum values[] = {CStringGetTextDatum(name), CStringGetTextDatum(schedule),
                            CStringGetTextDatum(command)};
    RunCron(Statement(kSchedule, TEXTOID, TEXTOID, TEXTOID).Returns(INT8OID), values);
    return DatumGetInt64(Field(0, 1));
}

// Takes out of pg_cron what is not among `wanted`.
void
UnscheduleHere(ReturnSetInfo *result, Datum wanted, const char *runner) {
    const uint64 count =
        RunCron(Statement(kUnscheduleUnwanted, TEXTARRAYOID).Returns(TEXTOID, TEXTOID, BOOLOID), wanted);
    for (uint64 row = 0; row < count; row++)
        Say(result, TextField(row, 1), TextField(row, 2), runner, "taken out of pg_cron");
}

const char *
ScheduledAs(int64 job, const char *missing_rule) {
    if (missing_rule == nullptr)
        return psprintf("job %lld of pg_cron", static_cast<long long>(job));
    return psprintf("job %lld of pg_cron, which cannot run it before cron.use_background_workers is on or"
                    " pg_hba.conf has a line such as: %s",
                    static_cast<long long>(job), missing_rule);
}

void
ScheduleHere(ReturnSetInfo *result, const char *missing_rule) {
    RequireCron();
    RunCron(Statement(kUnscheduleInactive).Returns(BOOLOID));
    const JobList jobs = ListJobs();
    for (uint64 i = 0; i < jobs.count; i++) {
        const Job &job = jobs.items[i];
        if (job.rests != nullptr)
            Say(result, job.name, job.schedule, "nobody", job.rests);
        if (job.runs)
            Say(result, job.name, job.schedule, "pg_cron",
                ScheduledAs(Schedule(job.name, job.schedule, job.command), missing_rule));
    }
    Schedule("job log", kLogSchedule, kLogCommand);
    running_jobs.Run(Access::Write);
    UnscheduleHere(result, Field(0, 1), "nobody");
    MarkRunner("pg_cron");
}

// pg_cron's own database may serve several ones, so that the name there carries this one's.
const char *
NameElsewhere(const Job &job) {
    return quote_literal_cstr(psprintf("laurel: %s (%s)", job.name, get_database_name(MyDatabaseId)));
}

const char *
ScheduleStatement(const Job &job) {
    return psprintf("SELECT cron.schedule_in_database(%s, %s, %s, %s, %s);", NameElsewhere(job),
                    quote_literal_cstr(job.schedule), quote_literal_cstr(job.command),
                    quote_literal_cstr(get_database_name(MyDatabaseId)), quote_literal_cstr(kLaurelJobs));
}

const char *
UnscheduleStatement(const Job &job) {
    return psprintf("SELECT cron.unschedule(jobid) FROM cron.job WHERE jobname = %s;", NameElsewhere(job));
}

// What to run in pg_cron's database, a line for each job.
void
InstructElsewhere(ReturnSetInfo *result, bool schedule) {
    const JobList jobs = ListJobs();
    for (uint64 i = 0; i < jobs.count; i++) {
        const Job &job = jobs.items[i];
        const bool wanted = schedule && job.runs;
        Say(result, job.name, job.schedule,
            wanted     ? "pg_cron"
            : schedule ? "nobody"
                       : "worker",
            psprintf("run in database %s: %s", quote_identifier(CronDatabase()),
                     wanted ? ScheduleStatement(job) : UnscheduleStatement(job)));
    }
    MarkRunner(schedule ? "pg_cron" : "worker");
}

// Hands the rows of the last result on as they are.
void
ReturnRows(ReturnSetInfo *result, uint64 count) {
    for (uint64 row = 0; row < count; row++)
        tuplestore_puttuple(result->setResult, ResultRow(row));
}

} // namespace

Datum
JobsOfPgCron() {
    const Place place = FindPgCron();
    if (place == Place::Absent || place == Place::NotCreated)
        return PointerGetDatum(construct_empty_array(TEXTOID));
    if (place == Place::Here && MayUseCron())
        RunCron(Statement(kActiveJobs).Returns(TEXTARRAYOID));
    else
        marked_jobs.Run(Access::Write);
    return Field(0, 1);
}

// laurel.schedule()
LAUREL_FUNCTION(laurel_schedule) {
    InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
    auto *result = reinterpret_cast<ReturnSetInfo *>(fcinfo->resultinfo);
    const SpiConnection spi;
    const CatalogPath path(CatalogPath::Force);
    const char *missing_rule = MissingRule();
    const AsOwner owner(OwnerOf(TableOid("jobs")));
    switch (FindPgCron()) {
    case Place::Here:
        ScheduleHere(result, missing_rule);
        break;
    case Place::Elsewhere:
        InstructElsewhere(result, true);
        break;
    case Place::NotCreated:
        MarkRunner("worker");
        SayAll(result,
               "pg_cron is loaded but not created here: CREATE EXTENSION pg_cron, then call again; until then"
               " laurel-worker runs it");
        break;
    case Place::Absent:
        MarkRunner("worker");
        SayAll(result, "pg_cron is absent: laurel-worker runs it");
        break;
    }
    PG_RETURN_NULL();
}

// laurel.unschedule()
LAUREL_FUNCTION(laurel_unschedule) {
    InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
    auto *result = reinterpret_cast<ReturnSetInfo *>(fcinfo->resultinfo);
    const AsOwner owner(OwnerOf(TableOid("jobs")));
    const SpiConnection spi;
    const CatalogPath path(CatalogPath::Force);
    const Place place = FindPgCron();
    if (place == Place::Elsewhere) {
        InstructElsewhere(result, false);
        PG_RETURN_NULL();
    }
    if (place == Place::Here && MayUseCron()) {
        UnscheduleHere(result, PointerGetDatum(construct_empty_array(TEXTOID)), "worker");
        RunCron(Statement(kUnscheduleLog).Returns(BOOLOID));
    }
    MarkRunner("worker");
    PG_RETURN_NULL();
}

// laurel.job_status()
LAUREL_FUNCTION(laurel_job_status) {
    InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
    auto *result = reinterpret_cast<ReturnSetInfo *>(fcinfo->resultinfo);
    const AsOwner owner(OwnerOf(TableOid("jobs")));
    const SpiConnection spi;
    const CatalogPath path(CatalogPath::Force);
    const Place place = FindPgCron();
    if (place == Place::Here && MayUseCron()) {
        RunCron(Statement(kRuns).Returns(JSONBOID));
        const Datum values[] = {CStringGetTextDatum(CronTimeZone()), Field(0, 1)};
        ReturnRows(result, status_here.Run(Access::Write, values));
        PG_RETURN_NULL();
    }
    const bool elsewhere = place == Place::Elsewhere;
    const Nullable database = elsewhere ? CStringGetTextDatum(CronDatabase()) : Nullable();
    ReturnRows(result, status_elsewhere.Run(Access::Write, database));
    PG_RETURN_NULL();
}

} // namespace laurel::jobs
