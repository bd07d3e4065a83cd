// Locks, reads and writes rows of user_points without a statement: a large load does it for every account.

#include "guards/derived_write.h"
#include "points/posting.h"
#include "postgres/error.h"
#include "postgres/kept_columns.h"
#include "postgres/owner.h"
#include "postgres/row_lock.h"
#include "postgres/row_update.h"
#include "postgres/spi.h"
#include "postgres/trigger.h"

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
    {"points_held", INT8OID},
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
    {"rolling_points", INT8OID},
    {"rolling_from", DATEOID},
    {"tier_kept_until", DATEOID},
    {"updated_at", TIMESTAMPTZOID},
};

// The same by SPI, for where the row lives elsewhere (a shard) and for the error when there is none.
Statement lock_account = Statement(Sql<R"(SELECT {1} FROM ONLY laurel.user_points p
        WHERE organization_id = $1 AND user_id = $2 FOR NO KEY UPDATE)",
                                       kAccountFields>,
                                   UUIDOID, UUIDOID)
                             .Returns(kAccountTypes);

static_assert(std::size(kColumnsOfAccount) == kKnownColumns);

constinit KeptColumns<kKnownColumns> account_columns;

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
    open->held = DatumGetInt64(values[0]);
    account.total = DatumGetInt64(values[1]);
    account.lifetime = DatumGetInt64(values[2]);
    account.week = DatumGetInt64(values[3]);
    account.month = DatumGetInt64(values[4]);
    account.entry_no = DatumGetInt64(values[5]);
    open->level = DatumGetInt32(values[6]);
    if (nulls[7] || !kernel::ParseTier(ToText(values[7]), &open->held_tier.tier))
        RefuseAccount("tier", "It is none.");
    std::memset(open->hash, 0, sizeof(open->hash));
    if (!nulls[8] && !CopyBytes(values[8], open->hash, sizeof(open->hash)))
        RefuseAccount("last_entry_hash", "It has not the length of a hash.");
    account.week_start = DayOrNone(values, nulls, 9);
    account.month_start = DayOrNone(values, nulls, 10);
    account.reached_at = OrOtherwise(values, nulls, 11, kernel::kNever);
    account.week_reached_at = OrOtherwise(values, nulls, 12, kernel::kNever);
    account.month_reached_at = OrOtherwise(values, nulls, 13, kernel::kNever);
    account.last_entry_at = OrOtherwise(values, nulls, 14, kernel::kNever);
    account.rolling = OrOtherwise(values, nulls, 15, 0);
    account.rolling_from = DayOrNone(values, nulls, 16);
    open->held_tier.kept_until = DayOrNone(values, nulls, 17);
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
    return found && LockRow(table, slot, snapshot);
}

void
FindColumns(PostingStatement *statement, TupleDesc tuple_desc) {
    statement->account_attributes = account_columns.Find(tuple_desc, kColumnsOfAccount);
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

// Finds and locks the account through that index and calls read(slot); false where it is not found there.
template <typename Read>
bool
LockThrough(const AccountKey &key, Relation table, Relation index, Read read) {
    CommandCounterIncrement();
    const Snapshot snapshot = RegisterSnapshot(GetTransactionSnapshot());
    TupleTableSlot *slot = MakeSingleTupleTableSlot(RelationGetDescr(table), table_slot_callbacks(table));
    const bool locked = LockInTable(table, index, key, slot, snapshot);
    if (locked)
        read(slot);
    ExecDropSingleTupleTableSlot(slot);
    UnregisterSnapshot(snapshot);
    return locked;
}

// An application may have another primary key in its place, or none: then SPI finds the row.
template <typename Read>
bool
LockByKey(const AccountKey &key, Relation table, Read read) {
    const Oid primary = RelationGetPrimaryKeyIndex(table);
    if (!OidIsValid(primary))
        return false;
    Relation index = index_open(primary, RowShareLock);
    const bool locked = IsOfAccounts(table, index) && LockThrough(key, table, index, read);
    index_close(index, NoLock);
    return locked;
}

void
ReadSlot(const PostingStatement &statement, TupleTableSlot *slot, OpenAccount *open) {
    Datum values[kAccountColumns];
    bool nulls[kAccountColumns];
    for (int column = 0; column < kAccountColumns; column++)
        values[column] = slot_getattr(slot, statement.account_attributes[column], &nulls[column]);
    Fill(open, values, nulls);
    open->place = slot->tts_tid;
}

bool
LockDirectly(PostingStatement *statement, OpenAccount *open) {
    Relation table = table_open(TableOid("user_points"), RowShareLock);
    FindColumns(statement, RelationGetDescr(table));
    const bool locked = LockByKey(
        open->key, table, [statement, open](TupleTableSlot *slot) { ReadSlot(*statement, slot, open); });
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
                .hint = "Points go to members: invite the user first, by laurel.invite_member().",
                .table = "points_ledger",
                .constraint = "points_ledger_account_fkey"});
    Row row;
    ReadAccount(&row, open);
    ItemPointerSetInvalid(&open->place);
}

// Puts values into columns of a row, one after the other.
class RowWriter {
public:
    RowWriter(TupleTableSlot *row, const int *columns) : row_(row), columns_(columns) {}

    void Next(Datum value, bool is_null = false) {
        const int column = *columns_++ - 1;
        row_->tts_values[column] = value;
        row_->tts_isnull[column] = is_null;
    }
    void NextMoment(int64 moment) { Next(TimestampTzGetDatum(moment), moment == kernel::kNever); }
    void NextDay(int32 day) { Next(DateADTGetDatum(day), day == kernel::kNoPeriod); }

private:
    TupleTableSlot *row_;
    const int *columns_;
};

// The hash and the tier's name as they are stored, while their row is written.
struct VariableColumns {
    alignas(bytea) char hash[VARHDRSZ + sizeof(OpenAccount::hash)];
    alignas(text) char tier[VARHDRSZ + 16];
};

Datum
StoreBytes(char *stored, const void *bytes, size_t size) {
    SET_VARSIZE(stored, VARHDRSZ + size);
    std::memcpy(VARDATA(stored), bytes, size);
    return PointerGetDatum(stored);
}

// Fills the columns of kColumnsOfAccount but the first.
void
Put(const BookedAccount &booked, const int *columns, TupleTableSlot *row, VariableColumns *stored) {
    const kernel::Account &account = booked.open->account;
    const std::string_view tier = kernel::TierName(booked.held_tier.tier);
    RowWriter writer(row, columns);
    writer.Next(Int64GetDatum(account.total));
    writer.Next(Int64GetDatum(account.lifetime));
    writer.Next(Int64GetDatum(account.week));
    writer.Next(Int64GetDatum(account.month));
    writer.Next(Int64GetDatum(account.entry_no));
    writer.Next(Int32GetDatum(booked.level));
    writer.Next(StoreBytes(stored->tier, tier.data(), tier.size()));
    writer.Next(StoreBytes(stored->hash, booked.open->hash, sizeof(booked.open->hash)));
    writer.NextDay(account.week_start);
    writer.NextDay(account.month_start);
    writer.NextMoment(account.reached_at);
    writer.NextMoment(account.week_reached_at);
    writer.NextMoment(account.month_reached_at);
    writer.NextMoment(account.last_entry_at);
    writer.Next(Int64GetDatum(account.rolling), account.rolling_from == kernel::kNoPeriod);
    writer.NextDay(account.rolling_from);
    writer.NextDay(booked.held_tier.kept_until);
    writer.NextMoment(booked.updated_at);
}

// The row was written by a statement inside this one since it was locked: it stands elsewhere now.
TupleTableSlot *
FetchElsewhere(RowUpdate *update, Relation table, const AccountKey &key) {
    ItemPointerData place;
    const bool found = LockByKey(key, table, [&place](const TupleTableSlot *slot) { place = slot->tts_tid; });
    return found ? update->Fetch(&place) : nullptr;
}

void
WriteAccountRow(RowUpdate *update, Relation table, const BookedAccount &booked, const int *columns) {
    ItemPointerData place = booked.open->place;
    if (update->Fetch(&place) == nullptr && FetchElsewhere(update, table, booked.open->key) == nullptr)
        RefuseWritten(psprintf("There is no account of user %s any more.", UuidText(booked.open->key.user)));
    VariableColumns stored;
    Put(booked, columns, update->Copy(), &stored);
    if (!update->Write())
        RefuseWritten(psprintf("The account of user %s was not written.", UuidText(booked.open->key.user)));
}

// Whether no statement is needed: all rows have a place, and nothing but what RowUpdate does happens to them.
bool
CanWriteDirectly(Relation table, const BookedAccount *accounts, int count) {
    return CanUpdateRows(table) && !HasOtherTriggers(table, TriggerSpec::Update) &&
           std::all_of(accounts, accounts + count,
                       [](const BookedAccount &booked) { return ItemPointerIsValid(&booked.open->place); });
}

} // namespace

bool
WriteAccountRows(PostingStatement *statement, const BookedAccount *accounts, int count) {
    Relation table = table_open(TableOid("user_points"), RowExclusiveLock);
    const bool direct = CanWriteDirectly(table, accounts, count);
    if (direct) {
        FindColumns(statement, RelationGetDescr(table));
        const int *columns = statement->account_attributes + 1;
        const guards::DerivedWrite writing({RelationGetRelid(table)});
        RowUpdate update(table, columns, kWrittenColumns);
        for (int i = 0; i < count; i++)
            WriteAccountRow(&update, table, accounts[i], columns);
        update.Finish();
    }
    table_close(table, NoLock);
    return direct;
}

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
