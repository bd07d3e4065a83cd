// What waited for an organization to become active again goes out.

#include "deliveries/places.h"
#include "deliveries/put_back.h"
#include "deliveries/wake.h"
#include "postgres/bridge.h"
#include "postgres/draft_row.h"
#include "postgres/owner.h"
#include "postgres/spi.h"

namespace laurel::deliveries {

namespace {

constexpr TriggerSpec kResume = {"resume_deliveries", TriggerSpec::After, TriggerSpec::EachRow,
                                 TriggerSpec::Update};

Statement resume(
    R"(UPDATE ONLY laurel.notification_deliveries SET due_at = pg_catalog.clock_timestamp(), last_error = NULL
    WHERE organization_id = $1 AND state = 'ready' AND last_error = $2)",
    UUIDOID, TEXTOID);

} // namespace

// Makes them due. One that a claim is putting back at this moment is looked at again within a quarter of an
// hour.
LAUREL_FUNCTION(laurel_resume_deliveries) {
    const TriggerData *trigger = CheckTrigger(fcinfo, kResume);
    const DraftRow row(trigger->tg_newtuple, RelationGetDescr(trigger->tg_relation));
    bool is_null;
    const Datum values[] = {row.Get("id", UUIDOID, &is_null), CStringGetTextDatum(kInactiveOrganization)};
    const AsOwner owner(OwnerOf(TableOid("notification_deliveries")));
    const SpiConnection spi;
    if (resume.Run(Access::Write, values) > 0) {
        ForgetPlaces();
        WakeWorkers();
    }
    return PointerGetDatum(nullptr);
}

} // namespace laurel::deliveries
