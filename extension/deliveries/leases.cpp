#include "deliveries/leases.h"

#include "deliveries/places.h"
#include "deliveries/wake.h"
#include "postgres/bridge.h"
#include "postgres/column.h"
#include "postgres/owner.h"
#include "postgres/spi.h"

namespace laurel::deliveries {

namespace {

Statement take_leases =
    Statement("DELETE FROM ONLY laurel.delivery_leases WHERE worker_id = $1 RETURNING token", UUIDOID)
        .Returns(UUIDOID)
        .Generic();

Statement release_all =
    Statement(R"(UPDATE ONLY laurel.notification_deliveries SET state = 'ready', lease_token = NULL,
        attempts = attempts - 1 WHERE state = 'leased' AND lease_token = $1)",
              UUIDOID)
        .Generic();

// The leases are locked before their deliveries, in the order of their tokens, as everywhere.
Statement lock_leases =
    Statement("SELECT token FROM ONLY laurel.delivery_leases WHERE worker_id = $1 ORDER BY token FOR UPDATE",
              UUIDOID)
        .Returns(UUIDOID)
        .Generic();

// Those of the named deliveries that are leased under the tokens.
Statement find_leased_by_any =
    Statement(R"(SELECT d.ctid, d.lease_token FROM pg_catalog.unnest($2) r (id) CROSS JOIN LATERAL
        (SELECT p.ctid, p.lease_token FROM ONLY laurel.notification_deliveries p
            WHERE p.id = r.id AND (p.lease_token = ANY ($1)) IS TRUE LIMIT 1) d)",
              UUIDARRAYOID, UUIDARRAYOID)
        .Returns(TIDOID, UUIDOID)
        .Generic();

Statement release_rows =
    Statement(R"(UPDATE ONLY laurel.notification_deliveries SET state = 'ready', lease_token = NULL,
        attempts = attempts - 1 WHERE ctid = ANY ($1))",
              TIDARRAYOID)
        .Generic();

// Takes one off for each time a token is named.
Statement count_each_down =
    Statement(
        R"(UPDATE ONLY laurel.delivery_leases l SET remaining = l.remaining - r.deliveries
        FROM (SELECT token, pg_catalog.count(*)::int AS deliveries FROM pg_catalog.unnest($1) u (token)
            GROUP BY token) r WHERE l.token = r.token)",
        UUIDARRAYOID)
        .Generic();

Statement drop_empty =
    Statement("DELETE FROM ONLY laurel.delivery_leases WHERE worker_id = $1 AND remaining <= 0", UUIDOID)
        .Generic();

Statement extend =
    Statement(
        "UPDATE ONLY laurel.delivery_leases SET lease_until = $2 WHERE worker_id = $1 RETURNING remaining",
        UUIDOID, TIMESTAMPTZOID)
        .Returns(INT4OID)
        .Generic();

Statement take_ended = Statement(R"(DELETE FROM ONLY laurel.delivery_leases WHERE token IN (SELECT token FROM
        ONLY laurel.delivery_leases
        WHERE lease_until <= $1 FOR UPDATE SKIP LOCKED) RETURNING token)",
                                 TIMESTAMPTZOID)
                           .Returns(UUIDOID)
                           .Generic();

Statement reclaim = Statement(R"(UPDATE ONLY laurel.notification_deliveries SET lease_token = NULL,
        state = CASE WHEN attempts < max_attempts THEN 'ready' ELSE 'dead' END,
        last_error = 'the lease ended before the worker answered'
        WHERE state = 'leased' AND lease_token = $1)",
                              UUIDOID)
                        .Generic();

// Runs a statement for each lease the last one returned; returns how many rows it wrote.
int64
ForEachToken(Statement *statement, uint64 count) {
    if (count > 0)
        ForgetPlaces();
    auto *tokens = NewList<Datum>(count);
    for (uint64 row = 0; row < count; row++)
        tokens[row] = Field(row, 1);
    int64 written = 0;
    for (uint64 i = 0; i < count; i++)
        written += static_cast<int64>(statement->Run(Access::Write, tokens[i]));
    return written;
}

// A column of the last result.
Datum
ResultColumn(uint64 rows, int column, Oid type) {
    Column values(type, static_cast<int>(rows));
    for (uint64 row = 0; row < rows; row++)
        values.Add(Field(row, column));
    return values.Array();
}

// Those of the worker's deliveries that are named.
int64
ReleaseSome(Datum worker, Datum ids) {
    const Datum wanted[] = {ResultColumn(lock_leases.Run(Access::Write, worker), 1, UUIDOID), ids};
    const uint64 found = find_leased_by_any.Run(Access::Write, wanted);
    const Datum places = ResultColumn(found, 1, TIDOID), tokens = ResultColumn(found, 2, UUIDOID);
    if (found == 0)
        return 0;
    ForgetPlaces();
    const uint64 released = release_rows.Run(Access::Write, places);
    count_each_down.Run(Access::Write, tokens);
    drop_empty.Run(Access::Write, worker);
    return static_cast<int64>(released);
}

} // namespace

TimestampTz
LeaseEnd(TimestampTz now, Datum lease) {
    const TimestampTz end =
        DatumGetTimestampTz(DirectFunctionCall2(timestamptz_pl_interval, TimestampTzGetDatum(now), lease));
    if (end < now + USECS_PER_SEC || end > now + USECS_PER_HOUR)
        Refuse({.sqlstate = ERRCODE_INVALID_PARAMETER_VALUE,
                .message = "a lease must last between a second and an hour"});
    return end;
}

int64
ReleaseLeases(Datum worker) {
    lock_leases.Run(Access::Write, worker);
    return ForEachToken(&release_all, take_leases.Run(Access::Write, worker));
}

int64
ReclaimEnded(TimestampTz now) {
    const Datum value = TimestampTzGetDatum(now);
    return ForEachToken(&reclaim, take_ended.Run(Access::Write, value));
}

// laurel_internal.extend_leases(worker, lease)
LAUREL_FUNCTION(laurel_extend_leases) {
    if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
        PG_RETURN_INT64(0);
    const TimestampTz end = LeaseEnd(GetCurrentTimestamp(), PG_GETARG_DATUM(1));
    const AsOwner owner(OwnerOf(TableOid("delivery_leases")));
    const SpiConnection spi;
    const Datum values[] = {PG_GETARG_DATUM(0), TimestampTzGetDatum(end)};
    lock_leases.Run(Access::Write, values[0]);
    const uint64 leases = extend.Run(Access::Write, values);
    int64 held = 0;
    for (uint64 row = 0; row < leases; row++)
        held += DatumGetInt32(Field(row, 1));
    PG_RETURN_INT64(held);
}

// laurel_internal.release_deliveries(worker, ids)
LAUREL_FUNCTION(laurel_release_deliveries) {
    if (PG_ARGISNULL(0))
        PG_RETURN_INT64(0);
    const AsOwner owner(OwnerOf(TableOid("delivery_leases")));
    const SpiConnection spi;
    const int64 released = PG_ARGISNULL(1) ? ReleaseLeases(PG_GETARG_DATUM(0))
                                           : ReleaseSome(PG_GETARG_DATUM(0), PG_GETARG_DATUM(1));
    if (released > 0)
        WakeWorkers();
    PG_RETURN_INT64(released);
}

} // namespace laurel::deliveries
