#pragma once

#include <cstdint>

namespace laurel::kernel {

// A moment that has not come yet: SQL's null. The value is Postgres' -infinity, which no real moment has.
constexpr int64_t kNever = INT64_MIN;

// A period that has not begun yet: SQL's null. The value is Postgres' date -infinity.
constexpr int32_t kNoPeriod = INT32_MIN;

// What the ledger adds up to for one member. Points are whole and total and lifetime are never negative;
// week and month are net and may be. Moments are microseconds since 2000-01-01 UTC, days are local days of
// the organization since 2000-01-01. An account without entries is Account{}, not zeroed memory.
struct Account {
    int64_t total = 0;                 // the balance: the sum of all entries
    int64_t lifetime = 0;              // all that was ever earned, less what was taken back by reversal
    int64_t week = 0;                  // sum of the entries that occurred in the week of week_start
    int64_t month = 0;                 // sum of the entries that occurred in the month of month_start
    int32_t week_start = kNoPeriod;    // a Monday
    int32_t month_start = kNoPeriod;   // a first of a month
    int64_t entry_no = 0;              // number of the last entry; entries are numbered 1, 2, 3, …
    int64_t reached_at = kNever;       // when total became what it is
    int64_t week_reached_at = kNever;  // when week became what it is
    int64_t month_reached_at = kNever; // when month became what it is
    int64_t last_entry_at = kNever;    // when the last entry was made
    int64_t rolling = 0;               // as lifetime, of the entries that occurred since rolling_from
    int64_t rolling_from = kNoPeriod;  // a day, where there is such a window; 64 bits, for no padding

    friend bool operator==(const Account &, const Account &) = default;
};

// One entry on its way into an account.
struct Posting {
    int64_t amount = 0;    // points, positive to credit
    bool reversal = false; // takes an earlier entry back
    int32_t day = 0;       // local day it occurred, not after today
    int32_t today = 0;     // local day it is made
    int64_t now = 0;       // the clock, microseconds since 2000-01-01 UTC
    int64_t held = 0;      // points of the account that no debit takes
};

// Why an entry cannot be posted.
enum class Refusal {
    None,       // nothing: the entry is posted
    ZeroAmount, // an entry that changes nothing
    Overdraft,  // the balance would fall below zero
    Held,       // a debit would take points that are held
    Overflow    // a sum would leave the range of bigint
};

// Begins the week and the month of today at zero unless they have begun already.
void ResetPeriods(Account &account, int32_t today) noexcept;

// Adds one entry to the account, or refuses it and leaves every byte of the account as it was.
//
// total grows by the amount. lifetime grows by a credit that is not a reversal and falls by the reversal of
// a credit. It cannot fall below zero, since that credit was counted when it came; should a caller call
// something else a reversal, it stops at zero. week and month grow by the amount when the entry occurred in
// the week or month of today. rolling is net of what lifetime is made of, and may be negative. The entry is
// made at `now`, but never before the one it follows: afterwards last_entry_at is its created_at, entry_no
// its number and total its balance_after.
Refusal Post(Account &account, const Posting &posting) noexcept;

} // namespace laurel::kernel
