// A team that has had a leader keeps one while anybody is in it. Two leaders who leave at once would each see
// the other: whoever leaves locks the team first, and then looks at what is committed. Who goes for good, by
// leaving the organization, leaves the team as well; what goes with its team is not looked at.
//
// Lock order: memberships, then their teams by (organization_id, id), as members are counted.

#include "guards/derived_write.h"
#include "postgres/bridge.h"
#include "postgres/error.h"
#include "postgres/fresh.h"
#include "postgres/owner.h"
#include "postgres/sized_statement.h"
#include "postgres/trigger.h"

namespace laurel::teams {

namespace {

constexpr TriggerSpec kKeepLeader = {"keep_leader", TriggerSpec::After, TriggerSpec::EachStatement,
                                     TriggerSpec::Update | TriggerSpec::Delete};

SizedStatement lock_teams(R"(SELECT FROM ONLY laurel.teams t WHERE (t.organization_id, t.id) IN (
        SELECT organization_id, team_id FROM old_rows WHERE role = 'leader')
        ORDER BY t.organization_id, t.id FOR NO KEY UPDATE)");

// A team that a leader who is still of the organization has left to others, none of whom leads it.
SizedStatement find_leaderless = SizedStatement(R"(SELECT o.team_id FROM old_rows o
        JOIN ONLY laurel.teams t ON t.organization_id = o.organization_id AND t.id = o.team_id
        WHERE o.role = 'leader'
        AND EXISTS (SELECT FROM ONLY laurel.user_organizations u
            WHERE u.organization_id = o.organization_id AND u.user_id = o.user_id)
        AND EXISTS (SELECT FROM ONLY laurel.team_memberships m
            WHERE m.organization_id = o.organization_id AND m.team_id = o.team_id)
        AND NOT EXISTS (SELECT FROM ONLY laurel.team_memberships m
            WHERE m.organization_id = o.organization_id AND m.team_id = o.team_id AND m.role = 'leader')
        LIMIT 1)")
                                     .Returns(UUIDOID);

[[noreturn]] void
RefuseLeaderless(const Uuid &team) {
    Refuse({.message = "the team would be left without a leader",
            .detail = psprintf("Team %s still has members.", UuidText(team)),
            .hint = "Make one of them leader first; or delete the team.",
            .table = "team_memberships",
            .constraint = "team_memberships_leader_kept"});
}

} // namespace

LAUREL_FUNCTION(laurel_keep_leader) {
    TriggerData *trigger = CheckTrigger(fcinfo, kKeepLeader);
    const int64 rows = RowsOf(trigger->tg_oldtable);
    // Whoever is erased leaves whatever that leaves.
    if (rows == 0 || guards::DerivedWrite::Admits(fcinfo))
        return PointerGetDatum(nullptr);
    const Oid table_owner = OwnerOf(RelationGetRelid(trigger->tg_relation));
    {
        const AsOwner owner(table_owner);
        const SpiConnection spi;
        ShareTransitionTables(trigger);
        if (lock_teams.Run(rows) == 0)
            return PointerGetDatum(nullptr);
    }
    const FreshRead fresh(table_owner);
    ShareTransitionTables(trigger);
    if (find_leaderless.For(rows).Run(Access::Read) > 0)
        RefuseLeaderless(ToUuid(Field(0, 1)));
    return PointerGetDatum(nullptr);
}

} // namespace laurel::teams
