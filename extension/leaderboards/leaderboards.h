// What live and frozen leaderboards share: periods, and what a viewer may see of the other members.
#pragma once

#include "identity/shown_name.h"
#include "postgres/spi.h"

namespace laurel::leaderboards {

enum class Period { Weekly, Monthly, AllTime };

// What a leaderboard is called in SQL.
const char *NameOf(Period period);

// The period of that name, or error 22023.
Period PeriodNamed(std::string_view name);

// Argument `index` as a period, or error 22023.
Period PeriodArgument(FunctionCallInfo fcinfo, int index);

// The first day of the period that a day lies in; for all time, nothing to compare with.
int32 StartOf(Period period, int32 day);

constexpr int kMaxRows = 1000;

// Argument `index` as a number of rows, or error 22023.
int RowsArgument(FunctionCallInfo fcinfo, int index);

// Argument `index`, a uuid; null where it is null.
const Uuid *UuidArgument(FunctionCallInfo fcinfo, int index);

// Through whose eyes a leaderboard is read.
struct Viewer {
    bool trusted = false;
    bool has_organization = false;
    bool sees_everyone = false; // in `organization`: also hidden and anonymous members
    Uuid organization{};
    Uuid self{}; // nil where the claims name nobody
};

// The caller, looking at that organization, or at the active one where it is null. Refuses (42501) an
// organization to which the caller does not belong.
Viewer ViewerOf(const Uuid *organization);

// The same for an answer about one organization: a trusted caller who names none and has none active looks at
// the home of `subject`, else at the default organization.
Viewer ViewerOf(const Uuid *organization, const Uuid *subject);

// One line of a leaderboard; texts live as long as the SPI connection.
struct Standing {
    Uuid user;
    int64 points;
    bool shown; // false for a member who is anonymous to the viewer
    bool has_name;
    bool has_avatar;
    Datum name;
    Datum avatar;
    int64 rank;
};

// Reads the columns that kStandingColumns selects.
void ReadStanding(Row *row, Standing *standing);

// Fills in rank, user_id, display_name, avatar_url and points, as far as the viewer may know them.
void ShowStanding(const Standing &standing, Datum *values, bool *nulls);

// Whether a row `up` of user_points is on a leaderboard: {1} is the column of when the points were reached,
// {2} says of which period they are.
constexpr SqlText kOnBoard = "up.organization_id = $1{2} AND up.{1} IS NOT NULL";

// SQL for ReadStanding, over a row {1} with user_id and points in column {2}: $3 is sees_everyone and $4
// self.
constexpr SqlText kStandingColumns = "{1}.user_id, {1}.{2}, $3 OR {1}.user_id = $4 OR who.privacy = "
                                     "'public', who.display_name, who.avatar_url";

// The stricter of what a member has chosen everywhere, {1}, and for this organization, {2}.
constexpr SqlText kStandingPrivacy =
    "CASE WHEN coalesce({1}.leaderboard_privacy, 'public') = 'public' THEN"
    " coalesce({2}.leaderboard_privacy, 'public') ELSE {1}.leaderboard_privacy END";

// Joins what is said of the member of row {1}: what the membership says, at home else what the user says.
// OFFSET 0 keeps it apart, so that it is looked up for the rows of a page only.
constexpr SqlText kStandingMemberOf =
    R"(CROSS JOIN LATERAL (SELECT {3} AS display_name,
            coalesce(m.avatar_url, CASE WHEN u.organization_id = {1}.organization_id
            THEN coalesce(f.avatar_url, u.avatar_url) END) AS avatar_url, {2} AS privacy
            FROM ONLY laurel.users u LEFT JOIN ONLY laurel.profiles f ON f.user_id = u.id
            LEFT JOIN ONLY laurel.user_preferences p ON p.user_id = u.id
            LEFT JOIN ONLY laurel.user_organizations m ON m.organization_id = {1}.organization_id
                AND m.user_id = u.id WHERE u.id = {1}.user_id OFFSET 0) who)";

template <SqlText row>
static constexpr auto kStandingMember =
    Sql<kStandingMemberOf, row, Sql<kStandingPrivacy, "p", "m">, Sql<identity::kShownName, row>>;

// Leaves out hidden members; a filter of row {1} alone, so that the planner expects it to pass nearly
// everybody.
constexpr SqlText kStandingVisible =
    R"(($3 OR {1}.user_id = $4 OR ((SELECT p.leaderboard_privacy FROM ONLY laurel.user_preferences p
            WHERE p.user_id = {1}.user_id) IS DISTINCT FROM 'hidden' AND NOT EXISTS (SELECT
            FROM ONLY laurel.user_organizations m WHERE m.leaderboard_privacy = 'hidden'
            AND m.organization_id = {1}.organization_id AND m.user_id = {1}.user_id))))";

} // namespace laurel::leaderboards
