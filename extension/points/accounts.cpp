// Points accounts open with a membership: empty, or as their ledger says where the member comes back.

#include "points/archived_keys.h"
#include "points/replay.h"
#include "postgres/bridge.h"
#include "postgres/error.h"
#include "postgres/owner.h"
#include "postgres/sized_statement.h"
#include "postgres/trigger.h"

namespace laurel::points {

namespace {

constexpr TriggerSpec kOpenAccounts = {"open_accounts", TriggerSpec::After, TriggerSpec::EachStatement,
                                       TriggerSpec::Insert};
constexpr TriggerSpec kResumeAccounts = {"resume_accounts", TriggerSpec::After, TriggerSpec::EachStatement,
                                         TriggerSpec::Insert};

SizedStatement open_empty(R"(INSERT INTO laurel.user_points (organization_id, user_id)
        SELECT organization_id, user_id FROM new_rows ORDER BY 1, 2)");

// Accounts that did not open empty, whatever filled them: the row, a default, another trigger.
SizedStatement find_filled = SizedStatement(
                                 R"(SELECT n.organization_id, n.user_id FROM new_rows n
        WHERE (n.total_points, n.lifetime_points, n.points_this_week, n.points_this_month, n.last_entry_no,
            n.current_streak, n.longest_streak, n.current_level, n.tier) <> (0, 0, 0, 0, 0, 0, 0, 1, 'bronze')
            OR pg_catalog.num_nonnulls(n.last_entry_hash, n.last_activity_date, n.week_start, n.month_start,
            n.reached_at, n.week_reached_at, n.month_reached_at, n.last_entry_at, n.rolling_points, n.rolling_from,
            n.tier_kept_until) > 0 LIMIT 1)")
                                 .Returns(UUIDOID, UUIDOID);

SizedStatement find_history = SizedStatement(R"(SELECT n.organization_id, n.user_id FROM new_rows n
        WHERE EXISTS (SELECT FROM ONLY laurel.points_ledger l
        WHERE l.organization_id = n.organization_id AND l.user_id = n.user_id) ORDER BY 1, 2)")
                                  .Returns(UUIDOID, UUIDOID);

SizedStatement find_archived_history = SizedStatement(R"(SELECT n.organization_id, n.user_id FROM new_rows n
        WHERE EXISTS (SELECT FROM ONLY laurel.points_ledger l
        WHERE l.organization_id = n.organization_id AND l.user_id = n.user_id)
        OR EXISTS (SELECT FROM ONLY laurel_internal.archived_accounts a
        WHERE a.organization_id = n.organization_id AND a.user_id = n.user_id) ORDER BY 1, 2)")
                                           .Returns(UUIDOID, UUIDOID);

[[noreturn]] void
RefuseOpened(const char *detail) {
    Refuse({.sqlstate = ERRCODE_RESTRICT_VIOLATION,
            .message = "a points account opens empty",
            .detail = detail,
            .hint = "Insert only organization_id and user_id; then record the opening balance in the ledger. "
                    "Column defaults and row triggers of laurel.user_points must leave balances alone.",
            .table = "user_points",
            .constraint = "user_points_follow_ledger"});
}

void
CheckOpened(const AccountList &filled) {
    if (filled.count > 0)
        RefuseOpened(psprintf("The account of user %s came with points, a tier, a level or a streak.",
                              UuidText(filled.keys[0].user)));
}

} // namespace

LAUREL_FUNCTION(laurel_open_accounts) {
    TriggerData *trigger = CheckTrigger(fcinfo, kOpenAccounts);
    const AsOwner owner(OwnerOf(TableOid("user_points")));
    const SpiConnection spi;
    ShareTransitionTables(trigger);
    const int64 rows = RowsOf(trigger->tg_newtable);
    if (open_empty.Run(rows) != static_cast<uint64>(rows))
        RefuseOpened("A membership came without its account.");
    return PointerGetDatum(nullptr);
}

LAUREL_FUNCTION(laurel_resume_accounts) {
    TriggerData *trigger = CheckTrigger(fcinfo, kResumeAccounts);
    const AsOwner owner(OwnerOf(TableOid("points_ledger")));
    const SpiConnection spi;
    ShareTransitionTables(trigger);
    const int64 rows = RowsOf(trigger->tg_newtable);
    CheckOpened(AccountsOf(find_filled.Run(rows)));
    Replay(AccountsOf((HasArchive() ? find_archived_history : find_history).Run(rows)), true);
    return PointerGetDatum(nullptr);
}

} // namespace laurel::points
