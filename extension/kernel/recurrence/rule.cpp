#include "rule.h"

#include "kernel/ascii.h"
#include "kernel/fields.h"

#include <chrono>

namespace laurel::kernel::recurrence {

namespace {

constexpr int kMostInterval = 1000;
constexpr int kMostCount = 10000;
constexpr int64_t kSecondsPerDay = 86400;
constexpr const char *kExample =
    "FREQ=WEEKLY;BYDAY=MO,WE is every Monday and Wednesday; RFC 5545, section 3.3.10, has the rest.";

constexpr std::array<std::string_view, 7> kWeekdays = {"SU", "MO", "TU", "WE", "TH", "FR", "SA"};

constexpr size_t kRuleDigits = 5;

// A number with or without a sign, not 0 and no further from it than `most`; 0 for what is none.
int
Signed(std::string_view text, int most) {
    const bool is_negative = !text.empty() && text[0] == '-';
    if (is_negative || (!text.empty() && text[0] == '+'))
        text.remove_prefix(1);
    const int number = SmallNumber(text, kRuleDigits);
    if (number < 1 || number > most)
        return 0;
    return is_negative ? -number : number;
}

// Calls read(element) for each of a list, until one is refused.
template <typename Read>
bool
EachOf(std::string_view list, Read &&read) {
    if (list.empty() || list.back() == ',')
        return false;
    while (!list.empty())
        if (!read(TakeUntil(&list, ',')))
            return false;
    return true;
}

template <int most>
bool
ReadNumbers(std::string_view list, Numbers<most> *numbers) {
    return EachOf(list, [numbers](std::string_view element) {
        const int number = Signed(element, most);
        if (number != 0)
            numbers->Add(number);
        return number != 0;
    });
}

// A weekday by its two letters, or -1.
int
Weekday(std::string_view text) {
    for (size_t day = 0; day < kWeekdays.size(); day++)
        if (AreSame(text, kWeekdays[day]))
            return static_cast<int>(day);
    return -1;
}

bool
ReadWeekday(std::string_view text, Rule *rule) {
    if (text.size() < 2)
        return false;
    const int day = Weekday(text.substr(text.size() - 2));
    const std::string_view ordinal = text.substr(0, text.size() - 2);
    if (day < 0)
        return false;
    if (ordinal.empty()) {
        rule->weekdays |= static_cast<uint8_t>(1 << day);
        return true;
    }
    const int number = Signed(ordinal, Numbers<53>::kMost);
    if (number == 0)
        return false;
    rule->nth_weekdays.at(static_cast<size_t>(day)).Add(number);
    rule->has_nth_weekdays = true;
    return true;
}

// The day of YYYYMMDD, in seconds; false where there is none.
bool
ReadDate(std::string_view text, int64_t *second) {
    const int year = SmallNumber(text.substr(0, 4), kRuleDigits),
              month = SmallNumber(text.substr(4, 2), kRuleDigits),
              day = SmallNumber(text.substr(6), kRuleDigits);
    if (year < 1 || month < 1 || day < 1)
        return false;
    const std::chrono::year_month_day date{std::chrono::year(year),
                                           std::chrono::month(static_cast<unsigned>(month)),
                                           std::chrono::day(static_cast<unsigned>(day))};
    if (!date.ok())
        return false;
    *second = std::chrono::sys_days(date).time_since_epoch().count() * kSecondsPerDay;
    return true;
}

// HHMMSS in seconds, or -1.
int
ReadClock(std::string_view text) {
    const int hour = SmallNumber(text.substr(0, 2), kRuleDigits),
              minute = SmallNumber(text.substr(2, 2), kRuleDigits),
              second = SmallNumber(text.substr(4), kRuleDigits);
    if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59)
        return -1;
    return (hour * 60 + minute) * 60 + second;
}

// A date means the whole day.
bool
ReadUntil(std::string_view text, Rule *rule) {
    constexpr size_t kDate = 8, kDateTime = 15;
    rule->until_of = Until::Local;
    if (text.size() == kDate) {
        const bool is_date = ReadDate(text, &rule->until);
        rule->until += kSecondsPerDay - 1;
        return is_date;
    }
    if (text.size() == kDateTime + 1 && Lower(text.back()) == 'z') {
        rule->until_of = Until::Utc;
        text.remove_suffix(1);
    }
    if (text.size() != kDateTime || Lower(text[kDate]) != 't' ||
        !ReadDate(text.substr(0, kDate), &rule->until))
        return false;
    const int clock = ReadClock(text.substr(kDate + 1));
    rule->until += clock;
    return clock >= 0;
}

bool
ReadFrequency(std::string_view text, Rule *rule) {
    constexpr std::array<std::string_view, 4> names = {"DAILY", "WEEKLY", "MONTHLY", "YEARLY"};
    for (size_t i = 0; i < names.size(); i++)
        if (AreSame(text, names[i])) {
            rule->frequency = static_cast<Frequency>(i);
            return true;
        }
    return false;
}

bool
ReadUpTo(std::string_view text, int most, int *number) {
    *number = SmallNumber(text, kRuleDigits);
    return *number >= 1 && *number <= most;
}

// A part of a rule, and what is said where it is wrong.
struct Part {
    std::string_view name;
    const char *wrong;
    bool (*read)(std::string_view value, Rule *rule);
};

constexpr const char *kWithinDay = "A rule of a series says days; the time of the day is that of its start.";

constexpr std::array<Part, 14> kParts = {{
    {"FREQ", "FREQ is DAILY, WEEKLY, MONTHLY or YEARLY: nothing recurs within a day.", ReadFrequency},
    {"INTERVAL", "INTERVAL is a number from 1 to 1000.",
     [](std::string_view value, Rule *rule) { return ReadUpTo(value, kMostInterval, &rule->interval); }},
    {"COUNT", "COUNT is a number from 1 to 10000.",
     [](std::string_view value, Rule *rule) { return ReadUpTo(value, kMostCount, &rule->count); }},
    {"UNTIL", "UNTIL is a date such as 20261231, or a time such as 20261231T180000 or 20261231T170000Z.",
     ReadUntil},
    {"BYDAY", "BYDAY lists weekdays, SU to SA, with an ordinal from 1 to 53 or -1 to -53 or without.",
     [](std::string_view value, Rule *rule) {
         return EachOf(value, [rule](std::string_view element) { return ReadWeekday(element, rule); });
     }},
    {"BYMONTHDAY", "BYMONTHDAY lists days of a month, 1 to 31 or -1 to -31.",
     [](std::string_view value, Rule *rule) { return ReadNumbers(value, &rule->month_days); }},
    {"BYMONTH", "BYMONTH lists months, 1 to 12.",
     [](std::string_view value, Rule *rule) {
         return value.find('-') == std::string_view::npos && ReadNumbers(value, &rule->months);
     }},
    {"BYYEARDAY", "BYYEARDAY lists days of a year, 1 to 366 or -1 to -366.",
     [](std::string_view value, Rule *rule) { return ReadNumbers(value, &rule->year_days); }},
    {"BYWEEKNO", "BYWEEKNO lists weeks of a year, 1 to 53 or -1 to -53.",
     [](std::string_view value, Rule *rule) { return ReadNumbers(value, &rule->weeks); }},
    {"BYSETPOS", "BYSETPOS lists places in a period, 1 to 366 or -1 to -366.",
     [](std::string_view value, Rule *rule) { return ReadNumbers(value, &rule->positions); }},
    {"WKST", "WKST is the weekday on which weeks begin, SU to SA.",
     [](std::string_view value, Rule *rule) { return (rule->week_start = Weekday(value)) >= 0; }},
    {"BYHOUR", kWithinDay, [](std::string_view, Rule *) { return false; }},
    {"BYMINUTE", kWithinDay, [](std::string_view, Rule *) { return false; }},
    {"BYSECOND", kWithinDay, [](std::string_view, Rule *) { return false; }},
}};

// Reads NAME=VALUE. `seen` has a bit for each part that came before.
Fault
ReadPart(std::string_view text, uint32_t *seen, Rule *rule) {
    std::string_view value = text;
    const std::string_view name = TakeUntil(&value, '=');
    for (size_t i = 0; i < kParts.size(); i++) {
        if (!AreSame(name, kParts[i].name))
            continue;
        const uint32_t bit = uint32_t{1} << i;
        if ((*seen & bit) != 0)
            return {"Each part comes once.", text, "Join their values with commas."};
        *seen |= bit;
        if (!kParts[i].read(value, rule))
            return {kParts[i].wrong, text, kExample};
        return {};
    }
    return {"There is no such part of a rule, which begins without RRULE:.", text, kExample};
}

// What parts may not stand together.
const char *
Contradiction(const Rule &rule) {
    const bool is_yearly = rule.frequency == Frequency::Yearly,
               is_monthly = rule.frequency == Frequency::Monthly;
    if (rule.count > 0 && rule.until_of != Until::Never)
        return "COUNT and UNTIL exclude each other.";
    if (rule.has_nth_weekdays && !is_yearly && !is_monthly)
        return "Weekdays have an ordinal in months and years only: FREQ is MONTHLY or YEARLY then.";
    if (rule.has_nth_weekdays && !rule.weeks.empty())
        return "Weekdays have no ordinal where BYWEEKNO says the week.";
    if (!rule.month_days.empty() && rule.frequency == Frequency::Weekly)
        return "BYMONTHDAY does not go with FREQ=WEEKLY.";
    if (!rule.year_days.empty() && !is_yearly)
        return "BYYEARDAY goes with FREQ=YEARLY only.";
    if (!rule.weeks.empty() && !is_yearly)
        return "BYWEEKNO goes with FREQ=YEARLY only.";
    const bool names_days = rule.weekdays != 0 || rule.has_nth_weekdays || !rule.month_days.empty() ||
                            !rule.months.empty() || !rule.year_days.empty() || !rule.weeks.empty();
    if (!rule.positions.empty() && !names_days)
        return "BYSETPOS chooses among what another BY part names, and there is none.";
    return nullptr;
}

} // namespace

Fault
ParseRule(std::string_view text, Rule *rule) {
    *rule = {};
    uint32_t seen = 0;
    std::string_view rest = text;
    do {
        const Fault fault = ReadPart(TakeUntil(&rest, ';'), &seen, rule);
        if (fault.detail != nullptr)
            return fault;
    } while (!rest.empty());
    if (text.ends_with(';'))
        return {"A rule does not end with a semicolon.", text, kExample};
    if ((seen & 1) == 0)
        return {"A rule has a FREQ.", text, kExample};
    return {Contradiction(*rule), text, kExample};
}

} // namespace laurel::kernel::recurrence
