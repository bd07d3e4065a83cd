#include "kernel/path_progress.h"

#include <gtest/gtest.h>

using laurel::kernel::PathProgress;

TEST(PathProgress, half_for_modules_and_half_for_milestones) {
    EXPECT_EQ(PathProgress({0, 0}, {0, 0}), 0);
    EXPECT_EQ(PathProgress({1, 3}, {0, 0}), 3333);
    EXPECT_EQ(PathProgress({2, 3}, {0, 0}), 6667);
    EXPECT_EQ(PathProgress({0, 0}, {1, 4}), 2500);
    EXPECT_EQ(PathProgress({1, 2}, {1, 2}), 5000);
    EXPECT_EQ(PathProgress({2, 2}, {0, 2}), 5000);
    EXPECT_EQ(PathProgress({2, 2}, {1, 2}), 7500);
    EXPECT_EQ(PathProgress({0, 2}, {1, 3}), 1667);
}

TEST(PathProgress, is_whole_only_when_everything_is_done) {
    EXPECT_EQ(PathProgress({2, 2}, {0, 0}), 10000);
    EXPECT_EQ(PathProgress({2, 2}, {3, 3}), 10000);
    EXPECT_EQ(PathProgress({99999, 100000}, {0, 0}), 9999);
    EXPECT_EQ(PathProgress({3, 2}, {0, 0}), 10000);
    EXPECT_EQ(PathProgress({3, 2}, {0, 2}), 5000);
}
