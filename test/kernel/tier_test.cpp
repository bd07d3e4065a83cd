#include "kernel/tier.h"

#include <cstdint>

#include <gtest/gtest.h>

using namespace laurel::kernel;

namespace {

constexpr Tier kAll[] = {Tier::Bronze, Tier::Silver, Tier::Gold, Tier::Platinum};

static_assert(TierFor(500, TierThresholds{}) == Tier::Silver);
static_assert(TierName(Tier::Gold) == "gold");

} // namespace

TEST(Tier, threshold_belongs_to_the_tier_below) {
    EXPECT_EQ(TierFor(500, {}), Tier::Silver);
    EXPECT_EQ(TierFor(1500, {}), Tier::Gold);
    EXPECT_EQ(TierFor(3000, {}), Tier::Platinum);
}

TEST(Tier, tier_reached_one_point_early) {
    EXPECT_EQ(TierFor(499, {}), Tier::Bronze);
    EXPECT_EQ(TierFor(1499, {}), Tier::Silver);
    EXPECT_EQ(TierFor(2999, {}), Tier::Gold);
}

TEST(Tier, no_tier_at_the_ends_of_the_range) {
    EXPECT_EQ(TierFor(INT64_MIN, {}), Tier::Bronze);
    EXPECT_EQ(TierFor(0, {}), Tier::Bronze);
    EXPECT_EQ(TierFor(INT64_MAX, {}), Tier::Platinum);
}

TEST(Tier, thresholds_of_the_organization_ignored) {
    const TierThresholds steep{10, 20, 30};
    EXPECT_EQ(TierFor(9, steep), Tier::Bronze);
    EXPECT_EQ(TierFor(10, steep), Tier::Silver);
    EXPECT_EQ(TierFor(20, steep), Tier::Gold);
    EXPECT_EQ(TierFor(30, steep), Tier::Platinum);
}

TEST(Tier, skipped_tier_won_over_the_highest_reached) {
    EXPECT_EQ(TierFor(100, {100, 100, 100}), Tier::Platinum);
    EXPECT_EQ(TierFor(100, {100, 100, 101}), Tier::Gold);
}

TEST(Tier, name_does_not_read_back) {
    for (Tier tier : kAll) {
        Tier read = tier == Tier::Bronze ? Tier::Gold : Tier::Bronze;
        ASSERT_TRUE(ParseTier(TierName(tier), &read));
        EXPECT_EQ(read, tier);
    }
}

TEST(Tier, near_name_accepted) {
    for (const char *name : {"", "Gold", "GOLD", " gold", "gold ", "gol", "golden", "diamond"}) {
        Tier tier = Tier::Silver;
        EXPECT_FALSE(ParseTier(name, &tier)) << name;
        EXPECT_EQ(tier, Tier::Silver) << name;
    }
}
