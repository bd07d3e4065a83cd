#include "kernel/cron.h"

#include <gtest/gtest.h>

#include <chrono>
#include <optional>

namespace laurel::kernel {
namespace {

int64_t
At(int year, unsigned month, unsigned day, int hour = 0, int minute = 0, int second = 0) {
    using namespace std::chrono;
    const sys_days date =
        year_month_day(std::chrono::year(year), std::chrono::month(month), std::chrono::day(day));
    return duration_cast<seconds>(date.time_since_epoch()).count() + hour * 3600 + minute * 60 + second;
}

std::optional<int64_t>
Next(std::string_view text, int64_t after) {
    CronSchedule schedule;
    const char *problem = ParseCron(text, &schedule);
    EXPECT_EQ(problem, nullptr) << text << ": " << problem;
    return NextCron(schedule, after);
}

TEST(Cron, a_minute_that_has_begun_is_past) {
    EXPECT_EQ(Next("* * * * *", At(2026, 1, 1, 0, 0, 0)), At(2026, 1, 1, 0, 1));
    EXPECT_EQ(Next("* * * * *", At(2026, 1, 1, 0, 0, 59)), At(2026, 1, 1, 0, 1));
    EXPECT_EQ(Next("0 0 * * *", At(2026, 1, 1, 0, 0, 0)), At(2026, 1, 2));
    EXPECT_EQ(Next("0 0 * * *", At(2025, 12, 31, 23, 59, 59)), At(2026, 1, 1));
}

TEST(Cron, days_hours_and_minutes_are_found) {
    EXPECT_EQ(Next("30 3 * * *", At(2026, 11, 20, 3, 29)), At(2026, 11, 20, 3, 30));
    EXPECT_EQ(Next("30 3 * * *", At(2026, 11, 20, 3, 30)), At(2026, 11, 21, 3, 30));
    EXPECT_EQ(Next("7 * * * *", At(2026, 11, 20, 23, 8)), At(2026, 11, 21, 0, 7));
    EXPECT_EQ(Next("0 0 1 * *", At(2026, 1, 31)), At(2026, 2, 1));
    EXPECT_EQ(Next("0 0 31 * *", At(2026, 1, 31)), At(2026, 3, 31));
    EXPECT_EQ(Next("0 0 29 2 *", At(2026, 1, 1)), At(2028, 2, 29));
    EXPECT_EQ(Next("0 0 29 2 *", At(2097, 1, 1)), At(2104, 2, 29));
}

TEST(Cron, weekdays_by_number_and_name) {
    EXPECT_EQ(Next("0 8 * * 1", At(2026, 11, 20)), At(2026, 11, 23, 8));
    EXPECT_EQ(Next("0 8 * * mon", At(2026, 11, 20)), At(2026, 11, 23, 8));
    EXPECT_EQ(Next("0 8 * * Mon-Fri", At(2026, 11, 20, 8)), At(2026, 11, 23, 8));
    EXPECT_EQ(Next("0 0 * * 0", At(2026, 11, 20)), Next("0 0 * * 7", At(2026, 11, 20)));
    EXPECT_EQ(Next("0 0 * * 5-7", At(2026, 11, 21)), At(2026, 11, 22));
}

TEST(Cron, day_and_weekday_together_mean_either) {
    EXPECT_EQ(Next("0 0 13 * 5", At(2026, 11, 14)), At(2026, 11, 20));
    EXPECT_EQ(Next("0 0 25 * 5", At(2026, 11, 20)), At(2026, 11, 25));
    EXPECT_EQ(Next("0 0 */2 * 1", At(2026, 11, 20)), At(2026, 11, 23))
        << "a step begins with *: both must hold";
}

TEST(Cron, lists_ranges_and_steps) {
    EXPECT_EQ(Next("5,50 * * * *", At(2026, 1, 1, 0, 5)), At(2026, 1, 1, 0, 50));
    EXPECT_EQ(Next("*/15 * * * *", At(2026, 1, 1, 0, 46)), At(2026, 1, 1, 1, 0));
    EXPECT_EQ(Next("10-30/10 9 * jan,jul *", At(2026, 2, 1)), At(2026, 7, 1, 9, 10));
    EXPECT_EQ(Next("59 23 31 12 *", At(2026, 1, 1)), At(2026, 12, 31, 23, 59));
}

TEST(Cron, nicknames) {
    EXPECT_EQ(Next("@hourly", At(2026, 1, 1, 0, 30)), At(2026, 1, 1, 1));
    EXPECT_EQ(Next("@daily", At(2026, 1, 1, 0, 30)), At(2026, 1, 2));
    EXPECT_EQ(Next("@weekly", At(2026, 11, 20)), At(2026, 11, 22));
    EXPECT_EQ(Next("@monthly", At(2026, 11, 20)), At(2026, 12, 1));
    EXPECT_EQ(Next(" @YEARLY ", At(2026, 11, 20)), At(2027, 1, 1));
}

TEST(Cron, blanks_between_fields_do_not_matter) {
    CronSchedule a, b;
    ASSERT_EQ(ParseCron("1 2 3 4 5", &a), nullptr);
    ASSERT_EQ(ParseCron("\t1  2 \t3 4   5  ", &b), nullptr);
    EXPECT_EQ(a, b);
}

TEST(Cron, a_date_that_never_comes_is_none) {
    EXPECT_EQ(Next("0 0 30 2 *", At(2026, 1, 1)), std::nullopt);
    EXPECT_EQ(Next("0 0 31 4,6,9,11 *", At(2026, 1, 1)), std::nullopt);
}

TEST(Cron, before_1970) {
    EXPECT_EQ(Next("* * * * *", -1), 0);
    EXPECT_EQ(Next("30 12 * * *", At(1969, 12, 30, 13)), At(1969, 12, 31, 12, 30));
}

TEST(Cron, nonsense_is_refused) {
    for (const char *text : {"",           " ",           "* * * *",        "* * * * * *",  "60 * * * *",
                             "* 24 * * *", "* * 0 * *",   "* * 32 * *",     "* * * 0 *",    "* * * 13 *",
                             "* * * * 8",  "*/0 * * * *", "5/10 * * * *",   "10-5 * * * *", "1,,2 * * * *",
                             ",1 * * * *", "1, * * * *",  "a * * * *",      "* * * foo *",  "* * * * monday",
                             "-1 * * * *", "1- * * * *",  "1-2-3 * * * *",  "*/ * * * *",   "1000 * * * *",
                             "+1 * * * *", "@reboot",     "@hourly @daily", "30 seconds",   "* * * * *;"}) {
        CronSchedule schedule;
        EXPECT_NE(ParseCron(text, &schedule), nullptr) << text;
    }
}

// Two years backwards: the next time never moves away, and is the next one of the second before it.
TEST(Cron, leaping_passes_over_nothing) {
    for (const char *text : {"17 5 * * 2", "0 */6 1,15 * *", "*/25 3-4 * 2,8 sun", "3 3 13 * fri"}) {
        CronSchedule schedule;
        ASSERT_EQ(ParseCron(text, &schedule), nullptr);
        int64_t expected = *NextCron(schedule, At(2027, 12, 31));
        for (int64_t now = At(2027, 12, 31); now > At(2026, 1, 1); now -= 61 * 60) {
            const int64_t found = *NextCron(schedule, now);
            ASSERT_GT(found, now) << text;
            ASSERT_LE(found, expected) << text;
            ASSERT_EQ(*NextCron(schedule, found - 1), found) << text;
            expected = found;
        }
    }
}

} // namespace
} // namespace laurel::kernel
