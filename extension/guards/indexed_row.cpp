#include "indexed_row.h"

#include "postgres/row_lock.h"

extern "C" {
#include "access/genam.h"
#include "access/tableam.h"
#include "catalog/pg_am.h"
}

namespace laurel::guards {

namespace {

// The place of a table's column in an index; 0 where it is not one of its keys.
int
PlaceOf(Relation index, int column) {
    const Form_pg_index form = index->rd_index;
    for (int i = 0; i < form->indnkeyatts; i++)
        if (form->indkey.values[i] == column)
            return i + 1;
    return 0;
}

bool
HoldsForAll(Relation index) {
    const Form_pg_index form = index->rd_index;
    return form->indisunique && form->indisvalid && form->indimmediate &&
           index->rd_rel->relkind == RELKIND_INDEX && index->rd_rel->relam == BTREE_AM_OID &&
           RelationGetIndexPredicate(index) == NIL;
}

UniqueIndex
AsIndex(Oid oid, int key, int organization) {
    Relation index = index_open(oid, AccessShareLock);
    UniqueIndex found = {InvalidOid, PlaceOf(index, key),
                         organization == 0 ? 0 : PlaceOf(index, organization)};
    const bool has_both = found.key > 0 && (organization == 0 || found.organization > 0);
    if (has_both && index->rd_index->indnkeyatts == (organization == 0 ? 1 : 2) && HoldsForAll(index))
        found.oid = oid;
    index_close(index, NoLock);
    return found;
}

} // namespace

UniqueIndex
FindUniqueIndex(Oid table, int key, int organization) {
    Relation relation = table_open(table, AccessShareLock);
    UniqueIndex found = {InvalidOid, 0, 0};
    ListCell *cell;
    foreach (cell, RelationGetIndexList(relation))
        if (!OidIsValid(found.oid))
            found = AsIndex(lfirst_oid(cell), key, organization);
    table_close(relation, NoLock);
    return found;
}

UniqueIndex
RequireUniqueIndex(Oid table, const char *key) {
    const UniqueIndex index =
        FindUniqueIndex(table, get_attnum(table, key), get_attnum(table, "organization_id"));
    if (!OidIsValid(index.oid))
        Refuse({.sqlstate = ERRCODE_UNDEFINED_OBJECT,
                .message = psprintf("%s has no unique index over organization_id and %s alone",
                                    QualifiedName(table), key),
                .hint = "Its rows are found by that one: create it again."});
    return index;
}

IndexedRow::IndexedRow(Oid table, const UniqueIndex &index, const Uuid &key, const Uuid &organization)
    : table_(table_open(table, AccessShareLock)), index_(index_open(index.oid, AccessShareLock)),
      slot_(table_slot_create(table_, nullptr)) {
    const auto key_place = static_cast<AttrNumber>(index.key);
    const auto organization_place = static_cast<AttrNumber>(index.organization);
    if (organization_place == 1)
        ScanKeyInit(&keys_[key_count_++], organization_place, BTEqualStrategyNumber, F_UUID_EQ,
                    FromUuid(organization));
    ScanKeyInit(&keys_[key_count_++], key_place, BTEqualStrategyNumber, F_UUID_EQ, FromUuid(key));
    if (organization_place == 2)
        ScanKeyInit(&keys_[key_count_++], organization_place, BTEqualStrategyNumber, F_UUID_EQ,
                    FromUuid(organization));
    CommandCounterIncrement();
    PushActiveSnapshot(GetTransactionSnapshot());
    scan_ = index_beginscan(table_, index_, GetActiveSnapshot(), key_count_, 0);
    index_rescan(scan_, keys_, key_count_, nullptr, 0);
    index_getnext_slot(scan_, ForwardScanDirection, slot_);
}

// Whether the row still has what it was looked for by.
bool
IndexedRow::HasKeys() const {
    return std::all_of(keys_, keys_ + key_count_, [this](const ScanKeyData &key) {
        bool is_null;
        const Datum value = slot_getattr(slot_, index_->rd_index->indkey.values[key.sk_attno - 1], &is_null);
        return !is_null && ToUuid(value) == ToUuid(key.sk_argument);
    });
}

bool
IndexedRow::Lock() {
    return found() && LockRow(table_, slot_, GetActiveSnapshot()) && HasKeys();
}

IndexedRow::~IndexedRow() {
    ExecDropSingleTupleTableSlot(slot_);
    index_endscan(scan_);
    PopActiveSnapshot();
    index_close(index_, NoLock);
    table_close(table_, NoLock);
}

} // namespace laurel::guards
