#include "days.h"

#include <algorithm>
#include <chrono>

namespace laurel::kernel::recurrence {

namespace {

constexpr int kLastYear = 9999;

using Date = std::chrono::year_month_day;

int32_t
Day(const Date &date) {
    return static_cast<int32_t>(std::chrono::sys_days(date).time_since_epoch().count());
}

Date
DateOf(int32_t day) {
    return std::chrono::sys_days(std::chrono::days(day));
}

int
YearOf(int32_t day) {
    return static_cast<int>(DateOf(day).year());
}

int32_t
YearStart(int year) {
    return Day(Date{std::chrono::year(year), std::chrono::January, std::chrono::day(1)});
}

// Months count from those of the year 0.
int
MonthOf(int32_t day) {
    const Date date = DateOf(day);
    return static_cast<int>(date.year()) * 12 + static_cast<int>(static_cast<unsigned>(date.month())) - 1;
}

int32_t
MonthStart(int month) {
    return Day(Date{std::chrono::year(month / 12), std::chrono::month(static_cast<unsigned>(month % 12 + 1)),
                    std::chrono::day(1)});
}

// 0 Sunday; 1970 began on a Thursday.
int
WeekdayOf(int32_t day) {
    return ((day + 4) % 7 + 7) % 7;
}

// Where a day is in a period, and how many days that has. Counted from 1.
struct Place {
    int number;
    int count;
};

Place
PlaceIn(int32_t day, int32_t first, int32_t after) {
    return {day - first + 1, after - first};
}

Place
InYear(int32_t day) {
    const int year = YearOf(day);
    return PlaceIn(day, YearStart(year), YearStart(year + 1));
}

Place
InMonth(int32_t day) {
    const int month = MonthOf(day);
    return PlaceIn(day, MonthStart(month), MonthStart(month + 1));
}

// The same among days of its weekday alone.
Place
OfWeekday(const Place &place) {
    const int number = (place.number - 1) / 7 + 1;
    return {number, number + (place.count - place.number) / 7};
}

template <int most>
bool
Allow(const Numbers<most> &numbers, const Place &place) {
    return numbers.empty() || numbers.Mean(place.number, place.count);
}

} // namespace

Periods::Periods(const Rule &rule, int32_t start, int32_t from) : rule_(rule), start_(start), period_(-1) {
    Complete(start);
    if (rule.count > 0 || from <= start)
        return;
    int64_t passed = 0;
    switch (rule.frequency) {
    case Frequency::Yearly:
        passed = YearOf(from) - YearOf(start);
        break;
    case Frequency::Monthly:
        passed = MonthOf(from) - MonthOf(start);
        break;
    case Frequency::Weekly:
        passed = (WeekStart(from) - WeekStart(start)) / 7;
        break;
    case Frequency::Daily:
        passed = from - start;
    }
    period_ = passed / rule.interval - 1;
}

// What is not said is as on the first day.
void
Periods::Complete(int32_t start) {
    const Date date = DateOf(start);
    const bool names_days = rule_.weekdays != 0 || rule_.has_nth_weekdays || !rule_.month_days.empty() ||
                            !rule_.year_days.empty();
    if (names_days || rule_.frequency == Frequency::Daily)
        return;
    if (rule_.frequency == Frequency::Weekly || !rule_.weeks.empty()) {
        rule_.weekdays = static_cast<uint8_t>(1 << WeekdayOf(start));
        return;
    }
    rule_.month_days.Add(static_cast<int>(static_cast<unsigned>(date.day())));
    if (rule_.frequency == Frequency::Yearly && rule_.months.empty())
        rule_.months.Add(static_cast<int>(static_cast<unsigned>(date.month())));
}

bool
Periods::Next() {
    const int64_t passed = ++period_ * rule_.interval;
    const int year = YearOf(start_), month = MonthOf(start_);
    constexpr int64_t most_days = int64_t{366} * kLastYear;
    if (passed > most_days)
        return false;
    int32_t first = start_ + static_cast<int32_t>(passed), last = first;
    if (rule_.frequency == Frequency::Weekly) {
        first = WeekStart(start_) + static_cast<int32_t>(passed * 7);
        last = first + 6;
    } else if (rule_.frequency == Frequency::Monthly) {
        if (month + passed > int64_t{kLastYear} * 12)
            return false;
        first = MonthStart(month + static_cast<int>(passed));
        last = MonthStart(month + static_cast<int>(passed) + 1) - 1;
    } else if (rule_.frequency == Frequency::Yearly) {
        if (year + passed > kLastYear)
            return false;
        first = YearStart(year + static_cast<int>(passed));
        last = YearStart(year + static_cast<int>(passed) + 1) - 1;
    }
    if (YearOf(first) > kLastYear)
        return false;
    Collect(first, last);
    KeepPositions();
    return true;
}

void
Periods::Collect(int32_t first, int32_t last) {
    count_ = 0;
    for (int32_t day = first; day <= last; day++)
        if (Names(day))
            days_.at(static_cast<size_t>(count_++)) = day;
}

void
Periods::KeepPositions() {
    if (rule_.positions.empty())
        return;
    int kept = 0;
    for (int i = 0; i < count_; i++)
        if (rule_.positions.Mean(i + 1, count_))
            days_.at(static_cast<size_t>(kept++)) = days_.at(static_cast<size_t>(i));
    count_ = kept;
}

bool
Periods::Names(int32_t day) const {
    return Allow(rule_.months, {MonthOf(day) % 12 + 1, 12}) && NamesWeekday(day) &&
           (rule_.month_days.empty() || Allow(rule_.month_days, InMonth(day))) &&
           (rule_.year_days.empty() || Allow(rule_.year_days, InYear(day))) && NamesWeek(day);
}

bool
Periods::NamesWeekday(int32_t day) const {
    const int weekday = WeekdayOf(day);
    if (rule_.weekdays == 0 && !rule_.has_nth_weekdays)
        return true;
    if ((rule_.weekdays >> weekday & 1) != 0)
        return true;
    if (!rule_.has_nth_weekdays)
        return false;
    const bool of_month = rule_.frequency == Frequency::Monthly || !rule_.months.empty();
    const Place place = OfWeekday(of_month ? InMonth(day) : InYear(day));
    return rule_.nth_weekdays.at(static_cast<size_t>(weekday)).Mean(place.number, place.count);
}

// A week is of the year in which most of its days lie, those of its fourth day (RFC 5545; ISO 8601).
bool
Periods::NamesWeek(int32_t day) const {
    if (rule_.weeks.empty())
        return true;
    return Allow(rule_.weeks, OfWeekday(InYear(WeekStart(day) + 3)));
}

int32_t
Periods::WeekStart(int32_t day) const {
    return day - (WeekdayOf(day) - rule_.week_start + 7) % 7;
}

} // namespace laurel::kernel::recurrence
