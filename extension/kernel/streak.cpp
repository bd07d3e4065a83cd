#include "streak.h"

#include <algorithm>

namespace laurel::kernel {

Streak
AfterActivity(Streak streak, const ActiveDay &active) noexcept {
    const int32_t day = active.day;
    if (streak.started && day <= streak.last_day)
        return streak;

    const bool next = day - int64_t{1} == streak.last_day;
    const bool consecutive = streak.started && (next || active.continues);
    streak.current = consecutive ? streak.current + 1 : 1;
    streak.longest = std::max(streak.longest, streak.current);
    streak.last_day = day;
    streak.started = true;
    return streak;
}

Streak
StreakOf(const ActiveDay *days_ascending, int count) noexcept {
    Streak streak;
    for (int i = 0; i < count; i++)
        streak = AfterActivity(streak, days_ascending[i]);
    return streak;
}

} // namespace laurel::kernel
