#include "deliveries/bounces.h"
#include "deliveries/completion.h"
#include "deliveries/endpoints.h"
#include "deliveries/errors.h"
#include "kernel/backoff.h"
#include "kernel/bounce.h"
#include "postgres/column.h"
#include "postgres/spi.h"
#include "postgres/tid_plans.h"

namespace laurel::deliveries {

namespace {

Statement end_failed(R"(UPDATE ONLY laurel.notification_deliveries d SET state = r.state, due_at = r.due_at,
            lease_token = NULL, last_error = r.error
        FROM ROWS FROM (pg_catalog.unnest($1), pg_catalog.unnest($2), pg_catalog.unnest($3),
            pg_catalog.unnest($4)) r (place, state, due_at, error) WHERE d.ctid = r.place)",
                     TIDARRAYOID, TEXTARRAYOID, TIMESTAMPTZARRAYOID, TEXTARRAYOID);

Statement note_failures(R"(UPDATE ONLY laurel.webhook_endpoints e SET failures = e.failures + f.failures,
        failing_since = coalesce(e.failing_since, $2)
        FROM (SELECT l.id, pg_catalog.count(*)::int AS failures FROM pg_catalog.unnest($1) u (id)
            JOIN (SELECT id FROM ONLY laurel.webhook_endpoints WHERE id = ANY ($1)
            FOR NO KEY UPDATE SKIP LOCKED) l ON l.id = u.id GROUP BY l.id) f WHERE e.id = f.id)",
                        UUIDARRAYOID, TIMESTAMPTZOID);

Statement lock_free = Statement(R"(SELECT id FROM ONLY laurel.webhook_endpoints WHERE id = ANY ($1)
        ORDER BY id FOR NO KEY UPDATE SKIP LOCKED)",
                                UUIDARRAYOID)
                          .Returns(UUIDOID);

// A number from 0 up to 1 that nobody foresees.
double
Chance() {
    uint32 bits;
    if (!pg_strong_random(&bits, sizeof(bits)))
        ereport(ERROR, (errcode(ERRCODE_INTERNAL_ERROR), errmsg("could not generate random values")));
    return bits / 4294967296.0;
}

// What becomes of deliveries that failed, and what their endpoints learn.
struct Verdicts {
    Column places, states, dues, errors, endpoints, disabled;
    std::string_view reason = "the endpoint asked for it";

    explicit Verdicts(int count)
        : places(TIDOID, count), states(TEXTOID, count), dues(TIMESTAMPTZOID, count), errors(TEXTOID, count),
          endpoints(UUIDOID, count), disabled(UUIDOID, count) {}
};

// A last attempt, one that cannot succeed, and one whose endpoint is disabled by it are the end.
bool
IsDead(const Ended &row, const Result &result) {
    return result.outcome == Outcome::Dead || row.is_last() ||
           (result.disable_endpoint && !row.nulls[Ended::Endpoint]);
}

void
Judge(Completion *completion, const Ended &row, Verdicts *verdicts, AttemptLog *log) {
    const Result &result = completion->results.Of(row.id());
    const int attempt = row.attempts();
    const bool is_dead = IsDead(row, result), has_endpoint = !row.nulls[Ended::Endpoint];
    const auto wait =
        static_cast<TimestampTz>(kernel::RetrySeconds(attempt, Chance(), result.retry_after) * USECS_PER_SEC);
    const std::string_view error = LoggedError(result.error);
    BatchSums &sums = completion->sums.Of(ToText(row.values[Ended::Channel]));
    (is_dead ? sums.dead : sums.retried)++;
    verdicts->places.Add(row.values[Ended::Place]);
    verdicts->states.Add(CStringGetTextDatum(is_dead ? "dead" : "ready"));
    verdicts->dues.Add(TimestampTzGetDatum(is_dead ? row.due_at() : completion->now + wait));
    verdicts->errors.Add(error.empty() ? 0 : FromText(error), error.empty());
    if (has_endpoint)
        verdicts->endpoints.Add(row.values[Ended::Endpoint]);
    if (has_endpoint && result.disable_endpoint) {
        verdicts->disabled.Add(row.values[Ended::Endpoint]);
        verdicts->reason = error.empty() ? verdicts->reason : error;
    }
    log->Add(row, {.outcome = is_dead ? "dead" : "retry",
                   .attempt = attempt,
                   .status = result.status,
                   .duration_ms = result.duration_ms,
                   .latency_ms = static_cast<float>(Milliseconds(row.due_at(), completion->now)),
                   .error = error});
}

// By what is locked, an address in an organization, then by member where the address is not known.
bool
ComesBefore(const Results &results, const Ended &a, const Ended &b) {
    const Uuid organizations[] = {ToUuid(a.values[Ended::Organization]),
                                  ToUuid(b.values[Ended::Organization])};
    if (!(organizations[0] == organizations[1]))
        return organizations[0] < organizations[1];
    const std::string_view recipients[] = {results.Of(a.id()).recipient, results.Of(b.id()).recipient};
    if (recipients[0] != recipients[1])
        return recipients[0] < recipients[1];
    if (a.is_letter() || b.is_letter())
        return a.is_letter() && !b.is_letter();
    return ToUuid(a.values[Ended::User]) < ToUuid(b.values[Ended::User]);
}

// E-mails that cannot succeed, in one order everywhere.
int
FindRefused(const Completion &completion, const EndedRows &rows, const Ended **refused) {
    int count = 0;
    for (int i = 0; i < rows.count; i++) {
        const Ended &row = rows.list[i];
        if (completion.results.Of(row.id()).outcome == Outcome::Dead &&
            ToText(row.values[Ended::Channel]) == "email")
            refused[count++] = &row;
    }
    std::sort(refused, refused + count,
              [&](const Ended *a, const Ended *b) { return ComesBefore(completion.results, *a, *b); });
    return count;
}

// Addresses that were refused for good are remembered, one by one: they are rare.
void
NoteBounces(const Completion &completion, const EndedRows &rows) {
    auto *refused = NewList<const Ended *>(rows.count);
    const int count = FindRefused(completion, rows, refused);
    for (int i = 0; i < count; i++) {
        const Ended &row = *refused[i];
        const Result &result = completion.results.Of(row.id());
        NoteBounce({.organization = ToUuid(row.values[Ended::Organization]),
                    .user = {row.values[Ended::User], row.is_letter()},
                    .recipient = result.recipient,
                    .code = kernel::EnhancedStatus(result.error),
                    .reason = result.error,
                    .report = {},
                    .at = completion.now});
    }
}

// Disables the endpoints, in one order everywhere. One that somebody is at will ask for it again: its
// administrator must not keep the outcomes of others waiting.
void
DisableAll(Datum endpoints, std::string_view reason) {
    const uint64 count = lock_free.Run(Access::Write, endpoints);
    auto *ids = NewList<Uuid>(count);
    for (uint64 row = 0; row < count; row++)
        ids[row] = ToUuid(Field(row, 1));
    for (uint64 i = 0; i < count; i++)
        DisableEndpoint(ids[i], reason);
}

EndedRows
FindFailed(const Completion &completion) {
    Column ids(UUIDOID, completion.results.count);
    for (int i = 0; i < completion.results.count; i++)
        if (completion.results.list[i].outcome != Outcome::Delivered)
            ids.Add(FromUuid(completion.results.list[i].delivery));
    return ids.count() == 0 ? EndedRows{nullptr, 0} : FindLeased(completion.token, ids.Array());
}

void
Write(const Verdicts &verdicts) {
    const TidPlans plans;
    end_failed.Run(Access::Write, {verdicts.places.Array(), verdicts.states.Array(), verdicts.dues.Array(),
                                   verdicts.errors.Array()});
}

} // namespace

int
EndFailed(Completion *completion) {
    const EndedRows rows = FindFailed(*completion);
    if (rows.count == 0)
        return 0;
    Verdicts verdicts(rows.count);
    AttemptLog log(rows, AttemptLog::Keep);
    for (int i = 0; i < rows.count; i++)
        Judge(completion, rows.list[i], &verdicts, &log);
    Write(verdicts);
    log.Write(completion->now);
    const Datum noted[] = {verdicts.endpoints.Array(), TimestampTzGetDatum(completion->now)};
    if (verdicts.endpoints.count() > 0)
        note_failures.Run(Access::Write, noted);
    NoteBounces(*completion, rows);
    if (verdicts.disabled.count() > 0)
        DisableAll(verdicts.disabled.Array(), verdicts.reason);
    return rows.count;
}

} // namespace laurel::deliveries
