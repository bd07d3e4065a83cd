// Places that become free: the next one in the queue gets them, in the same transaction.
//
// Lock order: giving places goes from the parent to those who wait, the other way than asking (seats.h), and
// so takes only rows that nobody holds: who holds the row of the next one may be waiting for this parent.
// Then nobody passes by, and whoever changes that row, or a job, gives the place.
#pragma once

#include "guards/derived_write.h"
#include "guards/net.h"
#include "places/seats.h"
#include "postgres/list.h"
#include "postgres/sized_statement.h"

namespace laurel::places {

// A member may have answered to several parents, and others count each column of them by itself.
template <typename Kind>
inline constinit SizedStatement
    lock_left = SizedStatement(Sql<R"(SELECT FROM ONLY {1} e WHERE (e.organization_id, e.id) IN (
            SELECT organization_id, {2} FROM old_rows WHERE {3})
        ORDER BY e.organization_id, e.id FOR NO KEY UPDATE OF e)",
                                   Kind::kParents, Kind::kLink, Kind::kAsks>);

// Parents at which somebody waits and a place is free, locked. {1} says which.
template <typename Kind, SqlText which>
constexpr auto kWithFreePlaces =
    Sql<R"(SELECT e.organization_id, e.id, e.max_participants - e.places_taken, e.max_participants
        FROM ONLY {1} e WHERE {2} AND e.waiting_count > 0 AND e.status = 'scheduled'
        AND e.{3} > pg_catalog.now() AND (e.max_participants IS NULL OR e.places_taken < e.max_participants)
        ORDER BY e.organization_id, e.id FOR NO KEY UPDATE OF e)",
        Kind::kParents, which, Kind::kEnds>;
constexpr Oid kFreeTypes[] = {UUIDOID, UUIDOID, INT8OID, INT8OID};

template <typename Kind>
inline constinit SizedStatement left_by_rows =
    SizedStatement(
        kWithFreePlaces<Kind, Sql<R"((e.organization_id, e.id) IN (SELECT organization_id, {1} FROM old_rows
            WHERE {2}))",
                                  Kind::kLink, Kind::kAsks>>)
        .Returns(kFreeTypes);
template <typename Kind>
inline constinit SizedStatement enlarged =
    SizedStatement(kWithFreePlaces<Kind, Sql<R"((e.organization_id, e.id) IN (SELECT n.organization_id, n.id
            FROM new_rows n JOIN old_rows o ON o.id = n.id WHERE n.max_participants IS DISTINCT FROM o.max_participants
            OR n.{1} > o.{1}))",
                                             Kind::kEnds>>)
        .Returns(kFreeTypes);
template <typename Kind>
inline constinit Statement
    free_unheld = Statement(Sql<"{1} SKIP LOCKED", kWithFreePlaces<Kind, "e.organization_id = $1">>, UUIDOID)
                      .Returns(kFreeTypes);

// Gives up to $3 places of $4, or any number for null, to those who have waited longest: from the first on,
// for whom there are enough, and up to one whose row somebody holds. Who needs more than there are at all
// keeps nobody waiting.
template <typename Kind>
inline constinit Statement
    promote = Statement(Sql<R"(WITH waiting AS (
            SELECT id, pg_catalog.row_number() OVER queue AS place, pg_catalog.sum({4}) OVER queue AS needs
            FROM (SELECT * FROM ONLY {1} WHERE organization_id = $1 AND {2} = $2
                AND {3} = 'waitlisted' AND ($4 IS NULL OR {4} <= $4) ORDER BY waitlisted_at, id LIMIT $3) w
            WINDOW queue AS (ORDER BY waitlisted_at, id)
        ), fitting AS (SELECT * FROM waiting WHERE $3 IS NULL OR needs <= $3
        ), held AS (
            SELECT p.id FROM ONLY {1} p JOIN fitting USING (id) WHERE p.{3} = 'waitlisted'
            FOR NO KEY UPDATE OF p SKIP LOCKED
        ) UPDATE ONLY {1} p SET {3} = '{5}' FROM fitting f JOIN held USING (id)
        WHERE p.id = f.id AND NOT EXISTS (SELECT FROM fitting e WHERE e.place < f.place
            AND e.id NOT IN (SELECT id FROM held)))",
                            Kind::kRows, Kind::kLink, Kind::kStatus, Kind::kNeeds, Kind::kGoing>,
                        UUIDOID, UUIDOID, INT8OID, INT8OID);

// A parent of the last result, with the places that are free and all that it has; null for any number.
struct Free {
    guards::Counted parent;
    Nullable places;
    Nullable all;
};

inline Free *
ReadFree(uint64 count) {
    auto *free = NewList<Free>(count);
    for (uint64 i = 0; i < count; i++) {
        Row row(i);
        free[i].parent = {ToUuid(row.Next()), ToUuid(row.Next())};
        for (Nullable *count : {&free[i].places, &free[i].all})
            count->value = row.Next(&count->is_null);
    }
    ForgetResult();
    return free;
}

// Gives the places that the last statement found. Returns how many rows got one.
template <typename Kind>
uint64
Promote(uint64 count) {
    uint64 promoted = 0;
    const Free *free = ReadFree(count);
    for (uint64 i = 0; i < count; i++) {
        const guards::DerivedWrite writing({TableOid(Kind::kTable)});
        promoted +=
            promote<Kind>.Run(Access::Write, {FromUuid(free[i].parent.organization),
                                              FromUuid(free[i].parent.key), free[i].places, free[i].all});
    }
    return promoted;
}

// The same of an organization, but at parents that somebody holds.
template <typename Kind>
uint64
PromoteUnheld(const Uuid &organization) {
    return Promote<Kind>(free_unheld<Kind>.Run(Access::Write, FromUuid(organization)));
}

// Locks the parents that rows have left, before anything is counted: in the same order whoever leaves.
template <typename Kind>
void
LockLeft(TriggerData *trigger) {
    const int64 rows = RowsOf(trigger->tg_oldtable);
    if (rows == 0)
        return;
    const AsOwner owner(OwnerOf(RelationGetRelid(trigger->tg_relation)));
    const SpiConnection spi;
    ShareTransitionTables(trigger);
    lock_left<Kind>.Run(rows);
}

// Gives what the trigger's statement has left free, as `find` finds it.
template <typename Kind>
Datum
PromoteAfter(TriggerData *trigger, SizedStatement *find) {
    const int64 rows = RowsOf(trigger->tg_oldtable);
    if (rows == 0)
        return PointerGetDatum(nullptr);
    const AsOwner owner(OwnerOf(RelationGetRelid(trigger->tg_relation)));
    const SpiConnection spi;
    ShareTransitionTables(trigger);
    Promote<Kind>(find->Run(rows));
    return PointerGetDatum(nullptr);
}

} // namespace laurel::places
