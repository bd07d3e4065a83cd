#pragma once

#include <random>

#include "loop/clock.h"

namespace laurel::worker {

// Waits that double from `first` up to `longest`; each is drawn from the upper half, so that many workers
// that lost the same server do not come back in step.
class Backoff {
public:
    Backoff(Clock::duration first, Clock::duration longest, unsigned seed = std::random_device{}())
        : first_(first), longest_(longest), next_(first), random_(seed) {}

    Clock::duration Next();

    void Reset() { next_ = first_; }

private:
    Clock::duration first_;
    Clock::duration longest_;
    Clock::duration next_;
    std::minstd_rand random_;
};

// The span, shortened or lengthened by up to a quarter.
Clock::duration Jitter(Clock::duration span);

} // namespace laurel::worker
