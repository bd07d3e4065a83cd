#include "kernel/local_ends.h"

#include <vector>

#include <gtest/gtest.h>

using namespace laurel::kernel;

namespace {

constexpr int64_t kMinute = 60, kHour = 60 * kMinute, kDay = 24 * kHour;

constexpr int
At(int hour, int minute = 0) {
    return hour * 60 + minute;
}

// The moment at which a clock in UTC shows that on day n of 1970; day 4 is a Monday.
constexpr int64_t
On(int64_t day, int hour, int minute = 0) {
    return day * kDay + At(hour, minute) * kMinute;
}

struct Turn {
    int64_t at;
    int64_t ahead; // from then on
};

// A zone whose clock is turned at these moments, in their order.
struct Zone {
    int64_t ahead = 0;
    std::vector<Turn> turns = {};

    ClockStretch operator()(int64_t moment) const {
        ClockStretch stretch = {ahead};
        for (const Turn &turn : turns) {
            if (turn.at > moment) {
                stretch.until = turn.at;
                break;
            }
            stretch.ahead = turn.ahead;
        }
        return stretch;
    }
};

const Zone kUtc;
constexpr QuietHours kNight = {At(22), At(7)};
constexpr QuietHours kLunch = {At(12), At(13)};

int64_t
DigestEnd(const DigestWindow &window, int64_t moment, const Zone &zone = kUtc) {
    return WindowEnd(window, moment, zone);
}

} // namespace

TEST(QuietEnd, within_a_day) {
    EXPECT_EQ(QuietEnd(kLunch, On(4, 11, 59), kUtc), On(4, 11, 59));
    EXPECT_EQ(QuietEnd(kLunch, On(4, 12), kUtc), On(4, 13));
    EXPECT_EQ(QuietEnd(kLunch, On(4, 12, 59) + 59, kUtc), On(4, 13));
    EXPECT_EQ(QuietEnd(kLunch, On(4, 13), kUtc), On(4, 13));
}

TEST(QuietEnd, over_midnight) {
    EXPECT_EQ(QuietEnd(kNight, On(4, 21, 59), kUtc), On(4, 21, 59));
    EXPECT_EQ(QuietEnd(kNight, On(4, 22), kUtc), On(5, 7));
    EXPECT_EQ(QuietEnd(kNight, On(4, 0), kUtc), On(4, 7));
    EXPECT_EQ(QuietEnd(kNight, On(4, 7), kUtc), On(4, 7));
    EXPECT_EQ(QuietEnd({At(22), 0}, On(4, 23), kUtc), On(5, 0));
    EXPECT_EQ(QuietEnd({At(22), 0}, On(4, 0), kUtc), On(4, 0));
}

TEST(QuietEnd, where_the_clock_skips_it) {
    const Zone forward = {0, {{On(4, 2), kHour}}};
    EXPECT_EQ(QuietEnd({At(1), At(2, 30)}, On(4, 1, 30), forward), On(4, 2));
    EXPECT_EQ(QuietEnd({At(1), At(4)}, On(4, 1, 30), forward), On(4, 3));
    EXPECT_EQ(QuietEnd({At(2), At(2, 59)}, On(4, 1, 59), forward), On(4, 1, 59));
}

TEST(QuietEnd, where_the_clock_shows_it_twice) {
    const Zone back = {kHour, {{On(4, 2), 0}}}; // from 03:00 to 02:00
    const QuietHours quiet = {At(1), At(2, 30)};
    EXPECT_EQ(QuietEnd(quiet, On(4, 1, 10), back), On(4, 1, 30)) << "the first time";
    EXPECT_EQ(QuietEnd(quiet, On(4, 1, 40), back), On(4, 1, 40)) << "over between the two";
    EXPECT_EQ(QuietEnd(quiet, On(4, 2, 10), back), On(4, 2, 30)) << "the second time";
}

TEST(WindowEnd, parts_of_a_day_count_from_midnight) {
    EXPECT_EQ(DigestEnd({.minutes = 15}, On(4, 9)), On(4, 9, 15));
    EXPECT_EQ(DigestEnd({.minutes = 15}, On(4, 9, 14) + 59), On(4, 9, 15));
    EXPECT_EQ(DigestEnd({.minutes = 15}, On(4, 23, 50)), On(5, 0));
    EXPECT_EQ(DigestEnd({.minutes = 240}, On(4, 9)), On(4, 12));
    EXPECT_EQ(DigestEnd({.minutes = 60}, On(-3, 9, 30)), On(-3, 10)) << "before 1970";
}

TEST(WindowEnd, days_end_at_their_hour_and_weeks_on_their_day) {
    const DigestWindow daily = {.minutes = kMinutesPerDay}, weekly = {.minutes = kMinutesPerWeek};
    EXPECT_EQ(DigestEnd(daily, On(4, 7, 59)), On(4, 8));
    EXPECT_EQ(DigestEnd(daily, On(4, 8)), On(5, 8));
    EXPECT_EQ(DigestEnd({.minutes = kMinutesPerDay, .at = 0}, On(4, 0)), On(5, 0));
    EXPECT_EQ(DigestEnd(weekly, On(4, 7)), On(4, 8));
    EXPECT_EQ(DigestEnd(weekly, On(4, 8)), On(11, 8));
    EXPECT_EQ(DigestEnd(weekly, On(9, 12)), On(11, 8));
    EXPECT_EQ(DigestEnd({.minutes = kMinutesPerWeek, .weekday = 0}, On(4, 8)), On(10, 8));
}

TEST(WindowEnd, a_day_ends_when_the_clock_first_shows_its_hour) {
    const DigestWindow daily = {.minutes = kMinutesPerDay, .at = At(2, 30)};
    const Zone back = {kHour, {{On(4, 2), 0}}}, forward = {0, {{On(4, 2), kHour}}};
    EXPECT_EQ(DigestEnd(daily, On(4, 1), back), On(4, 1, 30));
    EXPECT_EQ(DigestEnd(daily, On(4, 1, 30), back), On(5, 2, 30)) << "not again an hour later";
    EXPECT_EQ(DigestEnd(daily, On(4, 1), forward), On(4, 2, 30)) << "a day after the last one";
    EXPECT_EQ(DigestEnd(daily, On(4, 2, 30), forward), On(5, 1, 30));
}

TEST(WindowEnd, a_day_that_is_left_out_or_comes_twice) {
    const DigestWindow daily = {.minutes = kMinutesPerDay};
    const Zone left_out = {-10 * kHour, {{On(4, 10), 14 * kHour}}},
               twice = {11 * kHour, {{On(4, 13), -12 * kHour}}};
    EXPECT_EQ(DigestEnd(daily, On(3, 18), left_out), On(4, 18));
    EXPECT_EQ(DigestEnd(daily, On(4, 18), left_out), On(5, 18));
    EXPECT_EQ(DigestEnd(daily, On(3, 21), twice), On(4, 20));
    EXPECT_EQ(DigestEnd(daily, On(4, 20), twice), On(5, 20));
}

// Whatever the clock is turned by, and when.
TEST(WindowEnd, is_later_and_in_time_and_never_goes_back) {
    for (const int64_t by : {-23 * kHour, -2 * kHour, -kHour, -45 * kMinute, -30 * kMinute, int64_t{-1172},
                             20 * kMinute, 30 * kMinute, kHour, 2 * kHour, 24 * kHour})
        for (const int64_t at : {On(4, 0), On(4, 1), On(4, 2), On(4, 2, 45), On(4, 16)})
            for (const int minutes :
                 {15, 30, 45, 60, 120, 180, 240, 480, 720, kMinutesPerDay, kMinutesPerWeek}) {
                const Zone zone = {0, {{at, by}}};
                const int64_t longest =
                    minutes * kMinute + (minutes < kMinutesPerDay ? 0 : std::max(int64_t{0}, -by));
                int64_t last = 0;
                for (int64_t moment = at - 26 * kHour; moment < at + 50 * kHour; moment += 5 * kMinute) {
                    const int64_t end = DigestEnd({.minutes = minutes}, moment, zone);
                    ASSERT_GT(end, moment) << by << " " << at << " " << minutes;
                    ASSERT_LE(end - moment, longest) << by << " " << at << " " << minutes;
                    ASSERT_GE(end, last) << by << " " << at << " " << minutes << " " << moment;
                    last = end;
                }
            }
}

TEST(QuietEnd, is_quiet_no_more_and_never_goes_back) {
    for (const int64_t by : {-23 * kHour, -kHour, -30 * kMinute, 30 * kMinute, kHour, 24 * kHour})
        for (const int64_t at : {On(4, 0), On(4, 2), On(4, 22), On(5, 0)})
            for (const QuietHours quiet : {kNight, kLunch, {At(1), At(2, 30)}, {At(23, 30), At(0, 15)}}) {
                const Zone zone = {0, {{at, by}}};
                int64_t last = 0;
                for (int64_t moment = at - 26 * kHour; moment < at + 50 * kHour; moment += 5 * kMinute) {
                    const int64_t end = QuietEnd(quiet, moment, zone);
                    ASSERT_GE(end, std::max(last, moment));
                    ASSERT_FALSE(IsQuiet(quiet, end + zone(end).ahead));
                    for (int64_t before = moment; before < end; before += kMinute)
                        ASSERT_TRUE(IsQuiet(quiet, before + zone(before).ahead));
                    last = end;
                }
            }
}
