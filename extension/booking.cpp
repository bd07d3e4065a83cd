// The end of an INSERT into the ledger: its accounts are written.

#include "kernel/sha256.h"
#include "ledger_writes.h"
#include "posting.h"
#include "postgres/error.h"
#include "postgres/owner.h"
#include "postgres/spi.h"
#include "postgres/trigger.h"
#include "postgres/array.h"

namespace laurel {

namespace {

constexpr Oid kBookTypes[] = {UUIDOID,        UUIDOID, INT8OID,        INT8OID,        INT8OID, DATEOID,
                              TIMESTAMPTZOID, INT8OID, DATEOID,        TIMESTAMPTZOID, INT4OID, INT4OID,
                              TIMESTAMPTZOID, INT8OID, TIMESTAMPTZOID, BYTEAOID};

// In the order of kBookTypes; the tier is given as its number from 0.
#define BOOKED_COLUMNS                                                                                       \
    "total_points = b.total, lifetime_points = b.lifetime, points_this_week = b.week,"                       \
    " week_start = b.week_start, week_reached_at = nullif(b.week_reached_at, '-infinity'),"                  \
    " points_this_month = b.month, month_start = b.month_start,"                                             \
    " month_reached_at = nullif(b.month_reached_at, '-infinity'),"                                           \
    " tier = (ARRAY['bronze', 'silver', 'gold', 'platinum'])[b.tier + 1], current_level = b.level,"          \
    " reached_at = b.reached_at, last_entry_no = b.entry_no, last_entry_at = b.last_entry_at,"               \
    " last_entry_hash = b.hash, updated_at = b.last_entry_at"

#define BOOKED_NAMES                                                                                         \
    "b (organization_id, user_id, total, lifetime, week, week_start, week_reached_at, month, month_start,"   \
    " month_reached_at, tier, level, reached_at, entry_no, last_entry_at, hash)"

Statement book_one(
    "UPDATE laurel.user_points p SET " BOOKED_COLUMNS
    " FROM (VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)) " BOOKED_NAMES
    " WHERE p.organization_id = $1 AND p.user_id = $2",
    UUIDOID, UUIDOID, INT8OID, INT8OID, INT8OID, DATEOID, TIMESTAMPTZOID, INT8OID, DATEOID, TIMESTAMPTZOID,
    INT4OID, INT4OID, TIMESTAMPTZOID, INT8OID, TIMESTAMPTZOID, BYTEAOID);

Statement book_many =
    Statement(
        "UPDATE laurel.user_points p SET " BOOKED_COLUMNS
        " FROM ROWS FROM (pg_catalog.unnest($1), pg_catalog.unnest($2), pg_catalog.unnest($3),"
        " pg_catalog.unnest($4), pg_catalog.unnest($5), pg_catalog.unnest($6), pg_catalog.unnest($7),"
        " pg_catalog.unnest($8), pg_catalog.unnest($9), pg_catalog.unnest($10), pg_catalog.unnest($11),"
        " pg_catalog.unnest($12), pg_catalog.unnest($13), pg_catalog.unnest($14), pg_catalog.unnest($15),"
        " pg_catalog.unnest($16))"
        " " BOOKED_NAMES " WHERE p.organization_id = b.organization_id AND p.user_id = b.user_id",
        UUIDARRAYOID, UUIDARRAYOID, INT8ARRAYOID, INT8ARRAYOID, INT8ARRAYOID, DATEARRAYOID,
        TIMESTAMPTZARRAYOID, INT8ARRAYOID, DATEARRAYOID, TIMESTAMPTZARRAYOID, INT4ARRAYOID, INT4ARRAYOID,
        TIMESTAMPTZARRAYOID, INT8ARRAYOID, TIMESTAMPTZARRAYOID, BYTEAARRAYOID)
        .Custom();

Statement tell_tiers("INSERT INTO laurel.domain_events (organization_id, user_id, type, data)"
                     " SELECT c.organization_id, c.user_id, 'tier_changed', pg_catalog.jsonb_build_object("
                     "  'from', (ARRAY['bronze', 'silver', 'gold', 'platinum'])[c.old_tier + 1],"
                     "  'to', (ARRAY['bronze', 'silver', 'gold', 'platinum'])[c.new_tier + 1])"
                     " FROM ROWS FROM (pg_catalog.unnest($1), pg_catalog.unnest($2), pg_catalog.unnest($3),"
                     " pg_catalog.unnest($4)) c (organization_id, user_id, old_tier, new_tier)",
                     UUIDARRAYOID, UUIDARRAYOID, INT4ARRAYOID, INT4ARRAYOID);

constexpr int kBooked = 16;

Datum
HashDatum(const unsigned char *hash) {
    auto *value = static_cast<bytea *>(palloc(VARHDRSZ + sizeof(kernel::Digest)));
    SET_VARSIZE(value, VARHDRSZ + sizeof(kernel::Digest));
    std::memcpy(VARDATA(value), hash, sizeof(kernel::Digest));
    return PointerGetDatum(value);
}

// The values of an account in the order of kBookTypes.
void
Book(const OpenAccount &open, kernel::Tier tier, int level, Datum *values) {
    const kernel::Account &account = open.account;
    int column = 0;
    values[column++] = FromUuid(open.key.organization);
    values[column++] = FromUuid(open.key.user);
    values[column++] = Int64GetDatum(account.total);
    values[column++] = Int64GetDatum(account.lifetime);
    values[column++] = Int64GetDatum(account.week);
    values[column++] = DateADTGetDatum(account.week_start);
    values[column++] = TimestampTzGetDatum(account.week_reached_at);
    values[column++] = Int64GetDatum(account.month);
    values[column++] = DateADTGetDatum(account.month_start);
    values[column++] = TimestampTzGetDatum(account.month_reached_at);
    values[column++] = Int32GetDatum(static_cast<int>(tier));
    values[column++] = Int32GetDatum(level);
    values[column++] = TimestampTzGetDatum(account.reached_at);
    values[column++] = Int64GetDatum(account.entry_no);
    values[column++] = TimestampTzGetDatum(account.last_entry_at);
    values[column++] = HashDatum(open.hash);
}

// Accounts that came to another tier, gathered while they are written.
struct TierChanges {
    Datum *columns[4];
    int count = 0;

    explicit TierChanges(int room) {
        for (Datum *&column : columns)
            column = static_cast<Datum *>(palloc(sizeof(Datum) * static_cast<Size>(room)));
    }

    void Add(const OpenAccount &open, kernel::Tier tier) {
        columns[0][count] = FromUuid(open.key.organization);
        columns[1][count] = FromUuid(open.key.user);
        columns[2][count] = Int32GetDatum(static_cast<int>(open.tier));
        columns[3][count++] = Int32GetDatum(static_cast<int>(tier));
    }
};

void
TellTiers(const TierChanges &changes) {
    if (changes.count == 0)
        return;
    const Datum values[] = {ArrayOf(changes.columns[0], changes.count, UUIDOID),
                            ArrayOf(changes.columns[1], changes.count, UUIDOID),
                            ArrayOf(changes.columns[2], changes.count, INT4OID),
                            ArrayOf(changes.columns[3], changes.count, INT4OID)};
    tell_tiers.Run(Access::Write, values);
}

// Writes `count` accounts whose values stand column by column; false when a row was not there.
bool
WriteRows(Datum *columns[kBooked], int count) {
    Datum values[kBooked];
    if (count == 1) {
        for (int column = 0; column < kBooked; column++)
            values[column] = columns[column][0];
        return book_one.Run(Access::Write, values) == 1;
    }
    for (int column = 0; column < kBooked; column++)
        values[column] = ArrayOf(columns[column], count, kBookTypes[column]);
    return book_many.Run(Access::Write, values) == static_cast<uint64>(count);
}

// Refuses what a row trigger of the application has made of the first accounts of `dirty`. Nothing is checked
// where a statement has run in between, which has read the accounts and written them itself.
void
CheckWritten(PostingStatement *statement, int count, uint64 generation) {
    Relation table = table_open(TableOid("user_points"), RowExclusiveLock);
    const bool may_change = MayChangeRows(table, TriggerSpec::Update);
    table_close(table, NoLock);
    for (int i = 0; may_change && generation == statement->generation && i < count; i++) {
        const OpenAccount &written = *statement->dirty[i];
        OpenAccount stored = written;
        LockAccountRow(statement, &stored);
        if (stored.account == written.account && stored.tier == written.tier &&
            stored.level == written.level && std::memcmp(stored.hash, written.hash, sizeof(stored.hash)) == 0)
            continue;
        Refuse({.sqlstate = ERRCODE_RESTRICT_VIOLATION,
                .message = "a points account does not say what its ledger says",
                .detail = psprintf("Account of user %s.", UuidText(written.key.user)),
                .hint = "A row trigger on laurel.user_points changes balances; remove it.",
                .table = "user_points",
                .constraint = "user_points_follow_ledger"});
    }
}

} // namespace

void
WriteAccounts(PostingStatement *statement) {
    const int count = statement->dirty_count;
    if (count == 0)
        return;
    const AsOwner owner(OwnerOf(TableOid("user_points")));
    const SpiConnection spi;
    const LedgerWrites writing;
    std::sort(statement->dirty, statement->dirty + count,
              [](const OpenAccount *a, const OpenAccount *b) { return a->key < b->key; });
    Datum *columns[kBooked];
    for (Datum *&column : columns)
        column = static_cast<Datum *>(MemoryContextAllocHuge(CurrentMemoryContext, sizeof(Datum) * count));
    TierChanges changes(count);
    for (int i = 0; i < count; i++) {
        OpenAccount &open = *statement->dirty[i];
        const kernel::Tier tier = TierOf(*open.settings, open.account.total, open.account.lifetime);
        const int level = LevelOf(*open.settings, open.account.lifetime);
        Datum values[kBooked];
        Book(open, tier, level, values);
        for (int column = 0; column < kBooked; column++)
            columns[column][i] = values[column];
        if (tier != open.tier)
            changes.Add(open, tier);
        open.tier = tier;
        open.level = level;
        open.dirty = false;
    }
    statement->dirty_count = 0;
    const uint64 generation = statement->generation;
    if (!WriteRows(columns, count))
        Refuse({.sqlstate = ERRCODE_RESTRICT_VIOLATION,
                .message = "a points account was not updated with its ledger",
                .hint = "A trigger on laurel.user_points suppresses updates; remove it.",
                .table = "user_points"});
    CheckWritten(statement, count, generation);
    TellTiers(changes);
}

} // namespace laurel
