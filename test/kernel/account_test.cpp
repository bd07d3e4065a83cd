#include "kernel/account.h"

#include <cstdint>
#include <cstring>
#include <type_traits>

#include <gtest/gtest.h>

#include "kernel/period.h"

using namespace laurel::kernel;

namespace {

static_assert(std::is_trivially_copyable_v<Account> && std::is_trivially_destructible_v<Account>);
static_assert(std::has_unique_object_representations_v<Account>, "accounts are compared byte by byte");

constexpr int32_t kMonday = 8892; // 2024-05-06
constexpr int32_t kTuesday = kMonday + 1;

// An entry that occurs on the day it is made, a Tuesday.
Posting
Amount(int64_t amount) {
    return {.amount = amount, .day = kTuesday, .today = kTuesday, .now = 1000};
}

Posting
Reversal(int64_t amount) {
    Posting posting = Amount(amount);
    posting.reversal = true;
    return posting;
}

Posting
OccurredOn(int32_t day, int64_t amount) {
    Posting posting = Amount(amount);
    posting.day = day;
    return posting;
}

Posting
MadeOn(int32_t day, int64_t amount) {
    return {.amount = amount, .day = day, .today = day, .now = 1000};
}

// An account to which postings were made in order, each of which must be accepted.
template <typename... Postings>
Account
After(const Postings &...postings) {
    Account account;
    for (const Posting &posting : {postings...})
        EXPECT_EQ(Post(account, posting), Refusal::None);
    return account;
}

void
ExpectRefused(const Account &account, const Posting &posting, Refusal refusal) {
    Account tried = account;
    EXPECT_EQ(Post(tried, posting), refusal);
    EXPECT_EQ(memcmp(&tried, &account, sizeof account), 0);
}

} // namespace

TEST(Account, first_entry_incomplete) {
    const Account account = After(Amount(40));
    EXPECT_EQ(account.total, 40);
    EXPECT_EQ(account.lifetime, 40);
    EXPECT_EQ(account.week, 40);
    EXPECT_EQ(account.month, 40);
    EXPECT_EQ(account.week_start, kMonday);
    EXPECT_EQ(account.month_start, MonthStart(kTuesday));
    EXPECT_EQ(account.entry_no, 1);
    EXPECT_EQ(account.reached_at, 1000);
    EXPECT_EQ(account.week_reached_at, 1000);
    EXPECT_EQ(account.month_reached_at, 1000);
    EXPECT_EQ(account.last_entry_at, 1000);
}

TEST(Account, zero_amount_accepted) {
    ExpectRefused(After(Amount(10)), Amount(0), Refusal::ZeroAmount);
    ExpectRefused({}, Reversal(0), Refusal::ZeroAmount);
}

TEST(Account, debit_beyond_the_balance_accepted) {
    ExpectRefused({}, Amount(-1), Refusal::Overdraft);
    ExpectRefused(After(Amount(10)), Amount(-11), Refusal::Overdraft);
    ExpectRefused(After(Amount(10)), Reversal(-11), Refusal::Overdraft);
    ExpectRefused(After(Amount(10)), Amount(INT64_MIN), Refusal::Overdraft);
}

TEST(Account, debit_of_held_points_accepted) {
    Posting debit = Amount(-4);
    debit.held = 7;
    ExpectRefused(After(Amount(10)), debit, Refusal::Held);
    debit = Reversal(-4);
    debit.held = 7;
    ExpectRefused(After(Amount(10)), debit, Refusal::Held);
    debit = Amount(-11);
    debit.held = 7;
    ExpectRefused(After(Amount(10)), debit, Refusal::Overdraft);
}

TEST(Account, points_beside_held_ones_refused) {
    Posting entry = Amount(-3);
    entry.held = 7;
    EXPECT_EQ(After(Amount(10), entry).total, 7);
    entry = Amount(1);
    entry.held = 7;
    EXPECT_EQ(After(Amount(10), entry).total, 11);
}

TEST(Account, debit_of_the_whole_balance_refused) {
    EXPECT_EQ(After(Amount(10), Amount(-10)).total, 0);
}

TEST(Account, refused_entry_begins_a_new_week) {
    ExpectRefused(After(Amount(10)), MadeOn(kTuesday + 40, -11), Refusal::Overdraft);
}

TEST(Account, total_wraps_around) {
    EXPECT_EQ(After(Amount(INT64_MAX)).total, INT64_MAX);
    ExpectRefused(After(Amount(INT64_MAX)), Amount(1), Refusal::Overflow);
}

TEST(Account, lifetime_wraps_around) {
    ExpectRefused(After(Amount(INT64_MAX), Amount(-1)), Amount(1), Refusal::Overflow);
}

TEST(Account, week_and_month_wrap_around) {
    Account account;
    account.week_start = WeekStart(kTuesday);
    account.week = INT64_MAX;
    ExpectRefused(account, Amount(1), Refusal::Overflow);

    account.week = 0;
    account.month_start = MonthStart(kTuesday);
    account.month = INT64_MAX;
    ExpectRefused(account, Amount(1), Refusal::Overflow);
}

TEST(Account, number_of_the_entry_wraps_around) {
    Account account;
    account.entry_no = INT64_MAX;
    ExpectRefused(account, Amount(1), Refusal::Overflow);
}

TEST(Account, spending_lowers_lifetime) {
    EXPECT_EQ(After(Amount(100), Amount(-30)).lifetime, 100);
}

TEST(Account, reversed_credit_stays_in_lifetime) {
    EXPECT_EQ(After(Amount(100), Amount(30), Reversal(-30)).lifetime, 100);
}

TEST(Account, reversed_debit_counts_as_earned) {
    const Account account = After(Amount(100), Amount(-30), Reversal(30));
    EXPECT_EQ(account.lifetime, 100);
    EXPECT_EQ(account.total, 100);
}

TEST(Account, lifetime_falls_below_zero) {
    Account account;
    account.total = 50;
    account.lifetime = 20;
    ASSERT_EQ(Post(account, Reversal(-50)), Refusal::None);
    EXPECT_EQ(account.lifetime, 0);
}

TEST(Account, last_week_counts_for_this_week) {
    const Account account = After(OccurredOn(kMonday - 1, 5), OccurredOn(kMonday, 7));
    EXPECT_EQ(account.week, 7);
    EXPECT_EQ(account.total, 12);
}

TEST(Account, last_month_counts_for_this_month) {
    const int32_t first = MonthStart(kTuesday);
    EXPECT_EQ(After(OccurredOn(first - 1, 5), OccurredOn(first, 7)).month, 7);
}

TEST(Account, old_entry_moves_the_moment_of_the_week) {
    Posting old = OccurredOn(kMonday - 60, 5);
    old.now = 2000;
    const Account account = After(Amount(1), old);
    EXPECT_EQ(account.reached_at, 2000);
    EXPECT_EQ(account.week_reached_at, 1000);
    EXPECT_EQ(account.month_reached_at, 1000);
}

TEST(Account, week_survives_its_sunday) {
    const Account account = After(MadeOn(kMonday, 3), MadeOn(kMonday + 6, 4), MadeOn(kMonday + 7, 5));
    EXPECT_EQ(account.week, 5);
    EXPECT_EQ(account.week_start, kMonday + 7);
    EXPECT_EQ(account.month, 12);
}

TEST(Account, new_period_keeps_the_moment_of_the_old) {
    const Account account = After(Amount(3), OccurredOn(kMonday - 60, 1));
    Account later = account;
    ResetPeriods(later, kMonday + 70);
    EXPECT_EQ(later.week, 0);
    EXPECT_EQ(later.week_reached_at, kNever);
    EXPECT_EQ(later.month, 0);
    EXPECT_EQ(later.month_reached_at, kNever);
    EXPECT_EQ(later.total, account.total);
    EXPECT_EQ(later.reached_at, account.reached_at);
}

TEST(Account, reset_within_the_period_forgets) {
    const Account account = After(Amount(3));
    Account same = account;
    ResetPeriods(same, kMonday + 6);
    EXPECT_EQ(memcmp(&same, &account, sizeof account), 0);
}

TEST(Account, spending_makes_no_negative_week) {
    const Account account = After(OccurredOn(kMonday - 60, 10), Amount(-4));
    EXPECT_EQ(account.week, -4);
    EXPECT_EQ(account.month, -4);
    EXPECT_EQ(account.total, 6);
}

TEST(Account, clock_runs_backwards) {
    Posting earlier = Amount(1);
    earlier.now = 400;
    const Account account = After(Amount(1), earlier);
    EXPECT_EQ(account.last_entry_at, 1000);
    EXPECT_EQ(account.reached_at, 1000);
    EXPECT_EQ(account.week_reached_at, 1000);
    EXPECT_EQ(account.month_reached_at, 1000);
}

TEST(Window, points_counted_that_it_does_not_hold) {
    Account account;
    account.rolling_from = 100;
    EXPECT_EQ(Post(account, {.amount = 10, .day = 99, .today = 120}), Refusal::None);
    EXPECT_EQ(account.rolling, 0);
    EXPECT_EQ(Post(account, {.amount = 20, .day = 100, .today = 120}), Refusal::None);
    EXPECT_EQ(Post(account, {.amount = -15, .day = 120, .today = 120}), Refusal::None);
    EXPECT_EQ(account.rolling, 20);
    EXPECT_EQ(Post(account, {.amount = 15, .reversal = true, .day = 120, .today = 120}), Refusal::None);
    EXPECT_EQ(account.rolling, 20);
    EXPECT_EQ(Post(account, {.amount = -20, .reversal = true, .day = 100, .today = 120}), Refusal::None);
    EXPECT_EQ(Post(account, {.amount = -10, .reversal = true, .day = 99, .today = 120}), Refusal::None);
    EXPECT_EQ(account.rolling, 0);
}

TEST(Window, points_counted_where_there_is_none) {
    Account account;
    EXPECT_EQ(Post(account, {.amount = 10, .day = 120, .today = 120}), Refusal::None);
    EXPECT_EQ(account.rolling, 0);
}
