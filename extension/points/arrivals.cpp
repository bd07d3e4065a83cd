// Whether entries stand in the ledger as they were numbered: rows may be dropped or changed on their way.

#include "points/posting.h"
#include "points/stored_entry.h"
#include "postgres/array.h"
#include "postgres/error.h"
#include "postgres/list.h"
#include "postgres/owner.h"
#include "postgres/spi.h"

namespace laurel::points {

namespace {

Statement count_missing =
    Statement(
        R"(SELECT a.user_id FROM ROWS FROM (pg_catalog.unnest($1), pg_catalog.unnest($2),
        pg_catalog.unnest($3),
        pg_catalog.unnest($4)) a (organization_id, user_id, first_no, last_no)
        WHERE a.last_no - a.first_no + 1 <> (SELECT pg_catalog.count(*) FROM ONLY laurel.points_ledger l
            WHERE l.organization_id = a.organization_id AND l.user_id = a.user_id
            AND l.entry_no BETWEEN a.first_no AND a.last_no) LIMIT 1)",
        UUIDARRAYOID, UUIDARRAYOID, INT8ARRAYOID, INT8ARRAYOID)
        .Returns(UUIDOID);

Statement entries_between =
    Statement(Sql<R"(SELECT {1} FROM ONLY laurel.points_ledger l WHERE l.organization_id = $1
        AND l.user_id = $2 AND l.entry_no BETWEEN $3 AND $4 ORDER BY l.entry_no)",
                  kEntryColumns>,
              UUIDOID, UUIDOID, INT8OID, INT8OID)
        .Returns(kEntryTypes);

// Whether the account's entries, from the first this statement numbered on, lead to the hash it has made.
bool
IsAsNumbered(const OpenAccount &open) {
    const Datum values[] = {FromUuid(open.key.organization), FromUuid(open.key.user),
                            Int64GetDatum(open.first_no), Int64GetDatum(open.account.entry_no)};
    const uint64 count = entries_between.Run(Access::Write, values);
    unsigned char hash[sizeof(open.hash)];
    std::memcpy(hash, open.first_hash, sizeof(hash));
    bool follows = true;
    for (uint64 number = 0; number < count && follows; number++) {
        WideRow row(number);
        StoredEntry entry = {};
        ReadEntry(&row, &entry);
        follows = FollowsHash(entry, hash);
    }
    ForgetResult();
    return follows && std::memcmp(hash, open.hash, sizeof(hash)) == 0;
}

} // namespace

void
CheckArrivals(const PostingStatement *statement, Relation ledger) {
    // The count tells nothing where another statement has inserted in between.
    if (statement->generation == 0 && CountedRows(ledger) - statement->counted_before == statement->posted)
        return;
    const int count = static_cast<int>(hash_get_num_entries(statement->accounts));
    Datum *columns[4];
    for (Datum *&column : columns)
        column = NewList<Datum>(count);
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

void
CheckContents(const PostingStatement *statement) {
    const AsOwner owner(OwnerOf(TableOid("points_ledger")));
    const SpiConnection spi;
    HASH_SEQ_STATUS scan;
    hash_seq_init(&scan, statement->accounts);
    while (const auto *open = static_cast<const OpenAccount *>(hash_seq_search(&scan))) {
        if (open->first_no == 0 || IsAsNumbered(*open))
            continue;
        Refuse({.sqlstate = ERRCODE_RESTRICT_VIOLATION,
                .message = "an entry was changed after it was numbered",
                .detail = psprintf("Account of user %s.", UuidText(open->key.user)),
                .hint = "A row trigger on laurel.points_ledger that changes rows must have a name that sorts "
                        "before z_post_entry.",
                .table = "points_ledger",
                .constraint = "points_ledger_append_only"});
    }
}

} // namespace laurel::points
