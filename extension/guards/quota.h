// How much the rows of an owner may come to in a period.
#pragma once

#include "guards/kinds.h"
#include "postgres/parameters.h"

namespace laurel::guards {

// What a quota of a table allows a member at this moment; null for any number. The quota must be there, and
// be a member's alone.
Nullable AllowedNow(Oid table, const char *kind, const Uuid &organization, const Uuid &member);

extern const GuardKind kQuotaRows, kQuotaTable, kQuotaZone, kGuardUsage;

} // namespace laurel::guards
