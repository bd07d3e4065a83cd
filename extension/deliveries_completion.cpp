// Completions: deliveries end, or wait for their next attempt, if their lease is still the worker's.

#include "deliveries_completion.h"

#include "identity.h"
#include "postgres/bridge.h"
#include "postgres/owner.h"
#include "postgres/spi.h"

namespace laurel {

namespace {

// Whoever ends deliveries, gives them back or takes them back locks their lease first.
Statement lock_lease =
    Statement("SELECT remaining FROM ONLY laurel.delivery_leases WHERE token = $1 FOR UPDATE", UUIDOID)
        .Returns(INT4OID)
        .Generic();

Statement count_down =
    Statement("UPDATE ONLY laurel.delivery_leases SET remaining = remaining - $2 WHERE token = $1", UUIDOID,
              INT4OID)
        .Generic();

Statement drop_lease = Statement("DELETE FROM ONLY laurel.delivery_leases WHERE token = $1", UUIDOID).Generic();

// Everything that the results say; returns how many deliveries they ended.
int
Complete(Completion *completion) {
    const Datum token = FromUuid(completion->token);
    if (completion->results.count == 0 || lock_lease.Run(Access::Write, &token) == 0)
        return 0;
    completion->leased = DatumGetInt32(Field(0, 1));
    EnsurePartition(completion->now);
    const int ended = EndDelivered(completion) + EndFailed(completion);
    completion->sums.Write(completion->now);
    const Datum counted[] = {token, Int32GetDatum(ended)};
    if (ended >= completion->leased)
        drop_lease.Run(Access::Write, &token);
    else if (ended > 0)
        count_down.Run(Access::Write, counted);
    return ended;
}

} // namespace

} // namespace laurel

using namespace laurel;

// laurel_internal.complete_deliveries(lease_token, results)
LAUREL_FUNCTION(laurel_complete_deliveries) {
    Completion completion = {.token = ToUuid(Required(fcinfo, 0, "lease_token")),
                             .now = GetCurrentTimestamp(),
                             .leased = 0,
                             .results = ReadResults(DatumGetJsonbP(Required(fcinfo, 1, "results"))),
                             .sums = {}};
    const AsOwner owner(OwnerOf(TableOid("notification_deliveries")));
    const SpiConnection spi;
    PG_RETURN_INT64(Complete(&completion));
}
