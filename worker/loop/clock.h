#pragma once

#include <chrono>

namespace laurel::worker {

// Time that never jumps: what timers, leases and durations are measured by.
using Clock = std::chrono::steady_clock;

// The span in milliseconds, fractions kept.
inline double
Milliseconds(Clock::duration span) {
    return std::chrono::duration<double, std::milli>(span).count();
}

// The span in seconds, fractions kept.
inline double
Seconds(Clock::duration span) {
    return std::chrono::duration<double>(span).count();
}

} // namespace laurel::worker
