// What laurel.run_retention() is made of: one run at a time, a row for each policy, a short transaction for
// each step.

#include "postgres/arguments.h"
#include "postgres/bridge.h"
#include "postgres/error.h"
#include "postgres/own_lock.h"
#include "postgres/owner.h"
#include "postgres/result_row.h"
#include "postgres/spi.h"
#include "retention/legal_holds.h"
#include "retention/run_record.h"

namespace laurel::retention {

namespace {

constexpr const char *kLockTimeout = "1s";

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
    Refuse({.sqlstate = kConflict,
            .message = "retention runs in READ COMMITTED only",
            .detail = "A snapshot older than its locks could overlook a legal hold.",
            .hint = "SET default_transaction_isolation = 'read committed' and call again."});
}

// Only the session that has entered retention works on runs.
void
RequireEntered() {
    if (HasLock(OwnLock::Retention))
        return;
    Refuse({.sqlstate = kConflict,
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

// The function's result row of two columns.
Datum
Pair(FunctionCallInfo fcinfo, Datum first, Datum second, bool second_is_null) {
    const bool nulls[] = {false, second_is_null};
    return ResultRow(fcinfo, {first, second}, nulls);
}

} // namespace

// laurel_internal.require_no_block(): says in words what the first COMMIT of a run would say otherwise.
LAUREL_FUNCTION(laurel_require_no_block) {
    if (IsTransactionBlock())
        Refuse({.sqlstate = ERRCODE_INVALID_TRANSACTION_TERMINATION,
                .message = "a procedure that commits after each step cannot run inside a transaction block",
                .hint = "Call it outside BEGIN and COMMIT, as the only statement that is sent."});
    PG_RETURN_VOID();
}

// laurel_internal.enter_retention()
LAUREL_FUNCTION(laurel_enter_retention) {
    const Oid table = TableOid("retention_runs");
    if (!TryLockForSession(OwnLock::Retention))
        PG_RETURN_BOOL(false);
    const AsOwner owner(OwnerOf(table));
    const SpiConnection spi;
    InterruptRuns();
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
    const Nullable name = Argument(fcinfo, 0);
    if (!name.is_null && find_unknown.Run(Access::Write, name) > 0)
        RefusePolicy(TextDatumGetCString(Field(0, 1)));
    list_policies.Run(Access::Write, name);
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
    InterruptRuns();
    const OpenedRun opened = OpenRun(PG_GETARG_DATUM(0), PG_GETARG_BOOL(1));
    const MemoryContext old = MemoryContextSwitchTo(context);
    const Datum result = Pair(fcinfo, opened.id, opened.outcome, opened.goes_on);
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
    const char *line = CloseRun(run, outcome, Argument(fcinfo, 2));
    if (line == nullptr)
        PG_RETURN_NULL();
    const MemoryContext old = MemoryContextSwitchTo(context);
    const Datum result = CStringGetTextDatum(line);
    MemoryContextSwitchTo(old);
    return result;
}

} // namespace laurel::retention
