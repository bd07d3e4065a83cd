#include "kernel/level.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <random>
#include <vector>

#include <gtest/gtest.h>

using namespace laurel::kernel;

namespace {

constexpr std::array<int64_t, kDefaultLevels>
DefaultStarts() {
    std::array<int64_t, kDefaultLevels> starts{};
    for (int level = 1; level <= kDefaultLevels; level++)
        starts[level - 1] = DefaultLevelStart(level);
    return starts;
}

constexpr auto kStarts = DefaultStarts();

int
DefaultLevel(int64_t points) {
    return LevelFor(points, kStarts.data(), kDefaultLevels);
}

// The level by counting, one start after the other.
int
CountedLevel(int64_t points, const std::vector<int64_t> &starts) {
    int level = 0;
    while (level < static_cast<int>(starts.size()) && starts[level] <= points)
        level++;
    return std::max(level, 1);
}

} // namespace

TEST(Level, default_start_off_by_one_level) {
    EXPECT_EQ(DefaultLevelStart(1), 0);
    EXPECT_EQ(DefaultLevelStart(2), 100);
    EXPECT_EQ(DefaultLevelStart(3), 300);
    EXPECT_EQ(DefaultLevelStart(4), 600);
    EXPECT_EQ(DefaultLevelStart(50), 122500);
}

TEST(Level, start_belongs_to_the_level_below) {
    for (int level = 2; level <= kDefaultLevels; level++) {
        EXPECT_EQ(DefaultLevel(DefaultLevelStart(level)), level);
        EXPECT_EQ(DefaultLevel(DefaultLevelStart(level) - 1), level - 1);
    }
}

TEST(Level, level_outside_the_table) {
    EXPECT_EQ(DefaultLevel(0), 1);
    EXPECT_EQ(DefaultLevel(-1), 1);
    EXPECT_EQ(DefaultLevel(INT64_MIN), 1);
    EXPECT_EQ(DefaultLevel(INT64_MAX), kDefaultLevels);
}

TEST(Level, empty_table_read) {
    EXPECT_EQ(LevelFor(1000, nullptr, 0), 1);
    const int64_t only = 0;
    EXPECT_EQ(LevelFor(1000, &only, 1), 1);
}

TEST(Level, search_disagrees_with_counting) {
    std::mt19937_64 random(20240501);
    for (int round = 0; round < 500; round++) {
        std::vector<int64_t> starts{0};
        const int count = 1 + static_cast<int>(random() % 60);
        while (static_cast<int>(starts.size()) < count)
            starts.push_back(starts.back() + 1 + static_cast<int64_t>(random() % 50));
        for (int64_t points = -2; points <= starts.back() + 2; points += 1 + int64_t(random() % 7))
            ASSERT_EQ(LevelFor(points, starts.data(), count), CountedLevel(points, starts)) << points;
    }
}
