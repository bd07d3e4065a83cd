#include "zone_name.h"

#include "ascii.h"

#include <algorithm>
#include <iterator>

namespace laurel::kernel {

namespace {

constexpr size_t kLongest = 64;

constexpr bool
IsOfName(char c) noexcept {
    return IsLetterOrDigit(c) || c == '/' || c == '_' || c == '-' || c == '+';
}

// What SQL, mail and people read as an offset that follows no summer, or another one than the zone of that
// name.
constexpr struct {
    std::string_view abbreviation, place;
} kAbbreviations[] = {{"CET", "Europe/Berlin"},        {"CEST", "Europe/Berlin"},
                      {"MET", "Europe/Berlin"},        {"MEZ", "Europe/Berlin"},
                      {"EET", "Europe/Athens"},        {"EEST", "Europe/Athens"},
                      {"WET", "Europe/Lisbon"},        {"WEST", "Europe/Lisbon"},
                      {"BST", "Europe/London"},        {"MSK", "Europe/Moscow"},
                      {"EST", "America/New_York"},     {"EDT", "America/New_York"},
                      {"EST5EDT", "America/New_York"}, {"CST", "America/Chicago"},
                      {"CDT", "America/Chicago"},      {"CST6CDT", "America/Chicago"},
                      {"MST", "America/Denver"},       {"MDT", "America/Denver"},
                      {"MST7MDT", "America/Denver"},   {"PST", "America/Los_Angeles"},
                      {"PDT", "America/Los_Angeles"},  {"PST8PDT", "America/Los_Angeles"},
                      {"HST", "Pacific/Honolulu"},     {"IST", "Asia/Kolkata"},
                      {"JST", "Asia/Tokyo"},           {"AEST", "Australia/Sydney"},
                      {"NZST", "Pacific/Auckland"}};

// What a server has beside the names.
constexpr std::string_view kServersOwn[] = {"localtime", "Factory", "posixrules"};
constexpr std::string_view kCopies[] = {"posix/", "right/", "SystemV/"};

// The fixed offsets that have names, each by how far it is ahead of UTC.
constexpr std::string_view kOffsets[] = {
    "Etc/GMT+12", "Etc/GMT+11", "Etc/GMT+10", "Etc/GMT+9",  "Etc/GMT+8",  "Etc/GMT+7", "Etc/GMT+6",
    "Etc/GMT+5",  "Etc/GMT+4",  "Etc/GMT+3",  "Etc/GMT+2",  "Etc/GMT+1",  "UTC",       "Etc/GMT-1",
    "Etc/GMT-2",  "Etc/GMT-3",  "Etc/GMT-4",  "Etc/GMT-5",  "Etc/GMT-6",  "Etc/GMT-7", "Etc/GMT-8",
    "Etc/GMT-9",  "Etc/GMT-10", "Etc/GMT-11", "Etc/GMT-12", "Etc/GMT-13", "Etc/GMT-14"};
constexpr int kWest = 12;

bool
IsFixedOffset(std::string_view name) noexcept {
    constexpr std::string_view others[] = {"Etc/GMT0", "Etc/GMT+0", "Etc/GMT-0"};
    const auto same = [name](std::string_view known) { return AreSame(known, name); };
    return std::any_of(std::begin(kOffsets), std::end(kOffsets), same) ||
           std::any_of(std::begin(others), std::end(others), same);
}

// The name of the zone that is so many whole hours ahead of UTC as an offset such as UTC+3, GMT+3, +03 or
// +03:00 says; empty where it has none.
std::string_view
NameOfOffset(std::string_view text) noexcept {
    for (const std::string_view prefix : {"UTC", "GMT"})
        if (BeginsWith(text, prefix))
            text = text.substr(prefix.size());
    if (text.size() < 2 || (text[0] != '+' && text[0] != '-'))
        return {};
    const bool behind = text[0] == '-';
    int hours = 0;
    size_t at = 1;
    for (; at < text.size() && at < 3 && IsDigit(text[at]); at++)
        hours = hours * 10 + (text[at] - '0');
    const std::string_view minutes = text.substr(at);
    if (at == 1 || (!minutes.empty() && minutes != ":00" && minutes != "00"))
        return {};
    const int ahead = behind ? -hours : hours;
    return ahead >= -kWest && ahead + kWest < static_cast<int>(std::size(kOffsets)) ? kOffsets[ahead + kWest]
                                                                                    : std::string_view();
}

} // namespace

ZoneFault
ZoneNameFault(std::string_view name) noexcept {
    if (name.empty())
        return {"It is empty."};
    for (const auto &known : kAbbreviations)
        if (AreSame(known.abbreviation, name))
            return {"It is an abbreviation, which is read as one offset all the year.", known.place};
    for (const std::string_view own : kServersOwn)
        if (AreSame(own, name))
            return {"It stands for whatever zone a server is in."};
    for (const std::string_view copy : kCopies)
        if (BeginsWith(name, copy))
            return {"It is of a copy of the time zones that counts otherwise.", name.substr(copy.size())};
    if (IsFixedOffset(name))
        return {};
    if (std::any_of(name.begin(), name.end(), IsDigit))
        return {"It is an offset or a rule, whose sign is read in two ways.", NameOfOffset(name)};
    if (name.size() > kLongest || !std::all_of(name.begin(), name.end(), IsOfName))
        return {"There is no such zone."};
    return {};
}

} // namespace laurel::kernel
