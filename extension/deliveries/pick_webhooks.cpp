#include "deliveries/pick_webhooks.h"

#include "postgres/column.h"
#include "postgres/spi.h"

namespace laurel::deliveries {

namespace {

// How many endpoints are looked at, one after the other, when those whose turn it is are busy.
constexpr int kTour = 64;

Statement oldest_due =
    Statement("SELECT d.due_at, d.id, d.endpoint_id FROM ONLY laurel.notification_deliveries d"
              " WHERE d.state = 'ready' AND d.channel = 'webhook' AND d.priority = $1 AND d.due_at <= $2"
              " AND (d.due_at, d.id) > ($3, $4) ORDER BY d.due_at, d.id LIMIT $5",
              INT2OID, TIMESTAMPTZOID, TIMESTAMPTZOID, UUIDOID, INT4OID)
        .Returns(TIMESTAMPTZOID, UUIDOID, UUIDOID)
        .Generic();

// How many messages an endpoint's rate lets through at $2: a second's worth at most, one at least.
#define BURST "greatest(e.rate_per_second::pg_catalog.float8, 1)"
#define TOKENS                                                                                               \
    "least(" BURST ", coalesce(e.rate_tokens + e.rate_per_second::pg_catalog.float8"                         \
    " * greatest(pg_catalog.date_part('epoch', $2 - e.rate_counted_at), 0), " BURST "))"

// Who holds the lock counts what the endpoint has under way; whom it is refused leaves the endpoint alone.
Statement lock_endpoints =
    Statement("SELECT e.id, e.max_concurrency, CASE WHEN e.rate_per_second IS NOT NULL"
              "  THEN pg_catalog.floor(" TOKENS
              ")::pg_catalog.int4 END FROM ONLY laurel.webhook_endpoints e WHERE e.id = ANY ($1)"
              " FOR NO KEY UPDATE SKIP LOCKED",
              UUIDARRAYOID, TIMESTAMPTZOID)
        .Returns(UUIDOID, INT4OID, INT4OID)
        .Generic();

// Takes what is claimed off the rate, whichever worker claims it.
Statement spend = Statement("UPDATE ONLY laurel.webhook_endpoints e SET rate_tokens = " TOKENS " - s.taken,"
                            " rate_counted_at = greatest($2, e.rate_counted_at)"
                            " FROM ROWS FROM (pg_catalog.unnest($1), pg_catalog.unnest($3)) s (id, taken)"
                            " WHERE e.id = s.id AND e.rate_per_second IS NOT NULL",
                            UUIDARRAYOID, TIMESTAMPTZOID, INT4ARRAYOID)
                      .Generic();

Statement under_way =
    Statement("SELECT d.endpoint_id, pg_catalog.count(*)::int FROM ONLY laurel.delivery_leases l"
              " JOIN ONLY laurel.notification_deliveries d ON d.lease_token = l.token AND d.state = 'leased'"
              " WHERE d.endpoint_id = ANY ($1) GROUP BY d.endpoint_id",
              UUIDARRAYOID)
        .Returns(UUIDOID, INT4OID)
        .Generic();

// Those of this claim, whose lease is not written yet.
Statement under_way_here =
    Statement("SELECT endpoint_id, pg_catalog.count(*)::int FROM ONLY laurel.notification_deliveries"
              " WHERE state = 'leased' AND lease_token = $2 AND endpoint_id = ANY ($1) GROUP BY endpoint_id",
              UUIDARRAYOID, UUIDOID)
        .Returns(UUIDOID, INT4OID)
        .Generic();

Statement missing_endpoints = Statement("SELECT w.id FROM pg_catalog.unnest($1) w (id) WHERE NOT EXISTS"
                                        " (SELECT FROM ONLY laurel.webhook_endpoints e WHERE e.id = w.id)",
                                        UUIDARRAYOID)
                                  .Returns(UUIDOID)
                                  .Generic();

Statement lock_rows =
    Statement("SELECT d.ctid FROM pg_catalog.unnest($1) r (id) CROSS JOIN LATERAL"
              " (SELECT p.ctid FROM ONLY laurel.notification_deliveries p WHERE p.id = r.id AND "
              "(p.state = 'ready') IS TRUE"
              "  LIMIT 1 FOR UPDATE SKIP LOCKED) d",
              UUIDARRAYOID)
        .Returns(TIDOID)
        .Generic();

// The next endpoints that have something due, from one on.
Statement tour =
    Statement("WITH RECURSIVE waiting AS ((SELECT d.endpoint_id, 1 AS stop FROM ONLY "
              "laurel.notification_deliveries d"
              "  WHERE d.state = 'ready' AND d.endpoint_id > $1 ORDER BY d.endpoint_id LIMIT 1)"
              " UNION ALL SELECT n.endpoint_id, w.stop + 1 FROM waiting w CROSS JOIN LATERAL"
              "  (SELECT d.endpoint_id FROM ONLY laurel.notification_deliveries d"
              "   WHERE d.state = 'ready' AND d.endpoint_id > w.endpoint_id ORDER BY d.endpoint_id LIMIT 1) n"
              "  WHERE w.stop < $2)"
              " SELECT endpoint_id FROM waiting ORDER BY stop",
              UUIDOID, INT4OID)
        .Returns(UUIDOID)
        .Generic();

Statement oldest_of =
    Statement("SELECT p.due_at, p.id, p.endpoint_id FROM pg_catalog.unnest($1) e (id) CROSS JOIN LATERAL"
              " (SELECT d.due_at, d.id, d.endpoint_id FROM ONLY laurel.notification_deliveries d"
              "  WHERE d.state = 'ready' AND d.endpoint_id = e.id AND d.priority = $2 AND d.due_at <= $3"
              "  ORDER BY d.due_at, d.id LIMIT $4) p",
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

// An endpoint, how many more messages it may get, and how many of them its rate lets through.
struct Room {
    Uuid endpoint;
    int left = 0;
    int tokens = PG_INT32_MAX;
    int taken = 0;
};

struct Rooms {
    Room *list; // in the order of their endpoints
    int count;

    // The room of an endpoint that is among them.
    Room *Find(const Uuid &endpoint) const {
        return std::lower_bound(list, list + count, endpoint,
                                [](const Room &room, const Uuid &id) { return room.endpoint < id; });
    }
};

// Where the tour goes on.
constinit Uuid tour_place = {};

Candidates
ReadCandidates(uint64 count) {
    Candidates found = {static_cast<Candidate *>(palloc(sizeof(Candidate) * (count + 1))),
                        static_cast<int>(count)};
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
    Rooms rooms = {static_cast<Room *>(palloc(sizeof(Room) * static_cast<size_t>(candidates.count + 1))), 0};
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

Datum
IdsOf(const Rooms &rooms) {
    auto *ids = static_cast<Datum *>(palloc(sizeof(Datum) * static_cast<size_t>(rooms.count + 1)));
    for (int i = 0; i < rooms.count; i++)
        ids[i] = FromUuid(rooms.list[i].endpoint);
    return ArrayOf(ids, rooms.count, UUIDOID);
}

// What the endpoints that are locked allow.
void
ReadLimits(const Rooms &rooms, uint64 locked) {
    for (uint64 row = 0; row < locked; row++) {
        Room *room = rooms.Find(ToUuid(Field(row, 1)));
        bool any_number;
        room->left = DatumGetInt32(Field(row, 2));
        const Datum tokens = Field(row, 3, &any_number);
        room->tokens = any_number ? PG_INT32_MAX : DatumGetInt32(tokens);
    }
}

void
Subtract(const Rooms &rooms, uint64 rows) {
    for (uint64 row = 0; row < rows; row++)
        rooms.Find(ToUuid(Field(row, 1)))->left -= DatumGetInt32(Field(row, 2));
}

// Gives deliveries to endpoints that are gone all the room they want: whoever claims them cancels them.
void
OpenMissing(const Rooms &rooms, Datum ids) {
    const uint64 missing = missing_endpoints.Run(Access::Write, &ids);
    for (uint64 row = 0; row < missing; row++)
        rooms.Find(ToUuid(Field(row, 1)))->left = PG_INT32_MAX;
}

// Locks the endpoints and finds how much room each has.
void
Measure(const Claim &claim, const Rooms &rooms) {
    const Datum values[] = {IdsOf(rooms), FromUuid(claim.token)};
    const Datum limits[] = {values[0], TimestampTzGetDatum(claim.now)};
    const uint64 locked = lock_endpoints.Run(Access::Write, limits);
    ReadLimits(rooms, locked);
    if (locked < static_cast<uint64>(rooms.count))
        OpenMissing(rooms, values[0]);
    if (locked > 0) {
        Subtract(rooms, under_way.Run(Access::Write, values));
        if (claim.has_webhooks)
            Subtract(rooms, under_way_here.Run(Access::Write, values));
    }
    for (int i = 0; i < rooms.count; i++)
        rooms.list[i].left = std::min(rooms.list[i].left, rooms.list[i].tokens);
}

// Notes what was taken of the rates.
void
Spend(const Claim &claim, const Rooms &rooms) {
    Column ids(UUIDOID, rooms.count), taken(INT4OID, rooms.count);
    for (int i = 0; i < rooms.count; i++) {
        const Room &room = rooms.list[i];
        if (room.taken == 0 || room.tokens == PG_INT32_MAX)
            continue;
        ids.Add(FromUuid(room.endpoint));
        taken.Add(Int32GetDatum(room.taken));
    }
    const Datum values[] = {ids.Array(), TimestampTzGetDatum(claim.now), taken.Array()};
    if (ids.count() > 0)
        spend.Run(Access::Write, values);
}

// Leases those candidates that their endpoints have room for, in their order.
int
LeaseWithRoom(const Claim &claim, const Candidates &candidates, const Rooms &rooms, int quota) {
    auto *ids = static_cast<Datum *>(palloc(sizeof(Datum) * static_cast<size_t>(candidates.count + 1)));
    int count = 0;
    for (int i = 0; i < candidates.count && count < quota; i++) {
        Room *room = rooms.Find(candidates.list[i].endpoint);
        if (room->left <= 0)
            continue;
        room->left--;
        room->taken++;
        ids[count++] = FromUuid(candidates.list[i].place.id);
    }
    if (count == 0)
        return 0;
    Spend(claim, rooms);
    const Datum value = ArrayOf(ids, count, UUIDOID);
    const uint64 locked = lock_rows.Run(Access::Write, &value);
    claim.has_webhooks = claim.has_webhooks || locked > 0;
    return locked == 0 ? 0 : LeaseLocked(claim, locked);
}

// Asks the next endpoints in turn, where those with the oldest deliveries are busy.
int
LeaseOnTour(const Claim &claim, Class of, int quota) {
    const Datum tour_values[] = {FromUuid(tour_place), Int32GetDatum(kTour)};
    const uint64 stops = tour.Run(Access::Write, tour_values);
    auto *endpoints = static_cast<Datum *>(palloc(sizeof(Datum) * (stops + 1)));
    for (uint64 row = 0; row < stops; row++)
        endpoints[row] = Field(row, 1);
    tour_place = stops < kTour ? Uuid{} : ToUuid(endpoints[stops - 1]);
    if (stops == 0)
        return 0;
    const Datum values[] = {ArrayOf(endpoints, static_cast<int>(stops), UUIDOID),
                            Int16GetDatum(of.priority_number()), TimestampTzGetDatum(claim.now),
                            Int32GetDatum(quota)};
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
