#include "deliveries/endpoint_rates.h"

#include "postgres/column.h"
#include "postgres/spi.h"

namespace laurel::deliveries {

namespace {

// Who holds the lock counts what the endpoint has under way; whom it is refused leaves the endpoint alone.
Statement lock_endpoints =
    Statement(Sql<R"(SELECT e.id, e.max_concurrency, CASE WHEN e.rate_per_second IS NOT NULL
        THEN pg_catalog.floor({1})::pg_catalog.int4 END FROM ONLY laurel.webhook_endpoints e WHERE e.id = ANY ($1)
        FOR NO KEY UPDATE SKIP LOCKED)",
                  kTokens>,
              UUIDARRAYOID, TIMESTAMPTZOID)
        .Returns(UUIDOID, INT4OID, INT4OID)
        .Generic();

// Takes what is claimed off the rate, whichever worker claims it.
Statement spend = Statement(Sql<R"(UPDATE ONLY laurel.webhook_endpoints e SET rate_tokens = {1} - s.taken,
        rate_counted_at = greatest($2, e.rate_counted_at)
        FROM ROWS FROM (pg_catalog.unnest($1), pg_catalog.unnest($3)) s (id, taken)
        WHERE e.id = s.id AND e.rate_per_second IS NOT NULL)",
                                kTokens>,
                            UUIDARRAYOID, TIMESTAMPTZOID, INT4ARRAYOID)
                      .Generic();

Statement under_way =
    Statement(R"(SELECT d.endpoint_id, pg_catalog.count(*)::int FROM ONLY laurel.delivery_leases l
        JOIN ONLY laurel.notification_deliveries d ON d.lease_token = l.token AND d.state = 'leased'
        WHERE d.endpoint_id = ANY ($1) GROUP BY d.endpoint_id)",
              UUIDARRAYOID)
        .Returns(UUIDOID, INT4OID)
        .Generic();

// Those of this claim, whose lease is not written yet.
Statement under_way_here =
    Statement(R"(SELECT endpoint_id, pg_catalog.count(*)::int FROM ONLY laurel.notification_deliveries
        WHERE state = 'leased' AND lease_token = $2 AND endpoint_id = ANY ($1) GROUP BY endpoint_id)",
              UUIDARRAYOID, UUIDOID)
        .Returns(UUIDOID, INT4OID)
        .Generic();

Statement missing_endpoints = Statement(R"(SELECT w.id FROM pg_catalog.unnest($1) w (id) WHERE NOT EXISTS
        (SELECT FROM ONLY laurel.webhook_endpoints e WHERE e.id = w.id))",
                                        UUIDARRAYOID)
                                  .Returns(UUIDOID)
                                  .Generic();

Datum
IdsOf(const Rooms &rooms) {
    Column ids(UUIDOID, rooms.count);
    for (int i = 0; i < rooms.count; i++)
        ids.Add(FromUuid(rooms.list[i].endpoint));
    return ids.Array();
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
    const uint64 missing = missing_endpoints.Run(Access::Write, ids);
    for (uint64 row = 0; row < missing; row++)
        rooms.Find(ToUuid(Field(row, 1)))->left = PG_INT32_MAX;
}

} // namespace

void
Measure(const Claim &claim, const Rooms &rooms) {
    const Datum ids = IdsOf(rooms);
    const uint64 locked = lock_endpoints.Run(Access::Write, {ids, TimestampTzGetDatum(claim.now)});
    ReadLimits(rooms, locked);
    if (locked < static_cast<uint64>(rooms.count))
        OpenMissing(rooms, ids);
    if (locked > 0) {
        Subtract(rooms, under_way.Run(Access::Write, ids));
        if (claim.has_webhooks)
            Subtract(rooms, under_way_here.Run(Access::Write, {ids, FromUuid(claim.token)}));
    }
    for (int i = 0; i < rooms.count; i++)
        rooms.list[i].left = std::min(rooms.list[i].left, rooms.list[i].tokens);
}

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

} // namespace laurel::deliveries
