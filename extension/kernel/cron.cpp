#include "cron.h"

#include "ascii.h"
#include "fields.h"

#include <array>
#include <chrono>
#include <utility>

namespace laurel::kernel {

namespace {

constexpr int64_t kMinute = 60;
constexpr int64_t kDay = 86400;
constexpr int kSearchedDays = 9 * 366; // 29 February may be eight years away

constexpr std::array<std::string_view, 12> kMonthNames = {"jan", "feb", "mar", "apr", "may", "jun",
                                                          "jul", "aug", "sep", "oct", "nov", "dec"};
constexpr std::array<std::string_view, 7> kDayNames = {"sun", "mon", "tue", "wed", "thu", "fri", "sat"};

constexpr std::array<std::pair<std::string_view, std::string_view>, 7> kNicknames = {{
    {"@hourly", "0 * * * *"},
    {"@daily", "0 0 * * *"},
    {"@midnight", "0 0 * * *"},
    {"@weekly", "0 0 * * 0"},
    {"@monthly", "0 0 1 * *"},
    {"@yearly", "0 0 1 1 *"},
    {"@annually", "0 0 1 1 *"},
}};

// What a field may hold.
struct Field {
    int first;
    int last;
    const std::string_view *names = nullptr;
    int name_count = 0;
    int first_name = 0;
};

constexpr Field kMinutes = {0, 59};
constexpr Field kHours = {0, 23};
constexpr Field kDays = {1, 31};
constexpr Field kMonths = {1, 12, kMonthNames.data(), 12, 1};
constexpr Field kWeekdayField = {0, 7, kDayNames.data(), 7, 0};

constexpr bool
SameWord(std::string_view a, std::string_view b) {
    if (a.size() != b.size())
        return false;
    for (size_t i = 0; i < a.size(); i++)
        if (Lower(a[i]) != b[i])
            return false;
    return true;
}

constexpr size_t kScheduleDigits = 3;

// A value of the field by number or name, or -1.
int
Value(const Field &field, std::string_view text) {
    for (int i = 0; i < field.name_count; i++)
        if (SameWord(text, field.names[i]))
            return field.first_name + i;
    const int number = SmallNumber(text, kScheduleDigits);
    return number >= field.first && number <= field.last ? number : -1;
}

// Adds one element of a list: *, a value or a range, with or without a step. False when it is none.
bool
AddElement(const Field &field, std::string_view element, uint64_t *bits) {
    const bool has_step = element.find('/') != std::string_view::npos;
    std::string_view rest = element;
    std::string_view range = TakeUntil(&rest, '/');
    const int step = has_step ? SmallNumber(rest, kScheduleDigits) : 1;
    const bool is_range = range == "*" || range.find('-') != std::string_view::npos;
    if (step < 1 || (has_step && !is_range))
        return false;
    int first = field.first;
    int last = field.last;
    if (range != "*") {
        first = Value(field, TakeUntil(&range, '-'));
        last = is_range ? Value(field, range) : first;
    }
    if (first < 0 || last < first)
        return false;
    for (int value = first; value <= last; value += step)
        *bits |= uint64_t{1} << value;
    return true;
}

bool
ParseField(const Field &field, std::string_view text, uint64_t *bits) {
    if (text.empty() || text.back() == ',')
        return false;
    *bits = 0;
    while (!text.empty())
        if (!AddElement(field, TakeUntil(&text, ','), bits))
            return false;
    return true;
}

constexpr std::string_view kBetweenFields = " \t";

// The next word of `text`, taken off it.
std::string_view
TakeWord(std::string_view *text) {
    const size_t begin = text->find_first_not_of(kBetweenFields);
    if (begin == std::string_view::npos) {
        *text = {};
        return {};
    }
    *text = text->substr(begin);
    const size_t end = text->find_first_of(kBetweenFields);
    const std::string_view word = text->substr(0, end);
    *text = end == std::string_view::npos ? std::string_view() : text->substr(end);
    return word;
}

std::string_view
Spelled(std::string_view text) {
    std::string_view rest = text;
    const std::string_view word = TakeWord(&rest);
    if (!TakeWord(&rest).empty())
        return text;
    for (const auto &[nickname, meaning] : kNicknames)
        if (SameWord(word, nickname))
            return meaning;
    return text;
}

bool
DayFits(const CronSchedule &schedule, std::chrono::sys_days day) {
    const std::chrono::year_month_day date(day);
    const bool month = schedule.months >> static_cast<unsigned>(date.month()) & 1;
    const bool in_days = schedule.days >> static_cast<unsigned>(date.day()) & 1;
    const bool in_weekdays = schedule.weekdays >> std::chrono::weekday(day).c_encoding() & 1;
    if (schedule.any_day || schedule.any_weekday)
        return month && in_days && in_weekdays;
    return month && (in_days || in_weekdays);
}

// The first minute of a day, from `from` on, that the schedule names; -1 when there is none.
int
NextMinute(const CronSchedule &schedule, int from) {
    for (int minute = from; minute < 24 * 60; minute++)
        if ((schedule.hours >> (minute / 60) & 1) != 0 && (schedule.minutes >> (minute % 60) & 1) != 0)
            return minute;
    return -1;
}

} // namespace

const char *
ParseCron(std::string_view text, CronSchedule *schedule) {
    text = Spelled(text);
    const std::string_view words[] = {TakeWord(&text), TakeWord(&text), TakeWord(&text), TakeWord(&text),
                                      TakeWord(&text)};
    if (words[4].empty() || !TakeWord(&text).empty())
        return "it must have five fields: minute, hour, day of month, month, day of week";
    uint64_t hours, days, months, weekdays;
    if (!ParseField(kMinutes, words[0], &schedule->minutes))
        return "the minute must be of 0-59";
    if (!ParseField(kHours, words[1], &hours))
        return "the hour must be of 0-23";
    if (!ParseField(kDays, words[2], &days))
        return "the day of month must be of 1-31";
    if (!ParseField(kMonths, words[3], &months))
        return "the month must be of 1-12 or jan-dec";
    if (!ParseField(kWeekdayField, words[4], &weekdays))
        return "the day of week must be of 0-7 or sun-sat";
    schedule->hours = static_cast<uint32_t>(hours);
    schedule->days = static_cast<uint32_t>(days);
    schedule->months = static_cast<uint32_t>(months);
    schedule->weekdays = static_cast<uint32_t>((weekdays | weekdays >> 7) & 0x7f);
    schedule->any_day = words[2].front() == '*';
    schedule->any_weekday = words[4].front() == '*';
    return nullptr;
}

std::optional<int64_t>
NextCron(const CronSchedule &schedule, int64_t after) {
    const int64_t after_minute = after >= 0 ? after / kMinute : (after - kMinute + 1) / kMinute;
    const int64_t start = (after_minute + 1) * kMinute;
    int64_t day = start >= 0 ? start / kDay : (start - kDay + 1) / kDay;
    int minute = static_cast<int>((start - day * kDay) / kMinute);
    for (int searched = 0; searched < kSearchedDays; searched++, day++, minute = 0) {
        if (!DayFits(schedule, std::chrono::sys_days(std::chrono::days(day))))
            continue;
        const int found = NextMinute(schedule, minute);
        if (found >= 0)
            return day * kDay + found * kMinute;
    }
    return std::nullopt;
}

} // namespace laurel::kernel
