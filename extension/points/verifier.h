// An account checked against its entries and days of activity, as they are read.
#pragma once

#include "kernel/streak.h"
#include "points/ledger_problem.h"
#include "points/posting.h"
#include "points/stored_entry.h"

namespace laurel::points {

// What the database says of an account beside its entries and days.
struct StoredAccount {
    int64 archived;
    bool departed;
    int64 departed_no, departed_total;
    const unsigned char *departed_hash;
    bool exists;
    kernel::Streak streak;
    OpenAccount row;
};

// The account as it should be after the rows read so far.
struct Checked {
    AccountKey key;
    StoredAccount stored;
    kernel::Account account;
    kernel::Streak streak;
    unsigned char hash[32];
    int64 archived;
    int32 today; // a day of the stored week and month
    bool sound;
    bool left_archive;
};

// Tells the first problem of each account.
class Verifier {
public:
    Verifier(void (*tell)(void *, const LedgerProblem &), void *listener)
        : tell_(tell), listener_(listener) {}

    // `stored` may point into a result that stays where it is until Finish.
    void Start(const AccountKey &key, const StoredAccount &stored);
    void CheckEntry(Row row);
    void CheckDay(int32 day) { checked_.streak = kernel::AfterActivity(checked_.streak, day); }
    void Finish();
    void Report(int64 entry_no, const char *problem) {
        checked_.sound = false;
        tell_(listener_, {checked_.key.organization, checked_.key.user, entry_no, problem});
    }

private:
    void Replay(const StoredEntry &entry, bool archived);
    int32 DayOfEntry(TimestampTz occurred_at) const;
    const char *PeriodProblem() const;
    const char *BalanceProblem() const;
    const char *StreakProblem() const;
    const char *DepartedProblem() const;
    const char *AccountProblem() const;

    void (*tell_)(void *, const LedgerProblem &);
    void *listener_;
    Checked checked_;
};

} // namespace laurel::points
