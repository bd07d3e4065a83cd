#include "deliveries/endpoint_rates.h"

#include "postgres/column.h"
#include "postgres/spi.h"

namespace laurel::deliveries {

namespace {

// Who holds the lock counts what the endpoint has under way; whom it is refused leaves the endpoint alone.
Statement lock_endpoints = Statement(Sql<R"(SELECT e.id, {2}, CASE WHEN e.rate_per_second IS NOT NULL
        THEN pg_catalog.floor({1})::pg_catalog.int4 END, o.id, o.webhooks_under_way_limit
        FROM ONLY laurel.webhook_endpoints e JOIN ONLY laurel.organizations o ON o.id = e.organization_id
        WHERE e.id = ANY ($1) ORDER BY o.id FOR NO KEY UPDATE OF e SKIP LOCKED)",
                                         kTokens, kConcurrency>,
                                     UUIDARRAYOID, TIMESTAMPTZOID)
                               .Returns(UUIDOID, INT4OID, INT4OID, UUIDOID, INT4OID)
                               .Generic();

// Takes what is claimed off the rate, whichever worker claims it.
Statement spend = Statement(Sql<R"(UPDATE ONLY laurel.webhook_endpoints e SET rate_tokens = {1} - s.taken,
        rate_counted_at = greatest($2, e.rate_counted_at)
        FROM ROWS FROM (pg_catalog.unnest($1), pg_catalog.unnest($3)) s (id, taken)
        WHERE e.id = s.id AND e.rate_per_second IS NOT NULL)",
                                kTokens>,
                            UUIDARRAYOID, TIMESTAMPTZOID, INT4ARRAYOID)
                      .Generic();

// What organizations have under way, endpoint by endpoint; those of endpoints that are gone too.
Statement under_way = Statement(R"(SELECT d.organization_id, d.endpoint_id, pg_catalog.count(*)::int
        FROM ONLY laurel.delivery_leases l
        JOIN ONLY laurel.notification_deliveries d ON d.lease_token = l.token AND d.state = 'leased'
        WHERE d.channel = 'webhook' AND d.organization_id = ANY ($1) GROUP BY d.organization_id, d.endpoint_id)",
                                UUIDARRAYOID)
                          .Returns(UUIDOID, UUIDOID, INT4OID)
                          .Generic();

// Those of this claim, whose lease is not written yet.
Statement under_way_here = Statement(R"(SELECT organization_id, endpoint_id, pg_catalog.count(*)::int
        FROM ONLY laurel.notification_deliveries WHERE state = 'leased' AND lease_token = $2
        AND channel = 'webhook' AND organization_id = ANY ($1) GROUP BY organization_id, endpoint_id)",
                                     UUIDARRAYOID, UUIDOID)
                               .Returns(UUIDOID, UUIDOID, INT4OID)
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

// An organization, and how many more webhooks it may have under way.
struct Allowance {
    Uuid organization;
    int left;
};

// Those of the endpoints that are locked, in the order of their ids.
struct Allowances {
    Allowance *list;
    int count = 0;

    explicit Allowances(uint64 most) : list(NewList<Allowance>(most)) {}

    // One after the other, each as often as it comes.
    void Add(const Uuid &organization, int left) {
        if (count == 0 || !(list[count - 1].organization == organization))
            list[count++] = {organization, left};
    }
    Allowance *Find(const Uuid &organization) const {
        return std::lower_bound(list, list + count, organization,
                                [](const Allowance &a, const Uuid &id) { return a.organization < id; });
    }
    Datum Ids() const {
        Column ids(UUIDOID, count);
        for (int i = 0; i < count; i++)
            ids.Add(FromUuid(list[i].organization));
        return ids.Array();
    }
};

// What the endpoints that are locked and their organizations allow.
Allowances
ReadLimits(const Rooms &rooms, uint64 locked) {
    Allowances allowances(locked);
    for (uint64 row = 0; row < locked; row++) {
        Room *room = rooms.Find(ToUuid(Field(row, 1)));
        bool any_number;
        room->left = DatumGetInt32(Field(row, 2));
        const Datum tokens = Field(row, 3, &any_number);
        room->tokens = any_number ? PG_INT32_MAX : DatumGetInt32(tokens);
        allowances.Add(ToUuid(Field(row, 4)), DatumGetInt32(Field(row, 5)));
    }
    return allowances;
}

void
Subtract(const Rooms &rooms, const Allowances &allowances, uint64 rows) {
    for (uint64 row = 0; row < rows; row++) {
        const Uuid endpoint = ToUuid(Field(row, 2));
        const int count = DatumGetInt32(Field(row, 3));
        allowances.Find(ToUuid(Field(row, 1)))->left -= count;
        Room *room = rooms.Find(endpoint);
        if (room != rooms.list + rooms.count && room->endpoint == endpoint)
            room->left -= count;
    }
}

// Takes off what is under way, of the endpoints and of the organizations' portions.
void
SubtractUnderWay(const Claim &claim, const Rooms &rooms, const Allowances &allowances) {
    const Datum organizations = allowances.Ids();
    Subtract(rooms, allowances, under_way.Run(Access::Write, organizations));
    if (claim.has_webhooks)
        Subtract(rooms, allowances,
                 under_way_here.Run(Access::Write, {organizations, FromUuid(claim.token)}));
    for (int i = 0; i < allowances.count; i++)
        claim.portions->Bound(notifications::kWebhook, allowances.list[i].organization,
                              allowances.list[i].left);
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
    const Allowances allowances = ReadLimits(rooms, locked);
    if (locked < static_cast<uint64>(rooms.count))
        OpenMissing(rooms, ids);
    if (locked > 0)
        SubtractUnderWay(claim, rooms, allowances);
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
