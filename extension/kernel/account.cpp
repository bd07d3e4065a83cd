#include "account.h"

#include <algorithm>

#include "period.h"

namespace laurel::kernel {

namespace {

// Adds in place; false when the sum leaves the range of int64.
bool
Add(int64_t &sum, int64_t amount) noexcept {
    return !__builtin_add_overflow(sum, amount, &sum);
}

// Lets lifetime and the window follow what was earned: credits raise them, the reversal of a credit lowers
// them, spending leaves them.
bool
AddEarned(Account &account, const Posting &posting) noexcept {
    const bool earned = posting.amount > 0 && !posting.reversal;
    const bool taken_back = posting.amount < 0 && posting.reversal;
    if (!earned && !taken_back)
        return true;
    if (!Add(account.lifetime, posting.amount))
        return false;
    account.lifetime = std::max<int64_t>(account.lifetime, 0);
    const bool in_window = account.rolling_from != kNoPeriod && posting.day >= account.rolling_from;
    return !in_window || Add(account.rolling, posting.amount);
}

// Counts the entry for the current week and month as far as it occurred in them.
bool
AddPeriods(Account &account, const Posting &posting, int64_t made_at) noexcept {
    if (WeekStart(posting.day) == account.week_start) {
        if (!Add(account.week, posting.amount))
            return false;
        account.week_reached_at = made_at;
    }
    if (MonthStart(posting.day) == account.month_start) {
        if (!Add(account.month, posting.amount))
            return false;
        account.month_reached_at = made_at;
    }
    return true;
}

} // namespace

void
ResetPeriods(Account &account, int32_t today) noexcept {
    if (account.week_start != WeekStart(today)) {
        account.week = 0;
        account.week_start = WeekStart(today);
        account.week_reached_at = kNever;
    }
    if (account.month_start != MonthStart(today)) {
        account.month = 0;
        account.month_start = MonthStart(today);
        account.month_reached_at = kNever;
    }
}

Refusal
Post(Account &account, const Posting &posting) noexcept {
    if (posting.amount == 0)
        return Refusal::ZeroAmount;

    Account next = account;
    if (!Add(next.total, posting.amount))
        return Refusal::Overflow;
    if (next.total < 0)
        return Refusal::Overdraft;
    if (posting.amount < 0 && next.total < posting.held)
        return Refusal::Held;

    const int64_t made_at = std::max(posting.now, account.last_entry_at);
    ResetPeriods(next, posting.today);
    if (!AddEarned(next, posting) || !AddPeriods(next, posting, made_at) || !Add(next.entry_no, 1))
        return Refusal::Overflow;

    next.reached_at = made_at;
    next.last_entry_at = made_at;
    account = next;
    return Refusal::None;
}

} // namespace laurel::kernel
