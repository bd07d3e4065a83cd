// How many more messages an endpoint may get: by its rate, and by what it and its organization have under
// way.
//
// An organization's ceilings hold whatever its endpoints say. What all of them have under way is counted
// without a lock of the organization, which would keep claims for its other endpoints off: workers that claim
// at the same moment do not see what the others take, and the next claim does.
#pragma once

#include "deliveries/lease_rows.h"
#include "postgres/sql.h"

namespace laurel::deliveries {

// How many messages the rate of endpoint e lets through at $2: a second's worth at most, one at least.
constexpr SqlText kBurst = "greatest(e.rate_per_second::pg_catalog.float8, 1)";
constexpr SqlText kTokens = Sql<R"(least({1}, coalesce(e.rate_tokens + e.rate_per_second::pg_catalog.float8
        * greatest(pg_catalog.date_part('epoch', $2 - e.rate_counted_at), 0), {1})))",
                                kBurst>;

// How many messages endpoint e of organization o takes at once.
constexpr SqlText kConcurrency = "least(e.max_concurrency, o.webhook_concurrency_limit)";

// An endpoint, how many more messages it may get, and how many of them its rate lets through.
struct Room {
    Uuid endpoint;
    int left = 0;
    int tokens = PG_INT32_MAX;
    int taken = 0;
};

struct Rooms {
    Room *list; // in the order of their endpoints
    int count;

    // The room of an endpoint that is among them.
    Room *Find(const Uuid &endpoint) const {
        return std::lower_bound(list, list + count, endpoint,
                                [](const Room &room, const Uuid &id) { return room.endpoint < id; });
    }
};

// Locks the endpoints and finds how much room each has; one that somebody else has locked has none. Bounds
// the portions of their organizations by what these may have under way. Run in the SPI connection that is
// open, as the tables' owner.
void Measure(const Claim &claim, const Rooms &rooms);

// Notes what was taken of the rates.
void Spend(const Claim &claim, const Rooms &rooms);

} // namespace laurel::deliveries
