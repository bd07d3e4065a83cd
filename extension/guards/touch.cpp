#include "postgres/bridge.h"
#include "postgres/draft_row.h"
#include "postgres/trigger.h"

namespace laurel::guards {

namespace {

constexpr TriggerSpec kTouch = {"touch_updated_at", TriggerSpec::Before, TriggerSpec::EachRow,
                                TriggerSpec::Update};
constexpr TriggerSpec kStamp = {"stamp_created_at", TriggerSpec::Before, TriggerSpec::EachRow,
                                TriggerSpec::Insert};

} // namespace

LAUREL_FUNCTION(laurel_touch_updated_at) {
    DraftRow row(CheckTrigger(fcinfo, kTouch));
    row.Set("updated_at", TIMESTAMPTZOID, TimestampTzGetDatum(GetCurrentTimestamp()));
    return row.Done();
}

// Whatever a client says: what is checked against created_at is checked against the clock.
LAUREL_FUNCTION(laurel_stamp_created_at) {
    DraftRow row(CheckTrigger(fcinfo, kStamp));
    row.Set("created_at", TIMESTAMPTZOID, TimestampTzGetDatum(GetCurrentTimestamp()));
    return row.Done();
}

} // namespace laurel::guards
