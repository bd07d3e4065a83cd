// Months that are past as a whole.
#pragma once

#include "retention/rows.h"

namespace laurel::retention {

// What TakeStep does for tables whose due months are dropped as a whole, and what CountDue then counts.
Tally DropStep(const Policy &policy, BlockPass *pass, bool patient);
Tally CountPartitions(const Policy &policy, bool only_held);

} // namespace laurel::retention
