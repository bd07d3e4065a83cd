#include "points/replay.h"

#include "points/departed_accounts.h"
#include "postgres/error.h"
#include "postgres/list.h"
#include "postgres/owner.h"
#include "postgres/spi.h"

namespace laurel::points {

namespace {

// Whoever changes thresholds meets whoever brings an account back, which no other session sees yet.
Statement keep_settings("SELECT FROM ONLY laurel.organizations WHERE id = $1 FOR SHARE", UUIDOID);

Statement entries_of =
    Statement(R"(SELECT entry_no, amount, reverses_id IS NOT NULL, occurred_at, created_at, entry_hash
        FROM ONLY laurel.points_ledger WHERE organization_id = $1 AND user_id = $2 ORDER BY entry_no)",
              UUIDOID, UUIDOID)
        .Returns(INT8OID, INT8OID, BOOLOID, TIMESTAMPTZOID, TIMESTAMPTZOID, BYTEAOID);

Statement archived_of =
    Statement(R"(SELECT entry_no, amount, reverses_id IS NOT NULL, occurred_at, created_at, entry_hash
        FROM laurel.points_ledger_archive WHERE organization_id = $1 AND user_id = $2
        AND ($3 = 0 OR entry_no < $3) ORDER BY entry_no)",
              UUIDOID, UUIDOID, INT8OID)
        .Returns(INT8OID, INT8OID, BOOLOID, TIMESTAMPTZOID, TIMESTAMPTZOID, BYTEAOID);

[[noreturn]] void
RefuseHistory(const OpenAccount &open) {
    Refuse({.sqlstate = ERRCODE_DATA_CORRUPTED,
            .message = psprintf("the ledger of user %s does not add up", UuidText(open.key.user)),
            .hint = "SELECT * FROM laurel.verify_ledger() says where.",
            .table = "points_ledger"});
}

// Books the entries of the last result into memory.
void
ReplayResult(OpenAccount *open, int32 today) {
    const uint64 entries = RowCount();
    for (uint64 entry = 0; entry < entries; entry++) {
        Row row(entry);
        row.Next();
        kernel::Posting posting = {.amount = DatumGetInt64(row.Next()), .reversal = DatumGetBool(row.Next())};
        posting.day = DayOf(*open->settings, DatumGetTimestampTz(row.Next()));
        posting.today = today;
        posting.now = DatumGetTimestampTz(row.Next());
        if (!CopyBytes(row.Next(), open->hash, sizeof(open->hash)) ||
            kernel::Post(open->account, posting) != kernel::Refusal::None)
            RefuseHistory(*open);
    }
}

// Books an account's whole history anew into memory: first what is archived, then what the ledger holds.
void
ReplayOne(OpenAccount *open) {
    const SpiConnection spi;
    const int32 today = Today(*open->settings, GetCurrentTimestamp());
    open->account = kernel::Account();
    open->account.rolling_from = open->settings->window_from;
    kernel::ResetPeriods(open->account, today);
    Parameters parameters = {FromUuid(open->key.organization), FromUuid(open->key.user)};
    const bool any = entries_of.Run(Access::Write, parameters) > 0;
    const int64 first_no = any ? DatumGetInt64(Field(0, 1)) : 0;
    const KeptResult recent;
    if (first_no != 1) {
        parameters.Add(Int64GetDatum(first_no));
        archived_of.Run(Access::Write, parameters);
        ReplayResult(open, today);
    }
    recent.Restore();
    ReplayResult(open, today);
}

} // namespace

AccountList
AccountsOf(uint64 rows) {
    AccountList list = {NewList<AccountKey>(rows), rows};
    for (uint64 row = 0; row < rows; row++)
        list.keys[row] = {ToUuid(Field(row, 1)), ToUuid(Field(row, 2))};
    return list;
}

void
Replay(const AccountList &accounts, bool reopened) {
    if (accounts.count == 0)
        return;
    Relation ledger = table_open(TableOid("points_ledger"), AccessShareLock);
    PostingStatement *statement = BeginPosting(ledger);
    for (uint64 i = 0; i < accounts.count; i++) {
        const AccountKey &key = accounts.keys[i];
        if (i == 0 || !(key.organization == accounts.keys[i - 1].organization))
            keep_settings.Run(Access::Write, {FromUuid(key.organization)});
        OpenAccount *open = OpenAccountOf(statement, key);
        ReplayOne(open);
        if (reopened && !ReopensWhereItEnded(*open))
            RefuseHistory(*open);
        if (reopened)
            open->held_tier = {TierOf(*open->settings, open->account)};
        MarkDirty(statement, open);
    }
    WriteAccounts(statement);
    LeavePosting(statement);
    table_close(ledger, NoLock);
}

} // namespace laurel::points
