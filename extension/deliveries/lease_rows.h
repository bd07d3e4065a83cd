// Leases rows to a claim, whoever has picked them.
#pragma once

#include "deliveries/places.h"

namespace laurel::deliveries {

// What a claim asks for.
struct Claim {
    Uuid token;
    TimestampTz now;
    bool wanted[notifications::kChannels];
    mutable bool has_webhooks = false; // leased to it so far
};

// Leases the rows that the last statement has locked, whose first column is their ctid. Returns how many.
int LeaseLocked(const Claim &claim, uint64 locked);

} // namespace laurel::deliveries
