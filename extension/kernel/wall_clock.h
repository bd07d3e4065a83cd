// Times on a wall clock: quiet hours and the windows of digests, without dates, zones or daylight saving.
#pragma once

#include <optional>
#include <string_view>

namespace laurel::kernel {

constexpr int kMinutesPerDay = 24 * 60;
constexpr int kMinutesPerWeek = 7 * kMinutesPerDay;

// A moment that comes: so many days from today, at that minute of the day.
struct Ahead {
    int days;
    int minute;

    friend bool operator==(const Ahead &, const Ahead &) = default;
};

// From `start` up to but not including `end`, minutes of the day; over midnight where start is the later one.
struct QuietHours {
    int start;
    int end;
};

// The end of the quiet hours that minute of the day lies in; nothing where it lies in none.
constexpr std::optional<Ahead>
QuietEnd(const QuietHours &quiet, int minute) noexcept {
    if (quiet.start < quiet.end)
        return quiet.start <= minute && minute < quiet.end ? std::optional<Ahead>({0, quiet.end})
                                                           : std::nullopt;
    if (minute >= quiet.start)
        return Ahead{1, quiet.end};
    return minute < quiet.end ? std::optional<Ahead>({0, quiet.end}) : std::nullopt;
}

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

// The end of the window, always later than that minute of that weekday.
constexpr Ahead
WindowEnd(const DigestWindow &window, int weekday, int minute) noexcept {
    if (window.minutes < kMinutesPerDay) {
        const int end = (minute / window.minutes + 1) * window.minutes;
        return {end / kMinutesPerDay, end % kMinutesPerDay};
    }
    const bool over = minute >= window.at;
    if (window.minutes == kMinutesPerDay)
        return {over ? 1 : 0, window.at};
    const int days = (window.weekday - weekday + 7) % 7;
    return {days == 0 && over ? 7 : days, window.at};
}

// Reads "22:00", 00:00 to 23:59, into a minute of the day.
std::optional<int> ParseClock(std::string_view text) noexcept;

// Reads "30 minutes", "4 hours", "1 day" or "1 week" into minutes for which IsWindow holds.
std::optional<int> ParseWindow(std::string_view text) noexcept;

// Reads "monday" into 1; Sunday is 0.
std::optional<int> ParseWeekday(std::string_view text) noexcept;

} // namespace laurel::kernel
