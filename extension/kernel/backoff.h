// How long a failed delivery waits.
#pragma once

#include <algorithm>
#include <cmath>

namespace laurel::kernel {

constexpr double kFirstRetrySeconds = 5;
constexpr double kLongestRetrySeconds = 3600;
constexpr double kLongestRetryAfterSeconds = 6 * 3600;

// Seconds until the next attempt after the attempt-th failed: 5, doubled each time up to an hour, of which
// the upper half is drawn by `chance` (0 to 1), so that what failed together does not come back together.
// What the peer asked for (retry_after, 0 for nothing) counts where it is longer, up to 6 hours.
inline double
RetrySeconds(int attempt, double chance, double retry_after) noexcept {
    const double doubled = std::ldexp(kFirstRetrySeconds, std::clamp(attempt - 1, 0, 30));
    const double whole = std::min(doubled, kLongestRetrySeconds);
    const double drawn = whole * (1 + std::clamp(chance, 0.0, 1.0)) / 2;
    const double asked = std::isfinite(retry_after) ? std::min(retry_after, kLongestRetryAfterSeconds) : 0;
    return std::max(drawn, asked);
}

} // namespace laurel::kernel
