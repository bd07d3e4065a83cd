#include "deliveries/leases.h"
#include "deliveries/wake.h"
#include "postgres/arguments.h"
#include "postgres/bridge.h"
#include "postgres/error.h"
#include "postgres/owner.h"
#include "postgres/spi.h"

namespace laurel::deliveries {

namespace {

Statement insert_worker("INSERT INTO laurel.workers (worker_id, host, pid, version, mail_from) "
                        "VALUES ($1, $2, $3, $4, $5)",
                        UUIDOID, TEXTOID, INT4OID, TEXTOID, TEXTOID);

Statement forget_old(
    "DELETE FROM ONLY laurel.workers WHERE seen_at < pg_catalog.clock_timestamp() - interval '1 day'");

Statement beat(
    "UPDATE ONLY laurel.workers SET idle = $2, seen_at = pg_catalog.clock_timestamp() WHERE worker_id = $1",
    UUIDOID, BOOLOID);

Statement forget("DELETE FROM ONLY laurel.workers WHERE worker_id = $1", UUIDOID);

Oid
Owner() {
    return OwnerOf(TableOid("workers"));
}

} // namespace

// laurel_internal.register_worker(worker, host, pid, version, mail_from)
LAUREL_FUNCTION(laurel_register_worker) {
    for (int argument = 0; argument < 4; argument++)
        if (PG_ARGISNULL(argument))
            Refuse({.sqlstate = ERRCODE_NULL_VALUE_NOT_ALLOWED,
                    .message = "worker, host, pid and version must not be null"});
    const AsOwner owner(Owner());
    const SpiConnection spi;
    forget_old.Run(Access::Write);
    insert_worker.Write({PG_GETARG_DATUM(0), PG_GETARG_DATUM(1), PG_GETARG_DATUM(2), PG_GETARG_DATUM(3),
                         Argument(fcinfo, 4)});
    PG_RETURN_VOID();
}

// laurel_internal.worker_beat(worker, idle)
LAUREL_FUNCTION(laurel_worker_beat) {
    if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
        PG_RETURN_BOOL(false);
    const AsOwner owner(Owner());
    const SpiConnection spi;
    const Datum values[] = {PG_GETARG_DATUM(0), PG_GETARG_DATUM(1)};
    PG_RETURN_BOOL(beat.Run(Access::Write, values) > 0);
}

// laurel_internal.unregister_worker(worker)
LAUREL_FUNCTION(laurel_unregister_worker) {
    if (PG_ARGISNULL(0))
        PG_RETURN_INT64(0);
    const Datum worker = PG_GETARG_DATUM(0);
    const AsOwner owner(Owner());
    const SpiConnection spi;
    const int64 released = ReleaseLeases(worker);
    forget.Run(Access::Write, worker);
    if (released > 0)
        WakeWorkers();
    PG_RETURN_INT64(released);
}

} // namespace laurel::deliveries
