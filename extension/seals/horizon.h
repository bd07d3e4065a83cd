// Until when the ledger is known to be complete.
#pragma once

#include "postgres/datum.h"

namespace laurel::seals {

// A moment before which no entry is made that the next snapshot does not see, however late its transaction
// commits: now, or when the oldest transaction began that is writing entries. `known`: such a moment of
// before, which is all there is to say where somebody is not known by when he began.
TimestampTz CompleteUntil(TimestampTz known);

} // namespace laurel::seals
