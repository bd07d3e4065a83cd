#include "deliveries/pick_webhooks.h"

#include "deliveries/endpoint_rates.h"
#include "postgres/array.h"
#include "postgres/column.h"
#include "postgres/spi.h"

namespace laurel::deliveries {

namespace {

// How many endpoints are looked at, one after the other, when those whose turn it is are busy.
constexpr int kTour = 64;

Statement oldest_due =
    Statement(R"(SELECT d.due_at, d.id, d.endpoint_id FROM ONLY laurel.notification_deliveries d
        WHERE d.state = 'ready' AND d.channel = 'webhook' AND d.priority = $1 AND d.due_at <= $2
        AND (d.due_at, d.id) > ($3, $4) ORDER BY d.due_at, d.id LIMIT $5)",
              INT2OID, TIMESTAMPTZOID, TIMESTAMPTZOID, UUIDOID, INT4OID)
        .Returns(TIMESTAMPTZOID, UUIDOID, UUIDOID)
        .Generic();

Statement lock_rows = Statement(R"(SELECT d.ctid FROM pg_catalog.unnest($1) r (id) CROSS JOIN LATERAL
        (SELECT p.ctid FROM ONLY laurel.notification_deliveries p WHERE p.id = r.id AND
        (p.state = 'ready') IS TRUE
            LIMIT 1 FOR UPDATE SKIP LOCKED) d)",
                                UUIDARRAYOID)
                          .Returns(TIDOID)
                          .Generic();

// The next endpoints that have something due, from one on.
Statement tour = Statement(R"(WITH RECURSIVE waiting AS ((SELECT d.endpoint_id, 1 AS stop FROM ONLY
        laurel.notification_deliveries d
            WHERE d.state = 'ready' AND d.endpoint_id > $1 ORDER BY d.endpoint_id LIMIT 1)
        UNION ALL SELECT n.endpoint_id, w.stop + 1 FROM waiting w CROSS JOIN LATERAL
            (SELECT d.endpoint_id FROM ONLY laurel.notification_deliveries d
            WHERE d.state = 'ready' AND d.endpoint_id > w.endpoint_id ORDER BY d.endpoint_id LIMIT 1) n
            WHERE w.stop < $2)
        SELECT endpoint_id FROM waiting ORDER BY stop)",
                           UUIDOID, INT4OID)
                     .Returns(UUIDOID)
                     .Generic();

Statement oldest_of =
    Statement(R"(SELECT p.due_at, p.id, p.endpoint_id FROM pg_catalog.unnest($1) e (id) CROSS JOIN LATERAL
        (SELECT d.due_at, d.id, d.endpoint_id FROM ONLY laurel.notification_deliveries d
            WHERE d.state = 'ready' AND d.endpoint_id = e.id AND d.priority = $2 AND d.due_at <= $3
            ORDER BY d.due_at, d.id LIMIT $4) p)",
              UUIDARRAYOID, INT2OID, TIMESTAMPTZOID, INT4OID)
        .Returns(TIMESTAMPTZOID, UUIDOID, UUIDOID)
        .Generic();

// A webhook that could be taken.
struct Candidate {
    Place place;
    Uuid endpoint;
};

struct Candidates {
    Candidate *list;
    int count;
};

// Where the tour goes on.
constinit Uuid tour_place = {};

Candidates
ReadCandidates(uint64 count) {
    Candidates found = {NewList<Candidate>(count), static_cast<int>(count)};
    for (uint64 row = 0; row < count; row++)
        found.list[row] = {{DatumGetTimestampTz(Field(row, 1)), ToUuid(Field(row, 2))},
                           ToUuid(Field(row, 3))};
    return found;
}

Candidates
OldestDue(const Claim &claim, Class of, int count) {
    const Place &place = PlaceOf(of);
    const Datum values[] = {Int16GetDatum(of.priority_number()), TimestampTzGetDatum(claim.now),
                            TimestampTzGetDatum(place.due_at), FromUuid(place.id), Int32GetDatum(count)};
    return ReadCandidates(oldest_due.Run(Access::Write, values));
}

// The endpoints of the candidates, each once, with no room yet.
Rooms
EndpointsOf(const Candidates &candidates) {
    Rooms rooms = {NewList<Room>(candidates.count), 0};
    for (int i = 0; i < candidates.count; i++)
        rooms.list[rooms.count++] = {.endpoint = candidates.list[i].endpoint};
    std::sort(rooms.list, rooms.list + rooms.count,
              [](const Room &a, const Room &b) { return a.endpoint < b.endpoint; });
    rooms.count =
        static_cast<int>(std::unique(rooms.list, rooms.list + rooms.count,
                                     [](const Room &a, const Room &b) { return a.endpoint == b.endpoint; }) -
                         rooms.list);
    return rooms;
}

// Leases those candidates that their endpoints have room for, in their order.
int
LeaseWithRoom(const Claim &claim, const Candidates &candidates, const Rooms &rooms, int quota) {
    Column ids(UUIDOID, candidates.count);
    for (int i = 0; i < candidates.count && ids.count() < quota; i++) {
        Room *room = rooms.Find(candidates.list[i].endpoint);
        if (room->left <= 0)
            continue;
        room->left--;
        room->taken++;
        ids.Add(FromUuid(candidates.list[i].place.id));
    }
    if (ids.count() == 0)
        return 0;
    Spend(claim, rooms);
    const uint64 locked = lock_rows.Run(Access::Write, ids.Array());
    claim.has_webhooks = claim.has_webhooks || locked > 0;
    return locked == 0 ? 0 : LeaseLocked(claim, locked);
}

// Asks the next endpoints in turn, where those with the oldest deliveries are busy.
int
LeaseOnTour(const Claim &claim, Class of, int quota) {
    const Datum tour_values[] = {FromUuid(tour_place), Int32GetDatum(kTour)};
    const uint64 stops = tour.Run(Access::Write, tour_values);
    Column endpoints(UUIDOID, stops);
    for (uint64 row = 0; row < stops; row++)
        endpoints.Add(Field(row, 1));
    tour_place = stops < kTour ? Uuid{} : ToUuid(endpoints.Last());
    if (stops == 0)
        return 0;
    const Datum values[] = {endpoints.Array(), Int16GetDatum(of.priority_number()),
                            TimestampTzGetDatum(claim.now), Int32GetDatum(quota)};
    const Candidates candidates = ReadCandidates(oldest_of.Run(Access::Write, values));
    const Rooms rooms = EndpointsOf(candidates);
    Measure(claim, rooms);
    return LeaseWithRoom(claim, candidates, rooms, quota);
}

} // namespace

int
LeaseWebhooks(const Claim &claim, Class of, int quota) {
    const int wanted = std::max(2 * quota, kTour);
    const Candidates candidates = OldestDue(claim, of, wanted);
    if (candidates.count == 0)
        return 0;
    const Rooms rooms = EndpointsOf(candidates);
    Measure(claim, rooms);
    int leased = LeaseWithRoom(claim, candidates, rooms, quota);
    if (leased == quota)
        MovePlace(of, candidates.list[quota - 1].place);
    if (leased < quota && candidates.count == wanted)
        leased += LeaseOnTour(claim, of, quota - leased);
    return leased;
}

} // namespace laurel::deliveries
