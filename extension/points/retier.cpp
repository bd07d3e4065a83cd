// Accounts follow the rules of their organization: tiers, levels, the calendar. Lock order: the organization,
// then its accounts by user.

#include "points/following.h"
#include "points/replay.h"
#include "postgres/bridge.h"
#include "postgres/error.h"
#include "postgres/list.h"
#include "postgres/owner.h"
#include "postgres/spi.h"
#include "postgres/trigger.h"

namespace laurel::points {

namespace {

constexpr TriggerSpec kRetier = {"retier_accounts", TriggerSpec::After, TriggerSpec::EachStatement,
                                 TriggerSpec::Insert | TriggerSpec::Update | TriggerSpec::Delete};
constexpr TriggerSpec kRetierOrganizations = {"retier_organizations", TriggerSpec::After,
                                              TriggerSpec::EachStatement, TriggerSpec::Update};

constexpr const char *kChangedOrganizations = "SELECT DISTINCT organization_id FROM changed ORDER BY 1";

constexpr const char *kRebasedOrganizations = R"(SELECT n.id FROM new_rows n JOIN old_rows o ON o.id = n.id
        WHERE (n.tier_basis, n.tier_window_days, n.tier_window_months, n.tier_grace_days)
            IS DISTINCT FROM (o.tier_basis, o.tier_window_days, o.tier_window_months, o.tier_grace_days) ORDER BY 1)";

constexpr const char *kRezonedOrganizations =
    "SELECT n.id FROM new_rows n JOIN old_rows o ON o.id = n.id WHERE n.time_zone <> o.time_zone ORDER BY 1";

Statement change_settings("SELECT FROM ONLY laurel.organizations WHERE id = $1 FOR NO KEY UPDATE", UUIDOID);

Statement lock_accounts =
    Statement(
        R"(SELECT pg_catalog.count(*) FROM (SELECT FROM ONLY laurel.user_points WHERE organization_id = $1
        ORDER BY user_id FOR NO KEY UPDATE) locked)",
        UUIDOID)
        .Returns(INT8OID);

// The next accounts that have entries, by user; the others are where all begin.
constexpr int kRetieredAtOnce = 10000;
Statement next_to_retier = Statement(R"(SELECT m.user_id FROM ONLY laurel.user_organizations m
        JOIN ONLY laurel.user_points p ON p.user_id = m.user_id AND p.organization_id = m.organization_id
        WHERE m.organization_id = $1 AND m.user_id > $2 AND p.last_entry_no > 0 ORDER BY m.user_id LIMIT $3)",
                                     UUIDOID, UUIDOID, INT4OID)
                               .Returns(UUIDOID);

// What is wrong with an organization's tiers or levels; null when nothing is, no row when the organization is
// gone.
Statement find_tier_problem = Statement(
                                  R"(SELECT CASE
        WHEN (SELECT pg_catalog.count(*) FROM ONLY laurel.tiers t WHERE t.organization_id = o.id) <> 4
            THEN 'tiers_complete_check'
        WHEN EXISTS (SELECT FROM ONLY laurel.tiers a JOIN ONLY laurel.tiers b ON b.organization_id =
        a.organization_id
            WHERE a.organization_id = o.id AND a.min_points >= b.min_points
            AND (a.tier, b.tier) IN (('bronze', 'silver'), ('silver', 'gold'), ('gold', 'platinum')))
            THEN 'tiers_ascending_check' END
        FROM ONLY laurel.organizations o WHERE o.id = $1)",
                                  UUIDOID)
                                  .Returns(TEXTOID);

Statement find_level_problem = Statement(
                                   R"(SELECT CASE
        WHEN (SELECT pg_catalog.count(*) <> coalesce(pg_catalog.max(level), 0) OR pg_catalog.count(*) = 0
            FROM ONLY laurel.levels l WHERE l.organization_id = o.id) THEN 'levels_complete_check'
        WHEN EXISTS (SELECT FROM ONLY laurel.levels a JOIN ONLY laurel.levels b ON b.organization_id =
        a.organization_id
            AND b.level = a.level + 1 WHERE a.organization_id = o.id AND a.min_points >= b.min_points)
            THEN 'levels_ascending_check' END
        FROM ONLY laurel.organizations o WHERE o.id = $1)",
                                   UUIDOID)
                                   .Returns(TEXTOID);

Statement accounts_with_entries =
    Statement(R"(SELECT organization_id, user_id FROM ONLY laurel.user_points WHERE
        organization_id = $1 AND last_entry_no > 0
        ORDER BY user_id)",
              UUIDOID)
        .Returns(UUIDOID, UUIDOID);

struct OrganizationList {
    Uuid *ids;
    uint64 count;
};

// The organizations that a query on the trigger's transition tables finds.
OrganizationList
OrganizationsOf(const char *sql) {
    const uint64 count = Statement(sql).Returns(UUIDOID).RunOnce(Access::Read);
    OrganizationList list = {NewList<Uuid>(count), count};
    for (uint64 row = 0; row < count; row++)
        list.ids[row] = ToUuid(Field(row, 1));
    return list;
}

// Tells every session, this one included, that tiers, levels or time zones have changed.
void
SignalSettings() {
    CacheInvalidateRelcacheByRelid(TableOid("points_settings_changes", "laurel_internal"));
    CommandCounterIncrement();
}

void
CheckSettings(const Uuid &organization, bool tiers) {
    bool is_null = true;
    Statement &find_problem = tiers ? find_tier_problem : find_level_problem;
    const uint64 found = find_problem.Run(Access::Write, {FromUuid(organization)});
    const Datum problem = found > 0 ? Field(0, 1, &is_null) : 0;
    if (is_null)
        return;
    Refuse({.message = tiers ? "tiers must be four and ascend: bronze from 0, then silver, gold, platinum"
                             : "levels must be numbered from 1 without gaps and ascend",
            .detail = psprintf("Organization %s.", UuidText(organization)),
            .hint = "Change them in one statement.",
            .table = tiers ? "tiers" : "levels",
            .constraint = CString(ToText(problem))});
}

// Puts every account of the organization into the tier and level it now belongs to. All accounts are locked
// first, so that entries under way either are seen here or see the change themselves. Thresholds and accounts
// change together or not at all: a statement that changes several organizations' does so for all or for none.
void
Retier(const Uuid &organization) {
    const Datum values[] = {FromUuid(organization)};
    change_settings.Run(Access::Write, values);
    lock_accounts.Run(Access::Write, values);
    Uuid last = {};
    for (;;) {
        const uint64 count = next_to_retier.Run(
            Access::Write, {FromUuid(organization), FromUuid(last), Int32GetDatum(kRetieredAtOnce)});
        if (count == 0)
            return;
        Uuid *users = NewList<Uuid>(count);
        for (uint64 i = 0; i < count; i++)
            users[i] = ToUuid(Field(i, 1));
        last = users[count - 1];
        FollowRules(organization, users, count);
    }
}

// Counts week and month anew after the organization's calendar has moved.
void
Recount(const Uuid &organization) {
    const Datum values[] = {FromUuid(organization)};
    lock_accounts.Run(Access::Write, values);
    Replay(AccountsOf(accounts_with_entries.Run(Access::Write, values)), false);
}

} // namespace

LAUREL_FUNCTION(laurel_retier_accounts) {
    TriggerData *trigger = CheckTrigger(fcinfo, kRetier);
    const AsOwner owner(OwnerOf(TableOid("user_points")));
    const SpiConnection spi;
    ShareTransitionTables(trigger);
    const OrganizationList organizations = OrganizationsOf(kChangedOrganizations);
    const bool tiers = strcmp(RelationGetRelationName(trigger->tg_relation), "tiers") == 0;
    SignalSettings();
    for (uint64 i = 0; i < organizations.count; i++) {
        CheckSettings(organizations.ids[i], tiers);
        Retier(organizations.ids[i]);
    }
    return PointerGetDatum(nullptr);
}

LAUREL_FUNCTION(laurel_retier_organizations) {
    TriggerData *trigger = CheckTrigger(fcinfo, kRetierOrganizations);
    const AsOwner owner(OwnerOf(TableOid("user_points")));
    const SpiConnection spi;
    ShareTransitionTables(trigger);
    const OrganizationList rebased = OrganizationsOf(kRebasedOrganizations);
    const OrganizationList rezoned = OrganizationsOf(kRezonedOrganizations);
    if (rebased.count + rezoned.count > 0)
        SignalSettings();
    for (uint64 i = 0; i < rezoned.count; i++)
        Recount(rezoned.ids[i]);
    for (uint64 i = 0; i < rebased.count; i++)
        Retier(rebased.ids[i]);
    return PointerGetDatum(nullptr);
}

} // namespace laurel::points
