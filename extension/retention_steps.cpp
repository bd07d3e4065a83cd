// Takes what is due in steps, each small enough for one short transaction. Where few rows are due an index
// finds them; where many are, one pass over the blocks of the table deletes as it reads: that is less work
// than collecting rows first.

#include "archive.h"
#include "postgres/error.h"
#include "postgres/spi.h"
#include "retention.h"

extern "C" {
#include "storage/bufmgr.h"
}

namespace laurel {

namespace {

constexpr BlockNumber kMostBlocks = 1024; // 8 MB
constexpr BlockNumber kMostGrowth = 4;    // times the blocks that would hold a batch if every row were due
constexpr double kRowsPerBlockUnknown = 50;

// Tables that hold rows themselves: the table, or the leaves of its partition tree.
Statement next_leaf =
    Statement("SELECT c.oid FROM pg_catalog.pg_class c WHERE c.relkind = 'r' AND c.oid > $2"
              " AND (c.oid = $1 OR c.oid IN (SELECT p.relid FROM pg_catalog.pg_partition_tree($1) p))"
              " ORDER BY c.oid LIMIT 1",
              OIDOID, OIDOID)
        .Returns(OIDOID);

Statement count_archivable =
    Statement("SELECT pg_catalog.count(*), coalesce(pg_catalog.sum(held::int4), 0)::int8 FROM ("
              " SELECT EXISTS (SELECT FROM laurel.legal_holds h WHERE h.released_at IS NULL"
              "   AND (h.table_name IS NULL OR h.table_name = 'points_ledger')"
              "   AND (h.organization_id IS NULL OR h.organization_id = l.organization_id)"
              "   AND (h.user_id IS NULL OR h.user_id = l.user_id)"
              "   AND (h.held_from IS NULL OR l.created_at >= h.held_from)) AS held"
              " FROM laurel.points_ledger l WHERE l.created_at < $1) due",
              TIMESTAMPTZOID)
        .Returns(INT8OID, INT8OID);

// The statistics of a table: rows in a block.
double
RowsPerBlock(Relation relation) {
    const Form_pg_class statistics = relation->rd_rel;
    if (statistics->reltuples <= 0 || statistics->relpages <= 0)
        return kRowsPerBlockUnknown;
    return std::max(1.0, static_cast<double>(statistics->reltuples) / statistics->relpages);
}

Oid
NextLeaf(const RetentionPolicy &policy, Oid after) {
    const Datum values[] = {ObjectIdGetDatum(policy.table), ObjectIdGetDatum(after)};
    return next_leaf.Run(Access::Write, values) == 0 ? InvalidOid : DatumGetObjectId(Field(0, 1));
}

// Deletes the oldest rows by the index on their time; rows that are locked stay for the next run.
int64
TakeByIndex(const RetentionPolicy &policy) {
    const char *table = QuotedTable(policy.table);
    return static_cast<int64>(RunDue(
        policy, psprintf("DELETE FROM %s WHERE ctid = ANY (ARRAY(SELECT t.ctid FROM %s t WHERE %s AND NOT %s"
                         " ORDER BY t.%s LIMIT %lld FOR UPDATE SKIP LOCKED))",
                         table, table, DueSql(policy, false), policy.held, policy.time_column,
                         static_cast<long long>(policy.batch_rows))));
}

RetentionStep
ArchiveStep(const RetentionPolicy &policy, const char *state) {
    std::optional<pg_uuid_t> from;
    if (state != nullptr)
        from = *DatumGetUUIDP(DirectFunctionCall1(uuid_in, CStringGetDatum(state)));
    const Moved moved = ArchiveEntries(from, policy.cut_off, policy.batch_rows);
    RetentionStep step = {.rows = moved.entries, .bytes = BytesOf(policy.table, moved.entries)};
    if (moved.next)
        step.next = UuidText(std::bit_cast<Uuid>(*moved.next));
    return step;
}

// One step of the pass over all leaves; the one after the last leaf does not exist.
RetentionStep
PassStep(const RetentionPolicy &policy, BlockPass pass, bool patient) {
    RetentionStep step;
    if (!pass.Finished()) {
        step.rows = TakeBlocks(policy, &pass, patient);
        step.bytes = BytesOf(pass.table, step.rows);
    }
    if (pass.Finished()) {
        const Oid leaf = NextLeaf(policy, pass.table);
        if (!OidIsValid(leaf))
            return step;
        pass = BeginPass(policy, leaf);
    }
    step.next = pass.Text();
    return step;
}

int64
CountRows(const RetentionPolicy &policy, const char *more) {
    RunDue(policy, psprintf("SELECT pg_catalog.count(*) FROM %s t WHERE %s%s", QuotedTable(policy.table),
                            DueSql(policy, false), more));
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

BlockPass
ParsePass(const char *text) {
    BlockPass pass = {};
    if (sscanf(text, "%u:%u:%u:%u:%u", &pass.table, &pass.block, &pass.end, &pass.span, &pass.most) != 5)
        Refuse({.sqlstate = ERRCODE_INVALID_PARAMETER_VALUE,
                .message = psprintf("\"%s\" is no state of a retention run", text)});
    return pass;
}

BlockPass
BeginPass(const RetentionPolicy &policy, Oid table) {
    Relation relation = table_open(table, AccessShareLock);
    BlockPass pass = {
        .table = table, .block = 0, .end = RelationGetNumberOfBlocks(relation), .span = 1, .most = 1};
    const double blocks = static_cast<double>(policy.batch_rows) / RowsPerBlock(relation);
    pass.span = static_cast<BlockNumber>(std::clamp(blocks, 1.0, static_cast<double>(kMostBlocks)));
    pass.most = std::min(kMostBlocks, pass.span * kMostGrowth);
    table_close(relation, NoLock);
    return pass;
}

int64
TakeBlocks(const RetentionPolicy &policy, BlockPass *pass, bool patient) {
    const BlockNumber stop = std::min(pass->end, pass->block + pass->span);
    const char *table = QuotedTable(pass->table);
    const char *wanted = psprintf("t.ctid >= '(%u,0)' AND t.ctid < '(%u,0)' AND %s AND NOT %s", pass->block,
                                  stop, DueSql(policy, true), policy.held);
    const char *where =
        patient ? wanted
                : psprintf("t.ctid = ANY (ARRAY(SELECT t.ctid FROM %s t WHERE %s FOR UPDATE SKIP LOCKED))",
                           table, wanted);
    const char *verb = policy.action == RetentionPolicy::Anonymise
                           ? psprintf("UPDATE %s t SET %s", table, policy.assignments)
                           : psprintf("DELETE FROM %s t", table);
    const auto rows = static_cast<int64>(RunDue(policy, psprintf("%s WHERE %s", verb, where)));
    pass->block = stop;
    if (rows > policy.batch_rows)
        pass->span =
            std::max<BlockNumber>(1, static_cast<BlockNumber>(pass->span * policy.batch_rows / rows));
    else if (rows < policy.batch_rows / 2)
        pass->span = std::min(pass->most, pass->span * 2);
    return rows;
}

int64
BytesOf(Oid table, int64 rows) {
    Relation relation = table_open(table, AccessShareLock);
    const auto bytes = static_cast<int64>(static_cast<double>(rows) * BLCKSZ / RowsPerBlock(relation));
    table_close(relation, NoLock);
    return bytes;
}

RetentionStep
TakeStep(const RetentionPolicy &policy, const char *state, bool patient) {
    if (policy.action == RetentionPolicy::Archive)
        return ArchiveStep(policy, state);
    if (policy.action == RetentionPolicy::DropPartition)
        return DropStep(policy, state, patient);
    if (state != nullptr)
        return PassStep(policy, ParsePass(state), patient);
    if (policy.action != RetentionPolicy::Delete || !policy.has_index)
        return PassStep(policy, {}, patient);
    RetentionStep step = {.rows = TakeByIndex(policy)};
    step.bytes = BytesOf(policy.table, step.rows);
    if (step.rows == policy.batch_rows)
        step.next = BeginPass(policy, policy.table).Text();
    return step;
}

RetentionStep
CountDue(const RetentionPolicy &policy, bool only_held) {
    if (only_held && !AnyHold(policy))
        return {};
    if (policy.action == RetentionPolicy::DropPartition)
        return CountPartitions(policy, only_held);
    if (policy.action == RetentionPolicy::Archive)
        return CountArchivable(policy);
    RetentionStep step = {.held = AnyHold(policy) ? CountRows(policy, psprintf(" AND %s", policy.held)) : 0};
    if (only_held)
        return step;
    step.rows = CountRows(policy, "") - step.held;
    const Oid leaf = NextLeaf(policy, InvalidOid);
    step.bytes = OidIsValid(leaf) ? BytesOf(leaf, step.rows) : 0;
    return step;
}

} // namespace laurel
