#include "points/checked_accounts.h"

namespace laurel::points {

namespace {

constexpr long kRowsAtOnce = 10000;

} // namespace

CheckedAccounts::CheckedAccounts(Verifier *verifier) : verifier_(verifier) {
    HASHCTL control = {};
    control.keysize = sizeof(AccountKey);
    control.entrysize = sizeof(Checked);
    control.hcxt = CurrentMemoryContext;
    accounts_ = hash_create("verified accounts", 1024, &control, HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
    parked_memory_ = AllocSetContextCreate(CurrentMemoryContext, "parked entries", ALLOCSET_DEFAULT_SIZES);
}

Checked *
CheckedAccounts::Enter(const AccountKey &key) {
    bool known;
    auto *checked = static_cast<Checked *>(hash_search(accounts_, &key, HASH_ENTER, &known));
    if (!known)
        verifier_->Start(checked, key);
    return checked;
}

void
CheckedAccounts::TakeSealed(const seals::SealedEntries &sealed) {
    const seals::SealedEntry *const end = sealed.items + sealed.count;
    for (const seals::SealedEntry *item = sealed.items; item < end;) {
        const AccountKey key = {item->organization, item->user};
        Checked *checked = Enter(key);
        checked->sealed = item;
        while (item < end && item->organization == key.organization && item->user == key.user)
            item++;
        checked->sealed_end = item;
    }
}

bool
CheckedAccounts::ReadEntries(Cursor *entries, Size most_parked) {
    while (const uint64 count = entries->Fetch(kRowsAtOnce)) {
        CHECK_FOR_INTERRUPTS();
        if (columns_ == nullptr)
            columns_ = CreateTupleDescCopy(SPI_tuptable->tupdesc);
        for (uint64 number = 0; number < count; number++) {
            entries->Restore();
            TakeEntry(ResultRow(number));
        }
        if (MemoryContextMemAllocated(parked_memory_, true) > most_parked)
            return false;
    }
    return true;
}

void
CheckedAccounts::TakeEntry(HeapTuple row) {
    row_.Take(row, columns_);
    AccountKey key;
    key.organization = ToUuid(row_.Next());
    key.user = ToUuid(row_.Next());
    const int64 entry_no = DatumGetInt64(row_.Next());
    Checked *checked = Enter(key);
    if (checked->problem != nullptr)
        return;
    if (entry_no > checked->account.entry_no + 1)
        return Park(checked, entry_no, row);
    row_.Rewind();
    verifier_->CheckEntry(checked, &row_);
    CheckParked(checked, false);
}

// Entries come mostly in order, so the place of one is mostly the last.
void
CheckedAccounts::Park(Checked *checked, int64 entry_no, HeapTuple row) {
    const MemoryContext outer = MemoryContextSwitchTo(parked_memory_);
    auto *parked = static_cast<Parked *>(palloc(sizeof(Parked)));
    *parked = {entry_no, heap_copytuple(row), nullptr};
    MemoryContextSwitchTo(outer);
    Parked **place = &checked->first;
    if (checked->last != nullptr && checked->last->entry_no <= entry_no)
        place = &checked->last->next;
    while (*place != nullptr && (*place)->entry_no <= entry_no)
        place = &(*place)->next;
    parked->next = *place;
    *place = parked;
    if (parked->next == nullptr)
        checked->last = parked;
}

// Checks what was parked and follows now; or all of it, where nothing else comes.
void
CheckedAccounts::CheckParked(Checked *checked, bool all) {
    while (checked->first != nullptr && checked->problem == nullptr &&
           (all || checked->first->entry_no <= checked->account.entry_no + 1)) {
        Parked *parked = checked->first;
        checked->first = parked->next;
        if (checked->first == nullptr)
            checked->last = nullptr;
        row_.Take(parked->row, columns_);
        verifier_->CheckEntry(checked, &row_);
        heap_freetuple(parked->row);
        pfree(parked);
    }
}

void
CheckedAccounts::Finish(const AccountKey &key, const StoredAccount &stored, const kernel::Streak &streak) {
    Checked *checked = Enter(key);
    CheckParked(checked, true);
    verifier_->Finish(checked, stored, streak);
}

void
CheckedAccounts::FinishOthers() {
    HASH_SEQ_STATUS scan;
    hash_seq_init(&scan, accounts_);
    while (auto *checked = static_cast<Checked *>(hash_seq_search(&scan))) {
        if (checked->finished)
            continue;
        CheckParked(checked, true);
        verifier_->Finish(checked, StoredAccount{}, {});
    }
}

} // namespace laurel::points
