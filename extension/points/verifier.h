// An account checked against its entries and days of activity, as they are read.
#pragma once

#include "kernel/streak.h"
#include "points/ledger_problem.h"
#include "points/posting.h"
#include "points/stored_entry.h"
#include "seals/sealed_entries.h"

namespace laurel::points {

// What the database says of an account beside its entries and days.
struct StoredAccount {
    int64 archived;
    bool departed;
    int64 departed_no, departed_total;
    const unsigned char *departed_hash;
    int64 kept; // by holds
    bool exists;
    kernel::Streak streak;
    OpenAccount row;
};

// An entry that came before one that it follows.
struct Parked {
    int64 entry_no;
    HeapTuple row;
    Parked *next;
};

// An account as it should be after the entries read so far.
struct Checked {
    AccountKey key;
    kernel::Account account;
    unsigned char hash[32];
    Settings *settings; // null where the organization is not there
    int64 archived;
    int32 today; // a day of the stored week and month
    bool left_archive;
    bool exists;   // there is an account
    bool is_young; // begun behind an entry, so that sums over the whole history are not known
    bool finished;
    const seals::SealedEntry *sealed; // the next one that a seal holds, up to the last
    const seals::SealedEntry *sealed_end;
    const char *problem; // the first one
    int64 problem_no;
    Parked *first; // ascending
    Parked *last;
};

// Tells the first problem of each account.
class Verifier {
public:
    // Lives as long as the memory context in which it is made.
    Verifier(void (*tell)(void *, const LedgerProblem &), void *listener)
        : tell_(tell), listener_(listener), memory_(CurrentMemoryContext) {}

    // Begins a history of which nothing else is known, or that of an account whose week, month and window
    // began then.
    void Start(Checked *checked, const AccountKey &key);
    void StartStored(Checked *checked, const AccountKey &key, int32 week_start, int32 month_start,
                     int32 rolling_from);

    // The entry that follows in the account, and whether it is archived.
    void CheckEntry(Checked *checked, WideRow *row);

    // Compares the account once all its entries were read. `stored` may point into a result.
    void Finish(Checked *checked, const StoredAccount &stored, const kernel::Streak &streak);

private:
    Settings *SettingsOfOrganization(const Uuid &organization);
    void Replay(Checked *checked, const StoredEntry &entry, bool archived) const;

    void (*tell_)(void *, const LedgerProblem &);
    void *listener_;
    MemoryContext memory_;
    HTAB *organizations_ = nullptr; // the settings of each: inside a parallel query the cache keeps none
};

} // namespace laurel::points
