#include "kernel/expiry.h"

#include <chrono>

#include <gtest/gtest.h>

using namespace laurel::kernel;

namespace {

constexpr int32_t
Day(int year, unsigned month, unsigned day) {
    using namespace std::chrono;
    return static_cast<int32_t>(
        (sys_days(std::chrono::year(year) / month / day) - sys_days(2000y / 1 / 1)).count());
}

// The same by the calendar of the library.
int32_t
MonthsLater(int32_t day, int months) {
    using namespace std::chrono;
    const year_month_day from = sys_days(2000y / 1 / 1) + days(day);
    const year_month to = year_month(from.year(), from.month()) + std::chrono::months(months);
    const year_month_day_last last = to / std::chrono::last;
    const sys_days found = sys_days(to / std::min(from.day(), last.day()));
    return static_cast<int32_t>((found - sys_days(2000y / 1 / 1)).count());
}

} // namespace

TEST(Months, AreAddedAsTheCalendarHasIt) {
    for (int32_t day = Day(1996, 1, 1); day < Day(2008, 1, 1); day += 3)
        for (const int months : {-4900, -25, -12, -1, 0, 1, 2, 11, 12, 13, 1200, 4801})
            ASSERT_EQ(AddMonths(day, months), MonthsLater(day, months)) << day << " " << months;
}

TEST(Expiry, TakesTheSameDayMonthsLater) {
    const Expiry year = {Expiry::Months, 12};
    EXPECT_EQ(ExpiryDay(year, Day(2025, 3, 10)), Day(2026, 3, 11));
    EXPECT_EQ(ExpiryDay(year, Day(2024, 2, 29)), Day(2025, 3, 1));
    EXPECT_EQ(ExpiryDay({Expiry::Months, 1}, Day(2025, 1, 31)), Day(2025, 3, 1));
}

TEST(Expiry, TakesYearsWhole) {
    EXPECT_EQ(ExpiryDay({Expiry::Years, 0}, Day(2025, 1, 1)), Day(2026, 1, 1));
    EXPECT_EQ(ExpiryDay({Expiry::Years, 2}, Day(2025, 12, 31)), Day(2028, 1, 1));
    EXPECT_EQ(KeptFrom({Expiry::Years, 0}, Day(2026, 1, 1)), Day(2026, 1, 1));
    EXPECT_EQ(KeptFrom({Expiry::Years, 1}, Day(2026, 12, 31)), Day(2025, 1, 1));
}

// Days never expire before earlier ones, and both functions say the same.
TEST(Expiry, IsTheSameBothWays) {
    for (const Expiry expiry :
         {Expiry{Expiry::Months, 1}, Expiry{Expiry::Months, 7}, Expiry{Expiry::Months, 12},
          Expiry{Expiry::Months, 1200}, Expiry{Expiry::Years, 0}, Expiry{Expiry::Years, 3}})
        for (int32_t day = Day(2023, 1, 1); day < Day(2029, 1, 1); day++) {
            const int32_t kept = KeptFrom(expiry, day);
            ASSERT_GT(ExpiryDay(expiry, kept), day) << day;
            ASSERT_LE(ExpiryDay(expiry, kept - 1), day) << day;
            ASSERT_LE(ExpiryDay(expiry, day), ExpiryDay(expiry, day + 1));
        }
}
