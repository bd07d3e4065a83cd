#pragma once

#include <cstdint>

// Weeks, months and years of the proleptic Gregorian calendar. A day is the number of days since 2000-01-01,
// a Saturday, as in Postgres' date; days before it are negative. Every finite Postgres date (4713 BC to
// 5874897 AD) is in range; its infinities are not days.
namespace laurel::kernel {

// What is left after dividing down, 0 <= result < divisor, also for a negative dividend.
constexpr int64_t
FloorModulo(int64_t dividend, int64_t divisor) noexcept {
    const int64_t rest = dividend % divisor;
    return rest < 0 ? rest + divisor : rest;
}

// The Monday on or before the day (ISO 8601 weeks begin on Monday).
constexpr int32_t
WeekStart(int32_t day) noexcept {
    constexpr int64_t kSaturdayFromMonday = 5;
    return static_cast<int32_t>(day - FloorModulo(day + kSaturdayFromMonday, 7));
}

// Where a day lies in a year that begins on the first of March, so that a leap day ends it. Years count from
// 0000-03-01 in eras of 400, as in civil_from_days of Howard Hinnant, "chrono-Compatible Low-Level Date
// Algorithms".
struct MarchDay {
    int64_t year_of_era;
    int64_t day_of_year;
};

constexpr MarchDay
MarchDayOf(int32_t day) noexcept {
    constexpr int64_t kDaysBefore2000 = 730425; // 0000-03-01 to 2000-01-01
    constexpr int64_t kDaysPerEra = 146097;     // 400 years

    const int64_t day_of_era = FloorModulo(day + kDaysBefore2000, kDaysPerEra);
    const int64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    return {year_of_era, day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100)};
}

// The first day of the day's month.
constexpr int32_t
MonthStart(int32_t day) noexcept {
    const int64_t day_of_year = MarchDayOf(day).day_of_year;
    const int64_t month_from_march = (5 * day_of_year + 2) / 153;
    const int64_t days_into_month = day_of_year - (153 * month_from_march + 2) / 5;
    return static_cast<int32_t>(day - days_into_month);
}

// The first of January on or before the day.
constexpr int32_t
YearStart(int32_t day) noexcept {
    constexpr int64_t kJanuaryFromMarch = 306, kMarchFromJanuary = 59;

    const MarchDay found = MarchDayOf(day);
    if (found.day_of_year >= kJanuaryFromMarch)
        return static_cast<int32_t>(day - (found.day_of_year - kJanuaryFromMarch));
    const bool is_leap =
        found.year_of_era % 4 == 0 && (found.year_of_era % 100 != 0 || found.year_of_era == 0);
    return static_cast<int32_t>(day - found.day_of_year - kMarchFromJanuary - (is_leap ? 1 : 0));
}

// Months since 0000-03-01, of which there are 4,800 in an era.
constexpr int64_t
MonthNumber(int32_t day) noexcept {
    constexpr int64_t kDaysBefore2000 = 730425, kDaysPerEra = 146097, kMonthsPerEra = 4800;

    const int64_t days = day + kDaysBefore2000;
    const int64_t era = (days - FloorModulo(days, kDaysPerEra)) / kDaysPerEra;
    const MarchDay found = MarchDayOf(day);
    return era * kMonthsPerEra + found.year_of_era * 12 + (5 * found.day_of_year + 2) / 153;
}

// The first day of the month of that number.
constexpr int32_t
MonthStartOf(int64_t number) noexcept {
    constexpr int64_t kDaysBefore2000 = 730425, kDaysPerEra = 146097, kMonthsPerEra = 4800;

    const int64_t month_of_era = FloorModulo(number, kMonthsPerEra);
    const int64_t era = (number - month_of_era) / kMonthsPerEra;
    const int64_t year = month_of_era / 12, month = month_of_era % 12;
    return static_cast<int32_t>(era * kDaysPerEra + 365 * year + year / 4 - year / 100 +
                                (153 * month + 2) / 5 - kDaysBefore2000);
}

// The same day of the month so many months later, or earlier; the last one of a month that has no such day.
constexpr int32_t
AddMonths(int32_t day, int32_t months) noexcept {
    const int64_t number = MonthNumber(day) + months;
    const int32_t start = MonthStartOf(number);
    const int32_t into = day - MonthStart(day), last = MonthStartOf(number + 1) - 1 - start;
    return start + (into < last ? into : last);
}

} // namespace laurel::kernel
