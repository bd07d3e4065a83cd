// Whoever is matched with a newcomer accompanies the onboarding, for as long as the match lasts, where nobody
// else was chosen for it.
//
// Lock order: memberships of the two, the match, the tasks of buddies, the onboarding. Whoever does a task
// locks it before its onboarding. Who begins an onboarding takes the match before it, too, so that of a match
// that is being accepted and an onboarding that begins the second sees the first.

#include "postgres/bridge.h"
#include "postgres/draft_row.h"
#include "postgres/owner.h"
#include "postgres/spi.h"

namespace laurel::buddies {

namespace {

constexpr TriggerSpec kAccompany = {"accompany", TriggerSpec::After, TriggerSpec::EachRow,
                                    TriggerSpec::Insert | TriggerSpec::Update | TriggerSpec::Delete};
constexpr TriggerSpec kFindCompanion = {"find_companion", TriggerSpec::Before, TriggerSpec::EachRow,
                                        TriggerSpec::Insert};

// Of newcomer $2, with buddy $3 or none.
Statement lock_tasks(R"(SELECT FROM ONLY laurel.onboarding_tasks k WHERE k.organization_id = $1
        AND k.onboarding_id = (SELECT u.id FROM ONLY laurel.user_onboardings u WHERE u.organization_id = $1
            AND u.user_id = $2 AND u.status = 'active' AND u.assigned_buddy_id IS NOT DISTINCT FROM $3)
        AND k.owner_role = 'buddy' AND k.status = 'pending' ORDER BY k.id FOR NO KEY UPDATE)",
                     UUIDOID, UUIDOID, UUIDOID);

Statement begin_to_accompany(R"(UPDATE ONLY laurel.user_onboardings SET assigned_buddy_id = $3
        WHERE organization_id = $1 AND user_id = $2 AND status = 'active' AND assigned_buddy_id IS NULL)",
                             UUIDOID, UUIDOID, UUIDOID);

// Of one that has ended, too: the buddy of it goes on seeing it.
Statement cease_to_accompany(R"(UPDATE ONLY laurel.user_onboardings SET assigned_buddy_id = NULL
        WHERE organization_id = $1 AND user_id = $2 AND assigned_buddy_id = $3)",
                             UUIDOID, UUIDOID, UUIDOID);

Statement find_buddy = Statement(R"(SELECT m.buddy_id, m.status = 'accepted' FROM ONLY laurel.buddy_matches m
        WHERE m.organization_id = $1 AND m.user_id = $2 AND m.status IN ('suggested', 'proposed', 'accepted') FOR SHARE)",
                                 UUIDOID, UUIDOID)
                           .Returns(UUIDOID, BOOLOID);

} // namespace

LAUREL_FUNCTION(laurel_accompany) {
    const TriggerData *trigger = CheckTrigger(fcinfo, kAccompany);
    const DraftRow match(trigger);
    const bool lasts = !TRIGGER_FIRED_BY_DELETE(trigger->tg_event) && match.Text("status") == "accepted";
    const Datum organization = CopyUuid(match.Id("organization_id")), user = CopyUuid(match.Id("user_id")),
                buddy = CopyUuid(match.Id("buddy_id"));
    const AsOwner owner(OwnerOf(RelationGetRelid(trigger->tg_relation)));
    const SpiConnection spi;
    lock_tasks.Run(Access::Write, {organization, user, lasts ? Nullable{0, true} : Nullable{buddy, false}});
    // Where several members leave at once, foreign keys look at the rows when all of them are gone.
    (lasts ? begin_to_accompany : cease_to_accompany).RunLater({organization, user, buddy});
    return PointerGetDatum(nullptr);
}

LAUREL_FUNCTION(laurel_find_companion) {
    const TriggerData *trigger = CheckTrigger(fcinfo, kFindCompanion);
    DraftRow row(trigger);
    if (row.IsNull("user_id") || row.Text("status") != "active")
        return row.Done();
    const Uuid organization = row.Id("organization_id"), user = row.Id("user_id");
    const AsOwner owner(OwnerOf(RelationGetRelid(trigger->tg_relation)));
    const SpiConnection spi;
    if (find_buddy.Run(Access::Write, {FromUuid(organization), FromUuid(user)}) > 0 &&
        DatumGetBool(Field(0, 2)))
        row.Set("assigned_buddy_id", UUIDOID, Field(0, 1));
    return row.Done();
}

} // namespace laurel::buddies
