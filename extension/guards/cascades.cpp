// Cascades of foreign keys run as the owner of the table they reach, so the library that keeps foreign code
// from running with that owner's rights must be there before they start.

#include "postgres/bridge.h"
#include "postgres/trigger.h"

namespace laurel::guards {

namespace {

constexpr TriggerSpec kBeforeCascade = {"before_cascade", TriggerSpec::Before, TriggerSpec::EachStatement,
                                        TriggerSpec::Update | TriggerSpec::Delete};

} // namespace

// laurel_internal.before_cascade(): to be called is enough, the server has loaded the library for it.
LAUREL_FUNCTION(laurel_before_cascade) {
    CheckTrigger(fcinfo, kBeforeCascade);
    return PointerGetDatum(nullptr);
}

} // namespace laurel::guards
