// The job of rules that run after the commit: it goes through the organizations, of which one that fails is
// noted and the others go on.
//
// Lock order: the events that wait, of which those that somebody else has are passed over, then as firing.

#include "jobs/failures.h"
#include "jobs/sweep.h"
#include "postgres/bridge.h"
#include "postgres/owner.h"
#include "rules/chain.h"
#include "rules/firing.h"

namespace laurel::rules {

namespace {

constexpr const char *kJob = "rules";
constexpr int kMostAtOnce = 5000; // events
constexpr int kMostRounds = 20;
constexpr int kTurn = 20000; // milliseconds: then it is the next organization's turn

Statement find_waiting =
    Statement("SELECT DISTINCT organization_id FROM ONLY laurel_internal.rule_queue ORDER BY 1")
        .Returns(UUIDOID);

Statement take = Statement(R"(
    WITH due AS MATERIALIZED (
        SELECT q.event_id FROM ONLY laurel_internal.rule_queue q WHERE q.organization_id = $1
        ORDER BY q.queued_at, q.event_id LIMIT 5000 FOR UPDATE SKIP LOCKED
    ), taken AS (
        DELETE FROM ONLY laurel_internal.rule_queue q USING due d
        WHERE q.organization_id = $1 AND q.event_id = d.event_id RETURNING q.event_id, q.rule_ids, q.depth, q.queued_at
    ) SELECT e.id, e.user_id, e.occurred_at, e.type, e.data, t.depth, t.rule_ids
    FROM taken t JOIN ONLY laurel.domain_events e ON e.organization_id = $1 AND e.id = t.event_id
    ORDER BY t.depth, t.queued_at, e.id)",
                           UUIDOID)
                     .Returns(UUIDOID, UUIDOID, TIMESTAMPTZOID, TEXTOID, JSONBOID, INT4OID, UUIDARRAYOID);

// An event of the last result.
struct Due {
    Event event;
    int depth;
    const Uuid *rules; // that wait for it
    int rule_count;
};

Due
ReadDue(const Uuid &organization, uint64 number) {
    Row row(number);
    Due due;
    due.event.organization = organization;
    due.event.id = ToUuid(row.Next());
    due.event.user = ToUuid(row.Next());
    due.event.at = DatumGetTimestampTz(row.Next());
    due.event.type = ToText(row.Next());
    due.event.data = DatumGetJsonbP(row.Next());
    due.depth = DatumGetInt32(row.Next());
    // Of ids without nulls: they lie one beside the other.
    const ArrayType *rules = DatumGetArrayTypeP(row.Next());
    due.rules = reinterpret_cast<const Uuid *>(ARR_DATA_PTR(rules));
    due.rule_count = ArrayGetNItems(ARR_NDIM(rules), ARR_DIMS(rules));
    return due;
}

// The events from `first` on that so many rules have led to. Returns where the next begin.
int64
RunDepth(const Growing<Due> &due, int64 first) {
    const int depth = due[first].depth;
    RememberRules(&due[first].event.organization, 1);
    Run run(depth);
    int64 end = first;
    for (; end < due.count() && due[end].depth == depth; end++)
        run.Look(due[end].event, due[end].rules, due[end].rule_count);
    run.Finish();
    return end;
}

// Runs what waits, some of it. Returns how many events it was.
int64
RunSome(const Uuid &organization) {
    const uint64 count = take.Run(Access::Write, FromUuid(organization));
    Growing<Due> due;
    for (uint64 i = 0; i < count; i++)
        due.Add(ReadDue(organization, i));
    for (int64 first = 0; first < due.count();)
        first = RunDepth(due, first);
    return due.count();
}

uint64
RunWaiting(const Uuid &organization) {
    const TimestampTz start = GetCurrentTimestamp();
    uint64 total = 0;
    for (int round = 0; round < kMostRounds; round++) {
        const SpiConnection spi;
        const int64 some = RunSome(organization);
        total += static_cast<uint64>(some);
        if (some < kMostAtOnce || TimestampDifferenceExceeds(start, GetCurrentTimestamp(), kTurn))
            break;
    }
    return total;
}

void
TellFailure(const Uuid &organization, const ErrorData &error) {
    jobs::TellFailure(kJob, organization, error,
                      psprintf("rules of organization %s wait", UuidText(organization)));
}

} // namespace

// laurel.run_waiting_rules()
LAUREL_FUNCTION(laurel_run_waiting_rules) {
    const AsOwner owner(OwnerOf(TableOid("gamification_rules")));
    const SpiConnection spi;
    const int64 events = jobs::SweepOrganizations(find_waiting, RunWaiting, TellFailure);
    jobs::ForgetFailures(kJob, GetCurrentTransactionStartTimestamp());
    PG_RETURN_INT64(events);
}

} // namespace laurel::rules
