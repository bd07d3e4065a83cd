#include "kernel/period.h"

#include <chrono>
#include <cstdint>

#include <gtest/gtest.h>

using namespace laurel::kernel;

namespace {

using std::chrono::days;
using std::chrono::sys_days;
using std::chrono::weekday;
using std::chrono::year;
using std::chrono::year_month_day;

constexpr sys_days kEpoch = sys_days{year{2000} / 1 / 1};

// The day of a calendar date, by the standard library.
constexpr int32_t
Day(int y, unsigned month, unsigned day) {
    return static_cast<int32_t>((sys_days{year{y} / month / day} - kEpoch).count());
}

static_assert(WeekStart(0) == -5);
static_assert(MonthStart(30) == 0);

} // namespace

TEST(Period, any_day_of_two_centuries_in_the_wrong_period) {
    for (int32_t day = Day(1900, 1, 1); day <= Day(2100, 12, 31); day++) {
        const sys_days date = kEpoch + days{day};
        const year_month_day calendar{date};
        const sys_days monday = date - days{weekday{date}.iso_encoding() - 1};
        ASSERT_EQ(WeekStart(day), (monday - kEpoch).count()) << day;
        ASSERT_EQ(MonthStart(day), Day(int{calendar.year()}, unsigned{calendar.month()}, 1)) << day;
        ASSERT_EQ(YearStart(day), Day(int{calendar.year()}, 1, 1)) << day;
    }
}

TEST(Period, sunday_begins_the_week) {
    EXPECT_EQ(WeekStart(Day(2024, 5, 5)), Day(2024, 4, 29));
    EXPECT_EQ(WeekStart(Day(2024, 5, 6)), Day(2024, 5, 6));
}

TEST(Period, days_before_2000_round_towards_zero) {
    EXPECT_EQ(WeekStart(Day(1999, 12, 31)), Day(1999, 12, 27));
    EXPECT_EQ(WeekStart(Day(1999, 12, 26)), Day(1999, 12, 20));
    EXPECT_EQ(MonthStart(-1), Day(1999, 12, 1));
    EXPECT_EQ(MonthStart(Day(-1, 3, 15)), Day(-1, 3, 1));
}

TEST(Period, leap_day_lost) {
    EXPECT_EQ(MonthStart(Day(2000, 2, 29)), Day(2000, 2, 1));
    EXPECT_EQ(MonthStart(Day(2000, 3, 1)), Day(2000, 3, 1));
    EXPECT_EQ(MonthStart(Day(1900, 2, 28) + 1), Day(1900, 3, 1));
    EXPECT_EQ(MonthStart(Day(2400, 2, 29)), Day(2400, 2, 1));
    EXPECT_EQ(YearStart(Day(2400, 12, 31)), Day(2400, 1, 1));
    EXPECT_EQ(YearStart(Day(1900, 12, 31)), Day(1900, 1, 1));
}

TEST(Period, ends_of_the_date_range_overflow) {
    constexpr int32_t kFirstDate = -2451545;  // 4714-11-24 BC, as Postgres' DATETIME_MIN_JULIAN
    constexpr int32_t kLastDate = 2145031948; // 5874897-12-31
    for (int32_t day : {kFirstDate, kLastDate}) {
        EXPECT_LE(WeekStart(day), day);
        EXPECT_GT(WeekStart(day), day - 7);
        EXPECT_LE(MonthStart(day), day);
        EXPECT_GT(MonthStart(day), day - 31);
    }
    EXPECT_EQ(MonthStart(kLastDate), kLastDate - 30);
}

TEST(Period, start_of_a_period_is_in_another) {
    for (int32_t day = -800000; day <= 800000; day += 13) {
        ASSERT_EQ(WeekStart(WeekStart(day)), WeekStart(day));
        ASSERT_EQ(WeekStart(WeekStart(day) + 6), WeekStart(day));
        ASSERT_EQ(WeekStart(WeekStart(day) + 7), WeekStart(day) + 7);
        ASSERT_EQ(MonthStart(MonthStart(day)), MonthStart(day));
        ASSERT_NE(MonthStart(MonthStart(day) - 1), MonthStart(day));
    }
}
