// What is given up without an attempt.
#pragma once

#include "postgres/datum.h"

namespace laurel::deliveries {

// A delivery that nobody can get, and why.
struct Cancelled {
    Uuid delivery;
    const char *reason;
};

// Deletes those that are leased under the token. They were not attempted. Runs in the SPI
// connection that is open, as the tables' owner.
void CancelDeliveries(const Uuid &token, TimestampTz now, Cancelled *cancelled, int count);

} // namespace laurel::deliveries
