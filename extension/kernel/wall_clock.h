// Times on a wall clock: quiet hours and the windows of digests, as people say them. When they end: local_ends.h.
#pragma once

#include <optional>
#include <string_view>

namespace laurel::kernel {

constexpr int kMinutesPerDay = 24 * 60;
constexpr int kMinutesPerWeek = 7 * kMinutesPerDay;

// From `start` up to but not including `end`, minutes of the day; over midnight where start is the later one.
struct QuietHours {
    int start;
    int end;
};

// `minutes` is a divisor of a day, or a day, or a week; days and weeks end at minute `at`, weeks on `weekday`
// (0 Sunday).
struct DigestWindow {
    int minutes;
    int at = 8 * 60;
    int weekday = 1;
};

constexpr bool
IsWindow(int minutes) noexcept {
    if (minutes == kMinutesPerWeek)
        return true;
    return minutes >= 15 && minutes <= kMinutesPerDay && kMinutesPerDay % minutes == 0;
}

// Reads "22:00", 00:00 to 23:59, into a minute of the day.
std::optional<int> ParseClock(std::string_view text) noexcept;

// Reads "30 minutes", "4 hours", "1 day" or "1 week" into minutes for which IsWindow holds.
std::optional<int> ParseWindow(std::string_view text) noexcept;

// Reads "monday" into 1; Sunday is 0.
std::optional<int> ParseWeekday(std::string_view text) noexcept;

} // namespace laurel::kernel
