#include "kernel/wall_clock.h"

#include <gtest/gtest.h>

using namespace laurel::kernel;

namespace {

constexpr int
At(int hour, int minute = 0) {
    return hour * 60 + minute;
}

constexpr QuietHours kNight = {At(22), At(7)};
constexpr QuietHours kLunch = {At(12), At(13)};
constexpr int kMonday = 1, kSaturday = 6;

} // namespace

TEST(QuietEnd, within_a_day) {
    EXPECT_EQ(QuietEnd(kLunch, At(11, 59)), std::nullopt);
    EXPECT_EQ(QuietEnd(kLunch, At(12)), (Ahead{0, At(13)}));
    EXPECT_EQ(QuietEnd(kLunch, At(12, 59)), (Ahead{0, At(13)}));
    EXPECT_EQ(QuietEnd(kLunch, At(13)), std::nullopt);
}

TEST(QuietEnd, over_midnight) {
    EXPECT_EQ(QuietEnd(kNight, At(21, 59)), std::nullopt);
    EXPECT_EQ(QuietEnd(kNight, At(22)), (Ahead{1, At(7)}));
    EXPECT_EQ(QuietEnd(kNight, At(23, 59)), (Ahead{1, At(7)}));
    EXPECT_EQ(QuietEnd(kNight, At(0)), (Ahead{0, At(7)}));
    EXPECT_EQ(QuietEnd(kNight, At(6, 59)), (Ahead{0, At(7)}));
    EXPECT_EQ(QuietEnd(kNight, At(7)), std::nullopt);
}

TEST(QuietEnd, until_midnight) {
    EXPECT_EQ(QuietEnd({At(22), 0}, At(23)), (Ahead{1, 0}));
    EXPECT_EQ(QuietEnd({At(22), 0}, At(0)), std::nullopt);
}

TEST(WindowEnd, parts_of_a_day_count_from_midnight) {
    const DigestWindow quarter = {.minutes = 15};
    EXPECT_EQ(WindowEnd(quarter, kMonday, At(9)), (Ahead{0, At(9, 15)}));
    EXPECT_EQ(WindowEnd(quarter, kMonday, At(9, 14)), (Ahead{0, At(9, 15)}));
    EXPECT_EQ(WindowEnd(quarter, kMonday, At(23, 50)), (Ahead{1, 0}));
    EXPECT_EQ(WindowEnd({.minutes = 240}, kMonday, At(9)), (Ahead{0, At(12)}));
}

TEST(WindowEnd, days_end_at_their_hour) {
    const DigestWindow daily = {.minutes = kMinutesPerDay, .at = At(8)};
    EXPECT_EQ(WindowEnd(daily, kMonday, At(7, 59)), (Ahead{0, At(8)}));
    EXPECT_EQ(WindowEnd(daily, kMonday, At(8)), (Ahead{1, At(8)}));
    EXPECT_EQ(WindowEnd({.minutes = kMinutesPerDay, .at = 0}, kMonday, At(0)), (Ahead{1, 0}));
}

TEST(WindowEnd, weeks_end_on_their_day) {
    const DigestWindow weekly = {.minutes = kMinutesPerWeek, .at = At(8), .weekday = kMonday};
    EXPECT_EQ(WindowEnd(weekly, kMonday, At(7)), (Ahead{0, At(8)}));
    EXPECT_EQ(WindowEnd(weekly, kMonday, At(8)), (Ahead{7, At(8)}));
    EXPECT_EQ(WindowEnd(weekly, kSaturday, At(12)), (Ahead{2, At(8)}));
    EXPECT_EQ(WindowEnd(weekly, 0, At(12)), (Ahead{1, At(8)}));
}

TEST(WindowEnd, is_always_later) {
    for (const int minutes : {15, 60, 720, kMinutesPerDay, kMinutesPerWeek})
        for (int weekday = 0; weekday < 7; weekday++)
            for (int minute = 0; minute < kMinutesPerDay; minute++) {
                const Ahead end = WindowEnd({.minutes = minutes, .at = At(8)}, weekday, minute);
                ASSERT_GT(end.days * kMinutesPerDay + end.minute, minute);
                ASSERT_LE(end.days * kMinutesPerDay + end.minute, minute + minutes);
            }
}

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
