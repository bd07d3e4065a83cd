// Where the marks of large leaderboards stand, and how many members are ahead of them: the steps of
// laurel.refresh_ranks(), each a transaction.
//
// A mark is placed first and counted later: once it is committed, every statement that changes an account
// tells of it, and once those have ended that ran before, what is counted and what is told add up. Sessions
// read the marks after they have locked the accounts' table, which brings them news of marks. Counting waits
// in its own step, which no other places marks in: it would count those without having waited for them.

#include "leaderboards/leaderboards.h"
#include "points/settings.h"
#include "postgres/bridge.h"
#include "postgres/error.h"
#include "postgres/list.h"
#include "postgres/own_lock.h"
#include "postgres/owner.h"

extern "C" {
#include "access/xact.h"
#include "storage/lmgr.h"
#include "utils/acl.h"
}

namespace laurel::leaderboards {

namespace {

// A leaderboard of fewer members is counted as fast as marks are looked up.
constexpr int64 kLeastMembers = 10000;
// Members between two marks, and how many marks there are at most: each is passed by some awards.
constexpr int64 kMembersBetween = 4000;
constexpr int64 kMostMarks = 256;

Statement list_moved =
    Statement("SELECT DISTINCT organization_id FROM ONLY laurel_internal.rank_moves ORDER BY 1")
        .Returns(UUIDOID);

Statement list_large = Statement(R"(SELECT organization_id FROM ONLY laurel.user_points GROUP BY 1
        HAVING pg_catalog.count(*) >= $1 UNION SELECT organization_id FROM ONLY laurel_internal.rank_marks ORDER BY 1)",
                                 INT8OID)
                           .Returns(UUIDOID);

Statement list_uncounted = Statement(R"(SELECT DISTINCT organization_id, period, period_start
        FROM ONLY laurel_internal.rank_marks WHERE ahead IS NULL ORDER BY 1, 2, 3)")
                               .Returns(UUIDOID, TEXTOID, DATEOID);

Statement list_placers =
    Statement("SELECT DISTINCT xmin FROM ONLY laurel_internal.rank_marks WHERE ahead IS NULL")
        .Returns(XIDOID);

// False where somebody is deleting the organization, whose marks go with it: nobody waits for that. One that
// is gone already may have left moves.
Statement may_step =
    Statement(
        R"(WITH kept AS MATERIALIZED (SELECT FROM ONLY laurel.organizations WHERE id = $1 FOR KEY SHARE SKIP LOCKED)
        SELECT EXISTS (SELECT FROM kept) OR NOT EXISTS (SELECT FROM ONLY laurel.organizations WHERE id = $1))",
        UUIDOID)
        .Returns(BOOLOID);

// The moves of marks that are not counted yet wait: counting takes them in.
Statement fold =
    Statement(R"(WITH gone AS (DELETE FROM ONLY laurel_internal.rank_moves v WHERE v.organization_id = $1
            AND NOT EXISTS (SELECT FROM ONLY laurel_internal.rank_marks m WHERE m.organization_id = $1 AND m.period = v.period
                AND m.period_start = v.period_start AND m.points = v.points AND m.ahead IS NULL)
            RETURNING v.period, v.period_start, v.points, v.by),
        sums AS (SELECT g.period, g.period_start, g.points, pg_catalog.sum(g.by)::pg_catalog.int8 AS by FROM gone g GROUP BY 1, 2, 3)
        UPDATE ONLY laurel_internal.rank_marks m SET ahead = m.ahead + s.by FROM sums s
        WHERE m.organization_id = $1 AND m.period = s.period AND m.period_start = s.period_start AND m.points = s.points)",
              UUIDOID);

Statement forget_past = Statement(R"(DELETE FROM ONLY laurel_internal.rank_marks
        WHERE organization_id = $1 AND period = $2 AND period_start <> $3)",
                                  UUIDOID, TEXTOID, DATEOID);

// What is known of the marks of a leaderboard: how many there are, how many members are at the lowest or
// above, the lowest, and the most members between two that stand beside each other.
Statement look =
    Statement(
        R"(SELECT pg_catalog.count(*), coalesce(pg_catalog.max(b.ahead), 0), coalesce(pg_catalog.min(b.points), 0),
            coalesce(pg_catalog.max(b.between_them), 0)
        FROM (SELECT m.points, m.ahead, m.ahead - pg_catalog.lead(m.ahead, 1, 0) OVER (ORDER BY m.points) AS between_them
            FROM ONLY laurel_internal.rank_marks m WHERE m.organization_id = $1 AND m.period = $2 AND m.period_start = $3) b)",
        UUIDOID, TEXTOID, DATEOID)
        .Returns(INT8OID, INT8OID, INT8OID, INT8OID);

// The statements of one leaderboard.
struct Marking {
    Statement below; // members with fewer points than $4, up to $5
    Statement place; // marks anew: at each $4th member, or further apart where that were more than $5
    Statement count; // what has not been counted
};

// What is kept of a leaderboard in the row {1}.
constexpr SqlText kOfBoard = "{1}.organization_id = $1 AND {1}.period = $2 AND {1}.period_start = $3";

template <SqlText points, SqlText on_board>
constexpr Statement
Below() {
    return Statement(Sql<R"(SELECT pg_catalog.count(*) FROM (SELECT FROM ONLY laurel.user_points up
        WHERE {2} AND up.{1} < $4 AND $2 <> '' LIMIT $5) few)",
                         points, on_board>,
                     UUIDOID, TEXTOID, DATEOID, INT8OID, INT8OID)
        .Returns(INT8OID);
}

template <SqlText points, SqlText on_board>
constexpr Statement
Place() {
    return Statement(Sql<R"(WITH board AS (SELECT up.{1} AS points,
            pg_catalog.row_number() OVER (ORDER BY up.{1}) AS place, pg_catalog.count(*) OVER () AS members
            FROM ONLY laurel.user_points up WHERE {2}),
        wanted AS MATERIALIZED (SELECT DISTINCT points FROM board
            WHERE place % greatest($4, members / $5 + 1) = 0),
        surplus AS (DELETE FROM ONLY laurel_internal.rank_marks m WHERE {3}
            AND NOT EXISTS (SELECT FROM wanted w WHERE w.points = m.points))
        INSERT INTO laurel_internal.rank_marks (organization_id, period, period_start, points)
        SELECT $1, $2, $3, w.points FROM wanted w ON CONFLICT DO NOTHING)",
                         points, on_board, Sql<kOfBoard, "m">>,
                     UUIDOID, TEXTOID, DATEOID, INT8OID, INT8OID);
}

template <SqlText points, SqlText on_board>
constexpr Statement
Count() {
    return Statement(Sql<R"(WITH marks AS MATERIALIZED (
            SELECT pg_catalog.array_agg(m.points ORDER BY m.points) AS points
            FROM ONLY laurel_internal.rank_marks m WHERE {3} AND m.ahead IS NULL),
        counted AS (SELECT pg_catalog.width_bucket(up.{1}, m.points) AS reached, pg_catalog.count(*) AS members
            FROM marks m CROSS JOIN ONLY laurel.user_points up WHERE {2} GROUP BY 1),
        sums AS (SELECT u.points, coalesce((SELECT pg_catalog.sum(c.members) FROM counted c
                WHERE c.reached >= u.number), 0)::pg_catalog.int8 AS ahead
            FROM marks m CROSS JOIN LATERAL ROWS FROM (pg_catalog.unnest(m.points)) WITH ORDINALITY
                u (points, number)),
        gone AS (DELETE FROM ONLY laurel_internal.rank_moves v USING marks m
            WHERE {4} AND v.points = ANY (m.points))
        UPDATE ONLY laurel_internal.rank_marks r SET ahead = s.ahead FROM sums s
        WHERE {5} AND r.points = s.points)",
                         points, on_board, Sql<kOfBoard, "m">, Sql<kOfBoard, "v">, Sql<kOfBoard, "r">>,
                     UUIDOID, TEXTOID, DATEOID);
}

template <SqlText points, SqlText reached, SqlText period>
constexpr Marking
MarkingOver() {
    constexpr SqlText on_board = Sql<kOnBoard, reached, period>;
    return {.below = Below<points, on_board>(),
            .place = Place<points, on_board>(),
            .count = Count<points, on_board>()};
}

// In the order of Period.
constinit Marking markings[] = {
    MarkingOver<"points_this_week", "week_reached_at", " AND up.week_start = $3">(),
    MarkingOver<"points_this_month", "month_reached_at", " AND up.month_start = $3">(),
    MarkingOver<"total_points", "reached_at", " AND $3 IS NOT NULL">()};

constexpr Period kAllPeriods[] = {Period::Weekly, Period::Monthly, Period::AllTime};

// A leaderboard as arguments of the statements.
struct BoardKey {
    BoardKey(const Uuid &of, Period of_period, int32 start)
        : organization(of), period(of_period), parameters{FromUuid(organization), FromText(NameOf(period)),
                                                          DateADTGetDatum(start)} {}
    BoardKey(const BoardKey &) = delete;
    BoardKey &operator=(const BoardKey &) = delete;

    Parameters With(int64 fourth, int64 fifth) const {
        Parameters more = parameters;
        more.Add(Int64GetDatum(fourth));
        more.Add(Int64GetDatum(fifth));
        return more;
    }

    Uuid organization;
    Period period;
    Parameters parameters;
};

int64
CountBelow(BoardKey *board, int64 points, int64 at_most) {
    markings[static_cast<int>(board->period)].below.Run(Access::Write, board->With(points, at_most));
    return DatumGetInt64(Field(0, 1));
}

// Whether marks would stand better elsewhere: there are none and many members, or too many between two.
bool
NeedsMarks(BoardKey *board) {
    look.Run(Access::Write, board->parameters);
    Row row;
    const int64 count = DatumGetInt64(row.Next());
    const int64 above = DatumGetInt64(row.Next());
    const int64 lowest = DatumGetInt64(row.Next());
    const int64 between = DatumGetInt64(row.Next());
    if (count == 0)
        return CountBelow(board, PG_INT64_MAX, kLeastMembers) == kLeastMembers;
    const int64 bearable = 2 * std::max(kMembersBetween, above / kMostMarks);
    return between > bearable || CountBelow(board, lowest, bearable + 1) > bearable;
}

void
PlaceMarks(const Uuid &organization) {
    points::Settings *settings = points::FindSettings(organization);
    if (settings == nullptr)
        return;
    const int32 today = points::Today(*settings, GetCurrentTimestamp());
    for (const Period period : kAllPeriods) {
        BoardKey board(organization, period, StartOf(period, today));
        forget_past.Run(Access::Write, board.parameters);
        if (NeedsMarks(&board))
            markings[static_cast<int>(period)].place.Run(Access::Write,
                                                         board.With(kMembersBetween, kMostMarks));
    }
}

// Calls act(organization) for each that the statement lists and nobody is deleting.
template <typename Act>
void
EachOrganization(Statement *list, const Parameters &parameters, Act act) {
    const uint64 count = list->Run(Access::Write, parameters);
    auto *organizations = NewList<Uuid>(count);
    for (uint64 i = 0; i < count; i++)
        organizations[i] = ToUuid(Field(i, 1));
    for (uint64 i = 0; i < count; i++) {
        CHECK_FOR_INTERRUPTS();
        may_step.Run(Access::Write, {FromUuid(organizations[i])});
        if (DatumGetBool(Field(0, 1)))
            act(organizations[i]);
    }
}

// One step at a time: what another one folds or counts meanwhile would be lost.
class Step {
public:
    Step() : owner_(OwnerOf(TableOid("rank_marks", "laurel_internal"))) { LockUntilEnd(OwnLock::Ranks); }

private:
    AsOwner owner_;
    SpiConnection spi_;
};

// What nobody sees yet, and what an older snapshot shows, is not counted: others would not tell of it, or
// have told already. Who owns the tables may count his own marks, as tests do. Whether they are his own.
bool
RequireSight(bool owns) {
    bool own_marks = false;
    const uint64 count = list_placers.Run(Access::Write);
    for (uint64 i = 0; i < count; i++)
        own_marks |= TransactionIdIsCurrentTransactionId(DatumGetTransactionId(Field(i, 1)));
    if (IsolationUsesXactSnapshot() || (own_marks && !owns))
        Refuse({.sqlstate = kConflict,
                .message = "marks are counted in READ COMMITTED, and once they are committed",
                .hint = "CALL laurel.refresh_ranks() does all that there is to do."});
    return own_marks;
}

// Waits for the transactions that have changed accounts and may not know of marks that are placed. As CREATE
// INDEX CONCURRENTLY does, it keeps nobody waiting.
void
AwaitAccounts() {
    LOCKTAG tag;
    SET_LOCKTAG_RELATION(tag, MyDatabaseId, TableOid("user_points"));
    WaitForLockers(tag, ShareLock, false);
}

bool
HasUncounted() {
    return list_uncounted.Run(Access::Write) > 0;
}

} // namespace

// laurel_internal.fold_rank_moves()
LAUREL_FUNCTION(laurel_fold_rank_moves) {
    const Step step;
    EachOrganization(&list_moved, {},
                     [](const Uuid &organization) { fold.Run(Access::Write, {FromUuid(organization)}); });
    PG_RETURN_VOID();
}

// laurel_internal.place_rank_marks(): whether any is not counted
LAUREL_FUNCTION(laurel_place_rank_marks) {
    const Step step;
    EachOrganization(&list_large, {Int64GetDatum(kLeastMembers)}, PlaceMarks);
    PG_RETURN_BOOL(HasUncounted());
}

// laurel_internal.count_rank_marks()
LAUREL_FUNCTION(laurel_count_rank_marks) {
    const bool owns = has_privs_of_role(GetUserId(), OwnerOf(TableOid("rank_marks", "laurel_internal")));
    const Step step;
    if (!HasUncounted())
        PG_RETURN_VOID();
    if (!RequireSight(owns))
        AwaitAccounts();
    const uint64 count = list_uncounted.Run(Access::Write);
    const KeptResult boards;
    for (uint64 i = 0; i < count; i++) {
        boards.Restore();
        Row row(i);
        const Uuid organization = ToUuid(row.Next());
        const Period period = PeriodNamed(ToText(row.Next()));
        BoardKey board(organization, period, DatumGetDateADT(row.Next()));
        markings[static_cast<int>(period)].count.Run(Access::Write, board.parameters);
    }
    PG_RETURN_VOID();
}

} // namespace laurel::leaderboards
