#pragma once

#include <cstdint>

// Weeks and months of the proleptic Gregorian calendar. A day is the number of days since 2000-01-01, a
// Saturday, as in Postgres' date; days before it are negative. Every finite Postgres date (4713 BC to
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

// The first day of the day's month. Counts from 0000-03-01, so that a leap day ends its year, and finds the
// day of the month as civil_from_days of Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms",
// does.
constexpr int32_t
MonthStart(int32_t day) noexcept {
    constexpr int64_t kDaysBefore2000 = 730425; // 0000-03-01 to 2000-01-01
    constexpr int64_t kDaysPerEra = 146097;     // 400 years

    const int64_t day_of_era = FloorModulo(day + kDaysBefore2000, kDaysPerEra);
    const int64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    const int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    const int64_t month_from_march = (5 * day_of_year + 2) / 153;
    const int64_t days_into_month = day_of_year - (153 * month_from_march + 2) / 5;
    return static_cast<int32_t>(day - days_into_month);
}

} // namespace laurel::kernel
