#include "wall_clock.h"

#include <array>

namespace laurel::kernel {

namespace {

struct Unit {
    std::string_view name;
    int minutes;
};

constexpr std::array<Unit, 8> kUnits = {{{"minute", 1},
                                         {"minutes", 1},
                                         {"hour", 60},
                                         {"hours", 60},
                                         {"day", kMinutesPerDay},
                                         {"days", kMinutesPerDay},
                                         {"week", kMinutesPerWeek},
                                         {"weeks", kMinutesPerWeek}}};

constexpr std::array<std::string_view, 7> kWeekdays = {"sunday",   "monday", "tuesday", "wednesday",
                                                       "thursday", "friday", "saturday"};

// Reads one to four decimal digits.
std::optional<int>
ParseNumber(std::string_view text) noexcept {
    if (text.empty() || text.size() > 4)
        return {};
    int number = 0;
    for (const char digit : text) {
        if (digit < '0' || digit > '9')
            return {};
        number = number * 10 + (digit - '0');
    }
    return number;
}

} // namespace

std::optional<int>
ParseClock(std::string_view text) noexcept {
    if (text.size() != 5 || text[2] != ':')
        return {};
    const std::optional<int> hour = ParseNumber(text.substr(0, 2)), minute = ParseNumber(text.substr(3));
    if (!hour || !minute || *hour > 23 || *minute > 59)
        return {};
    return *hour * 60 + *minute;
}

std::optional<int>
ParseWindow(std::string_view text) noexcept {
    const size_t blank = text.find(' ');
    if (blank == std::string_view::npos)
        return {};
    const std::optional<int> number = ParseNumber(text.substr(0, blank));
    if (!number)
        return {};
    for (const Unit &unit : kUnits)
        if (unit.name == text.substr(blank + 1) && IsWindow(*number * unit.minutes))
            return *number * unit.minutes;
    return {};
}

std::optional<int>
ParseWeekday(std::string_view text) noexcept {
    for (size_t day = 0; day < kWeekdays.size(); day++)
        if (kWeekdays[day] == text)
            return static_cast<int>(day);
    return {};
}

} // namespace laurel::kernel
