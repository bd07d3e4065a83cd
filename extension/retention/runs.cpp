// What laurel.run_retention() is made of: one run at a time, a row for each policy, a short transaction for
// each step.

#include "postgres/arguments.h"
#include "postgres/bridge.h"
#include "postgres/error.h"
#include "postgres/own_lock.h"
#include "postgres/owner.h"
#include "postgres/spi.h"
#include "retention/legal_holds.h"
#include "retention/steps.h"

namespace laurel::retention {

namespace {

constexpr const char *kLockTimeout = "1s";

// What a session left unfinished. Its progress goes too: nobody takes up another's run.
Statement interrupt(R"(WITH left_over AS (DELETE FROM ONLY laurel_internal.retention_progress)
    UPDATE ONLY laurel.retention_runs SET finished_at = pg_catalog.clock_timestamp(), outcome = 'interrupted'
    WHERE outcome = 'running')");

// Enabled policies, the one that has waited longest first.
Statement list_policies =
    Statement(
        R"(SELECT coalesce(pg_catalog.array_agg(p.name ORDER BY r.finished_at NULLS FIRST, p.name), '{}')
    FROM ONLY laurel.retention_policies p LEFT JOIN LATERAL (SELECT pg_catalog.max(r.finished_at) AS finished_at
        FROM ONLY laurel.retention_runs r WHERE r.policy = p.name AND NOT r.dry_run) r ON true
    WHERE p.is_enabled AND ($1 IS NULL OR p.name = ANY (pg_catalog.string_to_array($1, ','))))",
        TEXTOID)
        .Returns(TEXTARRAYOID);

Statement find_unknown = Statement(R"(SELECT n FROM pg_catalog.unnest(pg_catalog.string_to_array($1, ',')) n
        WHERE NOT EXISTS (SELECT FROM ONLY laurel.retention_policies p WHERE p.name = n) LIMIT 1)",
                                   TEXTOID)
                             .Returns(TEXTOID);

Statement start =
    Statement(
        R"(INSERT INTO laurel.retention_runs (policy, table_name, action, dry_run, cut_off, outcome, finished_at)
    SELECT p.name, p.table_name, p.action, $2,
        pg_catalog.timezone('UTC', pg_catalog.timezone('UTC', pg_catalog.clock_timestamp()) - p.keep),
        o.outcome, CASE WHEN o.outcome <> 'running' THEN pg_catalog.clock_timestamp() END
    FROM ONLY laurel.retention_policies p CROSS JOIN LATERAL (SELECT CASE
        WHEN pg_catalog.to_regclass(pg_catalog.format('laurel.%I', p.table_name)) IS NULL THEN 'table absent'
        WHEN p.action = 'none' OR p.keep IS NULL THEN 'kept' ELSE 'running' END AS outcome) o
    WHERE p.name = $1 RETURNING id, nullif(outcome, 'running'))",
        TEXTOID, BOOLOID)
        .Returns(UUIDOID, TEXTOID);

Statement find_run = Statement(R"(SELECT policy, cut_off FROM ONLY laurel.retention_runs
    WHERE id = $1 AND outcome = 'running' AND dry_run = $2)",
                               UUIDOID, BOOLOID)
                         .Returns(TEXTOID, TIMESTAMPTZOID);

Statement load_progress =
    Statement(R"(SELECT p.leaf, p.block, p.end_block, p.span, p.most, p.next_organization
    FROM ONLY laurel_internal.retention_progress p WHERE p.run = $1)",
              UUIDOID)
        .Returns(OIDOID, INT8OID, INT8OID, INT8OID, INT8OID, UUIDOID);

Statement save_progress(R"(INSERT INTO laurel_internal.retention_progress
        (run, leaf, block, end_block, span, most, next_organization) VALUES ($1, $2, $3, $4, $5, $6, $7)
    ON CONFLICT (run) DO UPDATE SET leaf = EXCLUDED.leaf, block = EXCLUDED.block,
        end_block = EXCLUDED.end_block, span = EXCLUDED.span, most = EXCLUDED.most,
        next_organization = EXCLUDED.next_organization)",
                        UUIDOID, OIDOID, INT8OID, INT8OID, INT8OID, INT8OID, UUIDOID);

Statement
    note(R"(UPDATE ONLY laurel.retention_runs SET rows = rows + $2, held = held + $3, bytes = bytes + $4,
        partitions = partitions + $5, batches = batches + $6, failed = failed + $7, error = coalesce(error, $8)
    WHERE id = $1)",
         UUIDOID, INT8OID, INT8OID, INT8OID, INT4OID, INT4OID, INT8OID, TEXTOID);

// A run of which an item failed alone has failed, though the rest is done.
Statement finish(R"(WITH gone AS (DELETE FROM ONLY laurel_internal.retention_progress WHERE run = $1)
    UPDATE ONLY laurel.retention_runs SET finished_at = pg_catalog.clock_timestamp(), error = coalesce($3, error),
        outcome = CASE WHEN $2 = 'done' AND failed > 0 THEN 'failed' ELSE $2 END
    WHERE id = $1 AND outcome = 'running')",
                 UUIDOID, TEXTOID, TEXTOID);

Statement summary = Statement(R"(SELECT pg_catalog.concat(policy, ': ',
        CASE WHEN dry_run AND outcome = 'done' THEN 'would take ' END,
        CASE WHEN outcome IN ('kept', 'table absent') THEN outcome ELSE pg_catalog.concat(rows, ' rows',
            CASE WHEN partitions > 0 THEN pg_catalog.concat(', ', partitions, ' partitions') END,
            CASE WHEN held > 0 THEN pg_catalog.concat(', ', held, ' held') END,
            CASE WHEN failed > 0 THEN pg_catalog.concat(', ', failed, ' failed alone') END,
            CASE WHEN outcome <> 'done' AND (outcome <> 'failed' OR failed = 0)
                THEN pg_catalog.concat(', ', outcome) END) END, ': ' || error)
    FROM ONLY laurel.retention_runs WHERE id = $1)",
                              UUIDOID)
                        .Returns(TEXTOID);

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

// A snapshot of the whole transaction may be older than the lock that keeps holds as they are.
void
RequireReadCommitted() {
    if (!IsolationUsesXactSnapshot())
        return;
    Refuse({.sqlstate = ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE,
            .message = "retention runs in READ COMMITTED only",
            .detail = "A snapshot older than its locks could overlook a legal hold.",
            .hint = "SET default_transaction_isolation = 'read committed' and call again."});
}

// Only the session that has entered retention works on runs.
void
RequireEntered() {
    if (HasLock(OwnLock::Retention))
        return;
    Refuse({.sqlstate = ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE,
            .message = "this session has not entered retention",
            .hint = "CALL laurel.run_retention() does all that there is to do."});
}

// What deferred constraints would refuse at the end of the transaction they refuse at once, where it can be
// told which row is meant. Run as the caller, whose own constraints may be waiting.
void
CheckConstraintsAtOnce() {
    if (SPI_execute("SET CONSTRAINTS ALL IMMEDIATE", false, 0) != SPI_OK_UTILITY)
        elog(ERROR, "could not set constraints");
}

Policy
PolicyOfRun(Datum run, bool dry_run, LOCKMODE mode) {
    const Datum values[] = {run, BoolGetDatum(dry_run)};
    if (find_run.Run(Access::Write, values) == 0)
        Refuse({.sqlstate = ERRCODE_INVALID_PARAMETER_VALUE,
                .message = psprintf("there is no such %s under way", dry_run ? "dry run" : "retention run")});
    return LoadPolicy(TextDatumGetCString(Field(0, 1)), DatumGetTimestampTz(Field(0, 2)), mode);
}

Progress
LoadProgress(Datum run) {
    Progress progress = {};
    if (load_progress.Run(Access::Write, &run) == 0)
        return progress;
    Row row;
    progress.has_begun = true;
    progress.pass.table = DatumGetObjectId(row.Next());
    for (BlockNumber *number :
         {&progress.pass.block, &progress.pass.end, &progress.pass.span, &progress.pass.most})
        *number = static_cast<BlockNumber>(DatumGetInt64(row.Next()));
    progress.organization = ToUuid(row.Next());
    return progress;
}

void
SaveProgress(Datum run, const Progress &progress) {
    const BlockPass &pass = progress.pass;
    const Datum values[] = {run,
                            ObjectIdGetDatum(pass.table),
                            Int64GetDatum(pass.block),
                            Int64GetDatum(pass.end),
                            Int64GetDatum(pass.span),
                            Int64GetDatum(pass.most),
                            FromUuid(progress.organization)};
    save_progress.Run(Access::Write, values);
}

void
Note(Datum run, const Tally &tally, bool batch) {
    const bool took = batch && (tally.rows > 0 || tally.partitions > 0);
    const Datum values[] = {run,
                            Int64GetDatum(tally.rows),
                            Int64GetDatum(tally.held),
                            Int64GetDatum(tally.bytes),
                            Int32GetDatum(tally.partitions),
                            Int32GetDatum(took ? 1 : 0),
                            Int64GetDatum(tally.failed),
                            tally.error == nullptr ? 0 : CStringGetTextDatum(tally.error)};
    const char nulls[] = {' ', ' ', ' ', ' ', ' ', ' ', ' ', tally.error == nullptr ? 'n' : ' ', '\0'};
    note.Run(Access::Write, values, nulls);
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
        RefusePolicy(TextDatumGetCString(Field(0, 1)));
    list_policies.Run(Access::Write, &name, nulls);
    const MemoryContext old = MemoryContextSwitchTo(context);
    const Datum names = PointerGetDatum(DatumGetArrayTypePCopy(Field(0, 1)));
    MemoryContextSwitchTo(old);
    return names;
}

// laurel_internal.start_retention(policy, dry_run)
LAUREL_FUNCTION(laurel_start_retention) {
    RequireEntered();
    const MemoryContext context = CurrentMemoryContext;
    const AsOwner owner(OwnerOf(TableOid("retention_runs")));
    const SpiConnection spi;
    interrupt.Run(Access::Write);
    const Datum values[] = {PG_GETARG_DATUM(0), PG_GETARG_DATUM(1)};
    if (start.Run(Access::Write, values) == 0)
        RefusePolicy(TextDatumGetCString(values[0]));
    bool runs;
    const Datum outcome = Field(0, 2, &runs);
    const MemoryContext old = MemoryContextSwitchTo(context);
    const Datum result = Pair(fcinfo, Field(0, 1), outcome, runs);
    MemoryContextSwitchTo(old);
    return result;
}

// laurel_internal.retention_batch(run, patient)
LAUREL_FUNCTION(laurel_retention_batch) {
    RequireEntered();
    const Datum run = PG_GETARG_DATUM(0);
    const MemoryContext context = CurrentMemoryContext;
    const SpiConnection spi;
    CheckConstraintsAtOnce();
    const AsOwner owner(OwnerOf(TableOid("retention_runs")));
    const CatalogPath path(CatalogPath::Force);
    const ShortWaits waits;
    RequireReadCommitted();
    LockHolds();
    const Policy policy = PolicyOfRun(run, false, RowExclusiveLock);
    Progress progress = LoadProgress(run);
    Tally tally = TakeStep(policy, &progress, PG_GETARG_BOOL(1));
    if (tally.more)
        SaveProgress(run, progress);
    else
        tally.held = CountDue(policy, true).held;
    Note(run, tally, true);
    const MemoryContext old = MemoryContextSwitchTo(context);
    const Datum result = Pair(fcinfo, Int64GetDatum(tally.rows), BoolGetDatum(tally.more), false);
    MemoryContextSwitchTo(old);
    return result;
}

// laurel_internal.count_retention(run)
LAUREL_FUNCTION(laurel_count_retention) {
    RequireEntered();
    const AsOwner owner(OwnerOf(TableOid("retention_runs")));
    const SpiConnection spi;
    const CatalogPath path(CatalogPath::Force);
    const Datum run = PG_GETARG_DATUM(0);
    Note(run, CountDue(PolicyOfRun(run, true, AccessShareLock), false), false);
    PG_RETURN_VOID();
}

// laurel_internal.finish_retention(run, outcome, error)
LAUREL_FUNCTION(laurel_finish_retention) {
    RequireEntered();
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

} // namespace laurel::retention
