// The dead may be tried again.

#include "deliveries/places.h"
#include "deliveries/wake.h"
#include "postgres/arguments.h"
#include "postgres/bridge.h"
#include "postgres/owner.h"
#include "postgres/spi.h"

namespace laurel::deliveries {

namespace {

// In the order of their ids, as others lock them; passes over those that somebody is at.
Statement redrive(
    R"(UPDATE ONLY laurel.notification_deliveries SET state = 'ready', attempts = 0,
        due_at = pg_catalog.clock_timestamp(), created_at = pg_catalog.clock_timestamp()
        WHERE ctid = ANY (ARRAY(SELECT d.ctid FROM ONLY laurel.notification_deliveries d WHERE d.state = 'dead'
        AND ($1 IS NULL OR d.channel = $1) AND ($2 IS NULL OR d.organization_id = $2)
        AND ($3 IS NULL OR d.id = ANY ($3))
        AND NOT EXISTS (SELECT FROM ONLY laurel.webhook_endpoints e WHERE e.id = d.endpoint_id
            AND NOT e.is_enabled)
        ORDER BY d.id FOR UPDATE OF d SKIP LOCKED)))",
    TEXTOID, UUIDOID, UUIDARRAYOID);

} // namespace

// laurel.redrive_deliveries(channel, organization, ids)
LAUREL_FUNCTION(laurel_redrive_deliveries) {
    const AsOwner owner(OwnerOf(TableOid("notification_deliveries")));
    const SpiConnection spi;
    const uint64 redriven =
        redrive.Run(Access::Write, {Argument(fcinfo, 0), Argument(fcinfo, 1), Argument(fcinfo, 2)});
    ForgetPlaces();
    if (redriven > 0)
        WakeWorkers();
    PG_RETURN_INT64(static_cast<int64>(redriven));
}

} // namespace laurel::deliveries
