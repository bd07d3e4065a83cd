// What laurel.run_retention() is made of: one run at a time, a row for each policy, a short transaction for
// each step.

#include "retention.h"

#include "identity.h"
#include "postgres/bridge.h"
#include "postgres/error.h"
#include "postgres/fresh.h"
#include "postgres/own_lock.h"
#include "postgres/owner.h"
#include "postgres/spi.h"
#include "postgres/trigger.h"

namespace laurel {

namespace {

constexpr const char *kLockTimeout = "1s";

constexpr TriggerSpec kKeepHeld = {"keep_held", TriggerSpec::Before, TriggerSpec::EachRow,
                                   TriggerSpec::Delete};

Statement interrupt("UPDATE laurel.retention_runs SET finished_at = pg_catalog.clock_timestamp(),"
                    " outcome = 'interrupted' WHERE outcome = 'running'");

// Enabled policies, the one that has waited longest first.
Statement list_policies(
    "SELECT coalesce(pg_catalog.array_agg(p.name ORDER BY r.finished_at NULLS FIRST, p.name), '{}')"
    " FROM laurel.retention_policies p LEFT JOIN LATERAL (SELECT pg_catalog.max(r.finished_at) AS finished_at"
    "  FROM laurel.retention_runs r WHERE r.policy = p.name AND NOT r.dry_run) r ON true"
    " WHERE p.is_enabled AND ($1 IS NULL OR p.name = ANY (pg_catalog.string_to_array($1, ',')))",
    TEXTOID);

Statement find_unknown("SELECT n FROM pg_catalog.unnest(pg_catalog.string_to_array($1, ',')) n"
                       " WHERE NOT EXISTS (SELECT FROM laurel.retention_policies p WHERE p.name = n) LIMIT 1",
                       TEXTOID);

Statement start(
    "INSERT INTO laurel.retention_runs (policy, table_name, action, dry_run, cut_off, outcome, finished_at)"
    " SELECT p.name, p.table_name, p.action, $2,"
    "  pg_catalog.timezone('UTC', pg_catalog.timezone('UTC', pg_catalog.clock_timestamp()) - p.keep), "
    "o.outcome,"
    "  CASE WHEN o.outcome <> 'running' THEN pg_catalog.clock_timestamp() END"
    " FROM laurel.retention_policies p CROSS JOIN LATERAL (SELECT CASE"
    "  WHEN pg_catalog.to_regclass(pg_catalog.format('laurel.%I', p.table_name)) IS NULL THEN 'table absent'"
    "  WHEN p.action = 'none' OR p.keep IS NULL THEN 'kept' ELSE 'running' END AS outcome) o"
    " WHERE p.name = $1 RETURNING id, nullif(outcome, 'running')",
    TEXTOID, BOOLOID);

Statement find_run("SELECT policy, cut_off FROM laurel.retention_runs WHERE id = $1 AND outcome = 'running'",
                   UUIDOID);

Statement note("UPDATE laurel.retention_runs SET rows = rows + $2, held = held + $3, bytes = bytes + $4,"
               " partitions = partitions + $5, batches = batches + $6 WHERE id = $1",
               UUIDOID, INT8OID, INT8OID, INT8OID, INT4OID, INT4OID);

Statement finish(
    "UPDATE laurel.retention_runs SET finished_at = pg_catalog.clock_timestamp(), outcome = $2, error = $3"
    " WHERE id = $1 AND outcome = 'running'",
    UUIDOID, TEXTOID, TEXTOID);

Statement summary(
    "SELECT pg_catalog.concat(policy, ': ', CASE WHEN dry_run AND outcome = 'done' THEN 'would take ' END,"
    " CASE WHEN outcome IN ('kept', 'table absent') THEN outcome ELSE pg_catalog.concat(rows, ' rows',"
    "  CASE WHEN partitions > 0 THEN pg_catalog.concat(', ', partitions, ' partitions') END,"
    "  CASE WHEN held > 0 THEN pg_catalog.concat(', ', held, ' held') END,"
    "  CASE WHEN outcome <> 'done' THEN pg_catalog.concat(', ', outcome) END) END, ': ' || error)"
    " FROM laurel.retention_runs WHERE id = $1",
    UUIDOID);

// A hold in force that covers rows which go with a member, or with an organization where no user is given.
Statement find_hold("SELECT h.id FROM laurel.legal_holds h WHERE h.released_at IS NULL"
                    " AND (h.organization_id IS NULL OR h.organization_id = $1)"
                    " AND (h.user_id IS NULL OR h.user_id = $2) LIMIT 1",
                    UUIDOID, UUIDOID);

// For the length of a scope nothing waits long for a lock; an error ends it with its (sub)transaction.
class ShortWaits {
public:
    ShortWaits() : guc_level_(NewGUCNestLevel()) {
        set_config_option("lock_timeout", kLockTimeout, PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE, true, 0,
                          false);
    }
    ShortWaits(const ShortWaits &) = delete;
    ShortWaits &operator=(const ShortWaits &) = delete;
    ~ShortWaits() { AtEOXact_GUC(true, guc_level_); }

private:
    int guc_level_;
};

// From here to the end of the transaction no hold is placed or released, so that the statements that follow
// see them all.
void
LockHolds() {
    if (IsolationUsesXactSnapshot())
        Refuse({.sqlstate = ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE,
                .message = "retention runs in READ COMMITTED only",
                .detail = "A snapshot older than its locks could overlook a legal hold.",
                .hint = "SET default_transaction_isolation = 'read committed' and call again."});
    LockRelationOid(TableOid("legal_holds"), ShareLock);
}

RetentionPolicy
PolicyOfRun(const Datum *run) {
    if (find_run.Run(Access::Write, run) == 0)
        Refuse({.sqlstate = ERRCODE_INVALID_PARAMETER_VALUE,
                .message = "there is no such retention run under way"});
    return LoadPolicy(TextDatumGetCString(Field(0, 1)), DatumGetTimestampTz(Field(0, 2)));
}

void
Note(Datum run, const RetentionStep &step, bool batch) {
    const Datum values[] = {run,
                            Int64GetDatum(step.rows),
                            Int64GetDatum(step.held),
                            Int64GetDatum(step.bytes),
                            Int32GetDatum(step.partitions),
                            Int32GetDatum(batch && (step.rows > 0 || step.partitions > 0) ? 1 : 0)};
    note.Run(Access::Write, values);
}

// The function's result row of two columns.
Datum
Pair(FunctionCallInfo fcinfo, Datum first, Datum second, bool second_is_null) {
    TupleDesc tuple_desc;
    if (get_call_result_type(fcinfo, nullptr, &tuple_desc) != TYPEFUNC_COMPOSITE)
        elog(ERROR, "return type must be a row type");
    Datum values[] = {first, second};
    bool nulls[] = {false, second_is_null};
    return HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(tuple_desc), values, nulls));
}

} // namespace

} // namespace laurel

using namespace laurel;

// laurel_internal.enter_retention()
LAUREL_FUNCTION(laurel_enter_retention) {
    const Oid table = TableOid("retention_runs");
    if (!TryLockForSession(OwnLock::Retention))
        PG_RETURN_BOOL(false);
    const AsOwner owner(OwnerOf(table));
    const SpiConnection spi;
    interrupt.Run(Access::Write);
    PG_RETURN_BOOL(true);
}

// laurel_internal.leave_retention()
LAUREL_FUNCTION(laurel_leave_retention) {
    UnlockForSession(OwnLock::Retention);
    PG_RETURN_VOID();
}

// laurel_internal.due_policies(only_policy)
LAUREL_FUNCTION(laurel_due_policies) {
    const MemoryContext context = CurrentMemoryContext;
    const AsOwner owner(OwnerOf(TableOid("retention_policies")));
    const SpiConnection spi;
    const Datum name = PG_ARGISNULL(0) ? 0 : PG_GETARG_DATUM(0);
    const char nulls[] = {PG_ARGISNULL(0) ? 'n' : ' ', '\0'};
    if (!PG_ARGISNULL(0) && find_unknown.Run(Access::Write, &name) > 0)
        LoadPolicy(TextDatumGetCString(Field(0, 1)), 0);
    list_policies.Run(Access::Write, &name, nulls);
    const MemoryContext old = MemoryContextSwitchTo(context);
    const Datum names = PointerGetDatum(DatumGetArrayTypePCopy(Field(0, 1)));
    MemoryContextSwitchTo(old);
    return names;
}

// laurel_internal.start_retention(policy, dry_run)
LAUREL_FUNCTION(laurel_start_retention) {
    const MemoryContext context = CurrentMemoryContext;
    const AsOwner owner(OwnerOf(TableOid("retention_runs")));
    const SpiConnection spi;
    const Datum values[] = {PG_GETARG_DATUM(0), PG_GETARG_DATUM(1)};
    start.Run(Access::Write, values);
    bool runs;
    const Datum outcome = Field(0, 2, &runs);
    const MemoryContext old = MemoryContextSwitchTo(context);
    const Datum result = Pair(fcinfo, Field(0, 1), outcome, runs);
    MemoryContextSwitchTo(old);
    return result;
}

// laurel_internal.retention_batch(run, state, patient)
LAUREL_FUNCTION(laurel_retention_batch) {
    const Datum run = Required(fcinfo, 0, "run");
    const MemoryContext context = CurrentMemoryContext;
    const AsOwner owner(OwnerOf(TableOid("retention_runs")));
    const SpiConnection spi;
    const CatalogPath path(CatalogPath::Force);
    const ShortWaits waits;
    LockHolds();
    const RetentionPolicy policy = PolicyOfRun(&run);
    const char *state = PG_ARGISNULL(1) ? nullptr : text_to_cstring(PG_GETARG_TEXT_PP(1));
    RetentionStep step = TakeStep(policy, state, PG_GETARG_BOOL(2));
    if (step.next == nullptr)
        step.held = CountDue(policy, true).held;
    Note(run, step, true);
    const MemoryContext old = MemoryContextSwitchTo(context);
    const Datum next = step.next == nullptr ? 0 : CStringGetTextDatum(step.next);
    const Datum result = Pair(fcinfo, Int64GetDatum(step.rows), next, step.next == nullptr);
    MemoryContextSwitchTo(old);
    return result;
}

// laurel_internal.count_retention(run)
LAUREL_FUNCTION(laurel_count_retention) {
    const AsOwner owner(OwnerOf(TableOid("retention_runs")));
    const SpiConnection spi;
    const CatalogPath path(CatalogPath::Force);
    const Datum run = PG_GETARG_DATUM(0);
    Note(run, CountDue(PolicyOfRun(&run), false), false);
    PG_RETURN_VOID();
}

// laurel_internal.finish_retention(run, outcome, error)
LAUREL_FUNCTION(laurel_finish_retention) {
    const Datum run = Required(fcinfo, 0, "run");
    const Datum outcome = Required(fcinfo, 1, "outcome");
    const MemoryContext context = CurrentMemoryContext;
    const AsOwner owner(OwnerOf(TableOid("retention_runs")));
    const SpiConnection spi;
    const Datum values[] = {run, outcome, PG_ARGISNULL(2) ? 0 : PG_GETARG_DATUM(2)};
    const char nulls[] = {' ', ' ', PG_ARGISNULL(2) ? 'n' : ' ', '\0'};
    finish.Run(Access::Write, values, nulls);
    if (summary.Run(Access::Write, values) == 0)
        PG_RETURN_NULL();
    const std::string_view text = ToText(Field(0, 1));
    const MemoryContext old = MemoryContextSwitchTo(context);
    const Datum result = FromText(text);
    MemoryContextSwitchTo(old);
    return result;
}

// laurel_internal.keep_held(): on user_organizations and organizations.
LAUREL_FUNCTION(laurel_keep_held) {
    const TriggerData *trigger = CheckTrigger(fcinfo, kKeepHeld);
    const TupleDesc tuple_desc = RelationGetDescr(trigger->tg_relation);
    const bool member = SPI_fnumber(tuple_desc, "user_id") > 0;
    const FreshRead fresh(OwnerOf(TableOid("legal_holds")));
    bool is_null;
    const Datum organization =
        SPI_getbinval(trigger->tg_trigtuple, tuple_desc,
                      Attribute(tuple_desc, member ? "organization_id" : "id"), &is_null);
    const Datum user =
        member ? SPI_getbinval(trigger->tg_trigtuple, tuple_desc, Attribute(tuple_desc, "user_id"), &is_null)
               : 0;
    const Datum values[] = {organization, user};
    const char nulls[] = {' ', member ? ' ' : 'n', '\0'};
    if (find_hold.Run(Access::Read, values, nulls) == 0)
        return PointerGetDatum(trigger->tg_trigtuple);
    Refuse({.sqlstate = ERRCODE_RESTRICT_VIOLATION,
            .message = member ? "the member is under a legal hold" : "the organization is under a legal hold",
            .detail = psprintf("Hold %s keeps rows that would go along.", UuidText(ToUuid(Field(0, 1)))),
            .hint = "Release the hold first: UPDATE laurel.legal_holds SET released_at = now() …",
            .table = RelationGetRelationName(trigger->tg_relation),
            .constraint = "legal_holds_keep"});
}
