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

} // namespace laurel::kernel
