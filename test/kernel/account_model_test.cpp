#include "kernel/account.h"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <random>
#include <vector>

#include <gtest/gtest.h>

#include "kernel/period.h"

using namespace laurel::kernel;

namespace {

using Wide = __int128;

struct Accepted {
    Posting posting;
    int64_t made_at;
    bool reversed;
};

// An account that keeps every entry and adds all of them up again when asked.
class Ledger {
public:
    Wide Total() const {
        return SumIf([](const Accepted &) { return true; });
    }

    Wide Lifetime() const {
        return SumIf([](const Accepted &entry) {
            return entry.posting.amount > 0 && !entry.posting.reversal && !entry.reversed;
        });
    }

    Wide Week(int32_t today) const {
        const int32_t start = WeekStart(today);
        return SumIf([&](const Accepted &entry) { return WeekStart(entry.posting.day) == start; });
    }

    Wide Month(int32_t today) const {
        const int32_t start = MonthStart(today);
        return SumIf([&](const Accepted &entry) { return MonthStart(entry.posting.day) == start; });
    }

    template <typename Condition> int64_t LastMadeIf(Condition condition) const {
        int64_t last = kNever;
        for (const Accepted &entry : entries)
            if (condition(entry))
                last = entry.made_at;
        return last;
    }

    std::vector<Accepted> entries;

private:
    template <typename Condition> Wide SumIf(Condition condition) const {
        Wide sum = 0;
        for (const Accepted &entry : entries)
            if (condition(entry))
                sum += entry.posting.amount;
        return sum;
    }
};

// A run of random entries: the clock sometimes steps back, days lie up to forty in the past, some reverse.
class Scenario {
public:
    explicit Scenario(uint32_t seed, int64_t largest) : random_(seed), largest_(largest) {}

    void Step() {
        today_ += Below(3) == 0 ? static_cast<int32_t>(Below(4)) : 0;
        now_ += static_cast<int64_t>(Below(1000)) - 200;

        int reversed = -1;
        const Posting posting = Draw(&reversed);
        const Account before = account_;
        const Refusal expected = Expected(posting);
        ASSERT_EQ(Post(account_, posting), expected);
        if (expected != Refusal::None) {
            ASSERT_EQ(memcmp(&account_, &before, sizeof before), 0);
            return;
        }
        if (reversed >= 0)
            ledger_.entries[reversed].reversed = true;
        ledger_.entries.push_back({posting, std::max(now_, before.last_entry_at), false});
        ExpectSums();
        ExpectMoments();
    }

    size_t Count() const { return ledger_.entries.size(); }

private:
    uint64_t Below(uint64_t limit) { return random_() % limit; }

    // A new entry or, one time in five, the reversal of an earlier one on the earlier one's day.
    Posting Draw(int *reversed) {
        if (!ledger_.entries.empty() && Below(5) == 0) {
            const int index = static_cast<int>(Below(ledger_.entries.size()));
            const Accepted &entry = ledger_.entries[index];
            if (!entry.reversed && !entry.posting.reversal) {
                *reversed = index;
                return {-entry.posting.amount, true, entry.posting.day, today_, now_};
            }
        }
        const int64_t size = static_cast<int64_t>(Below(static_cast<uint64_t>(largest_) + 1));
        const int32_t age = Below(3) == 0 ? static_cast<int32_t>(Below(40)) : 0;
        return {Below(3) == 0 ? -size : size, false, today_ - age, today_, now_};
    }

    static bool Fits(Wide value) { return value >= INT64_MIN && value <= INT64_MAX; }

    Refusal Expected(const Posting &posting) const {
        if (posting.amount == 0)
            return Refusal::ZeroAmount;
        if (!Fits(ledger_.Total() + posting.amount))
            return Refusal::Overflow;
        if (ledger_.Total() + posting.amount < 0)
            return Refusal::Overdraft;
        const bool earned = posting.amount > 0 && !posting.reversal;
        const bool in_week = WeekStart(posting.day) == WeekStart(today_);
        const bool in_month = MonthStart(posting.day) == MonthStart(today_);
        if ((earned && !Fits(ledger_.Lifetime() + posting.amount)) ||
            (in_week && !Fits(ledger_.Week(today_) + posting.amount)) ||
            (in_month && !Fits(ledger_.Month(today_) + posting.amount)))
            return Refusal::Overflow;
        return Refusal::None;
    }

    void ExpectSums() const {
        ASSERT_GE(account_.total, 0);
        ASSERT_GE(account_.lifetime, account_.total);
        ASSERT_TRUE(account_.total == ledger_.Total());
        ASSERT_TRUE(account_.lifetime == ledger_.Lifetime());
        ASSERT_TRUE(account_.week == ledger_.Week(today_));
        ASSERT_TRUE(account_.month == ledger_.Month(today_));
        ASSERT_EQ(account_.week_start, WeekStart(today_));
        ASSERT_EQ(account_.month_start, MonthStart(today_));
        ASSERT_EQ(account_.entry_no, static_cast<int64_t>(ledger_.entries.size()));
    }

    void ExpectMoments() const {
        const auto this_week = [&](const Accepted &entry) {
            return WeekStart(entry.posting.day) == WeekStart(today_);
        };
        const auto this_month = [&](const Accepted &entry) {
            return MonthStart(entry.posting.day) == MonthStart(today_);
        };
        ASSERT_EQ(account_.reached_at, ledger_.entries.back().made_at);
        ASSERT_EQ(account_.last_entry_at, ledger_.entries.back().made_at);
        ASSERT_EQ(account_.week_reached_at, ledger_.LastMadeIf(this_week));
        ASSERT_EQ(account_.month_reached_at, ledger_.LastMadeIf(this_month));
    }

    std::mt19937 random_;
    int64_t largest_;
    int32_t today_ = -60;
    int64_t now_ = 0;
    Account account_;
    Ledger ledger_;
};

// Runs scenarios from fixed seeds; each must accept enough entries to say something.
void
RunScenarios(int64_t largest) {
    for (uint32_t seed = 1; seed <= 40; seed++) {
        Scenario scenario(seed, largest);
        for (int step = 0; step < 400; step++) {
            ASSERT_NO_FATAL_FAILURE(scenario.Step()) << "seed " << seed << " step " << step;
        }
        ASSERT_GT(scenario.Count(), 10U) << seed;
    }
}

} // namespace

TEST(AccountModel, ordinary_amounts_drift_from_the_ledger) {
    RunScenarios(100);
}

TEST(AccountModel, enormous_amounts_drift_from_the_ledger) {
    RunScenarios(INT64_MAX / 8);
}
