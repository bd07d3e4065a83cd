// Series: events that follow from a rule. Their occurrences are ordinary events, made ahead of time; one that
// somebody has altered is an exception, which the series leaves alone.
//
// Lock order: a series, then its events by key. Whoever makes occurrences shares the row of the series, so
// that nobody changes it meanwhile; the key of series and day lets two make them at once.

#include "events/series.h"

#include "access/caller.h"
#include "events/occurrences.h"
#include "postgres/arguments.h"
#include "postgres/bridge.h"
#include "postgres/draft_row.h"
#include "postgres/error.h"
#include "postgres/list.h"
#include "postgres/owner.h"
#include "postgres/sized_statement.h"
#include "postgres/trigger.h"

namespace laurel::events {

namespace {

constexpr TriggerSpec kMakeOccurrences = {"make_occurrences", TriggerSpec::After, TriggerSpec::EachStatement,
                                          TriggerSpec::Insert};
constexpr TriggerSpec kFollowSeries = {"follow_series", TriggerSpec::After, TriggerSpec::EachStatement,
                                       TriggerSpec::Update};
constexpr TriggerSpec kNoteException = {"note_exception", TriggerSpec::Before, TriggerSpec::EachRow,
                                        TriggerSpec::Update};

constexpr int kMostDays = 800; // more than a window has
constexpr int kMostPreviewed = 1000;
constexpr size_t kMostRuleOctets = 2000;
constexpr const char *kNotInOrder = "the rule of a series is not in order";

constexpr SqlText kSeries = "n.organization_id, n.id, n.rrule, n.starts_on, n.time_zone, n.horizon_days";
constexpr Oid kSeriesTypes[] = {UUIDOID, UUIDOID, TEXTOID, TIMESTAMPOID, TEXTOID, INT4OID};

SizedStatement new_series =
    SizedStatement(Sql<"SELECT {1} FROM new_rows n ORDER BY n.id", kSeries>).Returns(kSeriesTypes);
SizedStatement changed_series = SizedStatement(Sql<R"(SELECT {1}, o.rrule, o.starts_on
        FROM new_rows n JOIN old_rows o ON o.id = n.id ORDER BY n.id)",
                                                   kSeries>)
                                    .Returns(kSeriesTypes, TEXTOID, TIMESTAMPOID);
Statement due_series = Statement(Sql<R"(SELECT {1} FROM ONLY laurel.event_series n
        JOIN ONLY laurel.activities a ON a.organization_id = n.organization_id AND a.id = n.activity_id AND a.status = 'active'
        WHERE n.organization_id = $1 AND n.status = 'active' ORDER BY n.id FOR SHARE OF n SKIP LOCKED)",
                                     kSeries>,
                                 UUIDOID)
                           .Returns(kSeriesTypes);

// The occurrences $3, at the moments $4, but for days that are left out.
constexpr SqlText kPlanned = R"(ONLY laurel.event_series s CROSS JOIN LATERAL (
            SELECT day, starts_at FROM ROWS FROM (pg_catalog.unnest($3), pg_catalog.unnest($4)) AS u (day, starts_at) WHERE u.day <> ALL (s.exdates)
        ) p)";

// Interval arithmetic would count days by the clock of the session.
constexpr SqlText kEnd =
    "p.starts_at + pg_catalog.make_interval(secs => extract(epoch FROM s.duration)::double precision)";

// A series whose activity is archived makes no more.
Statement make_events =
    Statement(Sql<R"(INSERT INTO laurel.events (organization_id, activity_id, title, description, location,
            facilitator_id, scheduled_date, ends_at, max_participants, max_guests, has_waitlist, check_in_grace,
            points_reward, series_id, series_version, recurrence_date)
        SELECT s.organization_id, s.activity_id, s.title, s.description, s.location, s.facilitator_id, p.starts_at, {2},
            s.max_participants, s.max_guests, s.has_waitlist, s.check_in_grace, s.points_reward, s.id, s.version, p.day
        FROM {1} JOIN ONLY laurel.activities a ON a.organization_id = s.organization_id AND a.id = s.activity_id AND a.status = 'active'
        WHERE s.organization_id = $1 AND s.id = $2 AND s.status = 'active' AND p.starts_at > pg_catalog.now()
            AND NOT EXISTS (SELECT FROM ONLY laurel.events e WHERE e.organization_id = s.organization_id
                AND e.series_id = s.id AND e.recurrence_date = p.day)
        ORDER BY p.day
        ON CONFLICT (organization_id, series_id, recurrence_date) DO NOTHING)",
                  kPlanned, kEnd>,
              UUIDOID, UUIDOID, DATEARRAYOID, TIMESTAMPTZARRAYOID);

// Locks what is still to come, and says when the last is that nobody has altered.
Statement lock_coming =
    Statement(R"(SELECT pg_catalog.max(scheduled_date) FILTER (WHERE NOT is_exception) FROM (
            SELECT e.scheduled_date, e.is_exception FROM ONLY laurel.events e WHERE e.organization_id = $1 AND e.series_id = $2
                AND e.status = 'scheduled' AND e.scheduled_date > pg_catalog.now() ORDER BY e.id FOR NO KEY UPDATE) c)",
              UUIDOID, UUIDOID)
        .Returns(TIMESTAMPTZOID);

constexpr SqlText kComing = R"(e.organization_id = $1 AND e.series_id = $2 AND e.status = 'scheduled'
            AND e.scheduled_date > pg_catalog.now())";

// What nobody has altered goes where the series goes: to its own day where that remains, else to the one that
// is $5 days later and nobody's yet.
Statement move_events = Statement(Sql<R"(WITH planned AS MATERIALIZED (
            SELECT p.* FROM {1} WHERE s.organization_id = $1 AND s.id = $2
        ), following AS MATERIALIZED (
            SELECT e.id, p.day, p.starts_at FROM ONLY laurel.events e
            JOIN planned p ON p.day = e.recurrence_date OR p.day = e.recurrence_date + $5 AND NOT EXISTS (
                SELECT FROM planned own WHERE own.day = e.recurrence_date) AND NOT EXISTS (
                SELECT FROM ONLY laurel.events o WHERE o.organization_id = $1 AND o.series_id = $2 AND o.recurrence_date = p.day)
            WHERE {3} AND NOT e.is_exception AND p.starts_at > pg_catalog.now()
        ) UPDATE ONLY laurel.events e SET title = s.title, description = s.description, location = s.location,
            facilitator_id = s.facilitator_id, scheduled_date = p.starts_at, ends_at = {2},
            max_participants = s.max_participants, max_guests = s.max_guests, has_waitlist = s.has_waitlist,
            check_in_grace = s.check_in_grace, points_reward = s.points_reward, recurrence_date = p.day, series_version = s.version
        FROM following p, ONLY laurel.event_series s
        WHERE e.id = p.id AND s.organization_id = $1 AND s.id = $2
            AND (e.title, e.description, e.location, e.facilitator_id, e.scheduled_date, e.ends_at, e.max_participants, e.max_guests,
                e.has_waitlist, e.check_in_grace, e.points_reward, e.recurrence_date)
            IS DISTINCT FROM (s.title, s.description, s.location, s.facilitator_id, p.starts_at, {2}, s.max_participants, s.max_guests,
                s.has_waitlist, s.check_in_grace, s.points_reward, p.day))",
                                      kPlanned, kEnd, kComing>,
                                  UUIDOID, UUIDOID, DATEARRAYOID, TIMESTAMPTZARRAYOID, INT4OID);

// A day that is left out is cancelled in any case, one that the rule does not name any more where nobody has
// altered it.
Statement cancel_left_out =
    Statement(Sql<R"(UPDATE ONLY laurel.events e SET status = 'cancelled', series_version = s.version
        FROM ONLY laurel.event_series s WHERE s.organization_id = $1 AND s.id = $2 AND {1}
            AND (e.recurrence_date = ANY (s.exdates) OR NOT e.is_exception AND e.recurrence_date <> ALL ($3)))",
                  kComing>,
              UUIDOID, UUIDOID, DATEARRAYOID);

Statement end_series =
    Statement("UPDATE ONLY laurel.event_series SET status = 'ended' WHERE id = $1 RETURNING organization_id",
              UUIDOID)
        .Returns(UUIDOID);

Statement cancel_coming =
    Statement(Sql<R"(UPDATE ONLY laurel.events e SET status = 'cancelled', series_version = s.version
        FROM ONLY laurel.event_series s WHERE s.organization_id = $1 AND s.id = $2 AND {1} AND NOT e.is_exception)",
                  kComing>,
              UUIDOID, UUIDOID);

Statement previewed = Statement("SELECT day, starts_at FROM ROWS FROM (pg_catalog.unnest($1), "
                                "pg_catalog.unnest($2)) AS u (day, starts_at)",
                                DATEARRAYOID, TIMESTAMPTZARRAYOID)
                          .Returns(DATEOID, TIMESTAMPTZOID);

struct Series {
    Uuid organization;
    Uuid id;
    std::string_view rule;
    Timestamp start;
    std::string_view zone;
    int32 horizon;
};

Series
ReadSeries(Row *row) {
    return {ToUuid(row->Next()), ToUuid(row->Next()),
            ToText(row->Next()), DatumGetTimestamp(row->Next()),
            ToText(row->Next()), DatumGetInt32(row->Next())};
}

[[noreturn]] void
RefuseRule(const char *message, const char *detail, const char *hint) {
    Refuse({.message = message,
            .detail = detail,
            .hint = hint,
            .table = "event_series",
            .constraint = "event_series_rrule_check"});
}

Schedule
ScheduleOf(std::string_view rule, Timestamp start, std::string_view zone) {
    Schedule schedule = {.rule = {}, .start = start, .zone = ZoneNamed(zone)};
    const kernel::recurrence::Fault fault = kernel::recurrence::ParseRule(rule, &schedule.rule);
    if (fault.detail != nullptr)
        RefuseRule(kNotInOrder, RuleDetail(fault), fault.hint);
    return schedule;
}

DateADT
RequireFirstDay(const Schedule &schedule) {
    DateADT day;
    if (!FirstDay(schedule, &day))
        RefuseRule("the rule of a series names no day", "None that exists comes on or after the start.",
                   "Look at UNTIL, BYMONTH and BYMONTHDAY.");
    return day;
}

// The occurrences from yesterday on, whose places are known, until the end of the window or `last`.
bool
Plan(const Series &series, const Schedule &schedule, TimestampTz last, Occurrences *planned) {
    const TimestampTz now = GetCurrentTransactionStartTimestamp();
    const TimestampTz end = std::max(last, now + series.horizon * USECS_PER_DAY);
    return OccurrencesOf(schedule, LocalDay(now, schedule.zone) - 1, end, kMostDays, planned);
}

uint64
Make(const Series &series, const Occurrences &planned) {
    return make_events.Run(
        Access::Write, {FromUuid(series.organization), FromUuid(series.id), planned.days, planned.moments});
}

void
RequireSteps(bool in_reach) {
    if (!in_reach)
        RefuseRule("the rule of a series takes too many steps", "It was followed for 10000 periods.",
                   "Let it start later, or say it with a longer FREQ.");
}

// Brings what is still to come to what the series says, `later` days after what it said.
void
Follow(const Series &series, const Schedule &schedule, int32 later) {
    const Datum organization = FromUuid(series.organization), id = FromUuid(series.id);
    bool none;
    lock_coming.Run(Access::Write, {organization, id});
    const Datum last = Field(0, 1, &none);
    Occurrences planned;
    RequireSteps(Plan(series, schedule, none ? DT_NOBEGIN : DatumGetTimestampTz(last), &planned));
    move_events.Run(Access::Write, {organization, id, planned.days, planned.moments, Int32GetDatum(later)});
    cancel_left_out.Run(Access::Write, {organization, id, planned.days});
    Make(series, planned);
}

// A row that was changed, and when it began before.
struct Change {
    Series series;
    std::string_view old_rule;
    Timestamp old_start;
};

void
Follow(const Change &change) {
    const Schedule schedule = ScheduleOf(change.series.rule, change.series.start, change.series.zone);
    const Schedule before = ScheduleOf(change.old_rule, change.old_start, change.series.zone);
    const DateADT day = RequireFirstDay(schedule);
    DateADT old_day;
    Follow(change.series, schedule, FirstDay(before, &old_day) ? day - old_day : 0);
}

Timestamp
StartOfDay(int year, int month, int day) {
    return (date2j(year, month, day) - POSTGRES_EPOCH_JDATE) * USECS_PER_DAY;
}

// Holds a preview to what the table of series allows.
void
RequirePreview(std::string_view rule, Timestamp start, int32 count) {
    const char *wrong = nullptr;
    if (rule.size() > kMostRuleOctets)
        wrong = psprintf("\"rrule\" has more than %zu bytes.", kMostRuleOctets);
    if (start < StartOfDay(1970, 1, 1) || start > StartOfDay(2199, 12, 31) || start % USECS_PER_SEC != 0)
        wrong = "\"starts_on\" is a time in whole seconds, from 1970-01-01 to 2199-12-31.";
    if (count < 1 || count > kMostPreviewed)
        wrong = psprintf("\"count\" is %d, and may be 1 to %d.", count, kMostPreviewed);
    if (wrong != nullptr)
        Refuse({.sqlstate = ERRCODE_INVALID_PARAMETER_VALUE,
                .message = "there is no such preview",
                .detail = wrong});
}

} // namespace

uint64
ExtendSeries(const Uuid &organization) {
    const uint64 count = due_series.Run(Access::Write, FromUuid(organization));
    auto *all = NewList<Series>(count);
    for (uint64 i = 0; i < count; i++) {
        Row row(i);
        all[i] = ReadSeries(&row);
    }
    uint64 made = 0;
    for (uint64 i = 0; i < count; i++) {
        Occurrences planned;
        Plan(all[i], ScheduleOf(all[i].rule, all[i].start, all[i].zone), DT_NOBEGIN, &planned);
        made += planned.count > 0 ? Make(all[i], planned) : 0;
    }
    return made;
}

LAUREL_FUNCTION(laurel_make_occurrences) {
    TriggerData *trigger = CheckTrigger(fcinfo, kMakeOccurrences);
    const int64 rows = RowsOf(trigger->tg_newtable);
    const AsOwner owner(OwnerOf(RelationGetRelid(trigger->tg_relation)));
    const SpiConnection spi;
    ShareTransitionTables(trigger);
    const uint64 count = rows == 0 ? 0 : new_series.Run(rows);
    auto *all = NewList<Series>(count);
    for (uint64 i = 0; i < count; i++) {
        Row row(i);
        all[i] = ReadSeries(&row);
    }
    for (uint64 i = 0; i < count; i++) {
        const Schedule schedule = ScheduleOf(all[i].rule, all[i].start, all[i].zone);
        RequireFirstDay(schedule);
        Occurrences planned;
        RequireSteps(Plan(all[i], schedule, DT_NOBEGIN, &planned));
        Make(all[i], planned);
    }
    return PointerGetDatum(nullptr);
}

LAUREL_FUNCTION(laurel_follow_series) {
    TriggerData *trigger = CheckTrigger(fcinfo, kFollowSeries);
    const int64 rows = RowsOf(trigger->tg_newtable);
    const AsOwner owner(OwnerOf(RelationGetRelid(trigger->tg_relation)));
    const SpiConnection spi;
    ShareTransitionTables(trigger);
    const uint64 count = rows == 0 ? 0 : changed_series.Run(rows);
    auto *changes = NewList<Change>(count);
    for (uint64 i = 0; i < count; i++) {
        Row row(i);
        changes[i] = {ReadSeries(&row), ToText(row.Next()), DatumGetTimestamp(row.Next())};
    }
    for (uint64 i = 0; i < count; i++)
        Follow(changes[i]);
    return PointerGetDatum(nullptr);
}

LAUREL_FUNCTION(laurel_note_exception) {
    DraftRow row(CheckTrigger(fcinfo, kNoteException));
    row.Set("is_exception", BOOLOID, BoolGetDatum(true));
    return row.Done();
}

// laurel.end_series(series, cancel)
LAUREL_FUNCTION(laurel_end_series) {
    const Uuid series = ToUuid(Required(fcinfo, 0, "series_id"));
    const bool cancel = DatumGetBool(Required(fcinfo, 1, "cancel"));
    access::NoticeChanges();
    const SpiConnection spi;
    if (end_series.Run(Access::Write, FromUuid(series)) == 0)
        Refuse({.sqlstate = ERRCODE_INSUFFICIENT_PRIVILEGE,
                .message = "not allowed to end this series",
                .detail = "There is none of that id that you may change.",
                .hint = access::HintOr("Ask who looks after the series, or an org_admin.")});
    if (!cancel)
        PG_RETURN_INT64(0);
    const Uuid organization = ToUuid(Field(0, 1));
    const AsOwner owner(OwnerOf(TableOid("events")));
    lock_coming.Run(Access::Write, {FromUuid(organization), FromUuid(series)});
    PG_RETURN_INT64(
        static_cast<int64>(cancel_coming.Run(Access::Write, {FromUuid(organization), FromUuid(series)})));
}

// laurel.preview_series(rrule, starts_on, time_zone, count)
LAUREL_FUNCTION(laurel_preview_series) {
    InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
    const std::string_view rule = ToText(Required(fcinfo, 0, "rrule"));
    const Timestamp start = DatumGetTimestamp(Required(fcinfo, 1, "starts_on"));
    const std::string_view zone = ToText(Required(fcinfo, 2, "time_zone"));
    const int32 count = DatumGetInt32(Required(fcinfo, 3, "count"));
    RequirePreview(rule, start, count);
    Schedule schedule = {.rule = {}, .start = start, .zone = ZoneNamed(zone)};
    const kernel::recurrence::Fault fault = kernel::recurrence::ParseRule(rule, &schedule.rule);
    if (fault.detail != nullptr)
        Refuse({.sqlstate = ERRCODE_INVALID_PARAMETER_VALUE,
                .message = kNotInOrder,
                .detail = RuleDetail(fault),
                .hint = fault.hint});
    Occurrences found;
    OccurrencesOf(schedule, DATEVAL_NOBEGIN, DT_NOEND, count, &found);
    const SpiConnection spi;
    ReturnRows(fcinfo, previewed.Run(Access::Read, {found.days, found.moments}));
    PG_RETURN_NULL();
}

} // namespace laurel::events
