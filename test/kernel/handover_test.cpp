#include "kernel/handover.h"

#include <cstdint>
#include <random>

#include <gtest/gtest.h>

#include "kernel/account.h"

using namespace laurel::kernel;

namespace {

constexpr int32_t kToday = 7340;                // in the middle of a week and of a month
constexpr int32_t kDays[] = {7340, 7320, 7000}; // of each slice

// The account of somebody who had nothing, after the entries.
Account
After(const HandedPoints &points) {
    HandedEntry entries[kMostHandedEntries];
    const int count = HandOver(points, entries);
    EXPECT_LE(count, kMostHandedEntries);
    Account account;
    for (int i = 0; i < count; i++) {
        const HandedEntry &entry = entries[i];
        if (entry.reverses >= 0) {
            EXPECT_LT(entry.reverses, i);
            EXPECT_EQ(entries[entry.reverses].amount, -entry.amount);
            EXPECT_EQ(entries[entry.reverses].reverses, -1);
        }
        EXPECT_EQ(Post(account, {entry.amount, entry.reverses >= 0, kDays[entry.slice], kToday, i}),
                  Refusal::None);
    }
    return account;
}

void
ExpectSame(const HandedPoints &points) {
    const Account account = After(points);
    EXPECT_EQ(account.total, points.slices[0] + points.slices[1] + points.slices[2]);
    EXPECT_EQ(account.lifetime, points.lifetime);
    EXPECT_EQ(account.week, points.slices[0]);
}

} // namespace

TEST(HandOver, nothing) {
    HandedEntry entries[kMostHandedEntries];
    EXPECT_EQ(HandOver({{0, 0, 0}, 0}, entries), 0);
}

TEST(HandOver, one_entry_for_what_was_only_earned) {
    HandedEntry entries[kMostHandedEntries];
    EXPECT_EQ(HandOver({{0, 0, 250}, 250}, entries), 1);
    EXPECT_EQ(entries[0].amount, 250);
}

TEST(HandOver, all_that_was_earned_is_spent) {
    ExpectSame({{0, 0, 0}, 900});
}

TEST(HandOver, earned_last_month_and_taken_back_today) {
    ExpectSame({{-100, 0, 100}, 0});
}

TEST(HandOver, greatest_points) {
    ExpectSame({{0, 0, INT64_MAX}, INT64_MAX});
}

TEST(HandOver, any_history_comes_to_the_same) {
    std::mt19937_64 random(20261130);
    for (int round = 0; round < 20000; round++) {
        Account account;
        int64_t slices[3] = {};
        for (int i = 0; i < 12; i++) {
            const int slice = static_cast<int>(random() % 3);
            const int64_t amount = static_cast<int64_t>(random() % 41) - 20;
            const bool reversal = amount < 0 && -amount <= account.lifetime && random() % 2 == 0;
            if (Post(account, {amount, reversal, kDays[slice], kToday, i}) == Refusal::None)
                slices[slice] += amount;
        }
        ExpectSame({{slices[0], slices[1], slices[2]}, account.lifetime});
    }
}
