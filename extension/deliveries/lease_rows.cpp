#include "deliveries/lease_rows.h"

#include "postgres/spi.h"
#include "postgres/tid_plans.h"

namespace laurel::deliveries {

namespace {

Statement lease_rows =
    Statement(R"(UPDATE ONLY laurel.notification_deliveries SET state = 'leased', lease_token = $1,
        attempts = least(attempts + 1, max_attempts) WHERE ctid = ANY ($2))",
              UUIDOID, TIDARRAYOID)
        .Generic();

} // namespace

int
LeaseLocked(const Claim &claim, uint64 locked) {
    Column places(TIDOID, static_cast<int>(locked));
    for (uint64 row = 0; row < locked; row++)
        places.Add(Field(row, 1));
    return LeaseRows(claim, places);
}

int
LeaseRows(const Claim &claim, const Column &places) {
    const Datum values[] = {FromUuid(claim.token), places.Array()};
    const TidPlans plans;
    return static_cast<int>(lease_rows.Run(Access::Write, values));
}

} // namespace laurel::deliveries
