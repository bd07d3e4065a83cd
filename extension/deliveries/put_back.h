// What a claim leases and does not hand out.
#pragma once

#include "postgres/datum.h"

namespace laurel::deliveries {

// Why what an organization that is not active would send waits, or is given up.
constexpr const char *kInactiveOrganization = "the organization is not active";

// A delivery that waits on, or that can never be sent.
struct PutBack {
    Uuid delivery;
    TimestampTz due_at;
    const char *reason; // null where there is none to tell
    bool is_dead;
};

// Ends their lease: they wait until due_at, the attempt not counted, or are dead. Runs in the SPI connection
// that is open, as the tables' owner.
void PutBackDeliveries(const Uuid &token, TimestampTz now, PutBack *rows, int count);

} // namespace laurel::deliveries
