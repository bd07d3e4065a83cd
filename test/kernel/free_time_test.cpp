#include "kernel/free_time.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

using namespace laurel::kernel;

namespace {

using List = std::vector<Stretch>;

List
Joined(List stretches) {
    stretches.resize(JoinStretches(stretches.data(), stretches.size()));
    return stretches;
}

Stretches
View(const List &list) {
    return {list.data(), list.size()};
}

std::vector<int64_t>
FreeTimes(const Wanted &wanted, const List &open, const List &away = {}, const List &taken = {}) {
    std::vector<int64_t> found;
    EachFreeTime(wanted, View(open), View(away), View(taken), [&](int64_t at) { found.push_back(at); });
    return found;
}

using Times = std::vector<int64_t>;

} // namespace

namespace laurel::kernel {

bool
operator==(const Stretch &a, const Stretch &b) {
    return a.from == b.from && a.until == b.until;
}

} // namespace laurel::kernel

TEST(FreeTime, joins_what_meets_and_drops_what_is_empty) {
    EXPECT_EQ(Joined({}), List());
    EXPECT_EQ(Joined({{5, 5}, {7, 3}}), List());
    EXPECT_EQ(Joined({{10, 20}, {0, 5}}), (List{{0, 5}, {10, 20}}));
    EXPECT_EQ(Joined({{5, 8}, {0, 5}}), (List{{0, 8}}));
    EXPECT_EQ(Joined({{0, 9}, {2, 3}, {8, 12}, {13, 14}}), (List{{0, 12}, {13, 14}}));
}

TEST(FreeTime, knows_what_a_stretch_covers) {
    const List open = {{0, 10}, {20, 30}};
    EXPECT_TRUE(View(open).Cover(0, 10));
    EXPECT_TRUE(View(open).Cover(22, 25));
    EXPECT_FALSE(View(open).Cover(9, 11));
    EXPECT_FALSE(View(open).Cover(19, 21));
    EXPECT_FALSE(View(open).Cover(10, 20));
    EXPECT_FALSE(View(open).Cover(30, 31));
    EXPECT_FALSE(View({}).Cover(0, 1));
}

TEST(FreeTime, overlaps_without_ends) {
    const List taken = {{10, 20}};
    EXPECT_EQ(View(taken).EndOfOverlap(5, 10), 5);
    EXPECT_EQ(View(taken).EndOfOverlap(5, 11), 20);
    EXPECT_EQ(View(taken).EndOfOverlap(19, 30), 20);
    EXPECT_EQ(View(taken).EndOfOverlap(20, 30), 20);
    EXPECT_EQ(View({}).EndOfOverlap(1, 2), 1);
}

TEST(FreeTime, offers_what_fits_step_by_step) {
    EXPECT_EQ(FreeTimes({0, 100, 10, 0, 10}, {{0, 35}}), (Times{0, 10, 20}));
    EXPECT_EQ(FreeTimes({0, 100, 10, 0, 5}, {{0, 20}}), (Times{0, 5, 10}));
    EXPECT_EQ(FreeTimes({0, 25, 10, 0, 10}, {{0, 50}}), (Times{0, 10}));
    EXPECT_EQ(FreeTimes({3, 100, 10, 0, 10}, {{0, 40}}), (Times{10, 20, 30}));
    EXPECT_EQ(FreeTimes({0, 100, 10, 0, 10}, {{0, 9}, {12, 22}}), (Times{12}));
    EXPECT_EQ(FreeTimes({50, 100, 10, 0, 10}, {{0, 40}}), Times());
}

TEST(FreeTime, passes_over_what_is_away_or_taken) {
    EXPECT_EQ(FreeTimes({0, 100, 10, 0, 10}, {{0, 50}}, {{10, 20}}), (Times{0, 20, 30, 40}));
    EXPECT_EQ(FreeTimes({0, 100, 10, 0, 10}, {{0, 50}}, {}, {{12, 13}}), (Times{0, 20, 30, 40}));
    EXPECT_EQ(FreeTimes({0, 100, 10, 0, 10}, {{0, 50}}, {{5, 25}}, {{20, 35}}), (Times{40}));
    EXPECT_EQ(FreeTimes({0, 100, 10, 0, 10}, {{0, 50}}, {{0, 50}}), Times());
}

TEST(FreeTime, leaves_a_buffer_before_what_is_taken_alone) {
    EXPECT_EQ(FreeTimes({0, 100, 10, 5, 10}, {{0, 50}}, {}, {{20, 30}}), (Times{0, 30, 40}));
    EXPECT_EQ(FreeTimes({0, 100, 10, 5, 10}, {{0, 30}}, {{20, 30}}), (Times{0, 10}));
    EXPECT_EQ(FreeTimes({0, 100, 10, 5, 10}, {{0, 10}}), (Times{0}));
}

// Moment by moment, slow and plain.
TEST(FreeTime, is_what_a_plain_model_finds) {
    std::mt19937 random(1);
    const auto some = [&](int most) {
        List list(random() % 5);
        for (Stretch &stretch : list) {
            stretch.from = static_cast<int64_t>(random() % 60);
            stretch.until = stretch.from + static_cast<int64_t>(random() % most);
        }
        return Joined(list);
    };
    const auto any = [](const List &list, int64_t moment) {
        for (const Stretch &stretch : list)
            if (stretch.from <= moment && moment < stretch.until)
                return true;
        return false;
    };
    for (int round = 0; round < 5000; round++) {
        const List open = some(40), away = some(8), taken = some(8);
        const Wanted wanted = {static_cast<int64_t>(random() % 30), 40 + static_cast<int64_t>(random() % 40),
                               1 + static_cast<int64_t>(random() % 9), static_cast<int64_t>(random() % 4),
                               1 + static_cast<int64_t>(random() % 9)};
        Times expected;
        for (const Stretch &stretch : open)
            for (int64_t at = stretch.from; at + wanted.length <= std::min(stretch.until, wanted.last);
                 at += wanted.step) {
                bool is_free = at >= wanted.first;
                for (int64_t moment = at; moment < at + wanted.length; moment++)
                    is_free = is_free && !any(away, moment) && !any(taken, moment);
                for (int64_t moment = at; moment < at + wanted.length + wanted.buffer; moment++)
                    is_free = is_free && !any(taken, moment);
                if (is_free)
                    expected.push_back(at);
            }
        ASSERT_EQ(FreeTimes(wanted, open, away, taken), expected) << "in round " << round;
    }
}
