#include "deliveries_leases.h"

#include "deliveries_hints.h"
#include "postgres/bridge.h"
#include "postgres/error.h"
#include "postgres/owner.h"
#include "postgres/spi.h"
#include "workers.h"

namespace laurel {

namespace {

Statement take_leases("DELETE FROM laurel.delivery_leases WHERE worker_id = $1 RETURNING token", UUIDOID);

Statement release_all("UPDATE laurel.notification_deliveries SET state = 'ready', lease_token = NULL,"
                      " attempts = attempts - 1 WHERE state = 'leased' AND lease_token = $1",
                      UUIDOID);

// The leases are locked before their deliveries, as everywhere.
Statement lock_leases("SELECT token FROM laurel.delivery_leases WHERE worker_id = $1 ORDER BY token FOR UPDATE", UUIDOID);

Statement release_some("WITH released AS (UPDATE laurel.notification_deliveries d SET state = 'ready',"
                       "  lease_token = NULL, attempts = attempts - 1"
                       "  FROM laurel.notification_deliveries o WHERE o.id = ANY ($2) AND d.id = o.id"
                       "  AND d.state = 'leased' AND d.lease_token IN"
                       "   (SELECT token FROM laurel.delivery_leases WHERE worker_id = $1)"
                       "  RETURNING o.lease_token)"
                       " UPDATE laurel.delivery_leases l SET remaining = l.remaining - r.deliveries"
                       " FROM (SELECT lease_token, pg_catalog.count(*)::int AS deliveries FROM released GROUP BY 1) r"
                       " WHERE l.token = r.lease_token RETURNING r.deliveries",
                       UUIDOID, UUIDARRAYOID);

Statement drop_empty("DELETE FROM laurel.delivery_leases WHERE worker_id = $1 AND remaining <= 0", UUIDOID);

Statement extend("UPDATE laurel.delivery_leases SET lease_until = pg_catalog.clock_timestamp() + $2"
                 " WHERE worker_id = $1 RETURNING remaining",
                 UUIDOID, INTERVALOID);

Statement take_ended("DELETE FROM laurel.delivery_leases WHERE token IN (SELECT token FROM laurel.delivery_leases"
                     " WHERE lease_until <= $1 FOR UPDATE SKIP LOCKED) RETURNING token",
                     TIMESTAMPTZOID);

Statement reclaim("UPDATE laurel.notification_deliveries SET lease_token = NULL,"
                  " state = CASE WHEN attempts < max_attempts THEN 'ready' ELSE 'dead' END,"
                  " last_error = 'the lease ended before the worker answered'"
                  " WHERE state = 'leased' AND lease_token = $1",
                  UUIDOID);

// Runs a statement for each lease the last one returned; returns how many rows it wrote.
int64
ForEachToken(Statement *statement, uint64 count) {
    if (count > 0)
        ForgetPlaces();
    auto *tokens = static_cast<Datum *>(palloc(sizeof(Datum) * (count + 1)));
    for (uint64 row = 0; row < count; row++)
        tokens[row] = Field(row, 1);
    int64 written = 0;
    for (uint64 i = 0; i < count; i++)
        written += static_cast<int64>(statement->Run(Access::Write, &tokens[i]));
    return written;
}

// Those of the worker's deliveries that are named.
int64
ReleaseSome(Datum worker, Datum ids) {
    const Datum values[] = {worker, ids};
    lock_leases.Run(Access::Write, values);
    const uint64 leases = release_some.Run(Access::Write, values);
    int64 released = 0;
    ForgetPlaces();
    for (uint64 row = 0; row < leases; row++)
        released += DatumGetInt32(Field(row, 1));
    drop_empty.Run(Access::Write, values);
    return released;
}

} // namespace

int64
ReleaseLeases(Datum worker) {
    return ForEachToken(&release_all, take_leases.Run(Access::Write, &worker));
}

int64
ReclaimEnded(TimestampTz now) {
    const Datum value = TimestampTzGetDatum(now);
    return ForEachToken(&reclaim, take_ended.Run(Access::Write, &value));
}

} // namespace laurel

using namespace laurel;

// laurel_internal.extend_leases(worker, lease)
LAUREL_FUNCTION(laurel_extend_leases) {
    if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
        PG_RETURN_INT64(0);
    const AsOwner owner(OwnerOf(TableOid("delivery_leases")));
    const SpiConnection spi;
    const Datum values[] = {PG_GETARG_DATUM(0), PG_GETARG_DATUM(1)};
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
