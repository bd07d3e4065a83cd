// Which due deliveries a claim takes.
#pragma once

#include "deliveries/places.h"

namespace laurel {

// What a claim asks for.
struct Claim {
    Uuid token;
    TimestampTz now;
    bool wanted[kChannels];
    mutable bool has_webhooks = false; // leased to it so far
};

// Leases the rows that the last statement has locked, whose first column is their ctid. Returns how many.
int LeaseLocked(const Claim &claim, uint64 locked);

// Leases up to `room` due deliveries to the token, without waiting for anybody: critical ones first, then by
// shares. Returns how many. Runs in the SPI connection that is open, as the tables' owner.
int LeaseDue(const Claim &claim, int room);

} // namespace laurel
