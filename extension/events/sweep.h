// What is left to do at events because somebody held a row then. Both as the owner, with SPI open.
#pragma once

#include "postgres/datum.h"

namespace laurel::events {

// Gives the places of an organization that are free to who has waited longest, but at events that somebody
// holds. Returns how many rows got one.
uint64 PromoteWaiting(const Uuid &organization);

// Notes who has missed an event that was completed within a day. Returns how many.
uint64 MarkMissing(const Uuid &organization);

} // namespace laurel::events
