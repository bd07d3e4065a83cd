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

// A day of activity. It continues the streak of the day before it in the history if it is the next day, or if
// somebody who knows better says so: who flies over the date line misses a day that never was.
struct ActiveDay {
    int32_t day;
    bool continues = false;
};

// The streak after activity on a day: the same day changes nothing, one that continues it adds one, another
// later day begins again at one. A day before last_day changes nothing either: only StreakOf can say what it
// joined together.
Streak AfterActivity(Streak streak, const ActiveDay &active) noexcept;

// The streak of a whole history, earliest day first; a day may be listed more than once.
Streak StreakOf(const ActiveDay *days_ascending, int count) noexcept;

} // namespace laurel::kernel
