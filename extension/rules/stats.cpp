#include "rules/stats.h"

#include "kernel/period.h"
#include "kernel/tier.h"
#include "points/settings.h"
#include "postgres/array.h"
#include "postgres/fresh.h"
#include "postgres/json_value.h"
#include "postgres/list.h"
#include "postgres/row_set.h"
#include "postgres/sized_statement.h"

namespace laurel::rules {

namespace {

constexpr RowSetColumn kAskedColumns[] = {
    {"n", INT4OID},           {"organization_id", UUIDOID}, {"user_id", UUIDOID},
    {"at", TIMESTAMPTZOID},   {"since", TIMESTAMPTZOID},    {"day", TIMESTAMPTZOID},
    {"week", TIMESTAMPTZOID}, {"month", TIMESTAMPTZOID},    {"week_start", DATEOID},
    {"month_start", DATEOID}, {"last7", TIMESTAMPTZOID},    {"last30", TIMESTAMPTZOID}};
constexpr int kAskedColumnCount = static_cast<int>(std::size(kAskedColumns));

// In the order of kAccountWords. A week that is over has no points yet.
SizedStatement account_stats =
    SizedStatement(R"(
    SELECT a.n, p.total_points, p.lifetime_points,
        CASE WHEN p.week_start = a.week_start THEN p.points_this_week ELSE 0 END,
        CASE WHEN p.month_start = a.month_start THEN p.points_this_month ELSE 0 END,
        p.current_level::bigint, pg_catalog.array_position('{bronze,silver,gold,platinum}'::text[], p.tier)::bigint - 1,
        p.current_streak::bigint, p.longest_streak::bigint
    FROM asked a JOIN ONLY laurel.user_points p ON p.organization_id = a.organization_id AND p.user_id = a.user_id)")
        .Returns(INT4OID, INT8OID, INT8OID, INT8OID, INT8OID, INT8OID, INT8OID, INT8OID, INT8OID);
constexpr Word kAccountWords[] = {Word::PointsTotal,     Word::PointsLifetime, Word::PointsThisWeek,
                                  Word::PointsThisMonth, Word::Level,          Word::Tier,
                                  Word::StreakDays,      Word::LongestStreak};

// How many rows {1} a member has, where {2}.
constexpr SqlText kCountOf = R"(SELECT a.n, pg_catalog.count(*) FROM asked a
    JOIN ONLY {1} t ON t.organization_id = a.organization_id AND {2} GROUP BY 1)";

template <SqlText table, SqlText condition>
constexpr SizedStatement
CountOf() {
    return SizedStatement(Sql<kCountOf, table, condition>).Returns(INT4OID, INT8OID);
}

struct CountedWord {
    Word word;
    SizedStatement count;
};

// What members set themselves, as easy as they like, earns nothing.
CountedWord counted_words[] = {
    {Word::BadgesEarned, CountOf<"laurel.badge_awards", "t.user_id = a.user_id">()},
    {Word::CoursesCompleted,
     CountOf<"laurel.enrollments", "t.user_id = a.user_id AND t.completed_at IS NOT NULL">()},
    {Word::ModulesCompleted,
     CountOf<"laurel.module_completions", "t.user_id = a.user_id AND t.status = 'completed'">()},
    {Word::PathsCompleted,
     CountOf<"laurel.learning_path_progress", "t.user_id = a.user_id AND t.status = 'completed'">()},
    {Word::EventsAttended,
     CountOf<"laurel.participations", "t.user_id = a.user_id AND t.attendance_status = 'attended'">()},
    {Word::RecognitionsGiven,
     CountOf<"laurel.recognitions", "t.sender_id = a.user_id AND t.status = 'approved'">()},
    {Word::RecognitionsReceived,
     CountOf<"laurel.recognitions", "t.recipient_id = a.user_id AND t.status = 'approved'">()},
    {Word::OnboardingCompleted,
     CountOf<"laurel.user_onboardings", "t.user_id = a.user_id AND t.status = 'completed'">()},
    {Word::TeamsJoined, CountOf<"laurel.team_memberships", "t.user_id = a.user_id">()},
    {Word::ChallengesCompleted,
     CountOf<"laurel.personal_challenges", "t.user_id = a.user_id AND t.status = 'completed' "
                                           "AND t.set_by IS DISTINCT FROM t.user_id">()},
};

SizedStatement badge_slugs = SizedStatement(R"(
    SELECT a.n, b.slug FROM asked a
    JOIN ONLY laurel.badge_awards w ON w.organization_id = a.organization_id AND w.user_id = a.user_id
    JOIN ONLY laurel.badges b ON b.organization_id = w.organization_id AND b.id = w.badge_id
    ORDER BY 1, 2)")
                                 .Returns(INT4OID, TEXTOID);

// In the order of Window. $1 are the types.
SizedStatement event_counts =
    SizedStatement(R"(
    SELECT a.n, e.type, pg_catalog.count(*) FILTER (WHERE e.occurred_at >= a.day),
        pg_catalog.count(*) FILTER (WHERE e.occurred_at >= a.week),
        pg_catalog.count(*) FILTER (WHERE e.occurred_at >= a.month), pg_catalog.count(*),
        pg_catalog.count(*) FILTER (WHERE e.occurred_at > a.last7), pg_catalog.count(*) FILTER (WHERE e.occurred_at > a.last30)
    FROM asked a CROSS JOIN pg_catalog.unnest($1) t (type)
    JOIN ONLY laurel.domain_events e ON e.organization_id = a.organization_id AND e.user_id = a.user_id
        AND e.type = t.type AND e.occurred_at >= a.since AND e.occurred_at <= a.at
    GROUP BY 1, 2)",
                   TEXTARRAYOID)
        .Returns(INT4OID, TEXTOID, INT8OID, INT8OID, INT8OID, INT8OID, INT8OID, INT8OID);

// The calendar of an organization at a moment.
struct Calendar {
    TimestampTz day, week, month;
    DateADT week_start, month_start;
};

// Reads the organizations' calendars, each moment once where many are asked for the same.
class Calendars {
public:
    const Calendar &At(const Asked &asked) {
        if (is_known_ && asked.at == at_ && asked.organization == organization_)
            return calendar_;
        organization_ = asked.organization;
        at_ = asked.at;
        is_known_ = true;
        pg_tz *zone = points::SettingsOf(organization_).zone;
        const int32 day = LocalDay(at_, zone);
        calendar_.week_start = kernel::WeekStart(day);
        calendar_.month_start = kernel::MonthStart(day);
        calendar_.day = MomentOf({day, 0}, zone);
        calendar_.week = MomentOf({calendar_.week_start, 0}, zone);
        calendar_.month = MomentOf({calendar_.month_start, 0}, zone);
        return calendar_;
    }

private:
    bool is_known_ = false;
    Uuid organization_{};
    TimestampTz at_ = 0;
    Calendar calendar_{};
};

// So many times 24 hours before; all of time where that is before the first moment.
TimestampTz
DaysBefore(TimestampTz at, int64 days) {
    const int64 span = days * USECS_PER_DAY;
    return at < MIN_TIMESTAMP + span ? DT_NOBEGIN : at - span;
}

// From where on events are read.
TimestampTz
Since(const Wanted &wanted, const Calendar &calendar, TimestampTz at) {
    TimestampTz since = DT_NOEND;
    for (int i = 0; i < wanted.count(); i++) {
        const TimestampTz begins[] = {calendar.day, calendar.week,     calendar.month,
                                      DT_NOBEGIN,   DaysBefore(at, 7), DaysBefore(at, 30)};
        static_assert(std::size(begins) == kWindowCount);
        since = std::min(since, begins[static_cast<int>(wanted[i].window)]);
    }
    return since;
}

bool
WantsCalendar(const Wanted &wanted) {
    if (wanted.Has(Word::PointsThisWeek) || wanted.Has(Word::PointsThisMonth))
        return true;
    for (int i = 0; i < wanted.count(); i++)
        if (wanted[i].window < Window::Total)
            return true;
    return false;
}

void
FillAsked(const Wanted &wanted, const Asked *asked, int count, RowSet *rows) {
    const bool wants_calendar = WantsCalendar(wanted);
    Calendars calendars;
    Calendar calendar = {DT_NOBEGIN, DT_NOBEGIN, DT_NOBEGIN, 0, 0};
    const bool nulls[kAskedColumnCount] = {};
    for (int i = 0; i < count; i++) {
        if (wants_calendar)
            calendar = calendars.At(asked[i]);
        const Datum values[kAskedColumnCount] = {Int32GetDatum(i),
                                                 FromUuid(asked[i].organization),
                                                 FromUuid(asked[i].user),
                                                 TimestampTzGetDatum(asked[i].at),
                                                 TimestampTzGetDatum(Since(wanted, calendar, asked[i].at)),
                                                 TimestampTzGetDatum(calendar.day),
                                                 TimestampTzGetDatum(calendar.week),
                                                 TimestampTzGetDatum(calendar.month),
                                                 DateADTGetDatum(calendar.week_start),
                                                 DateADTGetDatum(calendar.month_start),
                                                 TimestampTzGetDatum(DaysBefore(asked[i].at, 7)),
                                                 TimestampTzGetDatum(DaysBefore(asked[i].at, 30))};
        rows->Add(values, nulls);
    }
}

// Where very many are asked, a plan made for some of them would read row by row.
constexpr int kVeryManyAsked = 5000;

uint64
RunAsked(SizedStatement *statement, int count, const Parameters &parameters = {}) {
    Statement &sized = statement->For(count);
    return count < kVeryManyAsked ? sized.Run(Access::Read, parameters)
                                  : sized.RunOnce(Access::Read, parameters);
}

MemberStats &
StatsOfRow(MemberStats *stats, uint64 row) {
    return stats[DatumGetInt32(Field(row, 1))];
}

void
ReadAccounts(int count, MemberStats *stats) {
    const uint64 rows = RunAsked(&account_stats, count);
    for (uint64 row = 0; row < rows; row++) {
        MemberStats &member = StatsOfRow(stats, row);
        for (size_t i = 0; i < std::size(kAccountWords); i++)
            member.numbers[static_cast<int>(kAccountWords[i])] =
                DatumGetInt64(Field(row, static_cast<int>(i) + 2));
    }
    ForgetResult();
}

void
ReadCounted(CountedWord *counted, int count, MemberStats *stats) {
    const uint64 rows = RunAsked(&counted->count, count);
    for (uint64 row = 0; row < rows; row++)
        StatsOfRow(stats, row).numbers[static_cast<int>(counted->word)] = DatumGetInt64(Field(row, 2));
    ForgetResult();
}

std::string_view
KeptText(Datum text, MemoryContext memory) {
    const std::string_view view = ToText(text);
    char *copy = static_cast<char *>(MemoryContextAlloc(memory, view.size() + 1));
    std::copy(view.begin(), view.end(), copy);
    return {copy, view.size()};
}

void
ReadSlugs(int count, MemberStats *stats, MemoryContext memory) {
    const uint64 rows = RunAsked(&badge_slugs, count);
    auto *slugs = NewList<std::string_view>(rows, memory);
    for (uint64 row = 0; row < rows; row++) {
        MemberStats &member = StatsOfRow(stats, row);
        slugs[row] = KeptText(Field(row, 2), memory);
        if (member.slug_count++ == 0)
            member.slugs = slugs + row;
    }
    ForgetResult();
}

bool
IsFirstOfType(const Wanted &wanted, int index) {
    for (int before = 0; before < index; before++)
        if (wanted[before].type == wanted[index].type)
            return false;
    return true;
}

Datum
TypesOf(const Wanted &wanted) {
    auto *types = NewList<Datum>(wanted.count());
    int count = 0;
    for (int i = 0; i < wanted.count(); i++)
        if (IsFirstOfType(wanted, i))
            types[count++] = FromText(wanted[i].type);
    return ArrayOf(types, count, TEXTOID);
}

void
ReadCounts(const Wanted &wanted, int count, MemberStats *stats) {
    const uint64 rows = RunAsked(&event_counts, count, TypesOf(wanted));
    for (uint64 row = 0; row < rows; row++) {
        MemberStats &member = StatsOfRow(stats, row);
        const std::string_view type = ToText(Field(row, 2));
        for (int i = 0; i < wanted.count(); i++)
            if (wanted[i].type == type)
                member.counts[i] = DatumGetInt64(Field(row, static_cast<int>(wanted[i].window) + 3));
    }
    ForgetResult();
}

MemberStats *
NewStats(const Wanted &wanted, int count) {
    auto *stats = NewList<MemberStats>(count);
    auto *counts = NewList<int64>(int64{count} * wanted.count());
    std::fill_n(counts, int64{count} * wanted.count(), 0);
    for (int i = 0; i < count; i++) {
        stats[i] = {};
        stats[i].counts = counts + int64{i} * wanted.count();
    }
    return stats;
}

void
ReadWanted(const Wanted &wanted, int count, MemberStats *stats, MemoryContext memory) {
    if (std::any_of(std::begin(kAccountWords), std::end(kAccountWords),
                    [&wanted](Word word) { return wanted.Has(word); }))
        ReadAccounts(count, stats);
    for (CountedWord &counted : counted_words)
        if (wanted.Has(counted.word))
            ReadCounted(&counted, count, stats);
    if (wanted.Has(Word::Badges))
        ReadSlugs(count, stats, memory);
    if (wanted.count() > 0)
        ReadCounts(wanted, count, stats);
}

// {"module_completed": {"week": 3}}
Jsonb *
CountsObject(const Wanted &wanted, const MemberStats &stats) {
    JsonbObject types;
    for (int i = 0; i < wanted.count(); i++) {
        const std::string_view type = wanted[i].type;
        if (!IsFirstOfType(wanted, i))
            continue;
        JsonbObject windows;
        for (int same = i; same < wanted.count(); same++)
            if (wanted[same].type == type)
                windows.Number(kWindows[static_cast<int>(wanted[same].window)], stats.counts[same]);
        types.Nested(type, windows.Finish());
    }
    return types.Finish();
}

void
PutWord(const Wanted &wanted, const MemberStats &stats, int word, JsonbObject *object) {
    const WordInfo &info = kWords[word];
    const int64 number = stats.numbers[word];
    switch (info.kind) {
    case WordKind::Number:
        object->Number(info.name, number);
        return;
    case WordKind::Flag:
        object->Bool(info.name, number > 0);
        return;
    case WordKind::Tier:
        object->Text(info.name, kernel::TierName(static_cast<kernel::Tier>(number)));
        return;
    case WordKind::Slugs:
        object->Texts(info.name, stats.slugs, stats.slug_count);
        return;
    case WordKind::Counts:
        object->Nested(info.name, CountsObject(wanted, stats));
        return;
    }
}

} // namespace

MemberStats *
ReadStats(const Wanted &wanted, const Asked *asked, int count) {
    MemberStats *stats = NewStats(wanted, count);
    if (wanted.is_nothing() || count == 0)
        return stats;
    const MemoryContext memory = CurrentMemoryContext;
    CommandCounterIncrement();
    const FreshRead fresh(OwnerOf(TableOid("domain_events")));
    RowSet rows("asked", kAskedColumns);
    FillAsked(wanted, asked, count, &rows);
    const SharedRows shared(rows);
    ReadWanted(wanted, count, stats, memory);
    return stats;
}

Jsonb *
StatsObject(const Wanted &wanted, const MemberStats &stats) {
    JsonbObject object;
    for (int word = 0; word < kWordCount; word++)
        if (wanted.Has(static_cast<Word>(word)))
            PutWord(wanted, stats, word, &object);
    return object.Finish();
}

} // namespace laurel::rules
