// Members who leave: what they have asked for and not got is cancelled while the account is there, so that
// its points are in the balance with which it ends.
//
// Lock order: the membership, then redemptions, then as they are settled.

#include "rewards/membership.h"

#include "postgres/bridge.h"
#include "postgres/error.h"
#include "postgres/owner.h"
#include "postgres/spi.h"
#include "postgres/trigger.h"

namespace laurel::rewards {

namespace {

constexpr TriggerSpec kLeave = {"leave_redemptions", TriggerSpec::Before, TriggerSpec::EachRow,
                                TriggerSpec::Delete};

// Where the organization itself is gone there is nobody to give anything back to.
Statement cancel_open(R"(UPDATE ONLY laurel.redemptions SET status = 'cancelled' WHERE id IN (
            SELECT r.id FROM ONLY laurel.redemptions r WHERE r.user_id = $2 AND r.organization_id = $1 AND r.status IN ('requested', 'approved')
            ORDER BY r.id FOR NO KEY UPDATE)
        AND EXISTS (SELECT FROM ONLY laurel.organizations o WHERE o.id = $1))",
                      UUIDOID, UUIDOID);

Statement lock_memberships(R"(SELECT FROM ONLY laurel.user_organizations
        WHERE organization_id = $1 AND user_id IN ($2, $3) ORDER BY user_id FOR KEY SHARE)",
                           UUIDOID, UUIDOID, UUIDOID);

} // namespace

void
LockMemberships(const Uuid &organization, const Nullable &user, const Nullable &other) {
    lock_memberships.Run(Access::Write, {FromUuid(organization), user, other});
}

LAUREL_FUNCTION(laurel_leave_redemptions) {
    const TriggerData *trigger = CheckTrigger(fcinfo, kLeave);
    const HeapTuple member = trigger->tg_trigtuple;
    const TupleDesc columns = RelationGetDescr(trigger->tg_relation);
    bool is_null;
    const Datum organization = AttributeValue(member, columns, "organization_id", UUIDOID, &is_null);
    const Datum user = AttributeValue(member, columns, "user_id", UUIDOID, &is_null);
    const AsOwner owner(OwnerOf(TableOid("redemptions")));
    const SpiConnection spi;
    cancel_open.Run(Access::Write, {organization, user});
    return PointerGetDatum(member);
}

} // namespace laurel::rewards
