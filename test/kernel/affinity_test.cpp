#include "kernel/affinity.h"

#include <gtest/gtest.h>

using namespace laurel::kernel;

namespace {

constexpr AffinityWeights kWeights = {50, 30, 20};

} // namespace

TEST(MinutesApart, clocks_meet_on_the_other_side_of_the_day) {
    EXPECT_EQ(MinutesApart(60, 60), 0);
    EXPECT_EQ(MinutesApart(330, 60), 270); // Kolkata, Zurich
    EXPECT_EQ(MinutesApart(-720, 720), 0);
    EXPECT_EQ(MinutesApart(14 * 60, -12 * 60), 2 * 60);
    EXPECT_EQ(MinutesApart(-10 * 60, 14 * 60), 0);
    EXPECT_EQ(MinutesApart(-8 * 60, 5 * 60), 11 * 60);
}

TEST(AffinityOf, a_full_thousand_for_who_has_everything_in_common) {
    EXPECT_EQ(AffinityOf({4, 4, true, 0}, kWeights).total(), kFullAffinity);
    EXPECT_EQ(AffinityOf({1, 1, true, 0}, {34, 33, 33}).total(), kFullAffinity);
}

TEST(AffinityOf, nothing_in_common) {
    EXPECT_EQ(AffinityOf({0, 3, false, 720}, kWeights).total(), 0);
    EXPECT_EQ(AffinityOf({0, 0, false, 720}, kWeights).total(), 0); // who names no skills
}

TEST(AffinityOf, parts_by_their_weights) {
    const Affinity affinity = AffinityOf({2, 3, true, 90}, kWeights);
    EXPECT_EQ(affinity.skills, 333);
    EXPECT_EQ(affinity.languages, 300);
    EXPECT_EQ(affinity.zone, 175);
    EXPECT_EQ(affinity.total(), 808);
}
