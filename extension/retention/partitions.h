// Months that are past as a whole.
#pragma once

#include "retention/rows.h"

namespace laurel {

// What TakeStep does for tables whose due months are dropped as a whole, and what CountDue then counts.
Tally DropStep(const RetentionPolicy &policy, BlockPass *pass, bool patient);
Tally CountPartitions(const RetentionPolicy &policy, bool only_held);

} // namespace laurel
