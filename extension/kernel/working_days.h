// Days on which an organization works, and how to count in them.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <span>

namespace laurel::kernel {

// Days count from 2000-01-01, a Saturday.
struct WorkingCalendar {
    unsigned weekdays;                 // bit 0 Monday, to bit 6 Sunday
    std::span<const int32_t> holidays; // ascending

    constexpr bool Works(int32_t day) const noexcept {
        const int weekday = static_cast<int>(((int64_t{day} + 5) % 7 + 7) % 7);
        return ((weekdays >> weekday) & 1) != 0 && !std::ranges::binary_search(holidays, day);
    }
};

// The working day that many working days after the first one from `from` on, which is the 0th; before it
// where `days` is negative. Nothing where there is none between `first` and `last`.
constexpr std::optional<int32_t>
AddWorkingDays(const WorkingCalendar &calendar, int32_t from, int days, int32_t first,
               int32_t last) noexcept {
    int32_t day = from;
    while (day <= last && !calendar.Works(day))
        day++;
    const int step = days < 0 ? -1 : 1;
    for (int left = days < 0 ? -days : days; left > 0; left--)
        do
            day += step;
        while (day >= first && day <= last && !calendar.Works(day));
    if (day < first || day > last)
        return std::nullopt;
    return day;
}

} // namespace laurel::kernel
