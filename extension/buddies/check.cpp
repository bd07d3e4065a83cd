// Rules of a pair that need more than its row, whoever writes it.

#include "postgres/bridge.h"
#include "postgres/draft_row.h"
#include "postgres/error.h"
#include "postgres/owner.h"
#include "postgres/spi.h"

namespace laurel::buddies {

namespace {

constexpr TriggerSpec kCheck = {"check_buddy", TriggerSpec::After, TriggerSpec::EachRow,
                                TriggerSpec::Insert | TriggerSpec::Update};

// Whether buddy $3 is the manager of $2, and offers it. The offer is locked: the match has been counted.
Statement look_at_buddy =
    Statement(R"(SELECT (SELECT u.manager_id = $3 FROM ONLY laurel.users u WHERE u.id = $2) IS TRUE,
        EXISTS (SELECT FROM ONLY laurel.buddy_profiles b WHERE b.organization_id = $1 AND b.user_id = $3 AND b.status = 'active'))",
              UUIDOID, UUIDOID, UUIDOID)
        .Returns(BOOLOID, BOOLOID);

[[noreturn]] void
RefusePair(const char *constraint, const char *message, const char *hint) {
    Refuse({.message = message, .hint = hint, .table = "buddy_matches", .constraint = constraint});
}

} // namespace

LAUREL_FUNCTION(laurel_check_buddy) {
    const TriggerData *trigger = CheckTrigger(fcinfo, kCheck);
    const DraftRow row(trigger);
    const Uuid organization = row.Id("organization_id"), user = row.Id("user_id"), buddy = row.Id("buddy_id");
    const bool is_new = row.Text("status") != "accepted" || !TRIGGER_FIRED_BY_UPDATE(trigger->tg_event);
    const AsOwner owner(OwnerOf(RelationGetRelid(trigger->tg_relation)));
    const SpiConnection spi;
    look_at_buddy.Run(Access::Write, {FromUuid(organization), FromUuid(user), FromUuid(buddy)});
    Row found;
    if (DatumGetBool(found.Next()))
        RefusePair("buddy_matches_buddy_id_no_manager", "the buddy is the newcomer's manager",
                   "Decline the match, and let laurel.match_buddies() find another.");
    if (is_new && !DatumGetBool(found.Next()))
        RefusePair("buddy_matches_buddy_id_active", "the member does not offer to be a buddy",
                   "Set status of the member's row in buddy_profiles to active, or match another.");
    return PointerGetDatum(nullptr);
}

} // namespace laurel::buddies
