// The end of an INSERT into the ledger: its accounts are written.

#include "guards/derived_write.h"
#include "points/posting.h"
#include "postgres/array.h"
#include "postgres/column.h"
#include "postgres/error.h"
#include "postgres/list.h"
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

// For where WriteAccountRows() does not do.
Statement book =
    Statement(Sql<R"(UPDATE ONLY laurel.user_points p SET {1}
        FROM ROWS FROM (pg_catalog.unnest($1), pg_catalog.unnest($2), pg_catalog.unnest($3),
        pg_catalog.unnest($4), pg_catalog.unnest($5), pg_catalog.unnest($6), pg_catalog.unnest($7),
        pg_catalog.unnest($8), pg_catalog.unnest($9), pg_catalog.unnest($10), pg_catalog.unnest($11),
        pg_catalog.unnest($12), pg_catalog.unnest($13), pg_catalog.unnest($14), pg_catalog.unnest($15),
        pg_catalog.unnest($16)) {2}
        WHERE p.organization_id = b.organization_id AND p.user_id = b.user_id
        RETURNING p.organization_id, p.user_id, {3})",
                  kBookedColumns, kBookedNames, kAccountFields>,
              UUIDARRAYOID, UUIDARRAYOID, INT8ARRAYOID, INT8ARRAYOID, INT8ARRAYOID, DATEARRAYOID,
              TIMESTAMPTZARRAYOID, INT8ARRAYOID, DATEARRAYOID, TIMESTAMPTZARRAYOID, INT4ARRAYOID,
              INT4ARRAYOID, TIMESTAMPTZARRAYOID, INT8ARRAYOID, TIMESTAMPTZARRAYOID, BYTEAARRAYOID)
        .Custom()
        .Returns(UUIDOID, UUIDOID, kAccountTypes);

Statement tell_tiers(R"(INSERT INTO laurel.domain_events (organization_id, user_id, type, data)
        SELECT c.organization_id, c.user_id, 'tier_changed', pg_catalog.jsonb_build_object(
            'from', (ARRAY['bronze', 'silver', 'gold', 'platinum'])[c.old_tier + 1],
            'to', (ARRAY['bronze', 'silver', 'gold', 'platinum'])[c.new_tier + 1])
        FROM ROWS FROM (pg_catalog.unnest($1), pg_catalog.unnest($2), pg_catalog.unnest($3),
        pg_catalog.unnest($4)) c (organization_id, user_id, old_tier, new_tier))",
                     UUIDARRAYOID, UUIDARRAYOID, INT4ARRAYOID, INT4ARRAYOID);

constexpr size_t kBooked = std::size(kBookTypes);

// Adds the values of an account in the order of kBookTypes.
void
Book(const BookedAccount &account, Columns<kBooked> *booked) {
    const OpenAccount &open = *account.open;
    const kernel::Account &points = open.account;
    booked->Add({FromUuid(open.key.organization), FromUuid(open.key.user), Int64GetDatum(points.total),
                 Int64GetDatum(points.lifetime), Int64GetDatum(points.week),
                 DateADTGetDatum(points.week_start), TimestampTzGetDatum(points.week_reached_at),
                 Int64GetDatum(points.month), DateADTGetDatum(points.month_start),
                 TimestampTzGetDatum(points.month_reached_at), Int32GetDatum(static_cast<int>(account.tier)),
                 Int32GetDatum(account.level), TimestampTzGetDatum(points.reached_at),
                 Int64GetDatum(points.entry_no), TimestampTzGetDatum(points.last_entry_at),
                 FromBytes(open.hash, sizeof(open.hash))});
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

// Writes the accounts by a statement, and reads back what an application's triggers have made of them.
void
WriteByStatement(const PostingStatement *statement, const BookedAccount *accounts, int count) {
    Columns booked(kBookTypes, count);
    for (int i = 0; i < count; i++)
        Book(accounts[i], &booked);
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

// The accounts that have changed, by organization and user, with the tier and level that follow from their
// points.
BookedAccount *
BookDirty(PostingStatement *statement) {
    const int count = statement->dirty_count;
    std::sort(statement->dirty, statement->dirty + count,
              [](const OpenAccount *a, const OpenAccount *b) { return a->key < b->key; });
    auto *booked = NewList<BookedAccount>(count);
    for (int i = 0; i < count; i++) {
        const OpenAccount &open = *statement->dirty[i];
        booked[i] = {&open, TierOf(*open.settings, open.account.total, open.account.lifetime),
                     LevelOf(*open.settings, open.account.lifetime)};
    }
    return booked;
}

// Takes the accounts for written; what came to another tier is gathered.
void
MarkClean(PostingStatement *statement, const BookedAccount *booked, Columns<4> *changes) {
    for (int i = 0; i < statement->dirty_count; i++) {
        OpenAccount *open = statement->dirty[i];
        NoteTier(*open, booked[i].tier, changes);
        open->tier = booked[i].tier;
        open->level = booked[i].level;
        open->dirty = false;
    }
    statement->dirty_count = 0;
}

} // namespace

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
    Columns changes(kTierChangeTypes, count);
    MarkClean(statement, booked, &changes);
    if (!WriteAccountRows(statement, booked, count))
        WriteByStatement(statement, booked, count);
    TellTiers(changes);
}

} // namespace laurel::points
