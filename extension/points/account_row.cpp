// Locks and reads one row of user_points without going through the executor: a large load does it for every
// account.

#include "points/posting.h"
#include "postgres/error.h"
#include "postgres/owner.h"
#include "postgres/spi.h"

extern "C" {
#include "catalog/pg_am.h"
#include "access/genam.h"
#include "access/tableam.h"
#include "executor/tuptable.h"
}

namespace laurel::points {

namespace {

constexpr struct {
    const char *name;
    Oid type;
} kColumnsOfAccount[] = {
    {"total_points", INT8OID},
    {"lifetime_points", INT8OID},
    {"points_this_week", INT8OID},
    {"points_this_month", INT8OID},
    {"last_entry_no", INT8OID},
    {"current_level", INT4OID},
    {"tier", TEXTOID},
    {"last_entry_hash", BYTEAOID},
    {"week_start", DATEOID},
    {"month_start", DATEOID},
    {"reached_at", TIMESTAMPTZOID},
    {"week_reached_at", TIMESTAMPTZOID},
    {"month_reached_at", TIMESTAMPTZOID},
    {"last_entry_at", TIMESTAMPTZOID},
};

// The same by SPI, for where the row lives elsewhere (a shard) and for the error when there is none.
Statement lock_account = Statement(Sql<R"(SELECT {1} FROM ONLY laurel.user_points p
        WHERE organization_id = $1 AND user_id = $2 FOR NO KEY UPDATE)",
                                       kAccountFields>,
                                   UUIDOID, UUIDOID)
                             .Returns(kAccountTypes);

static_assert(std::size(kColumnsOfAccount) == kAccountColumns);

int64
OrOtherwise(const Datum *values, const bool *nulls, int column, int64 otherwise) {
    return nulls[column] ? otherwise : DatumGetInt64(values[column]);
}

int32
DayOrNone(const Datum *values, const bool *nulls, int column) {
    return nulls[column] ? kernel::kNoPeriod : DatumGetDateADT(values[column]);
}

// An account whose columns hold what none of Laurel's statements has written.
[[noreturn]] void
RefuseAccount(const char *column, const char *detail) {
    Refuse({.sqlstate = ERRCODE_RESTRICT_VIOLATION,
            .message = psprintf("%s of a points account is not what Laurel has written", column),
            .detail = detail,
            .hint = "SELECT * FROM laurel.verify_ledger() says of which.",
            .table = "user_points"});
}

// Fills the account from its columns, which stand in the order of kColumnsOfAccount.
void
Fill(OpenAccount *open, const Datum *values, const bool *nulls) {
    kernel::Account &account = open->account;
    account.total = DatumGetInt64(values[0]);
    account.lifetime = DatumGetInt64(values[1]);
    account.week = DatumGetInt64(values[2]);
    account.month = DatumGetInt64(values[3]);
    account.entry_no = DatumGetInt64(values[4]);
    open->level = DatumGetInt32(values[5]);
    if (nulls[6] || !kernel::ParseTier(ToText(values[6]), &open->tier))
        RefuseAccount("tier", "It is none.");
    std::memset(open->hash, 0, sizeof(open->hash));
    if (!nulls[7] && !CopyBytes(values[7], open->hash, sizeof(open->hash)))
        RefuseAccount("last_entry_hash", "It has not the length of a hash.");
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

int
OrganizationColumn(Relation table) {
    return Attribute(RelationGetDescr(table), "organization_id", UUIDOID);
}

// Finds the row by the primary key and locks it; false where it is not in this table.
bool
LockInTable(Relation table, Relation index, const AccountKey &key, TupleTableSlot *slot, Snapshot snapshot) {
    const int organization = index->rd_index->indkey.values[0] == OrganizationColumn(table) ? 0 : 1;
    const int user = 1 - organization;
    ScanKeyData keys[2];
    ScanKeyInit(&keys[organization], organization + 1, BTEqualStrategyNumber, F_UUID_EQ,
                FromUuid(key.organization));
    ScanKeyInit(&keys[user], user + 1, BTEqualStrategyNumber, F_UUID_EQ, FromUuid(key.user));
    IndexScanDesc scan = index_beginscan(table, index, snapshot, 2, 0);
    index_rescan(scan, keys, 2, nullptr, 0);
    const bool found = index_getnext_slot(scan, ForwardScanDirection, slot);
    index_endscan(scan);
    return found && LockVersion(table, slot, snapshot);
}

// Whether the columns are still where they were found: an application may alter the table in between.
bool
StandThere(const int *attributes, TupleDesc tuple_desc) {
    for (int column = 0; column < kAccountColumns; column++) {
        const int number = attributes[column];
        if (number <= 0 || number > tuple_desc->natts ||
            TupleDescAttr(tuple_desc, number - 1)->atttypid != kColumnsOfAccount[column].type)
            return false;
    }
    return true;
}

void
FindColumns(PostingStatement *statement, TupleDesc tuple_desc) {
    if (StandThere(statement->account_attributes, tuple_desc))
        return;
    for (int column = 0; column < kAccountColumns; column++)
        statement->account_attributes[column] =
            Attribute(tuple_desc, kColumnsOfAccount[column].name, kColumnsOfAccount[column].type);
}

// Whether the index leads by the organization and the user, in either order, to one row.
bool
IsOfAccounts(Relation table, Relation index) {
    if (index->rd_rel->relam != BTREE_AM_OID || IndexRelationGetNumberOfKeyAttributes(index) != 2)
        return false;
    const int16 first = index->rd_index->indkey.values[0], second = index->rd_index->indkey.values[1];
    const int organization = OrganizationColumn(table);
    const int user = Attribute(RelationGetDescr(table), "user_id", UUIDOID);
    return (first == organization && second == user) || (first == user && second == organization);
}

// Reads the account through that index; false where it is not found there.
bool
LockThrough(PostingStatement *statement, OpenAccount *open, Relation table, Relation index) {
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
    return locked;
}

// An application may have another primary key in its place, or none: then SPI finds the row.
bool
LockDirectly(PostingStatement *statement, OpenAccount *open) {
    Relation table = table_open(TableOid("user_points"), RowShareLock);
    FindColumns(statement, RelationGetDescr(table));
    const Oid key = RelationGetPrimaryKeyIndex(table);
    bool locked = false;
    if (OidIsValid(key)) {
        Relation index = index_open(key, RowShareLock);
        locked = IsOfAccounts(table, index) && LockThrough(statement, open, table, index);
        index_close(index, NoLock);
    }
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

} // namespace laurel::points
