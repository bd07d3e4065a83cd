// Locks and reads one row of user_points without going through the executor: a large load does it for every
// account.

#include "posting.h"
#include "postgres/error.h"
#include "postgres/owner.h"
#include "postgres/spi.h"

extern "C" {
#include "access/genam.h"
#include "access/tableam.h"
#include "executor/tuptable.h"
}

namespace laurel {

namespace {

constexpr const char *kNames[] = {
    "total_points",
    "lifetime_points",
    "points_this_week",
    "points_this_month",
    "last_entry_no",
    "current_level",
    "tier",
    "last_entry_hash",
    "week_start",
    "month_start",
    "reached_at",
    "week_reached_at",
    "month_reached_at",
    "last_entry_at",
};

// The same by SPI, for where the row lives elsewhere (a shard) and for the error when there is none.
Statement lock_account(
    "SELECT " ACCOUNT_COLUMNS
    " FROM ONLY laurel.user_points p WHERE organization_id = $1 AND user_id = $2 FOR NO KEY UPDATE",
    UUIDOID, UUIDOID);

static_assert(std::size(kNames) == kAccountColumns);

int64
OrOtherwise(const Datum *values, const bool *nulls, int column, int64 otherwise) {
    return nulls[column] ? otherwise : DatumGetInt64(values[column]);
}

int32
DayOrNone(const Datum *values, const bool *nulls, int column) {
    return nulls[column] ? kernel::kNoPeriod : DatumGetDateADT(values[column]);
}

// Fills the account from its columns, which stand in the order of kNames.
void
Fill(OpenAccount *open, const Datum *values, const bool *nulls) {
    kernel::Account &account = open->account;
    account.total = DatumGetInt64(values[0]);
    account.lifetime = DatumGetInt64(values[1]);
    account.week = DatumGetInt64(values[2]);
    account.month = DatumGetInt64(values[3]);
    account.entry_no = DatumGetInt64(values[4]);
    open->level = DatumGetInt32(values[5]);
    kernel::ParseTier(ToText(values[6]), &open->tier);
    std::memset(open->hash, 0, sizeof(open->hash));
    if (!nulls[7]) {
        const bytea *hash = DatumGetByteaPP(values[7]);
        std::memcpy(open->hash, VARDATA_ANY(hash), sizeof(open->hash));
    }
    account.week_start = DayOrNone(values, nulls, 8);
    account.month_start = DayOrNone(values, nulls, 9);
    account.reached_at = OrOtherwise(values, nulls, 10, kernel::kNever);
    account.week_reached_at = OrOtherwise(values, nulls, 11, kernel::kNever);
    account.month_reached_at = OrOtherwise(values, nulls, 12, kernel::kNever);
    account.last_entry_at = OrOtherwise(values, nulls, 13, kernel::kNever);
}

[[noreturn]] void
RefuseSerialization() {
    ereport(ERROR, (errcode(ERRCODE_T_R_SERIALIZATION_FAILURE),
                    errmsg("could not serialize access due to concurrent update")));
    pg_unreachable();
}

// Locks the version of the row in the slot, or the newest one that READ COMMITTED asks for; false when it was
// deleted.
bool
LockVersion(Relation table, TupleTableSlot *slot, Snapshot snapshot) {
    TM_FailureData failure;
    const uint8 flags = IsolationUsesXactSnapshot() ? 0 : TUPLE_LOCK_FLAG_FIND_LAST_VERSION;
    ItemPointerData position = slot->tts_tid;
    switch (table_tuple_lock(table, &position, snapshot, slot, GetCurrentCommandId(false),
                             LockTupleNoKeyExclusive, LockWaitBlock, flags, &failure)) {
    case TM_Ok:
        return true;
    case TM_Updated:
    case TM_Deleted:
        if (IsolationUsesXactSnapshot())
            RefuseSerialization();
        return false;
    default:
        return false;
    }
}

// Finds the row by the primary key and locks it; false where it is not in this table.
bool
LockInTable(Relation table, Relation index, const AccountKey &key, TupleTableSlot *slot, Snapshot snapshot) {
    ScanKeyData keys[2];
    ScanKeyInit(&keys[0], 1, BTEqualStrategyNumber, F_UUID_EQ, FromUuid(key.organization));
    ScanKeyInit(&keys[1], 2, BTEqualStrategyNumber, F_UUID_EQ, FromUuid(key.user));
    IndexScanDesc scan = index_beginscan(table, index, snapshot, 2, 0);
    index_rescan(scan, keys, 2, nullptr, 0);
    const bool found = index_getnext_slot(scan, ForwardScanDirection, slot);
    index_endscan(scan);
    return found && LockVersion(table, slot, snapshot);
}

void
FindColumns(PostingStatement *statement, TupleDesc tuple_desc) {
    if (statement->account_attributes[0] != 0)
        return;
    for (int column = 0; column < kAccountColumns; column++)
        statement->account_attributes[column] = Attribute(tuple_desc, kNames[column]);
}

bool
LockDirectly(PostingStatement *statement, OpenAccount *open) {
    Relation table = table_open(TableOid("user_points"), RowShareLock);
    FindColumns(statement, RelationGetDescr(table));
    Relation index = index_open(RelationGetPrimaryKeyIndex(table), RowShareLock);
    CommandCounterIncrement();
    const Snapshot snapshot = RegisterSnapshot(GetTransactionSnapshot());
    TupleTableSlot *slot = MakeSingleTupleTableSlot(RelationGetDescr(table), table_slot_callbacks(table));
    const bool locked = LockInTable(table, index, open->key, slot, snapshot);
    if (locked) {
        Datum values[kAccountColumns];
        bool nulls[kAccountColumns];
        for (int column = 0; column < kAccountColumns; column++)
            values[column] = slot_getattr(slot, statement->account_attributes[column], &nulls[column]);
        Fill(open, values, nulls);
    }
    ExecDropSingleTupleTableSlot(slot);
    UnregisterSnapshot(snapshot);
    index_close(index, NoLock);
    table_close(table, NoLock);
    return locked;
}

void
LockBySpi(OpenAccount *open) {
    const AsOwner owner(OwnerOf(TableOid("user_points")));
    const SpiConnection spi;
    const Datum values[] = {FromUuid(open->key.organization), FromUuid(open->key.user)};
    if (lock_account.Run(Access::Write, values) == 0)
        Refuse({.sqlstate = ERRCODE_FOREIGN_KEY_VIOLATION,
                .message = "there is no points account for this user in this organization",
                .detail = psprintf("User %s, organization %s.", UuidText(open->key.user),
                                   UuidText(open->key.organization)),
                .hint = "Points go to members: add the user to laurel.user_organizations first.",
                .table = "points_ledger",
                .constraint = "points_ledger_account_fkey"});
    Row row;
    ReadAccount(&row, open);
}

} // namespace

void
ReadAccount(Row *row, OpenAccount *open) {
    Datum fields[kAccountColumns];
    bool nulls[kAccountColumns];
    for (int column = 0; column < kAccountColumns; column++)
        fields[column] = row->Next(&nulls[column]);
    Fill(open, fields, nulls);
}

void
LockAccountRow(PostingStatement *statement, OpenAccount *open) {
    if (!LockDirectly(statement, open))
        LockBySpi(open);
}

} // namespace laurel
