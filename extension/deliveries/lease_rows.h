// Leases rows to a claim, whoever has picked them.
#pragma once

#include "deliveries/places.h"
#include "deliveries/portions.h"
#include "postgres/column.h"

namespace laurel::deliveries {

// What a claim asks for.
struct Claim {
    Uuid token;
    TimestampTz now;
    bool wanted[notifications::kChannels];
    Portions *portions;
    std::string_view mail_from = {};   // where the worker's mail comes from; empty where it has said nothing
    mutable bool has_webhooks = false; // leased to it so far
};

// Leases the rows that the last statement has locked, whose first column is their ctid. Returns how many.
int LeaseLocked(const Claim &claim, uint64 locked);

// Leases rows by their ctid. Returns how many.
int LeaseRows(const Claim &claim, const Column &places);

} // namespace laurel::deliveries
