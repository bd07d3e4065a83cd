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

// A pg_cron of another database says every five minutes that it has the job j. Once it has been silent for
// three times that long, workers run the job.
constexpr SqlText kHeard = R"((j.runner = 'pg_cron'
        AND coalesce(j.confirmed_at > pg_catalog.clock_timestamp() - interval '15 minutes', false)))";

Statement list_jobs =
    Statement(
        Sql<"SELECT j.name, j.schedule, j.command, {1}, {2}, {3} FROM ONLY laurel.jobs j ORDER BY j.name",
            kRunnable, kRests, kHeard>)
        .Returns(TEXTOID, TEXTOID, TEXTOID, BOOLOID, TEXTOID, BOOLOID);

// What rests, a worker begins when its time has come; schedule() then takes it along.
Statement set_runner(Sql<R"(UPDATE ONLY laurel.jobs j SET runner = r.runner, runner_since = pg_catalog.now(),
        confirmed_at = NULL FROM (SELECT j.name,
        CASE WHEN {1} THEN $1 ELSE 'worker' END AS runner FROM ONLY laurel.jobs j) r
        WHERE r.name = j.name AND (r.runner <> j.runner OR j.confirmed_at IS NOT NULL))",
                         kRunnable>,
                     TEXTOID);

// The pg_cron of another database has these jobs and no others.
Statement confirm_jobs(R"(UPDATE ONLY laurel.jobs j SET runner = r.runner,
        runner_since = CASE j.runner WHEN r.runner THEN j.runner_since ELSE pg_catalog.now() END,
        confirmed_at = CASE r.runner WHEN 'pg_cron' THEN pg_catalog.now() END
        FROM (SELECT j.name, CASE WHEN j.name = ANY ($1) THEN 'pg_cron' ELSE 'worker' END AS runner
        FROM ONLY laurel.jobs j) r WHERE r.name = j.name AND (r.runner, j.runner) <> ('worker', 'worker'))",
                       TEXTARRAYOID);
Statement is_created("SELECT FROM pg_catalog.pg_extension WHERE extname = 'pg_cron'");

constexpr SqlText kNames =
    "SELECT coalesce(pg_catalog.array_agg(j.name), '{}') FROM ONLY laurel.jobs j WHERE ";
Statement marked_jobs = Statement(Sql<"{1} j.runner = 'pg_cron'", kNames>).Returns(TEXTARRAYOID);
Statement heard_jobs = Statement(Sql<"{1} {2}", kNames, kHeard>).Returns(TEXTARRAYOID);
Statement running_jobs = Statement(Sql<"{1} {2}", kNames, kRunnable>).Returns(TEXTARRAYOID);

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

// When a worker runs the job j, and when pg_cron does, which reads schedules in zone $1.
constexpr SqlText kWorkersNext =
    "laurel_internal.next_run(j.schedule, greatest(j.last_started_at, j.created_at))";
constexpr SqlText kPgCronsNext =
    R"(pg_catalog.timezone($1, pg_catalog.timezone('UTC', laurel_internal.next_run(j.schedule,
                pg_catalog.timezone('UTC', pg_catalog.timezone($1, pg_catalog.now()))))))";

Statement status_here =
    Statement(
        Sql<R"(SELECT j.name, j.schedule, j.is_enabled, CASE WHEN c.job IS NULL THEN 'worker' ELSE 'pg_cron' END,
        CASE WHEN c.job IS NULL THEN j.last_started_at ELSE c.start_time END,
        CASE WHEN c.job IS NULL THEN j.last_finished_at ELSE c.end_time END,
        CASE WHEN c.job IS NULL THEN j.last_status WHEN c.status IN ('succeeded', 'failed') THEN c.status
        WHEN c.status IS NOT NULL THEN 'running' END,
        CASE WHEN c.job IS NULL THEN j.last_error WHEN c.status = 'failed' THEN c.return_message END,
        CASE WHEN NOT {1} THEN NULL WHEN c.job IS NULL THEN {3} ELSE {4} END,
        {2} FROM ONLY laurel.jobs j LEFT JOIN pg_catalog.jsonb_to_recordset($2) AS c (job text,
        start_time timestamptz, end_time timestamptz, status text, return_message text) ON c.job = j.name
        ORDER BY j.name)",
            kRunnable, kNote, kWorkersNext, kPgCronsNext>,
        TEXTOID, JSONBOID)
        .Returns(TEXTOID, TEXTOID, BOOLOID, TEXTOID, TIMESTAMPTZOID, TIMESTAMPTZOID, TEXTOID, TEXTOID,
                 TIMESTAMPTZOID, TEXTOID);

Statement status_elsewhere =
    Statement(
        Sql<R"(SELECT j.name, j.schedule, j.is_enabled, CASE WHEN h.heard THEN 'pg_cron' ELSE 'worker' END,
        CASE WHEN NOT h.heard THEN j.last_started_at END, CASE WHEN NOT h.heard THEN j.last_finished_at END,
        CASE WHEN h.heard THEN NULL WHEN j.last_status = 'running' AND NOT EXISTS (SELECT FROM ONLY laurel.job_leases l
        WHERE l.name = j.name AND l.lease_until > pg_catalog.clock_timestamp()) THEN 'lost' ELSE j.last_status END,
        CASE WHEN NOT h.heard THEN j.last_error END,
        CASE WHEN NOT {1} THEN NULL WHEN h.heard THEN {3} ELSE {4} END,
        coalesce({2}, CASE WHEN h.heard AND NOT j.is_enabled THEN pg_catalog.format(
            'disabled, but pg_cron of database %I goes on with it: run there what laurel.schedule() says', $2)
        WHEN h.heard THEN pg_catalog.format(
            'run by pg_cron of database %I since %s, which said so at %s; its runs are in cron.job_run_details there',
            $2, pg_catalog.date_trunc('second', j.runner_since), pg_catalog.date_trunc('second', j.confirmed_at))
        WHEN $2 IS NOT NULL AND j.confirmed_at IS NOT NULL THEN pg_catalog.format(
            'pg_cron of database %I has not been heard of since %s: run by the worker',
            $2, pg_catalog.date_trunc('second', j.confirmed_at)) END)
        FROM ONLY laurel.jobs j, LATERAL (SELECT $2 IS NOT NULL AND {5} AS heard) h ORDER BY j.name)",
            kRunnable, kNote, kPgCronsNext, kWorkersNext, kHeard>,
        TEXTOID, TEXTOID)
        .Returns(TEXTOID, TEXTOID, BOOLOID, TEXTOID, TIMESTAMPTZOID, TIMESTAMPTZOID, TEXTOID, TEXTOID,
                 TIMESTAMPTZOID, TEXTOID);

struct Job {
    const char *name;
    const char *schedule;
    const char *command;
    bool runs;
    const char *rests; // until what; null for one that is disabled or runs
    bool heard;        // a pg_cron of another database has it
};

// By which a pg_cron of another database says what it has.
constexpr Job kConfirmation = {"confirmation", "*/5 * * * *", nullptr, true, nullptr, false};

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
        jobs.items[row] = {TextField(row, 1),           TextField(row, 2), TextField(row, 3),
                           DatumGetBool(Field(row, 4)), TextField(row, 5), DatumGetBool(Field(row, 6))};
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
NameElsewhere(const char *job) {
    return quote_literal_cstr(psprintf("laurel: %s (%s)", job, get_database_name(MyDatabaseId)));
}

const char *
ScheduleStatement(const Job &job) {
    return psprintf("SELECT cron.schedule_in_database(%s, %s, %s, %s, %s);", NameElsewhere(job.name),
                    quote_literal_cstr(job.schedule), quote_literal_cstr(job.command),
                    quote_literal_cstr(get_database_name(MyDatabaseId)), quote_literal_cstr(kLaurelJobs));
}

const char *
UnscheduleStatement(const char *job) {
    return psprintf("SELECT cron.unschedule(jobid) FROM cron.job WHERE jobname = %s;", NameElsewhere(job));
}

// pg_cron there knows which jobs it has been given.
const char *
ConfirmStatement() {
    const char *database = get_database_name(MyDatabaseId);
    const char *suffix = quote_literal_cstr(psprintf(" (%s)", database));
    return psprintf(
        "SELECT cron.schedule_in_database(%s, '*/5 * * * *',"
        " format('SELECT laurel_internal.confirm_jobs(%%L)', array_agg(substr(jobname, 9,"
        " length(jobname) - 8 - length(%s)))), %s, %s) FROM (SELECT jobname::text FROM cron.job"
        " WHERE jobname LIKE 'laurel: %%' AND right(jobname, length(%s)) = %s AND jobname <> %s) j;",
        NameElsewhere(kConfirmation.name), suffix, quote_literal_cstr(database),
        quote_literal_cstr(kLaurelJobs), suffix, suffix, NameElsewhere(kConfirmation.name));
}

void
Instruct(ReturnSetInfo *result, const Job &job, const char *runner, const char *statement) {
    Say(result, job.name, job.schedule, runner,
        psprintf("run in database %s: %s", quote_identifier(CronDatabase()), statement));
}

// What to run in pg_cron's database, a line for each job. Workers go on until pg_cron says that it has them.
void
InstructElsewhere(ReturnSetInfo *result, bool schedule) {
    if (!schedule)
        MarkRunner("worker");
    const JobList jobs = ListJobs();
    for (uint64 i = 0; i < jobs.count; i++) {
        const Job &job = jobs.items[i];
        const bool wanted = schedule && job.runs;
        const char *runner = job.heard ? "pg_cron" : "worker";
        Instruct(result, job, schedule && !job.runs ? "nobody" : runner,
                 wanted ? ScheduleStatement(job) : UnscheduleStatement(job.name));
    }
    Instruct(result, kConfirmation, "pg_cron",
             schedule ? ConfirmStatement() : UnscheduleStatement(kConfirmation.name));
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
        (place == Place::Here ? marked_jobs : heard_jobs).Run(Access::Write);
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

// laurel_internal.confirm_jobs(jobs)
LAUREL_FUNCTION(laurel_confirm_jobs) {
    const AsOwner owner(OwnerOf(TableOid("jobs")));
    const SpiConnection spi;
    if (FindPgCron() == Place::Elsewhere)
        confirm_jobs.Run(Access::Write, PG_GETARG_DATUM(0));
    PG_RETURN_VOID();
}

// laurel.job_status()
LAUREL_FUNCTION(laurel_job_status) {
    InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
    const AsOwner owner(OwnerOf(TableOid("jobs")));
    const SpiConnection spi;
    const CatalogPath path(CatalogPath::Force);
    const Place place = FindPgCron();
    if (place == Place::Here && MayUseCron()) {
        RunCron(Statement(kRuns).Returns(JSONBOID));
        const Datum values[] = {CStringGetTextDatum(CronTimeZone()), Field(0, 1)};
        ReturnRows(fcinfo, status_here.Run(Access::Write, values));
        PG_RETURN_NULL();
    }
    const bool elsewhere = place == Place::Elsewhere;
    const Nullable database = elsewhere ? CStringGetTextDatum(CronDatabase()) : Nullable();
    ReturnRows(fcinfo, status_elsewhere.Run(Access::Write, {CStringGetTextDatum(CronTimeZone()), database}));
    PG_RETURN_NULL();
}

} // namespace laurel::jobs
