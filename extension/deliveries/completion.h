// A completion under way; shared by the files that end deliveries.
#pragma once

#include "deliveries/attempt_log.h"
#include "deliveries/results.h"
#include "deliveries/sums.h"

namespace laurel::deliveries {

struct Completion {
    Uuid token;
    TimestampTz now;
    int leased = 0; // how many deliveries the lease still holds
    Results results;
    Sums sums;
};

// Both run in the SPI connection that is open, as the tables' owner, and return how many deliveries they
// ended.

// Deletes those that arrived.
int EndDelivered(Completion *completion);

// Those that failed wait for their next attempt or are dead.
int EndFailed(Completion *completion);

} // namespace laurel::deliveries
