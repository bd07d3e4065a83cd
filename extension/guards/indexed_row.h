// Rows found through a unique index, without a statement: a row trigger that looks one up for each row costs
// a third.
#pragma once

#include "guards/arguments.h"

namespace laurel::guards {

// A unique index over a key of type uuid, alone or with the organization.
struct UniqueIndex {
    Oid oid;
    int key;          // the place in the index
    int organization; // 0 where it is not in it
};

// The table's index over those columns and no others, `organization` being 0 for the key alone; its oid is
// invalid where there is none.
UniqueIndex FindUniqueIndex(Oid table, int key, int organization);

// The one over organization_id and that key, or error 42704.
UniqueIndex RequireUniqueIndex(Oid table, const char *key);

// The row of a table that has this key, as it is committed now or made by this transaction; for the length of
// a scope. Nobody's row security and rights are asked.
class IndexedRow {
public:
    IndexedRow(Oid table, const UniqueIndex &index, const Uuid &key, const Uuid &organization);
    IndexedRow(const IndexedRow &) = delete;
    IndexedRow &operator=(const IndexedRow &) = delete;
    ~IndexedRow();

    bool found() const { return !TupIsNull(slot_); }

    // Locks the row as FOR NO KEY UPDATE does, and waits for who holds it; then it is the row as committed
    // since, in READ COMMITTED. False where it is gone or has another key by now.
    bool Lock();
    TupleTableSlot *slot() const { return slot_; }
    Datum Get(const GuardedColumn &column, bool *is_null) const {
        return slot_getattr(slot_, column.number, is_null);
    }

private:
    bool HasKeys() const;

    Relation table_;
    Relation index_;
    ScanKeyData keys_[2];
    int key_count_ = 0;
    TupleTableSlot *slot_;
    IndexScanDescData *scan_;
};

} // namespace laurel::guards
