#pragma once

#include <cstdint>

namespace laurel::kernel {

// Consecutive days of activity. Days are local days of the member, counted from 2000-01-01. `current` is the
// run that ends on last_day, not on today; `longest` is never below it. Nothing but `started` means anything
// before the first activity.
struct Streak {
    int32_t current = 0;
    int32_t longest = 0;
    int32_t last_day = 0;
    bool started = false;
};

// The streak after activity on a day: the same day changes nothing, the next day adds one, a later day
// begins again at one. A day before last_day changes nothing either: only StreakOf can say what it joined
// together.
Streak AfterActivity(Streak streak, int32_t day) noexcept;

// The streak of a whole history, earliest day first; a day may be listed more than once.
Streak StreakOf(const int32_t *days_ascending, int count) noexcept;

} // namespace laurel::kernel
