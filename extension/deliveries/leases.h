// Leases: which worker holds which deliveries, and until when.
#pragma once

#include "postgres/datum.h"

namespace laurel::deliveries {

// Run in the SPI connection that is open, as the tables' owner.

// Gives back, unsent, all that the worker holds; the attempts are not counted. Returns how many.
int64 ReleaseLeases(Datum worker);

// Takes back the deliveries of leases that have ended; those without an attempt left become dead. Returns how
// many.
int64 ReclaimEnded(TimestampTz now);

// Until when a lease of that length (an interval) holds.
TimestampTz LeaseEnd(TimestampTz now, Datum lease);

} // namespace laurel::deliveries
