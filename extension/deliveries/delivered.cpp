#include "deliveries/completion.h"
#include "postgres/column.h"
#include "postgres/spi.h"

namespace laurel::deliveries {

namespace {

Statement note_success =
    Statement(
        R"(UPDATE ONLY laurel.webhook_endpoints SET failures = 0, failing_since = NULL, last_success_at = $2
        WHERE id IN (SELECT id FROM ONLY laurel.webhook_endpoints WHERE id = ANY ($1)
        AND (failures > 0 OR last_success_at IS NULL OR last_success_at < $2 - interval '1 minute')
        FOR NO KEY UPDATE SKIP LOCKED))",
        UUIDARRAYOID, TIMESTAMPTZOID)
        .Generic();

void
Log(Completion *completion, const EndedRows &rows) {
    AttemptLog log(rows, AttemptLog::Forget);
    for (int i = 0; i < rows.count; i++) {
        const Ended &row = rows.list[i];
        const Result &result = completion->results.Of(row.id());
        const double latency = Milliseconds(row.due_at(), completion->now);
        log.Add(row, {.outcome = "delivered",
                      .attempt = row.attempts(),
                      .status = result.status,
                      .duration_ms = result.duration_ms,
                      .latency_ms = static_cast<float>(latency),
                      .error = {}});
        BatchSums &sums = completion->sums.Of(ToText(row.values[Ended::Channel]));
        sums.delivered++;
        sums.latencies.Add(latency);
    }
    log.Write(completion->now);
}

// An endpoint that answered is not failing any more.
void
NoteSuccess(const Completion &completion, const EndedRows &rows) {
    Column endpoints(UUIDOID, rows.count);
    for (int i = 0; i < rows.count; i++)
        if (!rows.list[i].nulls[Ended::Endpoint])
            endpoints.Add(rows.list[i].values[Ended::Endpoint]);
    const Datum values[] = {endpoints.Array(), TimestampTzGetDatum(completion.now)};
    if (endpoints.count() > 0)
        note_success.Run(Access::Write, values);
}

// Those of the lease that arrived.
EndedRows
FindDelivered(const Completion &completion, const Column &ids) {
    if (ids.count() * 2 < completion.leased)
        return FindLeased(completion.token, ids.Array());
    EndedRows rows = ReadLease(completion.token);
    const auto arrived = [&](const Ended &row) {
        const Result *result = completion.results.Find(row.id());
        return result != nullptr && result->outcome == Outcome::Delivered;
    };
    rows.count = static_cast<int>(std::partition(rows.list, rows.list + rows.count, arrived) - rows.list);
    return rows;
}

} // namespace

int
EndDelivered(Completion *completion) {
    const Results &results = completion->results;
    Column ids(UUIDOID, results.count);
    for (int i = 0; i < results.count; i++)
        if (results.list[i].outcome == Outcome::Delivered)
            ids.Add(FromUuid(results.list[i].delivery));
    if (ids.count() == 0)
        return 0;
    const EndedRows rows = FindDelivered(*completion, ids);
    DeleteEnded(rows);
    Log(completion, rows);
    NoteSuccess(*completion, rows);
    return rows.count;
}

} // namespace laurel::deliveries
