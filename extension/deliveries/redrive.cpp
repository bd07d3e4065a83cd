// The dead may be tried again.

#include "deliveries/places.h"
#include "deliveries/wake.h"
#include "postgres/bridge.h"
#include "postgres/owner.h"
#include "postgres/spi.h"

namespace laurel::deliveries {

namespace {

// In the order of their ids, as others lock them; passes over those that somebody is at.
Statement redrive(
    R"(UPDATE ONLY laurel.notification_deliveries SET state = 'ready', attempts = 0,
        due_at = pg_catalog.clock_timestamp()
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
    Datum values[3];
    char nulls[4] = "   ";
    for (int argument = 0; argument < 3; argument++) {
        values[argument] = PG_GETARG_DATUM(argument);
        nulls[argument] = PG_ARGISNULL(argument) ? 'n' : ' ';
    }
    const AsOwner owner(OwnerOf(TableOid("notification_deliveries")));
    const SpiConnection spi;
    const uint64 redriven = redrive.Run(Access::Write, values, nulls);
    ForgetPlaces();
    if (redriven > 0)
        WakeWorkers();
    PG_RETURN_INT64(static_cast<int64>(redriven));
}

} // namespace laurel::deliveries
