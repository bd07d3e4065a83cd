#include "kernel/backoff.h"

#include <limits>

#include <gtest/gtest.h>

using namespace laurel::kernel;

TEST(RetrySeconds, doubles_with_each_attempt) {
    EXPECT_DOUBLE_EQ(RetrySeconds(1, 1, 0), 5);
    EXPECT_DOUBLE_EQ(RetrySeconds(2, 1, 0), 10);
    EXPECT_DOUBLE_EQ(RetrySeconds(5, 1, 0), 80);
}

TEST(RetrySeconds, stops_at_an_hour) {
    EXPECT_DOUBLE_EQ(RetrySeconds(10, 1, 0), 2560);
    EXPECT_DOUBLE_EQ(RetrySeconds(11, 1, 0), 3600);
    EXPECT_DOUBLE_EQ(RetrySeconds(1000, 1, 0), 3600);
}

TEST(RetrySeconds, leaves_half_to_chance) {
    EXPECT_DOUBLE_EQ(RetrySeconds(3, 0, 0), 10);
    EXPECT_DOUBLE_EQ(RetrySeconds(3, 0.5, 0), 15);
    EXPECT_DOUBLE_EQ(RetrySeconds(3, 1, 0), 20);
}

TEST(RetrySeconds, never_waits_less_than_asked) {
    EXPECT_DOUBLE_EQ(RetrySeconds(1, 0, 120), 120);
    EXPECT_DOUBLE_EQ(RetrySeconds(9, 1, 3), 1280);
}

TEST(RetrySeconds, waits_six_hours_at_most) {
    EXPECT_DOUBLE_EQ(RetrySeconds(1, 0, 1e9), 6 * 3600);
    EXPECT_DOUBLE_EQ(RetrySeconds(1, 1, std::numeric_limits<double>::infinity()), 5);
    EXPECT_DOUBLE_EQ(RetrySeconds(1, 1, std::numeric_limits<double>::quiet_NaN()), 5);
    EXPECT_DOUBLE_EQ(RetrySeconds(1, 1, -5), 5);
}

TEST(RetrySeconds, survives_odd_attempts_and_chances) {
    EXPECT_DOUBLE_EQ(RetrySeconds(0, 1, 0), 5);
    EXPECT_DOUBLE_EQ(RetrySeconds(-3, 1, 0), 5);
    EXPECT_DOUBLE_EQ(RetrySeconds(1, 7, 0), 5);
    EXPECT_DOUBLE_EQ(RetrySeconds(1, -7, 0), 2.5);
}
