// Until when a table that is only added to is known to be complete.
#pragma once

#include "postgres/datum.h"

namespace laurel::seals {

// A moment before which no row of the table is made that the next snapshot does not see, however late its
// transaction commits: now, or when the oldest transaction began that is writing it. Whoever writes must hold
// the table's lock before he reads the clock. `known`: such a moment of
// before, which is all there is to say where somebody is not known by when he began.
TimestampTz CompleteUntil(Oid table, TimestampTz known);

} // namespace laurel::seals
