#include "deliveries/put_back.h"

#include "deliveries/attempt_log.h"
#include "deliveries/places.h"
#include "deliveries/sums.h"
#include "postgres/column.h"
#include "postgres/spi.h"
#include "postgres/tid_plans.h"

namespace laurel::deliveries {

namespace {

Statement put_back(
    R"(UPDATE ONLY laurel.notification_deliveries d SET state = CASE WHEN r.is_dead THEN 'dead' ELSE 'ready' END,
       due_at = r.due_at, lease_token = NULL, last_error = coalesce(r.reason, d.last_error),
       attempts = CASE WHEN r.is_dead THEN d.attempts ELSE d.attempts - 1 END
       FROM ROWS FROM (pg_catalog.unnest($1), pg_catalog.unnest($2), pg_catalog.unnest($3),
           pg_catalog.unnest($4)) r (place, due_at, reason, is_dead) WHERE d.ctid = r.place)",
    TIDARRAYOID, TIMESTAMPTZARRAYOID, TEXTARRAYOID, BOOLARRAYOID);

// The row that was found among those sorted.
const PutBack &
Of(const PutBack *rows, int count, const Ended &found) {
    return *std::lower_bound(rows, rows + count, found.id(),
                             [](const PutBack &row, const Uuid &id) { return row.delivery < id; });
}

void
Write(const PutBack *rows, int count, const EndedRows &found) {
    Column places(TIDOID, found.count), dues(TIMESTAMPTZOID, found.count), reasons(TEXTOID, found.count),
        deaths(BOOLOID, found.count);
    for (int i = 0; i < found.count; i++) {
        const PutBack &row = Of(rows, count, found.list[i]);
        places.Add(found.list[i].values[Ended::Place]);
        dues.Add(TimestampTzGetDatum(row.due_at));
        reasons.Add(row.reason == nullptr ? 0 : CStringGetTextDatum(row.reason), row.reason == nullptr);
        deaths.Add(BoolGetDatum(row.is_dead));
    }
    const Datum values[] = {places.Array(), dues.Array(), reasons.Array(), deaths.Array()};
    const TidPlans plans;
    put_back.Run(Access::Write, values);
}

void
LogDead(TimestampTz now, const PutBack *rows, int count, const EndedRows &found) {
    EnsurePartition(now);
    AttemptLog log(found, AttemptLog::Keep);
    Sums sums;
    for (int i = 0; i < found.count; i++) {
        const Ended &row = found.list[i];
        const PutBack &put = Of(rows, count, row);
        if (!put.is_dead)
            continue;
        log.Add(row, {.outcome = "dead",
                      .attempt = row.attempts(),
                      .status = {},
                      .duration_ms = {},
                      .latency_ms = {},
                      .error = put.reason});
        sums.Of(ToText(row.values[Ended::Channel])).dead++;
    }
    log.Write(now);
    sums.Write(now);
}

} // namespace

void
PutBackDeliveries(const Uuid &token, TimestampTz now, PutBack *rows, int count) {
    std::sort(rows, rows + count, [](const PutBack &a, const PutBack &b) { return a.delivery < b.delivery; });
    Column ids(UUIDOID, count);
    for (int i = 0; i < count; i++)
        ids.Add(FromUuid(rows[i].delivery));
    const EndedRows found = FindLeased(token, ids.Array());
    ForgetPlaces();
    Write(rows, count, found);
    if (std::any_of(rows, rows + count, [](const PutBack &row) { return row.is_dead; }))
        LogDead(now, rows, count, found);
}

} // namespace laurel::deliveries
