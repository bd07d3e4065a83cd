// Sums of attempts, for the status page.
#pragma once

#include "kernel/latency_histogram.h"
#include "notifications/channels.h"
#include "postgres/datum.h"

namespace laurel::deliveries {

// Sums of one completion, for one channel.
struct BatchSums {
    int delivered = 0;
    int retried = 0;
    int dead = 0;
    int cancelled = 0;
    kernel::LatencyHistogram latencies;
};

// The sums of each channel. Written in the SPI connection that is open, as the tables' owner.
struct Sums {
    BatchSums of[notifications::kChannels];

    BatchSums &Of(std::string_view channel);
    void Write(TimestampTz now) const;
};

} // namespace laurel::deliveries
