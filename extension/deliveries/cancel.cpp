#include "deliveries/cancel.h"

#include "deliveries/attempt_log.h"
#include "deliveries/sums.h"
#include "postgres/column.h"

namespace laurel::deliveries {

void
CancelDeliveries(const Uuid &token, TimestampTz now, Cancelled *cancelled, int count) {
    const auto before = [](const Cancelled &a, const Cancelled &b) { return a.delivery < b.delivery; };
    Column ids(UUIDOID, count);
    std::sort(cancelled, cancelled + count, before);
    for (int i = 0; i < count; i++)
        ids.Add(FromUuid(cancelled[i].delivery));
    EnsurePartition(now);
    const EndedRows rows = FindLeased(token, ids.Array());
    DeleteEnded(rows);
    AttemptLog log(rows, AttemptLog::Forget);
    Sums sums;
    for (int i = 0; i < rows.count; i++) {
        const Ended &row = rows.list[i];
        log.Add(row,
                {.outcome = "cancelled",
                 .attempt = row.attempts() - 1,
                 .status = {},
                 .duration_ms = {},
                 .latency_ms = {},
                 .error = std::lower_bound(cancelled, cancelled + count, Cancelled{row.id(), nullptr}, before)
                              ->reason});
        sums.Of(ToText(row.values[Ended::Channel])).cancelled++;
    }
    log.Write(now);
    sums.Write(now);
}

} // namespace laurel::deliveries
