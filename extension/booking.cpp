// The end of an INSERT into the ledger: accounts written, references and arrivals checked.

#include "kernel/sha256.h"
#include "ledger_writes.h"
#include "posting.h"
#include "postgres/error.h"
#include "postgres/owner.h"
#include "postgres/spi.h"
#include "postgres/array.h"

namespace laurel {

namespace {

constexpr Oid kBookTypes[] = {UUIDOID,        UUIDOID, INT8OID,        INT8OID,        INT8OID, DATEOID,
                              TIMESTAMPTZOID, INT8OID, DATEOID,        TIMESTAMPTZOID, INT4OID, INT4OID,
                              TIMESTAMPTZOID, INT8OID, TIMESTAMPTZOID, BYTEAOID};

// In the order of kBookTypes; the tier is given as its number from 0.
#define BOOKED_COLUMNS                                                                                       \
    "total_points = b.total, lifetime_points = b.lifetime, points_this_week = b.week,"                       \
    " week_start = b.week_start, week_reached_at = nullif(b.week_reached_at, '-infinity'), "                 \
    "points_this_month = b.month,"                                                                           \
    " month_start = b.month_start, month_reached_at = nullif(b.month_reached_at, '-infinity'),"              \
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

Statement count_missing(
    "SELECT a.user_id FROM ROWS FROM (pg_catalog.unnest($1), pg_catalog.unnest($2), pg_catalog.unnest($3),"
    " pg_catalog.unnest($4)) a (organization_id, user_id, first_no, last_no)"
    " WHERE a.last_no - a.first_no + 1 <> (SELECT pg_catalog.count(*) FROM laurel.points_ledger l"
    "  WHERE l.organization_id = a.organization_id AND l.user_id = a.user_id"
    "  AND l.entry_no BETWEEN a.first_no AND a.last_no) LIMIT 1",
    UUIDARRAYOID, UUIDARRAYOID, INT8ARRAYOID, INT8ARRAYOID);

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
    if (!WriteRows(columns, count))
        Refuse({.sqlstate = ERRCODE_RESTRICT_VIOLATION,
                .message = "a points account was not updated with its ledger",
                .hint = "A trigger on laurel.user_points suppresses updates; remove it.",
                .table = "user_points"});
    TellTiers(changes);
}

void
CheckArrivals(const PostingStatement *statement, Relation ledger) {
    // The count tells nothing where another statement has inserted in between.
    if (statement->generation == 0 && CountedRows(ledger) - statement->counted_before == statement->posted)
        return;
    const int count = static_cast<int>(hash_get_num_entries(statement->accounts));
    Datum *columns[4];
    for (Datum *&column : columns)
        column =
            static_cast<Datum *>(MemoryContextAllocHuge(CurrentMemoryContext, sizeof(Datum) * (count + 1)));
    HASH_SEQ_STATUS scan;
    hash_seq_init(&scan, statement->accounts);
    int filled = 0;
    while (auto *open = static_cast<OpenAccount *>(hash_seq_search(&scan))) {
        columns[0][filled] = FromUuid(open->key.organization);
        columns[1][filled] = FromUuid(open->key.user);
        columns[2][filled] = Int64GetDatum(open->first_no);
        columns[3][filled++] = Int64GetDatum(open->account.entry_no);
    }
    const AsOwner owner(ledger->rd_rel->relowner);
    const SpiConnection spi;
    const Datum values[] = {ArrayOf(columns[0], filled, UUIDOID), ArrayOf(columns[1], filled, UUIDOID),
                            ArrayOf(columns[2], filled, INT8OID), ArrayOf(columns[3], filled, INT8OID)};
    if (filled > 0 && count_missing.Run(Access::Write, values) > 0)
        Refuse(
            {.sqlstate = ERRCODE_RESTRICT_VIOLATION,
             .message = "an entry was numbered but did not arrive in the ledger",
             .detail = psprintf("Account of user %s.", UuidText(ToUuid(Field(0, 1)))),
             .hint =
                 "Do not insert into the ledger with ON CONFLICT DO NOTHING or with triggers that drop rows; "
                 "retry with an idempotency_key through laurel.record_points_transaction.",
             .table = "points_ledger",
             .constraint = "points_ledger_entry_no_key"});
}

} // namespace laurel
