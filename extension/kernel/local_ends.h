// When quiet hours and the windows of digests end, on a wall clock that is turned now and then.
//
// Moments are seconds since 1970 in UTC. A zone is whatever says how far its clock is ahead: zone(moment)
// gives the stretch of time that the moment lies in.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>

#include "kernel/period.h"
#include "kernel/wall_clock.h"

namespace laurel::kernel {

// How many seconds a clock is ahead of UTC, and the moment at which it is turned.
struct ClockStretch {
    static constexpr int64_t kForEver = std::numeric_limits<int64_t>::max();

    int64_t ahead;
    int64_t until = kForEver;
};

// Times that a clock shows again and again: every `period` seconds, the first time at `phase` of 1970.
struct ShownTimes {
    int64_t period;
    int64_t phase;

    // The moment after `moment` at which a clock that is never turned shows the next of them.
    constexpr int64_t Next(int64_t moment, int64_t ahead) const noexcept {
        return moment + period - FloorModulo(moment + ahead - phase, period);
    }
    constexpr bool IsShown(int64_t moment, int64_t ahead) const noexcept {
        return FloorModulo(moment + ahead - phase, period) == 0;
    }
};

// The times at which windows end. Parts of a day count from midnight; 1970 began on a Thursday.
constexpr ShownTimes
EndsOf(const DigestWindow &window) noexcept {
    constexpr int kThursday = 4;
    const int64_t period = int64_t{window.minutes} * 60;
    if (window.minutes < kMinutesPerDay)
        return {period, 0};
    const int64_t at = int64_t{window.at} * 60;
    if (window.minutes == kMinutesPerDay)
        return {period, at};
    return {period, (window.weekday - kThursday + 7) % 7 * int64_t{kMinutesPerDay} * 60 + at};
}

// The first moment after this one at which the clock shows one of the times. One that it skips comes as if it
// had not been turned; one that it shows twice comes twice.
template <typename Zone>
constexpr int64_t
NextShown(const ShownTimes &times, int64_t moment, const Zone &zone) noexcept {
    while (true) {
        const ClockStretch now = zone(moment);
        const int64_t next = times.Next(moment, now.ahead);
        if (next < now.until)
            return next;
        const int64_t turned = now.until, ahead = zone(turned).ahead;
        if (next < turned + (ahead - now.ahead))
            return next;
        if (times.IsShown(turned, ahead))
            return turned;
        moment = turned;
    }
}

// The end of the window that a moment lies in, always later. Windows follow each other without a gap: those
// below a day are never longer than they say, where the clock goes back one of them is short; those of a day
// or a week end when the clock first shows their hour.
template <typename Zone>
constexpr int64_t
WindowEnd(const DigestWindow &window, int64_t moment, const Zone &zone) noexcept {
    const ShownTimes times = EndsOf(window);
    const bool is_short = window.minutes < kMinutesPerDay;
    int64_t end = NextShown(times, moment - 2 * times.period, zone);
    while (end <= moment) {
        const int64_t begin = end;
        end = NextShown(times, begin, zone);
        if (is_short)
            end = std::min(end, begin + times.period);
        else if (end - begin < times.period / 2)
            end = NextShown(times, end, zone);
    }
    return end;
}

constexpr bool
IsQuiet(const QuietHours &quiet, int64_t shown) noexcept {
    const int64_t second = FloorModulo(shown, int64_t{kMinutesPerDay} * 60),
                  start = quiet.start * int64_t{60}, end = quiet.end * int64_t{60};
    if (start < end)
        return start <= second && second < end;
    return second >= start || second < end;
}

// The first moment from this one on at which the clock shows none of the quiet hours. Where it is turned it
// is looked at again: an end that it skips is over then, and what goes back into them is quiet again.
template <typename Zone>
constexpr int64_t
QuietEnd(const QuietHours &quiet, int64_t moment, const Zone &zone) noexcept {
    const ShownTimes ends = {int64_t{kMinutesPerDay} * 60, quiet.end * int64_t{60}};
    while (true) {
        const ClockStretch now = zone(moment);
        if (!IsQuiet(quiet, moment + now.ahead))
            return moment;
        moment = std::min(ends.Next(moment, now.ahead), now.until);
    }
}

} // namespace laurel::kernel
