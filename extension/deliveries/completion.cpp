// Completions: deliveries end, or wait for their next attempt, if their lease is still the worker's.

#include "deliveries/completion.h"

#include "deliveries/errors.h"
#include "postgres/arguments.h"
#include "postgres/bridge.h"
#include "postgres/halving.h"
#include "postgres/owner.h"
#include "postgres/spi.h"

namespace laurel::deliveries {

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

Statement drop_lease =
    Statement("DELETE FROM ONLY laurel.delivery_leases WHERE token = $1", UUIDOID).Generic();

// Everything that the results say; returns how many deliveries they ended.
int
Complete(Completion *completion) {
    const Datum token = FromUuid(completion->token);
    if (completion->results.count == 0 || lock_lease.Run(Access::Write, token) == 0)
        return 0;
    completion->leased = DatumGetInt32(Field(0, 1));
    const int ended = EndDelivered(completion) + EndFailed(completion);
    completion->sums.Write(completion->now);
    const Datum counted[] = {token, Int32GetDatum(ended)};
    if (ended >= completion->leased)
        drop_lease.Run(Access::Write, token);
    else if (ended > 0)
        count_down.Run(Access::Write, counted);
    return ended;
}

// Those of the results that are to be kept are; one that cannot be is passed over, its delivery left to the
// end of its lease. Where none can be, and not for what it says, the error is everybody's and nothing is
// lost.
int64
CompleteAll(const Uuid &token, TimestampTz now, Results *results) {
    int64 ended = 0;
    const ErrorData *everybodys = nullptr;
    const auto run = [&](int64 first, int64 count) {
        const SpiConnection spi;
        Completion completion = {.token = token,
                                 .now = now,
                                 .leased = 0,
                                 .results = {results->list + first, static_cast<int>(count)},
                                 .sums = {}};
        ended += Complete(&completion);
    };
    const auto failed = [&](int64 item, const ErrorData *error) {
        if (everybodys == nullptr && ConcernsAll(error->sqlerrcode))
            everybodys = error;
        Reject(results, psprintf("Delivery %s: %s (%s).", UuidText(results->list[item].delivery),
                                 error->message, unpack_sql_state(error->sqlerrcode)));
    };
    RunHalving(0, results->count, run, failed);
    if (ended == 0 && everybodys != nullptr)
        ReThrowError(const_cast<ErrorData *>(everybodys));
    return ended;
}

} // namespace

// laurel_internal.complete_deliveries(lease_token, results)
LAUREL_FUNCTION(laurel_complete_deliveries) {
    const Uuid token = ToUuid(Required(fcinfo, 0, "lease_token"));
    const TimestampTz now = GetCurrentTimestamp();
    Results results = ReadResults(Required(fcinfo, 1, "results"));
    const AsOwner owner(OwnerOf(TableOid("notification_deliveries")));
    {
        const SpiConnection spi;
        EnsurePartition(now);
    }
    const int64 ended = CompleteAll(token, now, &results);
    TellRejected(results);
    PG_RETURN_INT64(ended);
}

} // namespace laurel::deliveries
