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

namespace {

constexpr int32_t kToday = 9800;
constexpr HeldTier kGold{Tier::Gold};

// Days from a day to the first one of a window, back.
int32_t
Back(TierWindow window, int32_t today) {
    return today - WindowFrom(window, today);
}

} // namespace

TEST(TierWindow, today_left_out_of_the_days) {
    EXPECT_EQ(WindowFrom({TierWindow::Days, 1}, kToday), kToday);
    EXPECT_EQ(Back({TierWindow::Days, 30}, kToday), 29);
    EXPECT_EQ(WindowFrom({TierWindow::Days, 30}, 3), -26);
}

TEST(TierWindow, month_ends_on_another_day) {
    constexpr int32_t kMarch31 = 31 + 29 + 30, kMarch1 = 31 + 29, kFebruary29 = kMarch1 - 1; // of 2000
    EXPECT_EQ(WindowFrom({TierWindow::Months, 1}, kMarch31), kMarch1);
    EXPECT_EQ(WindowFrom({TierWindow::Months, 1}, kMarch31 - 1), kMarch1);
    EXPECT_EQ(WindowFrom({TierWindow::Months, 1}, kMarch1), 32);
    EXPECT_EQ(WindowFrom({TierWindow::Months, 12}, kFebruary29), kMarch1 - 366);
}

TEST(TierWindow, window_moves_back_as_days_pass) {
    for (const TierWindow window : {TierWindow{TierWindow::Days, 7},
                                    {TierWindow::Months, 1},
                                    {TierWindow::Months, 12},
                                    {TierWindow::Months, 120}})
        for (int32_t day = -2000; day < 12000; day++)
            ASSERT_LE(WindowFrom(window, day), WindowFrom(window, day + 1)) << day;
}

TEST(HeldTier, tier_kept_without_a_grace) {
    EXPECT_EQ(Hold(kGold, Tier::Bronze, 0, kToday), HeldTier{Tier::Bronze});
    EXPECT_EQ(Hold({Tier::Gold, kToday + 3}, Tier::Bronze, 0, kToday), HeldTier{Tier::Bronze});
}

TEST(HeldTier, loss_that_begins_no_grace) {
    EXPECT_EQ(Hold(kGold, Tier::Silver, 5, kToday), (HeldTier{Tier::Gold, kToday + 5}));
}

TEST(HeldTier, grace_begun_anew_by_another_loss) {
    const HeldTier kept{Tier::Gold, kToday + 2};
    EXPECT_EQ(Hold(kept, Tier::Silver, 5, kToday), kept);
    EXPECT_EQ(Hold(kept, Tier::Bronze, 50, kToday), kept);
}

TEST(HeldTier, last_day_of_a_grace_lost) {
    const HeldTier kept{Tier::Gold, kToday};
    EXPECT_EQ(Hold(kept, Tier::Bronze, 5, kToday), kept);
    EXPECT_EQ(Hold(kept, Tier::Bronze, 5, kToday + 1), HeldTier{Tier::Bronze});
}

TEST(HeldTier, grace_that_outlives_its_points) {
    EXPECT_EQ(Hold({Tier::Gold, kToday + 2}, Tier::Gold, 5, kToday), kGold);
    EXPECT_EQ(Hold({Tier::Gold, kToday - 2}, Tier::Gold, 5, kToday), kGold);
    EXPECT_EQ(Hold({Tier::Silver, kToday + 2}, Tier::Platinum, 5, kToday), HeldTier{Tier::Platinum});
    EXPECT_EQ(Hold(kGold, Tier::Gold, 5, kToday), kGold);
}
