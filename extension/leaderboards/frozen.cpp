// Leaderboards of finished weeks and months: computed once from the ledger, then kept.

#include "access/caller.h"
#include "jobs/failures.h"
#include "jobs/sweep.h"
#include "kernel/period.h"
#include "leaderboards/leaderboards.h"
#include "points/settings.h"
#include "postgres/arguments.h"
#include "postgres/bridge.h"
#include "postgres/error.h"
#include "postgres/list.h"
#include "postgres/owner.h"

namespace laurel::leaderboards {

namespace {

// The lock makes one session freeze at a time: whoever waited sees what the other has frozen.
Statement lock_organization =
    Statement(R"(SELECT o.time_zone FROM ONLY laurel.organizations o WHERE o.id = $1 FOR NO KEY UPDATE)",
              UUIDOID)
        .Returns(TEXTOID);

// An entry is recorded when it occurred or later, so the index by created_at bounds what is read.
Statement freeze = Statement(
                       R"(INSERT INTO laurel.leaderboard_standings
        (organization_id, period, period_start, user_id, points, rank, reached_at)
        SELECT $1, $2, $3, e.user_id, e.points, pg_catalog.rank() OVER (ORDER BY e.points DESC),
        e.reached_at FROM (SELECT l.user_id, pg_catalog.sum(l.amount)::bigint AS points,
            pg_catalog.max(l.created_at) AS reached_at FROM laurel.points_history l
            WHERE l.organization_id = $1 AND l.created_at >= $4 AND l.occurred_at >= $4 AND l.occurred_at < $5
            GROUP BY l.user_id) e
        JOIN ONLY laurel.user_organizations m ON m.organization_id = $1 AND m.user_id = e.user_id
        WHERE NOT EXISTS (SELECT FROM ONLY laurel.leaderboard_standings s
            WHERE s.organization_id = $1 AND s.period = $2 AND s.period_start = $3))",
                       UUIDOID, TEXTOID, DATEOID, TIMESTAMPTZOID, TIMESTAMPTZOID)
                       .Custom();

Statement frozen =
    Statement(Sql<R"(SELECT {1} FROM ONLY laurel.leaderboard_standings s {2}
        WHERE s.organization_id = $1 AND s.period = $2 AND s.period_start = $5 AND {3}
        ORDER BY s.rank, s.reached_at, s.user_id LIMIT 1000)",
                  Sql<kStandingColumns, "s", "points">, kStandingMember<"s">, Sql<kStandingVisible, "s">>,
              UUIDOID, TEXTOID, BOOLOID, UUIDOID, DATEOID)
        .Returns(UUIDOID, INT8OID, BOOLOID, TEXTOID, TEXTOID);

Statement organizations_to_freeze =
    Statement("SELECT id FROM ONLY laurel.organizations ORDER BY id").Returns(UUIDOID);

// The first day after a period.
int32
EndOf(Period period, int32 start) {
    constexpr int kMoreThanAnyMonth = 31;
    return period == Period::Weekly ? start + 7 : kernel::MonthStart(start + kMoreThanAnyMonth);
}

// The last period that is over in the organization's time zone.
int32
LastFinished(Period period, const Uuid &organization) {
    return StartOf(
        period, StartOf(period, points::Today(points::SettingsOf(organization), GetCurrentTimestamp())) - 1);
}

const char *
DayText(DateADT day) {
    return DatumGetCString(DirectFunctionCall1(date_out, DateADTGetDatum(day)));
}

// Arguments `index` and the next: a week or month and its first day, or error 22023.
Period
FinitePeriodArgument(FunctionCallInfo fcinfo, int index, DateADT *start) {
    const Period period = PeriodArgument(fcinfo, index);
    if (period == Period::AllTime)
        Refuse({.sqlstate = ERRCODE_INVALID_PARAMETER_VALUE,
                .message = "a leaderboard of all time is never finished",
                .hint = "Use weekly or monthly."});
    *start = DatumGetDateADT(Required(fcinfo, index + 1, "period_start"));
    if (DATE_NOT_FINITE(*start) || StartOf(period, *start) != *start)
        Refuse({.sqlstate = ERRCODE_INVALID_PARAMETER_VALUE,
                .message = psprintf("no %s period begins on %s", NameOf(period), DayText(*start)),
                .hint = "A week begins on Monday, a month on its first day."});
    return period;
}

// Freezes a period that is over; 0 where it is frozen already or nobody had points. Runs as the tables'
// owner.
int64
Freeze(Period period, DateADT start, const Uuid &organization) {
    const SpiConnection spi;
    if (lock_organization.Run(Access::Write, {FromUuid(organization)}) == 0)
        return 0;
    pg_tz *zone = ZoneNamed(ToText(Field(0, 1)));
    const Datum values[] = {FromUuid(organization), CStringGetTextDatum(NameOf(period)),
                            DateADTGetDatum(start), TimestampTzGetDatum(MomentOf({start, 0}, zone)),
                            TimestampTzGetDatum(MomentOf({EndOf(period, start), 0}, zone))};
    return static_cast<int64>(freeze.Run(Access::Write, values));
}

constexpr const char *kJob = "leaderboards";

// One organization's failure is noted and told; the others are frozen all the same.
void
TellFailure(const Uuid &organization, const ErrorData &error) {
    jobs::NoteFailure(kJob, organization, error);
    ereport(WARNING,
            (errcode(error.sqlerrcode),
             errmsg("the leaderboards of organization %s are not frozen: %s", UuidText(organization),
                    error.message),
             errhint("The other organizations are frozen. This one is tried again at the next call.")));
}

// Runs `freeze_one` for every organization and adds up what it froze.
template <typename Fn>
int64
ForEveryOrganization(Fn freeze_one) {
    const SpiConnection spi;
    return jobs::SweepOrganizations(organizations_to_freeze, freeze_one, TellFailure);
}

[[noreturn]] void
RefuseUnfinished(Period period, DateADT start) {
    Refuse({.sqlstate = kConflict,
            .message = psprintf("the %s period of %s is not over", NameOf(period), DayText(start)),
            .detail =
                psprintf("It ends before %s in the organization's time zone.", DayText(EndOf(period, start))),
            .hint = "Freeze it afterwards; laurel.leaderboard() shows it meanwhile."});
}

// Freezes a period in every organization where it is over; refuses where it is over in none.
int64
FreezeEverywhere(Period period, DateADT start) {
    bool any = false;
    const int64 rows = ForEveryOrganization([&](const Uuid &organization) {
        if (start > LastFinished(period, organization))
            return int64{0};
        any = true;
        return Freeze(period, start, organization);
    });
    if (!any)
        RefuseUnfinished(period, start);
    return rows;
}

} // namespace

// laurel.freeze_leaderboard(period, period_start, organization)
LAUREL_FUNCTION(laurel_freeze_leaderboard) {
    DateADT start;
    const Period period = FinitePeriodArgument(fcinfo, 0, &start);
    const Viewer viewer = ViewerOf(UuidArgument(fcinfo, 2));
    const Oid table = TableOid("leaderboard_standings");
    if (!viewer.trusted || !PG_ARGISNULL(2))
        access::RequireAdministrator(table, viewer.organization, "freeze a leaderboard");
    const AsOwner owner(OwnerOf(table));
    if (viewer.trusted && PG_ARGISNULL(2))
        PG_RETURN_INT64(FreezeEverywhere(period, start));
    if (start > LastFinished(period, viewer.organization))
        RefuseUnfinished(period, start);
    PG_RETURN_INT64(Freeze(period, start, viewer.organization));
}

// laurel.freeze_finished_leaderboards()
LAUREL_FUNCTION(laurel_freeze_finished_leaderboards) {
    const Oid table = TableOid("leaderboard_standings");
    access::NoticeChanges();
    const AsOwner owner(OwnerOf(table));
    const TimestampTz begin = GetCurrentTimestamp();
    const int64 frozen_rows = ForEveryOrganization([](const Uuid &organization) {
        int64 rows = 0;
        for (const Period period : {Period::Weekly, Period::Monthly})
            rows += Freeze(period, LastFinished(period, organization), organization);
        return rows;
    });
    jobs::ForgetFailures(kJob, begin);
    PG_RETURN_INT64(frozen_rows);
}

// laurel.frozen_leaderboard(period, period_start, max_rows, organization)
LAUREL_FUNCTION(laurel_frozen_leaderboard) {
    InitMaterializedSRF(fcinfo, 0);
    auto *result = reinterpret_cast<ReturnSetInfo *>(fcinfo->resultinfo);
    DateADT start;
    const Period period = FinitePeriodArgument(fcinfo, 0, &start);
    const int rows = RowsArgument(fcinfo, 2);
    const Viewer viewer = ViewerOf(UuidArgument(fcinfo, 3), nullptr);
    if (!viewer.has_organization)
        PG_RETURN_NULL();
    const AsOwner owner(OwnerOf(TableOid("leaderboard_standings")));
    const SpiConnection spi;
    const Datum arguments[] = {FromUuid(viewer.organization), CStringGetTextDatum(NameOf(period)),
                               BoolGetDatum(viewer.sees_everyone), FromUuid(viewer.self),
                               DateADTGetDatum(start)};
    const uint64 count = frozen.Run(Access::Read, arguments, rows);
    Standing standing = {};
    for (uint64 i = 0; i < count; i++) {
        Row row(i);
        const int64 points = standing.points;
        ReadStanding(&row, &standing);
        if (i == 0 || standing.points != points)
            standing.rank = static_cast<int64>(i) + 1;
        Datum values[6];
        bool nulls[6] = {};
        ShowStanding(standing, values, nulls);
        values[5] = BoolGetDatum(standing.user == viewer.self);
        tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
    }
    PG_RETURN_NULL();
}

} // namespace laurel::leaderboards
