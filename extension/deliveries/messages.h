// What a delivery says.
#pragma once

#include "deliveries/lease_rows.h"
#include "deliveries/leased.h"
#include "notifications/templates.h"

namespace laurel::deliveries {

// What the worker gets; or why nobody can get it, why it can never be sent, or when it may be and why not
// now.
struct Message {
    Jsonb *json = nullptr;
    const char *cancelled = nullptr;
    const char *dead = nullptr;
    TimestampTz waits_until = 0;
    const char *waits = nullptr;
    bool has_written = false; // something was written on the way
};

// Runs in the SPI connection that is open, as the tables' owner; what it returns lives as long as it.
Message MessageOf(const Leased &delivery, const Claim &claim, notifications::Templates *templates);

} // namespace laurel::deliveries
