// Accounts checked side by side, in whatever order their entries come.
#pragma once

#include "points/verifier.h"

namespace laurel::points {

class CheckedAccounts {
public:
    explicit CheckedAccounts(Verifier *verifier);
    CheckedAccounts(const CheckedAccounts &) = delete;
    CheckedAccounts &operator=(const CheckedAccounts &) = delete;

    // The account, which is begun where it is new.
    Checked *Enter(const AccountKey &key);

    // Lets the entries of accounts be compared with what seals hold of them, before any is read.
    void TakeSealed(const seals::SealedEntries &sealed);

    // Checks entries, which are kEntryColumns and whether they are archived; false where more would be parked
    // than may be, and nothing is of use any more.
    bool ReadEntries(Cursor *entries, Size most_parked);

    // Compares an account, all of whose entries were read, and in the end those that were not compared: they
    // have none.
    void Finish(const AccountKey &key, const StoredAccount &stored, const kernel::Streak &streak);
    void FinishOthers();

    bool Any() const { return hash_get_num_entries(accounts_) > 0; }

private:
    void TakeEntry(HeapTuple row);
    void Park(Checked *checked, int64 entry_no, HeapTuple row);
    void CheckParked(Checked *checked, bool all);

    Verifier *verifier_;
    HTAB *accounts_;
    MemoryContext parked_memory_;
    TupleDesc columns_ = nullptr;
    WideRow row_;
};

} // namespace laurel::points
