#include "seals/lost_entries.h"

#include "postgres/column.h"

namespace laurel::seals {

namespace {

// LIMIT keeps the planner from turning many looks into one that reads the whole ledger.
constexpr SqlText kLookInto =
    R"(SELECT u.place, e.entry_hash IS NOT NULL FROM ROWS FROM (pg_catalog.unnest($2), pg_catalog.unnest($3),
            pg_catalog.unnest($4)) WITH ORDINALITY u (user_id, entry_no, entry_hash, place)
        LEFT JOIN LATERAL (SELECT l.entry_hash FROM {1} l
            WHERE l.organization_id = $1 AND l.user_id = u.user_id AND l.entry_no = u.entry_no
            AND l.created_at BETWEEN $5 AND $6 LIMIT 1) e ON true
        WHERE e.entry_hash IS DISTINCT FROM u.entry_hash ORDER BY 1)";

Statement look_into_ledger = Statement(Sql<kLookInto, "ONLY laurel.points_ledger">, UUIDOID, UUIDARRAYOID,
                                       INT8ARRAYOID, BYTEAARRAYOID, TIMESTAMPTZOID, TIMESTAMPTZOID)
                                 .Returns(INT8OID, BOOLOID)
                                 .Generic();

Statement look_into_months = Statement(Sql<kLookInto, "laurel.points_ledger_archive">, UUIDOID, UUIDARRAYOID,
                                       INT8ARRAYOID, BYTEAARRAYOID, TIMESTAMPTZOID, TIMESTAMPTZOID)
                                 .Returns(INT8OID, BOOLOID)
                                 .Custom();

// Leaves that are looked for.
class Wanted {
public:
    Wanted(const Seal &seal, const Leaves &leaves, int64 first, int64 count)
        : seal_(seal), leaves_(leaves), count_(count), items_(NewList<LostEntry>(count)) {
        for (int64 place = 0; place < count; place++)
            items_[place] = {first + place, false};
    }

    // Leaves those that the statement does not find as they were.
    void Look(Statement *statement, TimestampTz from, TimestampTz until) {
        if (count_ == 0)
            return;
        Column users(UUIDOID, count_), numbers(INT8OID, count_), hashes(BYTEAOID, count_);
        for (int64 place = 0; place < count_; place++) {
            const int64 index = items_[place].index;
            users.Add(CopyUuid(leaves_.UserAt(index)));
            numbers.Add(Int64GetDatum(leaves_.EntryNoAt(index)));
            hashes.Add(FromBytes(leaves_.At(index) + kernel::kSealedHash, sizeof(kernel::Digest)));
        }
        const Datum values[] = {FromUuid(seal_.organization),
                                users.Array(),
                                numbers.Array(),
                                hashes.Array(),
                                TimestampTzGetDatum(from),
                                TimestampTzGetDatum(until)};
        Keep(statement->Run(Access::Read, values));
        ForgetResult();
    }

    LostEntries Lost() const { return {items_, count_}; }

private:
    void Keep(uint64 rows) {
        for (uint64 number = 0; number < rows; number++) {
            Row row(number);
            LostEntry lost = items_[DatumGetInt64(row.Next()) - 1];
            lost.is_there |= DatumGetBool(row.Next());
            items_[number] = lost;
        }
        count_ = static_cast<int64>(rows);
    }

    const Seal &seal_;
    const Leaves &leaves_;
    int64 count_;
    LostEntry *items_;
};

} // namespace

LostEntries
FindLost(const Seal &seal, TimestampTz made_from, const Leaves &leaves, int64 first, int64 count) {
    Wanted wanted(seal, leaves, first, count);
    wanted.Look(&look_into_ledger, DT_NOBEGIN, DT_NOEND);
    wanted.Look(&look_into_months, made_from, seal.sealed_at);
    wanted.Look(&look_into_months, DT_NOBEGIN, DT_NOEND);
    return wanted.Lost();
}

} // namespace laurel::seals
