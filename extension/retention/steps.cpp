// Takes what is due in steps, each small enough for one short transaction. Where few rows are due an index
// finds them; where many are, one pass over the blocks of the table deletes as it reads: that is less work
// than collecting rows first.

#include "retention/steps.h"

#include "postgres/spi.h"
#include "retention/archiver.h"
#include "retention/partitions.h"

namespace laurel::retention {

namespace {

// Tables that hold rows themselves: the table, or the leaves of its partition tree.
Statement next_leaf =
    Statement(R"(SELECT c.oid FROM pg_catalog.pg_class c WHERE c.relkind = 'r' AND c.oid > $2
        AND (c.oid = $1 OR c.oid IN (SELECT p.relid FROM pg_catalog.pg_partition_tree($1) p))
    ORDER BY c.oid LIMIT 1)",
              OIDOID, OIDOID)
        .Returns(OIDOID);

Oid
NextLeaf(const Policy &policy, Oid after) {
    const Datum values[] = {ObjectIdGetDatum(policy.table), ObjectIdGetDatum(after)};
    return next_leaf.Run(Access::Write, values) == 0 ? InvalidOid : DatumGetObjectId(Field(0, 1));
}

// One step of the pass over all leaves; the one after the last leaf does not exist.
Tally
PassStep(const Policy &policy, BlockPass *pass, bool patient) {
    Tally tally;
    if (!pass->Finished())
        TakeBlocks(policy, pass, patient, &tally);
    if (pass->Finished()) {
        const Oid leaf = NextLeaf(policy, pass->table);
        if (!OidIsValid(leaf))
            return tally;
        *pass = BeginPass(policy, leaf);
    }
    tally.more = true;
    return tally;
}

// The first step looks for the oldest rows by the index; a full batch, or one with a row that cannot go, is
// followed by a pass.
Tally
FirstStep(const Policy &policy, BlockPass *pass, bool patient) {
    if (policy.action != Policy::Delete || !policy.has_index)
        return PassStep(policy, pass, patient);
    Tally tally;
    tally.more = !TakeByIndex(policy, &tally);
    tally.bytes = BytesOf(policy.table, tally.rows);
    if (tally.more)
        *pass = BeginPass(policy, policy.table);
    return tally;
}

int64
CountRows(const Policy &policy, const char *where) {
    RunDue(policy, psprintf("SELECT pg_catalog.count(*) FROM %s%s t WHERE %s",
                            policy.is_partitioned ? "" : "ONLY ", QuotedTable(policy.table), where));
    return DatumGetInt64(Field(0, 1));
}

} // namespace

Tally
TakeStep(const Policy &policy, Progress *progress, bool patient) {
    const bool first = !progress->has_begun;
    progress->has_begun = true;
    if (policy.action == Policy::Archive)
        return ArchiverOf(policy).take(policy, &progress->organization);
    if (policy.action == Policy::DropPartition)
        return DropStep(policy, &progress->pass, patient);
    return first ? FirstStep(policy, &progress->pass, patient) : PassStep(policy, &progress->pass, patient);
}

Tally
CountDue(const Policy &policy, bool only_held) {
    if (only_held && policy.holds.count == 0)
        return {};
    if (policy.action == Policy::DropPartition)
        return CountPartitions(policy, only_held);
    if (policy.action == Policy::Archive)
        return ArchiverOf(policy).count(policy);
    Tally tally;
    if (policy.held != nullptr)
        tally.held = CountRows(policy, psprintf("%s AND %s", DueSql(policy, false), policy.held));
    if (only_held)
        return tally;
    tally.rows = CountRows(policy, FreeSql(policy, false));
    const Oid leaf = NextLeaf(policy, InvalidOid);
    tally.bytes = OidIsValid(leaf) ? BytesOf(leaf, tally.rows) : 0;
    return tally;
}

} // namespace laurel::retention
