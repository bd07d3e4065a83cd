#include "kernel/streak.h"

#include <algorithm>
#include <cstdint>
#include <random>
#include <set>
#include <vector>

#include <gtest/gtest.h>

using namespace laurel::kernel;

namespace {

Streak
Of(const std::vector<int32_t> &days) {
    std::vector<ActiveDay> active;
    for (int32_t day : days)
        active.push_back({day});
    return StreakOf(active.data(), static_cast<int>(active.size()));
}

// The length of the run that ends on a day, by walking back through a set.
int32_t
RunEndingOn(const std::set<int32_t> &days, int32_t day) {
    int32_t length = 0;
    while (days.contains(day - length))
        length++;
    return length;
}

void
ExpectStreak(const Streak &streak, int32_t current, int32_t longest, int32_t last_day) {
    EXPECT_TRUE(streak.started);
    EXPECT_EQ(streak.current, current);
    EXPECT_EQ(streak.longest, longest);
    EXPECT_EQ(streak.last_day, last_day);
}

} // namespace

TEST(Streak, first_day_does_not_count) {
    ExpectStreak(AfterActivity({}, {100}), 1, 1, 100);
}

TEST(Streak, unstarted_streak_continues_day_zero) {
    ExpectStreak(AfterActivity({}, {0}), 1, 1, 0);
    ExpectStreak(AfterActivity({}, {1}), 1, 1, 1);
    ExpectStreak(AfterActivity({}, {-1}), 1, 1, -1);
}

TEST(Streak, same_day_counted_twice) {
    ExpectStreak(AfterActivity(Of({7, 8}), {8}), 2, 2, 8);
}

TEST(Streak, missed_day_forgiven) {
    ExpectStreak(Of({1, 2, 3, 5}), 1, 3, 5);
}

TEST(Streak, flight_over_the_date_line_forgotten) {
    const ActiveDay days[] = {{1}, {2}, {4, true}, {5}};
    ExpectStreak(StreakOf(days, 4), 4, 4, 5);
    ExpectStreak(AfterActivity(Of({1, 2}), {5, true}), 3, 3, 5);
    ExpectStreak(AfterActivity({}, {5, true}), 1, 1, 5);
    ExpectStreak(AfterActivity(Of({1, 2}), {1, true}), 2, 2, 2);
}

TEST(Streak, longest_lost_by_a_shorter_run) {
    ExpectStreak(Of({1, 2, 3, 4, 10, 11}), 2, 4, 11);
}

TEST(Streak, longest_not_beaten_by_a_longer_run) {
    ExpectStreak(Of({1, 2, 10, 11, 12}), 3, 3, 12);
}

TEST(Streak, earlier_day_breaks_the_streak) {
    ExpectStreak(AfterActivity(Of({5, 6, 7}), {4}), 3, 3, 7);
}

TEST(Streak, streak_broken_across_2000) {
    ExpectStreak(Of({-2, -1, 0, 1}), 4, 4, 1);
}

TEST(Streak, ends_of_the_range_overflow) {
    ExpectStreak(Of({INT32_MIN, INT32_MAX}), 1, 1, INT32_MAX);
    ExpectStreak(Of({INT32_MAX - 1, INT32_MAX}), 2, 2, INT32_MAX);
}

TEST(Streak, empty_history_started) {
    const Streak streak = StreakOf(nullptr, 0);
    EXPECT_FALSE(streak.started);
    EXPECT_EQ(streak.longest, 0);
}

TEST(Streak, history_disagrees_with_walking_back) {
    std::mt19937 random(365);
    for (int round = 0; round < 300; round++) {
        std::vector<int32_t> days;
        for (int i = 0; i < 60; i++)
            days.push_back(static_cast<int32_t>(random() % 80) - 40);
        std::sort(days.begin(), days.end());

        const std::set<int32_t> distinct(days.begin(), days.end());
        int32_t longest = 0;
        for (int32_t day : distinct)
            longest = std::max(longest, RunEndingOn(distinct, day));
        ExpectStreak(Of(days), RunEndingOn(distinct, days.back()), longest, days.back());
    }
}
