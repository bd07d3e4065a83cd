#include "points/following.h"

#include "postgres/array.h"
#include "postgres/list.h"
#include "postgres/owner.h"
#include "postgres/spi.h"

namespace laurel::points {

namespace {

// Entries that counted as earned, or took what was earned back. None is recorded before it occurs.
constexpr SqlText kEarned = R"(SELECT e.user_id, e.amount, e.occurred_at FROM {1} e
        WHERE e.organization_id = $1 AND e.user_id = ANY ($2) AND e.created_at >= $3
            AND (e.amount > 0) = (e.reverses_id IS NULL))";

// What users have earned since the day $4, by the clocks of the zone $5; $3 is a moment before that day.
Statement sum_earned =
    Statement(Sql<R"(SELECT l.user_id, pg_catalog.sum(l.amount)::pg_catalog.int8
        FROM ({1} UNION ALL {2}) l WHERE pg_catalog.timezone($5, l.occurred_at)::pg_catalog.date >= $4 GROUP BY l.user_id)",
                  Sql<kEarned, "ONLY laurel.points_ledger">, Sql<kEarned, "laurel.points_ledger_archive">>,
              UUIDOID, UUIDARRAYOID, TIMESTAMPTZOID, DATEOID, TEXTOID)
        .Returns(UUIDOID, INT8OID);

Statement lock_followers =
    Statement(
        R"(SELECT p.user_id FROM ONLY laurel.user_points p WHERE p.organization_id = $1 AND p.user_id = ANY ($2)
        ORDER BY p.user_id FOR NO KEY UPDATE)",
        UUIDOID, UUIDARRAYOID)
        .Returns(UUIDOID);

// Accounts of one organization that are looked at together, by user.
struct Followers {
    const Settings *settings;
    OpenAccount **accounts;
    uint64 count;
};

Datum
UsersOf(const Uuid *users, uint64 count) {
    Datum *values = NewList<Datum>(count);
    for (uint64 i = 0; i < count; i++)
        values[i] = FromUuid(users[i]);
    return ArrayOf(values, static_cast<int>(count), UUIDOID);
}

Datum
UsersOf(const Followers &followers) {
    Datum *values = NewList<Datum>(followers.count);
    for (uint64 i = 0; i < followers.count; i++)
        values[i] = FromUuid(followers.accounts[i]->key.user);
    return ArrayOf(values, static_cast<int>(followers.count), UUIDOID);
}

// The account of a user, who is one of the followers.
OpenAccount *
FollowerOf(const Followers &followers, const Uuid &user) {
    return *std::lower_bound(followers.accounts, followers.accounts + followers.count, user,
                             [](const OpenAccount *open, const Uuid &one) {
                                 return std::memcmp(&open->key.user, &one, sizeof(one)) < 0;
                             });
}

// Counts windows anew, by the ledger.
void
SumWindows(const Followers &followers) {
    const Settings &settings = *followers.settings;
    for (uint64 i = 0; i < followers.count; i++) {
        followers.accounts[i]->account.rolling = 0;
        followers.accounts[i]->account.rolling_from = settings.window_from;
    }
    if (settings.window_from == kernel::kNoPeriod || followers.count == 0)
        return;
    // No clock is a day ahead of or behind another.
    const TimestampTz before = MomentOf({settings.window_from - 1, 0}, settings.zone);
    const uint64 found =
        sum_earned.Run(Access::Write, {FromUuid(settings.organization), UsersOf(followers),
                                       TimestampTzGetDatum(before), DateADTGetDatum(settings.window_from),
                                       CStringGetTextDatum(pg_get_timezone_name(settings.zone))});
    for (uint64 i = 0; i < found; i++)
        FollowerOf(followers, ToUuid(Field(i, 1)))->account.rolling = DatumGetInt64(Field(i, 2));
}

// Opens the accounts of users, locked.
Followers
OpenFollowers(PostingStatement *statement, const Uuid &organization, const Uuid *users, uint64 count) {
    const uint64 found = lock_followers.Run(Access::Write, {FromUuid(organization), UsersOf(users, count)});
    Uuid *locked = NewList<Uuid>(found);
    for (uint64 i = 0; i < found; i++)
        locked[i] = ToUuid(Field(i, 1));
    Followers followers = {nullptr, NewList<OpenAccount *>(found), found};
    for (uint64 i = 0; i < found; i++) {
        followers.accounts[i] = OpenAccountOf(statement, {organization, locked[i]});
        followers.settings = followers.accounts[i]->settings;
    }
    return followers;
}

// Counts those windows anew that are not today's, and marks them to be written.
void
MoveWindows(PostingStatement *statement, const Followers &followers) {
    Followers moved = {followers.settings, NewList<OpenAccount *>(followers.count), 0};
    for (uint64 i = 0; i < followers.count; i++) {
        OpenAccount *open = followers.accounts[i];
        if (open->account.rolling_from == followers.settings->window_from)
            continue;
        MarkDirty(statement, open);
        moved.accounts[moved.count++] = open;
    }
    SumWindows(moved);
}

} // namespace

void
FollowWindow(const PostingStatement *statement, OpenAccount *open) {
    if (open->account.rolling_from >= open->settings->window_from || HasNumbered(statement, open->key))
        return;
    const AsOwner owner(OwnerOf(TableOid("points_ledger")));
    const SpiConnection spi;
    SumWindows({open->settings, &open, open->account.entry_no > 0 ? uint64{1} : uint64{0}});
    open->account.rolling_from = open->settings->window_from;
}

uint64
FollowRules(const Uuid &organization, const Uuid *users, uint64 count) {
    Relation ledger = table_open(TableOid("points_ledger"), AccessShareLock);
    PostingStatement *statement = BeginPosting(ledger);
    statement->followed_at = GetCurrentTimestamp();
    const Followers followers = OpenFollowers(statement, organization, users, count);
    if (followers.count > 0) {
        Today(SettingsOf(organization), statement->followed_at);
        MoveWindows(statement, followers);
    }
    for (uint64 i = 0; i < followers.count; i++) {
        const BookedAccount booked = Book(statement, followers.accounts[i]);
        if (booked.held_tier != followers.accounts[i]->held_tier ||
            booked.level != followers.accounts[i]->level)
            MarkDirty(statement, followers.accounts[i]);
    }
    const int changed = statement->dirty_count;
    WriteAccounts(statement);
    LeavePosting(statement);
    table_close(ledger, NoLock);
    return static_cast<uint64>(changed);
}

} // namespace laurel::points
