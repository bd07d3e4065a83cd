#include "database/reconnect.h"

#include <algorithm>

namespace laurel::worker {

namespace {

Clock::duration
Scale(Clock::duration span, double factor) {
    return std::chrono::duration_cast<Clock::duration>(span * factor);
}

} // namespace

Clock::duration
Backoff::Next() {
    const Clock::duration wait = next_;
    next_ = std::min(next_ * 2, longest_);
    return Scale(wait, std::uniform_real_distribution<>(0.5, 1.0)(random_));
}

Clock::duration
Jitter(Clock::duration span) {
    static std::minstd_rand random{std::random_device{}()};
    return Scale(span, std::uniform_real_distribution<>(0.75, 1.25)(random));
}

} // namespace laurel::worker
