// Counters of quotas, in laurel.quota_usage.
#pragma once

#include "guards/too_much.h"

namespace laurel::guards {

// What is more than is allowed: refused, or moved with rows from one owner to another where two become one.
enum class Excess { IsRefused, IsMoved };

// Adds differences to the counters: locked in the order of their keys, written once. One that is not there
// has used nothing; where its period ended more than a day ago it stays away, and so nothing is refused.
// Gives what goes beyond the quota. Run as the owner, with SPI open and no path but pg_catalog.
TooMuch AddToUsage(Quota &quota, QuotaNet *net, Zones *zones, Excess excess);

// What is allowed to the owner of that counter; null for any number. Run as AddToUsage.
Nullable FindAllowed(Quota &quota, const QuotaKey &key);

// Counts an organization, or all for null, anew, while nobody else counts there.
void RecountUsage(Quota &quota, const Uuid *organization);

} // namespace laurel::guards
