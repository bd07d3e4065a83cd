// Leaderboards of the current week, the current month and all time, read from the accounts.

#include "leaderboards/board.h"
#include "leaderboards/leaderboards.h"
#include "points/settings.h"
#include "postgres/bridge.h"
#include "postgres/list.h"
#include "postgres/owner.h"

extern "C" {
#include "utils/fmgroids.h"
}

namespace laurel::leaderboards {

namespace {

constinit Board weekly = BoardOver<"points_this_week", "week_reached_at", " AND up.week_start = $2">();
constinit Board monthly = BoardOver<"points_this_month", "month_reached_at", " AND up.month_start = $2">();
constinit Board all_time = BoardOver<"total_points", "reached_at", "">();

Statement every_organization =
    Statement("SELECT id FROM ONLY laurel.organizations ORDER BY id").Returns(UUIDOID);

// The lowest mark that stands above so many points, and how many members are at it or above.
Statement next_mark =
    Statement(
        R"(SELECT m.points, (m.ahead + coalesce((SELECT pg_catalog.sum(v.by) FROM ONLY laurel_internal.rank_moves v
            WHERE v.organization_id = $1 AND v.period = $2 AND v.period_start = $3 AND v.points = m.points), 0))::pg_catalog.int8
        FROM ONLY laurel_internal.rank_marks m WHERE m.organization_id = $1 AND m.period = $2 AND m.period_start = $3
            AND m.points > $4 AND m.ahead IS NOT NULL ORDER BY m.points LIMIT 1)",
        UUIDOID, TEXTOID, DATEOID, INT8OID)
        .Returns(INT8OID, INT8OID)
        .Generic();

Board &
BoardOf(Period period) {
    if (period == Period::AllTime)
        return all_time;
    return period == Period::Weekly ? weekly : monthly;
}

// A line with what only live leaderboards show.
struct LiveStanding : Standing {
    Datum tier;
    int32 level;
    TimestampTz reached_at;
};

struct Lines {
    LiveStanding *items;
    int count = 0;
};

struct Place {
    int64 points;
    TimestampTz reached_at;
    Uuid user;
};

// Reads one leaderboard of one organization for one viewer, in an SPI connection of the tables' owner. Every
// statement reads the caller's snapshot, so that they agree.
class BoardReader {
public:
    BoardReader(Period period, const Viewer &viewer)
        : period_(period), board_(BoardOf(period)),
          viewer_(viewer), values_{FromUuid(viewer_.organization),
                                   DateADTGetDatum(
                                       StartOf(period, points::Today(points::SettingsOf(viewer.organization),
                                                                     GetCurrentTimestamp()))),
                                   BoolGetDatum(viewer.sees_everyone),
                                   FromUuid(viewer_.self),
                                   0,
                                   0,
                                   FromUuid(place_.user),
                                   Int64GetDatum(PG_INT64_MAX)} {}
    BoardReader(const BoardReader &) = delete;
    BoardReader &operator=(const BoardReader &) = delete;

    // Finds the member's place; false where there is none or the viewer must not know it.
    bool Find(const Uuid &user) {
        place_.user = user;
        if (board_.place.Run(Access::Read, values_) == 0)
            return false;
        place_.points = DatumGetInt64(Field(0, 1));
        place_.reached_at = DatumGetTimestampTz(Field(0, 2));
        values_[4] = Int64GetDatum(place_.points);
        values_[5] = TimestampTzGetDatum(place_.reached_at);
        return DatumGetBool(Field(0, 3));
    }

    int64 Points() const { return place_.points; }

    // Lines with at most so many points, best first.
    void TakeFrom(int64 points, Lines *lines, int rows) {
        values_[4] = Int64GetDatum(points);
        Take(board_.from_points, lines, rows);
        values_[4] = Int64GetDatum(place_.points);
    }

    // Lines from the found place on, best first.
    void TakeBehind(Lines *lines, int rows) {
        Take(board_.ties_from, lines, rows);
        TakeFrom(place_.points - 1, lines, rows);
    }

    // Lines before the found place, nearest first.
    void TakeBefore(Lines *lines, int rows) {
        Take(board_.ties_before, lines, rows);
        Take(board_.more_points, lines, rows);
    }

    // Members with more points whom the viewer sees.
    int64 CountMore(int64 points) {
        const Datum mark[] = {values_[0], FromText(NameOf(period_)), values_[1], Int64GetDatum(points)};
        const bool has_mark = !InTrigger() && next_mark.Run(Access::Read, mark) > 0;
        values_[7] = Int64GetDatum(has_mark ? DatumGetInt64(Field(0, 1)) - 1 : PG_INT64_MAX);
        const int64 ahead = has_mark ? DatumGetInt64(Field(0, 2)) : 0;
        const int64 hidden = viewer_.sees_everyone ? 0 : Count(board_.count_hidden, points);
        return ahead + Count(board_.count_more, points) - hidden;
    }

    // Members with exactly so many points whom the viewer sees.
    int64 CountTied(int64 points) {
        return Count(viewer_.sees_everyone ? board_.count_tied : board_.count_tied_visible, points);
    }

    uint64 TakeEveryone() { return board_.everyone.Run(Access::Read, values_); }

private:
    // Whether a trigger asks: the statement that fires it may have changed accounts and not told of it yet.
    static bool InTrigger() { return DatumGetInt32(OidFunctionCall0(F_PG_TRIGGER_DEPTH)) > 0; }

    // Adds lines until there are `rows`.
    void Take(Statement &statement, Lines *lines, int rows) {
        if (lines->count >= rows)
            return;
        const uint64 found = statement.Run(Access::Read, values_, rows - lines->count);
        for (uint64 i = 0; i < found; i++) {
            Row row(i);
            LiveStanding *line = &lines->items[lines->count++];
            ReadStanding(&row, line);
            line->tier = row.Next();
            line->level = DatumGetInt32(row.Next());
            line->reached_at = DatumGetTimestampTz(row.Next());
        }
    }

    int64 Count(Statement &statement, int64 points) {
        values_[4] = Int64GetDatum(points);
        statement.Run(Access::Read, values_);
        return DatumGetInt64(Field(0, 1));
    }

    const Period period_;
    Board &board_;
    const Viewer viewer_;
    Place place_{};
    Datum values_[8];
};

Lines
NewLines(int rows) {
    return {NewList<LiveStanding>(rows)};
}

// How many lines share the first one's points.
int
LeadingTies(const Lines &lines) {
    int tied = std::min(lines.count, 1);
    while (tied < lines.count && lines.items[tied].points == lines.items[0].points)
        tied++;
    return tied;
}

// Gives ranks to the lines: members with equal points share one. `more` members have more points than the
// first line and `tied` as many, whether they are among the lines or not.
void
Number(Lines *lines, int64 more, int64 tied) {
    const int leading = LeadingTies(*lines);
    for (int i = 0; i < lines->count; i++) {
        LiveStanding &line = lines->items[i];
        if (i < leading)
            line.rank = more + 1;
        else if (line.points == lines->items[i - 1].points)
            line.rank = lines->items[i - 1].rank;
        else
            line.rank = more + tied + 1 + (i - leading);
    }
}

Lines
TopLines(BoardReader *reader, int rows) {
    Lines lines = NewLines(rows);
    reader->TakeFrom(PG_INT64_MAX, &lines, rows);
    Number(&lines, 0, LeadingTies(lines));
    return lines;
}

// The lines with the member in the middle, shifted where the leaderboard begins or ends before they do.
Lines
LinesAround(BoardReader *reader, const Uuid &user, int rows) {
    Lines lines = NewLines(rows);
    if (!reader->Find(user))
        return lines;
    Lines before = NewLines(rows), behind = NewLines(rows);
    reader->TakeBefore(&before, rows - 1);
    reader->TakeBehind(&behind, rows);
    const int first = std::min(before.count, std::max((rows - 1) / 2, rows - behind.count));
    std::reverse_copy(before.items, before.items + first, lines.items);
    lines.count = first + std::min(behind.count, rows - first);
    std::copy(behind.items, behind.items + (lines.count - first), lines.items + first);
    const int64 points = lines.items[0].points;
    const bool one_group = LeadingTies(lines) == lines.count;
    Number(&lines, reader->CountMore(points), one_group ? lines.count : reader->CountTied(points));
    return lines;
}

void
ReturnLines(const Lines &lines, const Viewer &viewer, ReturnSetInfo *result) {
    for (int i = 0; i < lines.count; i++) {
        const LiveStanding &line = lines.items[i];
        Datum values[9];
        bool nulls[9] = {};
        ShowStanding(line, values, nulls);
        values[5] = line.tier;
        values[6] = Int32GetDatum(line.level);
        values[7] = TimestampTzGetDatum(line.reached_at);
        nulls[7] = !line.shown;
        values[8] = BoolGetDatum(line.user == viewer.self);
        tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
    }
}

// Adds the whole leaderboard of the viewer's organization to the result.
void
ReturnEveryone(Period period, const Viewer &viewer, ReturnSetInfo *result) {
    const SpiConnection spi;
    BoardReader reader(period, viewer);
    const uint64 count = reader.TakeEveryone();
    int64 rank = 0, points = 0;
    for (uint64 i = 0; i < count; i++) {
        bool nulls[3] = {};
        const Datum user = Field(i, 1, &nulls[0]);
        const Datum value = Field(i, 2);
        if (i == 0 || DatumGetInt64(value) != points)
            rank = static_cast<int64>(i) + 1;
        points = DatumGetInt64(value);
        Datum values[] = {user, value, Int64GetDatum(rank)};
        tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
    }
}

void
ReturnEveryOrganization(Period period, Viewer viewer, ReturnSetInfo *result) {
    const SpiConnection spi;
    const uint64 count = every_organization.Run(Access::Read);
    auto *organizations = NewList<Uuid>(count);
    for (uint64 i = 0; i < count; i++)
        organizations[i] = ToUuid(Field(i, 1));
    for (uint64 i = 0; i < count; i++) {
        viewer.organization = organizations[i];
        ReturnEveryone(period, viewer, result);
    }
}

} // namespace

// laurel.standings(period)
LAUREL_FUNCTION(laurel_standings) {
    InitMaterializedSRF(fcinfo, 0);
    auto *result = reinterpret_cast<ReturnSetInfo *>(fcinfo->resultinfo);
    const Period period = PeriodArgument(fcinfo, 0);
    const Viewer viewer = ViewerOf(nullptr);
    const AsOwner owner(OwnerOf(TableOid("user_points")));
    if (viewer.has_organization)
        ReturnEveryone(period, viewer, result);
    else if (viewer.trusted)
        ReturnEveryOrganization(period, viewer, result);
    PG_RETURN_NULL();
}

// laurel.leaderboard(period, max_rows, around_user, organization)
LAUREL_FUNCTION(laurel_leaderboard) {
    InitMaterializedSRF(fcinfo, 0);
    const Period period = PeriodArgument(fcinfo, 0);
    const int rows = RowsArgument(fcinfo, 1);
    const Uuid *around = UuidArgument(fcinfo, 2);
    const Viewer viewer = ViewerOf(UuidArgument(fcinfo, 3), around);
    if (!viewer.has_organization)
        PG_RETURN_NULL();
    const AsOwner owner(OwnerOf(TableOid("user_points")));
    const SpiConnection spi;
    BoardReader reader(period, viewer);
    const Lines lines = around != nullptr ? LinesAround(&reader, *around, rows) : TopLines(&reader, rows);
    ReturnLines(lines, viewer, reinterpret_cast<ReturnSetInfo *>(fcinfo->resultinfo));
    PG_RETURN_NULL();
}

// laurel.rank_of(user, period, organization)
LAUREL_FUNCTION(laurel_rank_of) {
    const Uuid *user = UuidArgument(fcinfo, 0);
    const Period period = PeriodArgument(fcinfo, 1);
    const Viewer viewer = ViewerOf(UuidArgument(fcinfo, 2), user);
    if (user == nullptr || !viewer.has_organization)
        PG_RETURN_NULL();
    const AsOwner owner(OwnerOf(TableOid("user_points")));
    const SpiConnection spi;
    BoardReader reader(period, viewer);
    if (!reader.Find(*user))
        PG_RETURN_NULL();
    PG_RETURN_INT64(reader.CountMore(reader.Points()) + 1);
}

} // namespace laurel::leaderboards
