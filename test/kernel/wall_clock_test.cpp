#include "kernel/wall_clock.h"

#include <gtest/gtest.h>

using namespace laurel::kernel;

namespace {

constexpr int
At(int hour, int minute = 0) {
    return hour * 60 + minute;
}

} // namespace

TEST(ParseClock, reads_hours_and_minutes) {
    EXPECT_EQ(ParseClock("00:00"), 0);
    EXPECT_EQ(ParseClock("07:30"), At(7, 30));
    EXPECT_EQ(ParseClock("23:59"), At(23, 59));
    for (const char *wrong : {"", "7:30", "24:00", "12:60", "12.30", "12:3", "ab:cd", "-1:00", "12:300"})
        EXPECT_EQ(ParseClock(wrong), std::nullopt) << wrong;
}

TEST(ParseWindow, reads_what_divides_a_day) {
    EXPECT_EQ(ParseWindow("15 minutes"), 15);
    EXPECT_EQ(ParseWindow("1 hour"), 60);
    EXPECT_EQ(ParseWindow("4 hours"), 240);
    EXPECT_EQ(ParseWindow("1 day"), kMinutesPerDay);
    EXPECT_EQ(ParseWindow("24 hours"), kMinutesPerDay);
    EXPECT_EQ(ParseWindow("1 week"), kMinutesPerWeek);
    EXPECT_EQ(ParseWindow("7 days"), kMinutesPerWeek);
    for (const char *wrong : {"", "1", "day", "10 minutes", "7 hours", "2 days", "2 weeks", "0 hours",
                              "1  day", "99999 minutes", "one day", "1 month"})
        EXPECT_EQ(ParseWindow(wrong), std::nullopt) << wrong;
}

TEST(ParseWeekday, reads_names) {
    EXPECT_EQ(ParseWeekday("sunday"), 0);
    EXPECT_EQ(ParseWeekday("saturday"), 6);
    EXPECT_EQ(ParseWeekday("Monday"), std::nullopt);
    EXPECT_EQ(ParseWeekday(""), std::nullopt);
}
