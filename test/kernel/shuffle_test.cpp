#include "kernel/shuffle.h"

#include <array>
#include <string>

#include <gtest/gtest.h>

using laurel::kernel::RankBySeed;

TEST(Shuffle, is_the_same_for_a_seed_and_another_for_another) {
    EXPECT_EQ(RankBySeed(1, "a"), RankBySeed(1, "a"));
    EXPECT_NE(RankBySeed(1, "a"), RankBySeed(2, "a"));
    EXPECT_NE(RankBySeed(1, "a"), RankBySeed(1, "b"));
}

// Of four items each is first about as often: 10,000 seeds, within four deviations (173) of 2,500.
TEST(Shuffle, gives_every_item_its_turn) {
    std::array<int, 4> first{};
    for (uint64_t seed = 0; seed < 10000; seed++) {
        size_t best = 0;
        for (size_t item = 1; item < first.size(); item++)
            if (RankBySeed(seed, std::to_string(item)) < RankBySeed(seed, std::to_string(best)))
                best = item;
        first[best]++;
    }
    for (const int count : first)
        EXPECT_NEAR(count, 2500, 173);
}
