#include "retention/run_record.h"

#include "postgres/error.h"
#include "postgres/spi.h"

namespace laurel::retention {

namespace {

// Whether all of them are interrupted now.
Statement interrupt = Statement(R"(WITH left_over AS (DELETE FROM ONLY laurel_internal.retention_progress),
    ended AS (UPDATE ONLY laurel.retention_runs SET finished_at = pg_catalog.clock_timestamp(),
        outcome = 'interrupted' WHERE outcome = 'running' RETURNING outcome)
    SELECT (SELECT pg_catalog.count(*) FROM ended WHERE outcome = 'interrupted')
        OPERATOR(pg_catalog.=) (SELECT pg_catalog.count(*) FROM ONLY laurel.retention_runs WHERE outcome = 'running'))")
                          .Returns(BOOLOID);

// Its id, its outcome where there is nothing to do, and whether it is as it was meant.
Statement start = Statement(
                      R"(WITH meant AS (SELECT p.name, p.table_name, p.action, $2 AS dry_run,
        pg_catalog.timezone('UTC', pg_catalog.timezone('UTC', pg_catalog.clock_timestamp()) - p.keep) AS cut_off,
        CASE WHEN pg_catalog.to_regclass(pg_catalog.format('laurel.%I', p.table_name)) IS NULL THEN 'table absent'
            WHEN p.action = 'none' OR p.keep IS NULL THEN 'kept' ELSE 'running' END AS outcome
        FROM ONLY laurel.retention_policies p WHERE p.name = $1),
    opened AS (INSERT INTO laurel.retention_runs
        (policy, table_name, action, dry_run, started_by, cut_off, outcome, finished_at)
        SELECT name, table_name, action, dry_run, SESSION_USER, cut_off, outcome,
            CASE WHEN outcome <> 'running' THEN pg_catalog.clock_timestamp() END
        FROM meant RETURNING *)
    SELECT o.id, nullif(o.outcome, 'running'),
        ROW(o.policy, o.table_name, o.action, o.dry_run, o.cut_off, o.outcome, o.rows, o.failed)
        IS NOT DISTINCT FROM ROW(m.name, m.table_name, m.action, m.dry_run, m.cut_off, m.outcome, 0, 0)
    FROM meant m LEFT JOIN opened o ON true)",
                      TEXTOID, BOOLOID)
                      .Returns(UUIDOID, TEXTOID, BOOLOID);

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

// Whether the sums are those that were meant; nothing where no such run was written.
Statement note = Statement(R"(WITH was AS (SELECT r.rows, r.held, r.bytes, r.partitions, r.batches, r.failed
        FROM ONLY laurel.retention_runs r WHERE r.id = $1),
    noted AS (UPDATE ONLY laurel.retention_runs SET rows = rows + $2, held = held + $3, bytes = bytes + $4,
        partitions = partitions + $5, batches = batches + $6, failed = failed + $7, error = coalesce(error, $8)
        WHERE id = $1 RETURNING *)
    SELECT ROW(n.rows, n.held, n.bytes, n.partitions, n.batches, n.failed, n.outcome) IS NOT DISTINCT FROM
        ROW(w.rows + $2, w.held + $3, w.bytes + $4, w.partitions + $5, w.batches + $6, w.failed + $7, 'running')
    FROM was w CROSS JOIN noted n)",
                           UUIDOID, INT8OID, INT8OID, INT8OID, INT4OID, INT4OID, INT8OID, TEXTOID)
                     .Returns(BOOLOID);

// A run of which an item failed alone has failed, though the rest is done. Whether it is closed as it was
// meant; nothing where it was closed already.
Statement finish =
    Statement(R"(WITH gone AS (DELETE FROM ONLY laurel_internal.retention_progress WHERE run = $1),
    meant AS (SELECT CASE WHEN $2 = 'done' AND r.failed > 0 THEN 'failed' ELSE $2 END AS outcome
        FROM ONLY laurel.retention_runs r WHERE r.id = $1 AND r.outcome = 'running'),
    closed AS (UPDATE ONLY laurel.retention_runs r SET finished_at = pg_catalog.clock_timestamp(),
        error = coalesce($3, r.error), outcome = m.outcome FROM meant m WHERE r.id = $1 RETURNING r.outcome)
    SELECT c.outcome IS NOT DISTINCT FROM m.outcome FROM meant m LEFT JOIN closed c ON true)",
              UUIDOID, TEXTOID, TEXTOID)
        .Returns(BOOLOID);

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

[[noreturn]] void
RefuseRecord(const char *table, const char *schema, const char *what) {
    RefuseDropped(TableOid(table, schema), psprintf("%s is not what it was meant to be", what));
}

[[noreturn]] void
RefuseRun(const char *what) {
    RefuseRecord("retention_runs", "laurel", what);
}

} // namespace

void
InterruptRuns() {
    interrupt.Run(Access::Write);
    if (!DatumGetBool(Field(0, 1)))
        RefuseRun("the end of a retention run that was interrupted");
}

OpenedRun
OpenRun(Datum policy, bool dry_run) {
    const Datum values[] = {policy, BoolGetDatum(dry_run)};
    if (start.Run(Access::Write, values) == 0)
        RefusePolicy(TextDatumGetCString(policy));
    if (!DatumGetBool(Field(0, 3)))
        RefuseRun("the retention run that was opened");
    OpenedRun opened = {};
    opened.outcome = Field(0, 2, &opened.goes_on);
    opened.id = Field(0, 1);
    return opened;
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
    if (load_progress.Run(Access::Write, run) == 0)
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
    if (!(LoadProgress(run) == progress))
        RefuseRecord("retention_progress", "laurel_internal", "how far the retention run has come");
}

void
Note(Datum run, const Tally &tally, bool batch) {
    const bool took = batch && (tally.rows > 0 || tally.partitions > 0);
    const Parameters parameters = {run,
                                   Int64GetDatum(tally.rows),
                                   Int64GetDatum(tally.held),
                                   Int64GetDatum(tally.bytes),
                                   Int32GetDatum(tally.partitions),
                                   Int32GetDatum(took ? 1 : 0),
                                   Int64GetDatum(tally.failed),
                                   tally.error == nullptr ? Nullable() : CStringGetTextDatum(tally.error)};
    if (note.Run(Access::Write, parameters) == 0 || !DatumGetBool(Field(0, 1)))
        RefuseRun("what the retention run has taken");
}

const char *
CloseRun(Datum run, Datum outcome, Nullable error) {
    if (finish.Run(Access::Write, {run, outcome, error}) > 0 && !DatumGetBool(Field(0, 1)))
        RefuseRun("the end of the retention run");
    return summary.Run(Access::Write, run) == 0 ? nullptr : TextField(0, 1);
}

} // namespace laurel::retention
