// Series of events, as the job of events goes through them.
#pragma once

#include "postgres/datum.h"

namespace laurel::events {

// Makes the occurrences of an organization's series that have come into their window, but of those that
// somebody is changing. Returns how many. As the owner, with SPI open.
uint64 ExtendSeries(const Uuid &organization);

} // namespace laurel::events
