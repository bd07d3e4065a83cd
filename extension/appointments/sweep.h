// What is left to do at appointments because somebody held a row then. As the owner, with SPI open.
#pragma once

#include "postgres/datum.h"

namespace laurel::appointments {

// Gives the places of an organization's sessions that are free to who has waited longest, but at sessions
// that somebody holds. Returns how many rows got one.
uint64 PromoteWaiting(const Uuid &organization);

} // namespace laurel::appointments
