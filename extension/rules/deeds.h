// What rules do, for all that fire at once: a statement for each kind of action.
#pragma once

#include "rules/firing.h"

namespace laurel::rules {

// All three with SPI open, as the owner of Laurel's tables.

// Writes into rule_executions what came of them.
void WriteDown(const Firing *firings, int64 count, int depth);

// The same of one that has failed, where nothing is written down of it yet.
void NoteFailed(const Firing &firing, int depth);

// Does what those that have fired are to do.
void DoActions(const Firing *firings, int64 count);

} // namespace laurel::rules
