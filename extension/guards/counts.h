// Counters that follow from rows.
#pragma once

#include "guards/kinds.h"

namespace laurel::guards {

extern const GuardKind kCountRows, kCountGone, kCountRow, kCountPending, kCountTable, kGuardCount;

} // namespace laurel::guards
