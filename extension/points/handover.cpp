// Points that go from one member to another: as few entries as bring the account here to what both had, what
// is held of them, and a debit of the whole balance there.
//
// Lock order: accounts by organization and user, then holds.

#include "points/handover.h"

#include "access/caller.h"
#include "guards/derived_write.h"
#include "kernel/handover.h"
#include "postgres/error.h"
#include "postgres/list.h"
#include "postgres/owner.h"

namespace laurel::points {

namespace {

// Points of an account of which the week and month are this week's and month's.
struct Points {
    int64 total;
    int64 lifetime;
    int64 week;
    int64 month;

    bool operator==(const Points &) const = default;
    Points operator+(const Points &other) const {
        return {total + other.total, lifetime + other.lifetime, week + other.week, month + other.month};
    }
};

// One organization's two accounts, and the last day before its week, its month, and both.
struct Pair {
    Uuid organization;
    Points from;
    Points into;
    bool month_is_longer;                       // the month began before the week
    Datum noons[kernel::HandedPoints::kSlices]; // a moment in each slice; the first is not used
};

constexpr SqlText kPoints = R"({1}.total_points, {1}.lifetime_points,
        CASE {1}.week_start WHEN t.week THEN {1}.points_this_week ELSE 0 END,
        CASE {1}.month_start WHEN t.month THEN {1}.points_this_month ELSE 0 END)";

Statement lock_both_accounts(R"(SELECT FROM ONLY laurel.user_points p WHERE p.user_id IN ($1, $2)
        ORDER BY p.organization_id, p.user_id FOR NO KEY UPDATE)",
                             UUIDOID, UUIDOID);

Statement read_pairs = Statement(Sql<R"(SELECT f.organization_id, {1}, {2}, t.month < t.week,
            pg_catalog.timezone(o.time_zone, greatest(t.week, t.month) - 1 + '12:00'::pg_catalog.time),
            pg_catalog.timezone(o.time_zone, least(t.week, t.month) - 1 + '12:00'::pg_catalog.time)
        FROM ONLY laurel.user_points f
        JOIN ONLY laurel.user_points i ON i.organization_id = f.organization_id AND i.user_id = $2
        JOIN ONLY laurel.organizations o ON o.id = f.organization_id
        CROSS JOIN LATERAL (SELECT
            pg_catalog.date_trunc('week', pg_catalog.timezone(o.time_zone, pg_catalog.clock_timestamp()))::pg_catalog.date,
            pg_catalog.date_trunc('month', pg_catalog.timezone(o.time_zone, pg_catalog.clock_timestamp()))::pg_catalog.date) t (week, month)
        WHERE f.user_id = $1 ORDER BY f.organization_id)",
                                     Sql<kPoints, "f">, Sql<kPoints, "i">>,
                                 UUIDOID, UUIDOID)
                           .Returns(UUIDOID, INT8OID, INT8OID, INT8OID, INT8OID, INT8OID, INT8OID, INT8OID,
                                    INT8OID, BOOLOID, TIMESTAMPTZOID, TIMESTAMPTZOID);

Statement
    move_holds("UPDATE ONLY laurel.point_holds SET user_id = $3 WHERE organization_id = $1 AND user_id = $2",
               UUIDOID, UUIDOID, UUIDOID);

Statement insert_handed_entry =
    Statement(
        R"(INSERT INTO laurel.points_ledger (organization_id, user_id, amount, transaction_type, occurred_at, reverses_id,
            reason, metadata, idempotency_key, created_by)
        VALUES ($1, $2, $3, 'account_merged', $4, $5, $6, pg_catalog.jsonb_build_object('other_user_id', $7), $8, $9) RETURNING id)",
        UUIDOID, UUIDOID, INT8OID, TIMESTAMPTZOID, UUIDOID, TEXTOID, UUIDOID, TEXTOID, UUIDOID)
        .Returns(UUIDOID);

Statement lengthen_streak(R"(UPDATE ONLY laurel.user_points i SET longest_streak = f.longest_streak
        FROM ONLY laurel.user_points f WHERE f.user_id = $1 AND i.user_id = $2
        AND i.organization_id = f.organization_id AND i.longest_streak < f.longest_streak)",
                          UUIDOID, UUIDOID);

Points
ReadPoints(Row *row) {
    Points points;
    for (int64 *value : {&points.total, &points.lifetime, &points.week, &points.month})
        *value = DatumGetInt64(row->Next());
    return points;
}

// The pairs of accounts of all organizations in which `from` has one.
Pair *
ReadPairs(const Handover &handover, uint64 *count) {
    *count = read_pairs.Run(Access::Write, {FromUuid(handover.from), FromUuid(handover.into)});
    Pair *pairs = NewList<Pair>(*count);
    for (uint64 i = 0; i < *count; i++) {
        Row row(i);
        pairs[i].organization = ToUuid(row.Next());
        pairs[i].from = ReadPoints(&row);
        pairs[i].into = ReadPoints(&row);
        pairs[i].month_is_longer = DatumGetBool(row.Next());
        pairs[i].noons[1] = row.Next();
        pairs[i].noons[2] = row.Next();
    }
    return pairs;
}

kernel::HandedPoints
PointsOf(const Pair &pair) {
    const auto &[total, lifetime, week, month] = pair.from;
    if (pair.month_is_longer)
        return {{week, month - week, total - month}, lifetime};
    return {{month, week - month, total - week}, lifetime};
}

// Writes entries of one organization under numbered keys.
class Writer {
public:
    Writer(const Handover &handover, const Pair &pair) : handover_(handover), pair_(pair) {
        has_creator_ = access::ClaimedUser(&creator_);
    }

    // An entry of `user`, where the other one is `other`. Returns its id.
    Uuid Write(const Uuid &user, const Uuid &other, const kernel::HandedEntry &entry, const Uuid *reversed) {
        const Nullable occurred = entry.slice == 0 ? Nullable() : Nullable(pair_.noons[entry.slice]);
        insert_handed_entry.Write({FromUuid(pair_.organization),
                                   FromUuid(user),
                                   Int64GetDatum(entry.amount),
                                   occurred,
                                   UuidOrNull(reversed),
                                   CStringGetTextDatum(handover_.reason),
                                   FromUuid(other),
                                   CStringGetTextDatum(psprintf("%s:%d", handover_.key, ++count_)),
                                   {FromUuid(creator_), !has_creator_}});
        return ToUuid(Field(0, 1));
    }

    int count() const { return count_; }

private:
    const Handover &handover_;
    const Pair &pair_;
    Uuid creator_;
    bool has_creator_;
    int count_ = 0;
};

void
MoveHolds(const Handover &handover, const Uuid &organization) {
    const guards::DerivedWrite writing({TableOid("point_holds")});
    move_holds.Run(Access::Write, {FromUuid(organization), FromUuid(handover.from), FromUuid(handover.into)});
}

int
HandOverPair(const Handover &handover, const Pair &pair) {
    Writer writer(handover, pair);
    kernel::HandedEntry entries[kernel::kMostHandedEntries];
    Uuid ids[kernel::kMostHandedEntries];
    const int count = kernel::HandOver(PointsOf(pair), entries);
    for (int i = 0; i < count; i++)
        ids[i] = writer.Write(handover.into, handover.from, entries[i],
                              entries[i].reverses < 0 ? nullptr : &ids[entries[i].reverses]);
    MoveHolds(handover, pair.organization);
    if (pair.from.total > 0)
        writer.Write(handover.from, handover.into, {-pair.from.total, 0, -1}, nullptr);
    return writer.count();
}

// What both had is what `into` has now, to the point; else nothing was done.
void
Prove(const Handover &handover, const Pair *before, uint64 count) {
    uint64 after_count;
    const Pair *after = ReadPairs(handover, &after_count);
    for (uint64 i = 0; i < count; i++) {
        if (after_count == count && after[i].organization == before[i].organization &&
            after[i].from.total == 0 && after[i].into == before[i].from + before[i].into)
            continue;
        Refuse(
            {.sqlstate = ERRCODE_RESTRICT_VIOLATION,
             .message = "points were lost or won on their way from one account to another",
             .detail = psprintf("In organization %s both had %lld points.", UuidText(before[i].organization),
                                static_cast<long long>(before[i].from.total + before[i].into.total)),
             .hint = "Try again: a week or month may have begun meanwhile. Else a trigger on "
                     "laurel.points_ledger or "
                     "laurel.user_points changes or adds rows; remove it.",
             .table = "user_points",
             .constraint = "user_points_follow_ledger"});
    }
}

} // namespace

HandedOver
HandOverPoints(const Handover &handover) {
    const Datum both[] = {FromUuid(handover.from), FromUuid(handover.into)};
    lock_both_accounts.Run(Access::Write, both);
    uint64 count;
    const Pair *pairs = ReadPairs(handover, &count);
    HandedOver handed;
    for (uint64 i = 0; i < count; i++) {
        handed.total += pairs[i].from.total;
        handed.entries += HandOverPair(handover, pairs[i]);
    }
    Prove(handover, pairs, count);
    const guards::DerivedWrite writing({TableOid("user_points")});
    lengthen_streak.Run(Access::Write, both);
    return handed;
}

} // namespace laurel::points
