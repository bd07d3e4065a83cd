// How much the rows of an owner may come to in a period.
#pragma once

#include "guards/kinds.h"

namespace laurel::guards {

extern const GuardKind kQuotaRows, kQuotaTable, kQuotaZone, kGuardUsage;

} // namespace laurel::guards
