// Places that become free: the next one in the queue gets them, in the same transaction.
//
// Lock order: giving places goes from the event to those who wait, the other way than asking (seats.cpp), and
// so takes only rows that nobody holds: who holds the row of the next one may be waiting for this event. Then
// nobody passes by, and whoever changes that row, or laurel.promote_waiting(), gives the place.

#include "events/sweep.h"
#include "guards/derived_write.h"
#include "guards/net.h"
#include "postgres/bridge.h"
#include "postgres/list.h"
#include "postgres/owner.h"
#include "postgres/sized_statement.h"
#include "postgres/trigger.h"

namespace laurel::events {

namespace {

constexpr TriggerSpec kPromoteWaiting = {"promote_waiting", TriggerSpec::After, TriggerSpec::EachStatement,
                                         TriggerSpec::Update | TriggerSpec::Delete};
constexpr TriggerSpec kLockEvents = {"lock_events", TriggerSpec::After, TriggerSpec::EachStatement,
                                     TriggerSpec::Delete};
constexpr TriggerSpec kFillPlaces = {"fill_places", TriggerSpec::After, TriggerSpec::EachStatement,
                                     TriggerSpec::Update};

// A member may have answered to several events, and others count each column of them by itself.
SizedStatement lock_left(R"(SELECT FROM ONLY laurel.events e WHERE (e.organization_id, e.id) IN (
            SELECT organization_id, event_id FROM old_rows WHERE rsvp_status IN ('going', 'waitlisted'))
        ORDER BY e.organization_id, e.id FOR NO KEY UPDATE OF e)");

// Events at which somebody waits and a place is free, locked. {1} says which.
constexpr SqlText kWithFreePlaces =
    R"(SELECT e.organization_id, e.id, e.max_participants - e.places_taken, e.max_participants
        FROM ONLY laurel.events e WHERE {1} AND e.waiting_count > 0 AND e.status = 'scheduled'
        AND e.ends_at > pg_catalog.now() AND (e.max_participants IS NULL OR e.places_taken < e.max_participants)
        ORDER BY e.organization_id, e.id FOR NO KEY UPDATE OF e)";
constexpr Oid kFreeTypes[] = {UUIDOID, UUIDOID, INT8OID, INT8OID};

SizedStatement left_by_rows =
    SizedStatement(Sql<kWithFreePlaces, R"((e.organization_id, e.id) IN (SELECT organization_id, event_id
        FROM old_rows WHERE rsvp_status IN ('going', 'waitlisted')))">)
        .Returns(kFreeTypes);
SizedStatement enlarged =
    SizedStatement(Sql<kWithFreePlaces, R"((e.organization_id, e.id) IN (SELECT n.organization_id, n.id
        FROM new_rows n JOIN old_rows o ON o.id = n.id WHERE n.max_participants IS DISTINCT FROM o.max_participants
        OR n.ends_at > o.ends_at))">)
        .Returns(kFreeTypes);
Statement free_unheld =
    Statement(Sql<"{1} SKIP LOCKED", Sql<kWithFreePlaces, "e.organization_id = $1">>, UUIDOID)
        .Returns(kFreeTypes);

// Gives up to $3 places of $4, or any number for null, to those who have waited longest: from the first on,
// for whom there are enough, and up to one whose row somebody holds. Who needs more than there are at all
// keeps nobody waiting.
Statement promote = Statement(R"(WITH waiting AS (
            SELECT id, pg_catalog.row_number() OVER queue AS place, pg_catalog.sum(1 + guests) OVER queue AS needs
            FROM (SELECT * FROM ONLY laurel.participations WHERE organization_id = $1 AND event_id = $2
                AND rsvp_status = 'waitlisted' AND ($4 IS NULL OR 1 + guests <= $4) ORDER BY waitlisted_at, id LIMIT $3) w
            WINDOW queue AS (ORDER BY waitlisted_at, id)
        ), fitting AS (SELECT * FROM waiting WHERE $3 IS NULL OR needs <= $3
        ), held AS (
            SELECT p.id FROM ONLY laurel.participations p JOIN fitting USING (id) WHERE p.rsvp_status = 'waitlisted'
            FOR NO KEY UPDATE OF p SKIP LOCKED
        ) UPDATE ONLY laurel.participations p SET rsvp_status = 'going' FROM fitting f JOIN held USING (id)
        WHERE p.id = f.id AND NOT EXISTS (SELECT FROM fitting e WHERE e.place < f.place
            AND e.id NOT IN (SELECT id FROM held)))",
                              UUIDOID, UUIDOID, INT8OID, INT8OID);

// An event of the last result, with the places that are free and all that it has; null for any number.
struct Free {
    guards::Counted event;
    Nullable places;
    Nullable all;
};

Free *
ReadFree(uint64 count) {
    auto *free = NewList<Free>(count);
    for (uint64 i = 0; i < count; i++) {
        Row row(i);
        free[i].event = {ToUuid(row.Next()), ToUuid(row.Next())};
        for (Nullable *count : {&free[i].places, &free[i].all})
            count->value = row.Next(&count->is_null);
    }
    ForgetResult();
    return free;
}

// Gives the places that the last statement found. Returns how many rows got one.
uint64
Promote(uint64 count) {
    uint64 promoted = 0;
    const Free *free = ReadFree(count);
    for (uint64 i = 0; i < count; i++) {
        const guards::DerivedWrite writing({TableOid("participations")});
        promoted += promote.Run(Access::Write, {FromUuid(free[i].event.organization),
                                                FromUuid(free[i].event.key), free[i].places, free[i].all});
    }
    return promoted;
}

// Locks the events that rows have left, before anything is counted: in the same order whoever leaves.
void
LockLeft(TriggerData *trigger) {
    const int64 rows = RowsOf(trigger->tg_oldtable);
    if (rows == 0)
        return;
    const AsOwner owner(OwnerOf(RelationGetRelid(trigger->tg_relation)));
    const SpiConnection spi;
    ShareTransitionTables(trigger);
    lock_left.Run(rows);
}

Datum
PromoteAfter(FunctionCallInfo fcinfo, const TriggerSpec &spec, SizedStatement *find) {
    TriggerData *trigger = CheckTrigger(fcinfo, spec);
    const int64 rows = RowsOf(trigger->tg_oldtable);
    if (rows == 0)
        return PointerGetDatum(nullptr);
    const AsOwner owner(OwnerOf(RelationGetRelid(trigger->tg_relation)));
    const SpiConnection spi;
    ShareTransitionTables(trigger);
    Promote(find->Run(rows));
    return PointerGetDatum(nullptr);
}

} // namespace

uint64
PromoteWaiting(const Uuid &organization) {
    return Promote(free_unheld.Run(Access::Write, FromUuid(organization)));
}

LAUREL_FUNCTION(laurel_lock_events) {
    LockLeft(CheckTrigger(fcinfo, kLockEvents));
    return PointerGetDatum(nullptr);
}

LAUREL_FUNCTION(laurel_promote_waiting) {
    return PromoteAfter(fcinfo, kPromoteWaiting, &left_by_rows);
}

// Places that are counted make none.
LAUREL_FUNCTION(laurel_fill_places) {
    if (guards::DerivedWrite::Admits(fcinfo))
        return PointerGetDatum(nullptr);
    return PromoteAfter(fcinfo, kFillPlaces, &enlarged);
}

} // namespace laurel::events
