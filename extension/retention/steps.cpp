// Takes what is due in steps, each small enough for one short transaction. Where few rows are due an index
// finds them; where many are, one pass over the blocks of the table deletes as it reads: that is less work
// than collecting rows first.

#include "points/archive.h"
#include "postgres/spi.h"
#include "retention/runs.h"

namespace laurel {

namespace {

// Tables that hold rows themselves: the table, or the leaves of its partition tree.
Statement next_leaf =
    Statement(R"(SELECT c.oid FROM pg_catalog.pg_class c WHERE c.relkind = 'r' AND c.oid > $2
        AND (c.oid = $1 OR c.oid IN (SELECT p.relid FROM pg_catalog.pg_partition_tree($1) p))
    ORDER BY c.oid LIMIT 1)",
              OIDOID, OIDOID)
        .Returns(OIDOID);

Statement count_archivable =
    Statement(R"(SELECT pg_catalog.count(*), coalesce(pg_catalog.sum(held::int4), 0)::int8 FROM (
    SELECT EXISTS (SELECT FROM ONLY laurel.legal_holds h WHERE h.released_at IS NULL
            AND (h.table_name IS NULL OR h.table_name = 'points_ledger')
            AND (h.organization_id IS NULL OR h.organization_id = l.organization_id)
            AND (h.user_id IS NULL OR h.user_id = l.user_id)
            AND (h.held_from IS NULL OR l.created_at >= h.held_from)) AS held
    FROM ONLY laurel.points_ledger l WHERE l.created_at < $1) due)",
              TIMESTAMPTZOID)
        .Returns(INT8OID, INT8OID);

Oid
NextLeaf(const RetentionPolicy &policy, Oid after) {
    const Datum values[] = {ObjectIdGetDatum(policy.table), ObjectIdGetDatum(after)};
    return next_leaf.Run(Access::Write, values) == 0 ? InvalidOid : DatumGetObjectId(Field(0, 1));
}

RetentionStep
ArchiveStep(const RetentionPolicy &policy, Uuid *organization) {
    RetentionStep step;
    step.more = ArchiveEntries(organization, policy.cut_off, &step, policy.batch_rows);
    step.bytes = BytesOf(policy.table, step.rows);
    return step;
}

// One step of the pass over all leaves; the one after the last leaf does not exist.
RetentionStep
PassStep(const RetentionPolicy &policy, BlockPass *pass, bool patient) {
    RetentionStep step;
    if (!pass->Finished())
        TakeBlocks(policy, pass, patient, &step);
    if (pass->Finished()) {
        const Oid leaf = NextLeaf(policy, pass->table);
        if (!OidIsValid(leaf))
            return step;
        *pass = BeginPass(policy, leaf);
    }
    step.more = true;
    return step;
}

// The first step looks for the oldest rows by the index; a full batch, or one with a row that cannot go, is
// followed by a pass.
RetentionStep
FirstStep(const RetentionPolicy &policy, BlockPass *pass, bool patient) {
    if (policy.action != RetentionPolicy::Delete || !policy.has_index)
        return PassStep(policy, pass, patient);
    const std::optional<int64> taken = TakeByIndex(policy);
    RetentionStep step = {.rows = taken.value_or(0)};
    step.bytes = BytesOf(policy.table, step.rows);
    step.more = !taken || *taken == policy.batch_rows;
    if (step.more)
        *pass = BeginPass(policy, policy.table);
    return step;
}

int64
CountRows(const RetentionPolicy &policy, const char *where) {
    RunDue(policy, psprintf("SELECT pg_catalog.count(*) FROM %s%s t WHERE %s",
                            policy.is_partitioned ? "" : "ONLY ", QuotedTable(policy.table), where));
    return DatumGetInt64(Field(0, 1));
}

RetentionStep
CountArchivable(const RetentionPolicy &policy) {
    const Datum cut_off = TimestampTzGetDatum(policy.cut_off);
    count_archivable.Run(Access::Write, &cut_off);
    const int64 held = DatumGetInt64(Field(0, 2));
    const int64 rows = DatumGetInt64(Field(0, 1)) - held;
    return {.rows = rows, .held = held, .bytes = BytesOf(policy.table, rows)};
}

} // namespace

RetentionStep
TakeStep(const RetentionPolicy &policy, RetentionProgress *progress, bool patient) {
    const bool first = !progress->has_begun;
    progress->has_begun = true;
    if (policy.action == RetentionPolicy::Archive)
        return ArchiveStep(policy, &progress->organization);
    if (policy.action == RetentionPolicy::DropPartition)
        return DropStep(policy, &progress->pass, patient);
    return first ? FirstStep(policy, &progress->pass, patient) : PassStep(policy, &progress->pass, patient);
}

RetentionStep
CountDue(const RetentionPolicy &policy, bool only_held) {
    if (only_held && policy.holds.count == 0)
        return {};
    if (policy.action == RetentionPolicy::DropPartition)
        return CountPartitions(policy, only_held);
    if (policy.action == RetentionPolicy::Archive)
        return CountArchivable(policy);
    RetentionStep step;
    if (policy.held != nullptr)
        step.held = CountRows(policy, psprintf("%s AND %s", DueSql(policy, false), policy.held));
    if (only_held)
        return step;
    step.rows = CountRows(policy, FreeSql(policy, false));
    const Oid leaf = NextLeaf(policy, InvalidOid);
    step.bytes = OidIsValid(leaf) ? BytesOf(leaf, step.rows) : 0;
    return step;
}

} // namespace laurel
