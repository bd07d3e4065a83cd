// Appointments of a member, for the calendar that he fetches.
#pragma once

#include "postgres/datum.h"

namespace laurel::appointments {

// Reads those that stand, in the columns of calendars::kEntry. Returns how many. As the owner, with SPI open.
uint64 ReadForFeed(const Uuid &organization, const Uuid &user);

} // namespace laurel::appointments
