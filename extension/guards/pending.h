// Counts of partitioned tables. Only row triggers reach a partition that is written directly, and nothing
// tells the last row of a statement; so what they have added up waits for a trigger that the first one asks
// for, which the server fires after all that is waiting already.
#pragma once

#include "guards/counting.h"

namespace laurel::guards {

// What the rows of the statement that fires this trigger have added up to; made where it is the first row.
Net *PendingNet(FunctionCallInfo fcinfo, const Counting &counting, bool *is_first);

// The same, taken out: null where nothing is waiting.
Net *TakePending(FunctionCallInfo fcinfo, const Counting &counting);

} // namespace laurel::guards
