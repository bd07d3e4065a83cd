// SQL of the leaderboards that are read from the accounts.
#pragma once

#include "leaderboards/leaderboards.h"

namespace laurel::leaderboards {

// The statements of one leaderboard. Lines are read by the index of their period, in its order, until there
// are enough: a leaderboard is never sorted. The arguments are those of BoardReader.
struct Board {
    Statement from_points;  // lines with at most so many points, best first
    Statement ties_from;    // lines with as many points, from a place on
    Statement ties_before;  // lines with as many points, before a place, nearest first
    Statement more_points;  // lines with more points, nearest first
    Statement place;        // of one member
    Statement count_more;   // members with more points, up to $8
    Statement count_tied;   // members with as many points
    Statement count_hidden; // members with more points whom others do not see
    Statement count_tied_visible;
    Statement everyone;
};

// With the parameters that all statements of a leaderboard have.
constexpr Statement
OfBoard(const char *sql) {
    return Statement(sql, UUIDOID, DATEOID, BOOLOID, UUIDOID, INT8OID, TIMESTAMPTZOID, UUIDOID, INT8OID);
}

// Orders by points, which are column {1}, and by when they were reached, which is {2}.
constexpr SqlText kBestFirst = "up.{1} DESC, up.{2}, up.user_id";
constexpr SqlText kNearestFirst = "up.{1}, up.{2} DESC, up.user_id DESC";

// Lines of whom the condition is true, in that order.
template <SqlText points, SqlText reached, SqlText on_board, SqlText condition, SqlText order>
constexpr Statement
Page() {
    return OfBoard(
               Sql<R"(SELECT {1}, up.tier, up.current_level, up.{2} FROM ONLY laurel.user_points up {3}
        WHERE {4} AND {5} AND {6} ORDER BY {7} LIMIT 1000)",
                   Sql<kStandingColumns, "up", points>, reached, kStandingMember<"up">, on_board,
                   Sql<condition, points, reached>, Sql<kStandingVisible, "up">, Sql<order, points, reached>>)
        .Returns(UUIDOID, INT8OID, BOOLOID, TEXTOID, TEXTOID, TEXTOID, INT4OID, TIMESTAMPTZOID)
        .Generic();
}

template <SqlText points, SqlText reached, SqlText on_board>
constexpr Statement
FindPlace() {
    return OfBoard(Sql<R"(SELECT up.{1}, up.{2}, $3 OR up.user_id = $4 OR who.privacy = 'public'
        FROM ONLY laurel.user_points up {3} WHERE {4} AND up.user_id = $7)",
                       points, reached, kStandingMember<"up">, on_board>)
        .Returns(INT8OID, TIMESTAMPTZOID, BOOLOID)
        .Generic();
}

template <SqlText points, SqlText on_board, SqlText condition>
constexpr Statement
Count() {
    return OfBoard(Sql<"SELECT pg_catalog.count(*) FROM ONLY laurel.user_points up WHERE {1} AND {2}",
                       on_board, Sql<condition, points>>)
        .Returns(INT8OID);
}

template <SqlText points, SqlText on_board>
constexpr Statement
CountHidden() {
    return OfBoard(
               Sql<R"(SELECT pg_catalog.count(*) FROM (SELECT p.user_id FROM ONLY laurel.user_preferences p
            WHERE p.leaderboard_privacy = 'hidden' UNION SELECT m.user_id FROM ONLY laurel.user_organizations m
            WHERE m.organization_id = $1 AND m.leaderboard_privacy = 'hidden') h
        JOIN ONLY laurel.user_points up ON up.user_id = h.user_id
        WHERE h.user_id <> $4 AND {2} AND up.{1} > $5)",
                   points, on_board>)
        .Returns(INT8OID);
}

template <SqlText points, SqlText reached, SqlText on_board>
constexpr Statement
Everyone() {
    return OfBoard(Sql<R"(SELECT CASE WHEN $3 OR up.user_id = $4 OR {4} = 'public' THEN up.user_id END, up.{1}
        FROM ONLY laurel.user_points up LEFT JOIN ONLY laurel.user_preferences p ON p.user_id = up.user_id
        LEFT JOIN ONLY laurel.user_organizations m ON m.organization_id = up.organization_id
            AND m.user_id = up.user_id AND m.leaderboard_privacy <> 'public'
        WHERE {2} AND ($3 OR up.user_id = $4 OR (p.leaderboard_privacy IS DISTINCT FROM 'hidden'
            AND m.leaderboard_privacy IS DISTINCT FROM 'hidden')) ORDER BY {3})",
                       points, on_board, Sql<kBestFirst, points, reached>, Sql<kStandingPrivacy, "p", "m">>)
        .Returns(UUIDOID, INT8OID)
        .Custom();
}

template <SqlText points, SqlText reached, SqlText period>
constexpr Board
BoardOver() {
    constexpr SqlText on_board = Sql<kOnBoard, reached, period>;
    return {
        .from_points = Page<points, reached, on_board, "up.{1} <= $5", kBestFirst>(),
        .ties_from =
            Page<points, reached, on_board, "up.{1} = $5 AND (up.{2}, up.user_id) >= ($6, $7)", kBestFirst>(),
        .ties_before = Page<points, reached, on_board, "up.{1} = $5 AND (up.{2}, up.user_id) < ($6, $7)",
                            kNearestFirst>(),
        .more_points = Page<points, reached, on_board, "up.{1} > $5", kNearestFirst>(),
        .place = FindPlace<points, reached, on_board>(),
        .count_more = Count<points, on_board, "up.{1} > $5 AND up.{1} <= $8">().Generic(),
        .count_tied = Count<points, on_board, "up.{1} = $5">().Custom(),
        .count_hidden = CountHidden<points, on_board>(),
        .count_tied_visible =
            Count<points, on_board, R"(up.{1} = $5 AND NOT EXISTS (SELECT FROM ONLY laurel.user_preferences p
            WHERE p.leaderboard_privacy = 'hidden' AND p.user_id <> $4 AND p.user_id = up.user_id)
            AND NOT EXISTS (SELECT FROM ONLY laurel.user_organizations m WHERE m.leaderboard_privacy = 'hidden'
            AND m.organization_id = $1 AND m.user_id <> $4 AND m.user_id = up.user_id))">()
                .Custom(),
        .everyone = Everyone<points, reached, on_board>(),
    };
}

} // namespace laurel::leaderboards
