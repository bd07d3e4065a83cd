#include "kernel/item_statistics.h"

#include <vector>

#include <gtest/gtest.h>

using laurel::kernel::StatisticsOf;

namespace {

laurel::kernel::ItemStatistics
Of(std::vector<double> marks, std::vector<double> rests) {
    return StatisticsOf(marks, rests);
}

} // namespace

// By hand: marks 0 0 1 1, rests 1 2 2 3: means 0.5 and 2; products 0.5 + 0 + 0 + 0.5 = 1; squares 1 and 2.
TEST(ItemStatistics, are_those_that_one_finds_by_hand) {
    const auto found = Of({0, 0, 1, 1}, {1, 2, 2, 3});
    EXPECT_DOUBLE_EQ(found.mean, 0.5);
    EXPECT_DOUBLE_EQ(found.deviation, std::sqrt(1.0 / 3));
    EXPECT_DOUBLE_EQ(found.discrimination, 1 / std::sqrt(2.0));
    EXPECT_DOUBLE_EQ(found.efficiency, 1);
}

// What could be at most: 0 0 1 1 beside 1 2 3 4 is (0.5 * 1.5 + 0.5 * 0.5) * 2 = 2; here it is 1.
TEST(ItemStatistics, compare_with_the_best_order) {
    const auto found = Of({0, 1, 0, 1}, {1, 2, 3, 4});
    EXPECT_DOUBLE_EQ(found.discrimination, 1 / std::sqrt(5.0));
    EXPECT_DOUBLE_EQ(found.efficiency, 0.5);
    EXPECT_DOUBLE_EQ(Of({1, 1, 0, 0}, {1, 2, 3, 4}).efficiency, -1);
}

TEST(ItemStatistics, are_none_where_nothing_differs) {
    EXPECT_TRUE(std::isnan(Of({}, {}).mean));
    EXPECT_DOUBLE_EQ(Of({1}, {2}).mean, 1);
    EXPECT_TRUE(std::isnan(Of({1}, {2}).deviation));
    EXPECT_DOUBLE_EQ(Of({1, 1}, {2, 3}).deviation, 0);
    EXPECT_TRUE(std::isnan(Of({1, 1}, {2, 3}).discrimination));
    EXPECT_TRUE(std::isnan(Of({1, 2}, {2, 2}).efficiency));
}
