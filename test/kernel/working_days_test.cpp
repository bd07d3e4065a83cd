#include "kernel/working_days.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

namespace {

using laurel::kernel::AddWorkingDays;
using laurel::kernel::WorkingCalendar;

constexpr unsigned kMondayToFriday = 0b0011111;
constexpr int32_t kSaturday = 0, kMonday = 2, kFriday = 6; // 2000-01-01, -03 and -07

std::optional<int32_t>
Add(const WorkingCalendar &calendar, int32_t from, int days) {
    return AddWorkingDays(calendar, from, days, -100000, 100000);
}

TEST(WorkingDays, WeekendsDoNotCount) {
    const WorkingCalendar calendar{kMondayToFriday, {}};
    EXPECT_EQ(Add(calendar, kSaturday, 0), kMonday);
    EXPECT_EQ(Add(calendar, kSaturday, 1), kMonday + 1);
    EXPECT_EQ(Add(calendar, kMonday, 0), kMonday);
    EXPECT_EQ(Add(calendar, kMonday, 4), kFriday);
    EXPECT_EQ(Add(calendar, kMonday, 5), kMonday + 7);
    EXPECT_EQ(Add(calendar, kMonday, -1), kMonday - 3);
    EXPECT_EQ(Add(calendar, kSaturday, -1), kMonday - 3);
}

TEST(WorkingDays, DaysBeforeTheEpochHaveTheirWeekdaysToo) {
    const WorkingCalendar calendar{kMondayToFriday, {}};
    EXPECT_TRUE(calendar.Works(-1));  // Friday
    EXPECT_FALSE(calendar.Works(-6)); // Sunday
    EXPECT_FALSE(calendar.Works(-7)); // Saturday
}

TEST(WorkingDays, HolidaysDoNotCount) {
    const std::vector<int32_t> holidays = {kMonday, kMonday + 1, kFriday};
    const WorkingCalendar calendar{kMondayToFriday, holidays};
    EXPECT_EQ(Add(calendar, kSaturday, 0), kMonday + 2);
    EXPECT_EQ(Add(calendar, kSaturday, 2), kMonday + 7);
    EXPECT_EQ(Add(calendar, kMonday + 7, -1), kMonday + 3);
}

TEST(WorkingDays, NobodyWorksBeyondTheLimits) {
    const WorkingCalendar nobody{0, {}};
    EXPECT_EQ(AddWorkingDays(nobody, 0, 0, -10, 10), std::nullopt);
    EXPECT_EQ(AddWorkingDays(nobody, 0, -1, -10, 10), std::nullopt);
    const WorkingCalendar calendar{kMondayToFriday, {}};
    EXPECT_EQ(AddWorkingDays(calendar, kMonday, 5, 0, kMonday + 6), std::nullopt);
    EXPECT_EQ(AddWorkingDays(calendar, kMonday, 5, 0, kMonday + 7), kMonday + 7);
}

// Against days that are listed one by one.
TEST(WorkingDays, AsTheList) {
    std::mt19937 random(7);
    for (int round = 0; round < 200; round++) {
        std::vector<int32_t> holidays;
        for (int32_t day = -400; day < 400; day++)
            if (random() % 5 == 0)
                holidays.push_back(day);
        const WorkingCalendar calendar{static_cast<unsigned>(random() % 127 + 1), holidays};
        std::vector<int32_t> works;
        for (int32_t day = -400; day < 400; day++)
            if (calendar.Works(day))
                works.push_back(day);
        for (int32_t from = -20; from < 20; from++) {
            const auto zeroth = std::ranges::lower_bound(works, from) - works.begin();
            for (int days = -8; days <= 8; days++)
                ASSERT_EQ(AddWorkingDays(calendar, from, days, -400, 399),
                          works[static_cast<size_t>(zeroth + days)]);
        }
    }
}

} // namespace
