// The end of an INSERT into the ledger: its accounts are written.

#include "guards/derived_write.h"
#include "kernel/sha256.h"
#include "points/posting.h"
#include "postgres/array.h"
#include "postgres/column.h"
#include "postgres/error.h"
#include "postgres/owner.h"
#include "postgres/spi.h"
#include "postgres/trigger.h"

namespace laurel::points {

namespace {

constexpr Oid kBookTypes[] = {UUIDOID,        UUIDOID, INT8OID,        INT8OID,        INT8OID, DATEOID,
                              TIMESTAMPTZOID, INT8OID, DATEOID,        TIMESTAMPTZOID, INT4OID, INT4OID,
                              TIMESTAMPTZOID, INT8OID, TIMESTAMPTZOID, BYTEAOID};

// In the order of kBookTypes; the tier is given as its number from 0.
constexpr SqlText kBookedColumns =
    R"(total_points = b.total, lifetime_points = b.lifetime, points_this_week = b.week,
        week_start = b.week_start, week_reached_at = nullif(b.week_reached_at, '-infinity'),
        points_this_month = b.month, month_start = b.month_start,
        month_reached_at = nullif(b.month_reached_at, '-infinity'),
        tier = (ARRAY['bronze', 'silver', 'gold', 'platinum'])[b.tier + 1], current_level = b.level,
        reached_at = b.reached_at, last_entry_no = b.entry_no, last_entry_at = b.last_entry_at,
        last_entry_hash = b.hash, updated_at = b.last_entry_at)";

constexpr SqlText kBookedNames =
    R"(b (organization_id, user_id, total, lifetime, week, week_start, week_reached_at, month, month_start,
        month_reached_at, tier, level, reached_at, entry_no, last_entry_at, hash))";

constexpr SqlText kBookOne = Sql<R"(UPDATE ONLY laurel.user_points p SET {1}
        FROM (VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)) {2}
        WHERE p.organization_id = $1 AND p.user_id = $2)",
                                 kBookedColumns, kBookedNames>;

constexpr SqlText kBookMany = Sql<R"(UPDATE ONLY laurel.user_points p SET {1}
        FROM ROWS FROM (pg_catalog.unnest($1), pg_catalog.unnest($2), pg_catalog.unnest($3),
        pg_catalog.unnest($4), pg_catalog.unnest($5), pg_catalog.unnest($6), pg_catalog.unnest($7),
        pg_catalog.unnest($8), pg_catalog.unnest($9), pg_catalog.unnest($10), pg_catalog.unnest($11),
        pg_catalog.unnest($12), pg_catalog.unnest($13), pg_catalog.unnest($14), pg_catalog.unnest($15),
        pg_catalog.unnest($16)) {2}
        WHERE p.organization_id = b.organization_id AND p.user_id = b.user_id)",
                                  kBookedColumns, kBookedNames>;

constexpr SqlText kReadBack = "{1} RETURNING p.organization_id, p.user_id, {2}";

constexpr Statement
BookOne(const char *sql) {
    return Statement(sql, kBookTypes);
}

constexpr Statement
BookMany(const char *sql) {
    return Statement(sql, UUIDARRAYOID, UUIDARRAYOID, INT8ARRAYOID, INT8ARRAYOID, INT8ARRAYOID, DATEARRAYOID,
                     TIMESTAMPTZARRAYOID, INT8ARRAYOID, DATEARRAYOID, TIMESTAMPTZARRAYOID, INT4ARRAYOID,
                     INT4ARRAYOID, TIMESTAMPTZARRAYOID, INT8ARRAYOID, TIMESTAMPTZARRAYOID, BYTEAARRAYOID)
        .Custom();
}

constinit Statement book_one = BookOne(kBookOne);
constinit Statement book_one_back =
    BookOne(Sql<kReadBack, kBookOne, kAccountFields>).Returns(UUIDOID, UUIDOID, kAccountTypes);
constinit Statement book_many = BookMany(kBookMany);
constinit Statement book_many_back =
    BookMany(Sql<kReadBack, kBookMany, kAccountFields>).Returns(UUIDOID, UUIDOID, kAccountTypes);

Statement tell_tiers(R"(INSERT INTO laurel.domain_events (organization_id, user_id, type, data)
        SELECT c.organization_id, c.user_id, 'tier_changed', pg_catalog.jsonb_build_object(
            'from', (ARRAY['bronze', 'silver', 'gold', 'platinum'])[c.old_tier + 1],
            'to', (ARRAY['bronze', 'silver', 'gold', 'platinum'])[c.new_tier + 1])
        FROM ROWS FROM (pg_catalog.unnest($1), pg_catalog.unnest($2), pg_catalog.unnest($3),
        pg_catalog.unnest($4)) c (organization_id, user_id, old_tier, new_tier))",
                     UUIDARRAYOID, UUIDARRAYOID, INT4ARRAYOID, INT4ARRAYOID);

constexpr size_t kBooked = std::size(kBookTypes);

Datum
HashDatum(const unsigned char *hash) {
    auto *value = static_cast<bytea *>(palloc(VARHDRSZ + sizeof(kernel::Digest)));
    SET_VARSIZE(value, VARHDRSZ + sizeof(kernel::Digest));
    std::memcpy(VARDATA(value), hash, sizeof(kernel::Digest));
    return PointerGetDatum(value);
}

// Adds the values of an account in the order of kBookTypes.
void
Book(const OpenAccount &open, kernel::Tier tier, int level, Columns<kBooked> *booked) {
    const kernel::Account &account = open.account;
    booked->Add(
        {FromUuid(open.key.organization), FromUuid(open.key.user), Int64GetDatum(account.total),
         Int64GetDatum(account.lifetime), Int64GetDatum(account.week), DateADTGetDatum(account.week_start),
         TimestampTzGetDatum(account.week_reached_at), Int64GetDatum(account.month),
         DateADTGetDatum(account.month_start), TimestampTzGetDatum(account.month_reached_at),
         Int32GetDatum(static_cast<int>(tier)), Int32GetDatum(level), TimestampTzGetDatum(account.reached_at),
         Int64GetDatum(account.entry_no), TimestampTzGetDatum(account.last_entry_at), HashDatum(open.hash)});
}

// Accounts that came to another tier are gathered while they are written.
constexpr Oid kTierChangeTypes[] = {UUIDOID, UUIDOID, INT4OID, INT4OID};

void
NoteTier(const OpenAccount &open, kernel::Tier tier, Columns<4> *changes) {
    if (tier != open.tier)
        changes->Add({FromUuid(open.key.organization), FromUuid(open.key.user),
                      Int32GetDatum(static_cast<int>(open.tier)), Int32GetDatum(static_cast<int>(tier))});
}

void
TellTiers(const Columns<4> &changes) {
    if (changes.count() > 0)
        tell_tiers.Run(Access::Write, changes.Arrays());
}

[[noreturn]] void
RefuseWritten(const char *detail) {
    Refuse({.sqlstate = ERRCODE_RESTRICT_VIOLATION,
            .message = "a points account does not say what its ledger says",
            .detail = detail,
            .hint = "A row trigger on laurel.user_points changes balances or suppresses updates; remove it.",
            .table = "user_points",
            .constraint = "user_points_follow_ledger"});
}

// Refuses a written account, the next of the last result, that is not the one in memory. Accounts are as
// this statement has made them, whatever other statements have done meanwhile.
void
CheckWritten(const PostingStatement *statement, uint64 number) {
    Row row(number);
    const Uuid organization = ToUuid(row.Next());
    const AccountKey key = {organization, ToUuid(row.Next())};
    const auto *open =
        static_cast<const OpenAccount *>(hash_search(statement->accounts, &key, HASH_FIND, nullptr));
    if (open == nullptr)
        RefuseWritten(psprintf("The row became that of user %s.", UuidText(key.user)));
    OpenAccount stored;
    ReadAccount(&row, &stored);
    if (stored.account == open->account && stored.tier == open->tier && stored.level == open->level &&
        std::memcmp(stored.hash, open->hash, sizeof(stored.hash)) == 0)
        return;
    RefuseWritten(psprintf("Account of user %s: total_points is %lld, the ledger says %lld.",
                           UuidText(key.user), static_cast<long long>(stored.account.total),
                           static_cast<long long>(open->account.total)));
}

// Writes accounts. Where triggers of the application may change
// rows, what was written is read back.
void
WriteRows(const PostingStatement *statement, const Columns<kBooked> &booked) {
    const int count = booked.count();
    const bool may_change = RowsMayChange("user_points", TriggerSpec::Update);
    uint64 written;
    {
        const guards::DerivedWrite writing({TableOid("user_points")});
        Statement &book =
            may_change ? (count == 1 ? book_one_back : book_many_back) : (count == 1 ? book_one : book_many);
        written = book.Run(Access::Write, count == 1 ? booked.First() : booked.Arrays());
    }
    if (written != static_cast<uint64>(count))
        RefuseWritten(psprintf("%lld of %d accounts were written.", static_cast<long long>(written), count));
    for (uint64 row = 0; may_change && row < written; row++)
        CheckWritten(statement, row);
}

} // namespace

void
WriteAccounts(PostingStatement *statement) {
    const int count = statement->dirty_count;
    if (count == 0)
        return;
    const AsOwner owner(OwnerOf(TableOid("user_points")));
    const SpiConnection spi;
    std::sort(statement->dirty, statement->dirty + count,
              [](const OpenAccount *a, const OpenAccount *b) { return a->key < b->key; });
    Columns booked(kBookTypes, count);
    Columns changes(kTierChangeTypes, count);
    for (int i = 0; i < count; i++) {
        OpenAccount &open = *statement->dirty[i];
        const kernel::Tier tier = TierOf(*open.settings, open.account.total, open.account.lifetime);
        const int level = LevelOf(*open.settings, open.account.lifetime);
        Book(open, tier, level, &booked);
        NoteTier(open, tier, &changes);
        open.tier = tier;
        open.level = level;
        open.dirty = false;
    }
    statement->dirty_count = 0;
    WriteRows(statement, booked);
    TellTiers(changes);
}

} // namespace laurel::points
