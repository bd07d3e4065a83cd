#include "postgres/bridge.h"
#include "postgres/draft_row.h"
#include "postgres/trigger.h"

namespace laurel::guards {

namespace {

constexpr TriggerSpec kTouch = {"touch_updated_at", TriggerSpec::Before, TriggerSpec::EachRow,
                                TriggerSpec::Update};

} // namespace

LAUREL_FUNCTION(laurel_touch_updated_at) {
    DraftRow row(CheckTrigger(fcinfo, kTouch));
    row.Set("updated_at", TIMESTAMPTZOID, TimestampTzGetDatum(GetCurrentTimestamp()));
    return row.Done();
}

} // namespace laurel::guards
