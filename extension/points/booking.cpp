// The end of an INSERT into the ledger: its accounts are written.

#include "guards/derived_write.h"
#include "points/posting.h"
#include "points/tier_changes.h"
#include "postgres/array.h"
#include "postgres/column.h"
#include "postgres/error.h"
#include "postgres/list.h"
#include "postgres/owner.h"
#include "postgres/spi.h"
#include "postgres/trigger.h"

namespace laurel::points {

namespace {

constexpr Oid kBookTypes[] = {UUIDOID,  UUIDOID,        INT8OID,        INT8OID, INT8OID,
                              DATEOID,  TIMESTAMPTZOID, INT8OID,        DATEOID, TIMESTAMPTZOID,
                              INT4OID,  INT4OID,        TIMESTAMPTZOID, INT8OID, TIMESTAMPTZOID,
                              BYTEAOID, INT8OID,        DATEOID,        DATEOID, TIMESTAMPTZOID};

// In the order of kBookTypes; the tier is given as its number from 0, and what there is not as -infinity.
constexpr SqlText kBookedColumns =
    R"(total_points = b.total, lifetime_points = b.lifetime, points_this_week = b.week,
        week_start = b.week_start, week_reached_at = nullif(b.week_reached_at, '-infinity'),
        points_this_month = b.month, month_start = b.month_start,
        month_reached_at = nullif(b.month_reached_at, '-infinity'),
        tier = (ARRAY['bronze', 'silver', 'gold', 'platinum'])[b.tier + 1], current_level = b.level,
        reached_at = b.reached_at, last_entry_no = b.entry_no, last_entry_at = b.last_entry_at,
        last_entry_hash = b.hash, rolling_points = CASE WHEN b.rolling_from > '-infinity' THEN b.rolling END,
        rolling_from = nullif(b.rolling_from, '-infinity'), tier_kept_until = nullif(b.tier_kept_until, '-infinity'),
        updated_at = b.updated_at)";

constexpr SqlText kBookedNames =
    R"(b (organization_id, user_id, total, lifetime, week, week_start, week_reached_at, month, month_start,
        month_reached_at, tier, level, reached_at, entry_no, last_entry_at, hash, rolling, rolling_from, tier_kept_until, updated_at))";

// For where WriteAccountRows() does not do.
Statement book = Statement(Sql<R"(UPDATE ONLY laurel.user_points p SET {1}
        FROM ROWS FROM (pg_catalog.unnest($1), pg_catalog.unnest($2), pg_catalog.unnest($3),
        pg_catalog.unnest($4), pg_catalog.unnest($5), pg_catalog.unnest($6), pg_catalog.unnest($7),
        pg_catalog.unnest($8), pg_catalog.unnest($9), pg_catalog.unnest($10), pg_catalog.unnest($11),
        pg_catalog.unnest($12), pg_catalog.unnest($13), pg_catalog.unnest($14), pg_catalog.unnest($15),
        pg_catalog.unnest($16), pg_catalog.unnest($17), pg_catalog.unnest($18), pg_catalog.unnest($19),
        pg_catalog.unnest($20)) {2}
        WHERE p.organization_id = b.organization_id AND p.user_id = b.user_id
        RETURNING p.organization_id, p.user_id, {3})",
                               kBookedColumns, kBookedNames, kAccountFields>,
                           UUIDARRAYOID, UUIDARRAYOID, INT8ARRAYOID, INT8ARRAYOID, INT8ARRAYOID, DATEARRAYOID,
                           TIMESTAMPTZARRAYOID, INT8ARRAYOID, DATEARRAYOID, TIMESTAMPTZARRAYOID, INT4ARRAYOID,
                           INT4ARRAYOID, TIMESTAMPTZARRAYOID, INT8ARRAYOID, TIMESTAMPTZARRAYOID,
                           BYTEAARRAYOID, INT8ARRAYOID, DATEARRAYOID, DATEARRAYOID, TIMESTAMPTZARRAYOID)
                     .Custom()
                     .Returns(UUIDOID, UUIDOID, kAccountTypes);

constexpr size_t kBooked = std::size(kBookTypes);

// Adds the values of an account in the order of kBookTypes.
void
Add(const BookedAccount &account, Columns<kBooked> *booked) {
    const OpenAccount &open = *account.open;
    const kernel::Account &points = open.account;
    booked->Add({FromUuid(open.key.organization),
                 FromUuid(open.key.user),
                 Int64GetDatum(points.total),
                 Int64GetDatum(points.lifetime),
                 Int64GetDatum(points.week),
                 DateADTGetDatum(points.week_start),
                 TimestampTzGetDatum(points.week_reached_at),
                 Int64GetDatum(points.month),
                 DateADTGetDatum(points.month_start),
                 TimestampTzGetDatum(points.month_reached_at),
                 Int32GetDatum(static_cast<int>(account.held_tier.tier)),
                 Int32GetDatum(account.level),
                 TimestampTzGetDatum(points.reached_at),
                 Int64GetDatum(points.entry_no),
                 TimestampTzGetDatum(points.last_entry_at),
                 FromBytes(open.hash, sizeof(open.hash)),
                 Int64GetDatum(points.rolling),
                 DateADTGetDatum(points.rolling_from),
                 DateADTGetDatum(account.held_tier.kept_until),
                 TimestampTzGetDatum(account.updated_at)});
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
    if (stored.account == open->account && stored.held_tier == open->held_tier &&
        stored.level == open->level && std::memcmp(stored.hash, open->hash, sizeof(stored.hash)) == 0)
        return;
    RefuseWritten(psprintf("Account of user %s: total_points is %lld, the ledger says %lld.",
                           UuidText(key.user), static_cast<long long>(stored.account.total),
                           static_cast<long long>(open->account.total)));
}

// Writes the accounts by a statement, and reads back what an application's triggers have made of them.
void
WriteByStatement(const PostingStatement *statement, const BookedAccount *accounts, int count) {
    Columns booked(kBookTypes, count);
    for (int i = 0; i < count; i++)
        Add(accounts[i], &booked);
    uint64 written;
    {
        const guards::DerivedWrite writing({TableOid("user_points")});
        written = book.Run(Access::Write, booked.Arrays());
    }
    if (written != static_cast<uint64>(count))
        RefuseWritten(psprintf("%lld of %d accounts were written.", static_cast<long long>(written), count));
    for (uint64 row = 0; row < written; row++)
        CheckWritten(statement, row);
}

// The accounts that have changed, by organization and user.
BookedAccount *
BookDirty(PostingStatement *statement) {
    const int count = statement->dirty_count;
    std::sort(statement->dirty, statement->dirty + count,
              [](const OpenAccount *a, const OpenAccount *b) { return a->key < b->key; });
    auto *booked = NewList<BookedAccount>(count);
    for (int i = 0; i < count; i++)
        booked[i] = Book(statement, statement->dirty[i]);
    return booked;
}

// Takes the accounts for written; what came to another tier is gathered.
void
MarkClean(PostingStatement *statement, const BookedAccount *booked, TierChanges *changes) {
    for (int i = 0; i < statement->dirty_count; i++) {
        OpenAccount *open = statement->dirty[i];
        changes->Note(booked[i]);
        open->held_tier = booked[i].held_tier;
        open->level = booked[i].level;
        open->dirty = false;
    }
    statement->dirty_count = 0;
}

} // namespace

BookedAccount
Book(const PostingStatement *statement, const OpenAccount *open) {
    const Settings &settings = *open->settings;
    return {
        open,
        kernel::Hold(open->held_tier, TierOf(settings, open->account), settings.grace_days, settings.today),
        LevelOf(settings, open->account.lifetime),
        std::max(open->account.last_entry_at, statement->followed_at)};
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

void
WriteAccounts(PostingStatement *statement) {
    const int count = statement->dirty_count;
    if (count == 0)
        return;
    const AsOwner owner(OwnerOf(TableOid("user_points")));
    const SpiConnection spi;
    const BookedAccount *booked = BookDirty(statement);
    TierChanges changes(count);
    MarkClean(statement, booked, &changes);
    if (!WriteAccountRows(statement, booked, count))
        WriteByStatement(statement, booked, count);
    changes.Tell();
}

} // namespace laurel::points
