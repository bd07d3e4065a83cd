// Places at events that become free.

#include "places/promotion.h"

#include "events/participations.h"
#include "events/sweep.h"

namespace laurel::events {

namespace {

constexpr TriggerSpec kPromoteWaiting = {"promote_waiting", TriggerSpec::After, TriggerSpec::EachStatement,
                                         TriggerSpec::Update | TriggerSpec::Delete};
constexpr TriggerSpec kLockEvents = {"lock_events", TriggerSpec::After, TriggerSpec::EachStatement,
                                     TriggerSpec::Delete};
constexpr TriggerSpec kFillPlaces = {"fill_places", TriggerSpec::After, TriggerSpec::EachStatement,
                                     TriggerSpec::Update};

} // namespace

uint64
PromoteWaiting(const Uuid &organization) {
    return places::PromoteUnheld<Participations>(organization);
}

LAUREL_FUNCTION(laurel_lock_events) {
    places::LockLeft<Participations>(CheckTrigger(fcinfo, kLockEvents));
    return PointerGetDatum(nullptr);
}

LAUREL_FUNCTION(laurel_promote_waiting) {
    return places::PromoteAfter<Participations>(CheckTrigger(fcinfo, kPromoteWaiting),
                                                &places::left_by_rows<Participations>);
}

// Places that are counted make none.
LAUREL_FUNCTION(laurel_fill_places) {
    TriggerData *trigger = CheckTrigger(fcinfo, kFillPlaces);
    if (guards::DerivedWrite::Admits(fcinfo))
        return PointerGetDatum(nullptr);
    return places::PromoteAfter<Participations>(trigger, &places::enlarged<Participations>);
}

} // namespace laurel::events
