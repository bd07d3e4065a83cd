// When somebody has time: rules, week by week on a clock, and what differs from them.
#pragma once

#include "kernel/free_time.h"
#include "postgres/datum.h"

namespace laurel::appointments {

// Stretches of moments in microseconds, as timestamps count them.
struct Availability {
    kernel::Stretches open;
    kernel::Stretches away;

    // Whether all of [from, until) may be booked.
    bool Offers(TimestampTz from, TimestampTz until) const {
        return open.Cover(from, until) && away.EndOfOverlap(from, until) == from;
    }
};

// That of a trainer on the days from `from` until `until`. As the owner, with SPI open.
Availability AvailabilityOf(const Uuid &organization, const Uuid &trainer, TimestampTz from,
                            TimestampTz until);

} // namespace laurel::appointments
