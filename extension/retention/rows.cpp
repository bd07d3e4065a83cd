// Takes the due rows of one table: by the index on their time, or in a pass over the table's blocks. A batch
// that fails is taken in halves, until the row that cannot go stays alone.

#include "retention/rows.h"

#include "postgres/array.h"
#include "postgres/halving.h"
#include "postgres/spi.h"

extern "C" {
#include "catalog/partition.h"
#include "storage/bufmgr.h"
#include "utils/datum.h"
}

namespace laurel::retention {

namespace {

constexpr BlockNumber kMostBlocks = 1024; // 8 MB
constexpr BlockNumber kMostGrowth = 4;    // times the blocks that would hold a batch if every row were due

// What is done to the rows t of one table and of none that inherits from it.
const char *
Verb(const Policy &policy, const char *table) {
    if (policy.action == Policy::Anonymise)
        return psprintf("UPDATE ONLY %s t SET %s", table, policy.assignments);
    return psprintf("DELETE FROM ONLY %s t", table);
}

// Takes the rows that `wanted` finds one by one where they must be, and says how many went.
int64
TakeHalving(const Policy &policy, const char *verb, const char *table, const char *wanted, Tally *tally) {
    RunDue(policy, psprintf("SELECT t.ctid FROM ONLY %s t WHERE %s", table, wanted));
    const auto count = static_cast<int64>(SPI_processed);
    auto *rows = static_cast<Datum *>(palloc(sizeof(Datum) * static_cast<Size>(count + 1)));
    for (int64 i = 0; i < count; i++)
        rows[i] = datumCopy(Field(static_cast<uint64>(i), 1), false, sizeof(ItemPointerData));
    const char *take = psprintf("%s WHERE t.ctid = ANY ($6) AND %s", verb, FreeSql(policy, true));
    int64 taken = 0;
    RunHalving(
        0, count,
        [&](int64 first, int64 some) {
            const Datum slice = ArrayOf(rows + first, static_cast<int>(some), TIDOID);
            const uint64 went = RunDue(policy, take, slice);
            taken += static_cast<int64>(went);
        },
        [&](int64, ErrorData *error) { Fail(tally, *error); }, EndsStep);
    return taken;
}

// Takes the rows that `wanted` finds: those nobody has locked where not `patient`.
int64
TakeRows(const Policy &policy, Oid leaf, const char *wanted, bool patient, Tally *tally) {
    const char *table = QuotedTable(leaf);
    const char *verb = Verb(policy, table);
    const char *unlocked = psprintf("%s FOR UPDATE SKIP LOCKED", wanted);
    const char *where =
        patient ? wanted
                : psprintf("t.ctid = ANY (ARRAY(SELECT t.ctid FROM ONLY %s t WHERE %s))", table, unlocked);
    uint64 taken = 0;
    ErrorData *error =
        InSubtransaction([&] { taken = RunDue(policy, psprintf("%s WHERE %s", verb, where)); });
    if (error == nullptr)
        return static_cast<int64>(taken);
    if (EndsStep(error->sqlerrcode))
        ReThrowError(error);
    return TakeHalving(policy, verb, table, patient ? wanted : unlocked, tally);
}

} // namespace

bool
LockLeaf(const Policy &policy, Oid table, LOCKMODE mode) {
    if (table == policy.table)
        return !policy.is_partitioned;
    LockRelationOid(table, mode);
    if (!SearchSysCacheExists1(RELOID, ObjectIdGetDatum(table)) || !get_rel_relispartition(table))
        return false;
    return get_rel_relkind(table) == RELKIND_RELATION &&
           list_member_oid(get_partition_ancestors(table), policy.table);
}

BlockPass
BeginPass(const Policy &policy, Oid table) {
    Relation relation = table_open(table, AccessShareLock);
    BlockPass pass = {
        .table = table, .block = 0, .end = RelationGetNumberOfBlocks(relation), .span = 1, .most = 1};
    const double blocks = static_cast<double>(policy.batch_rows) / RowsPerBlock(relation);
    pass.span = static_cast<BlockNumber>(std::clamp(blocks, 1.0, static_cast<double>(kMostBlocks)));
    pass.most = std::min(kMostBlocks, pass.span * kMostGrowth);
    table_close(relation, NoLock);
    return pass;
}

void
TakeBlocks(const Policy &policy, BlockPass *pass, bool patient, Tally *tally) {
    if (!LockLeaf(policy, pass->table, RowExclusiveLock)) {
        pass->block = pass->end;
        return;
    }
    const BlockNumber stop = pass->end - pass->block < pass->span ? pass->end : pass->block + pass->span;
    const char *wanted =
        psprintf("t.ctid >= '(%u,0)' AND t.ctid < '(%u,0)' AND %s", pass->block, stop, FreeSql(policy, true));
    const int64 rows = TakeRows(policy, pass->table, wanted, patient, tally);
    tally->rows += rows;
    tally->bytes += BytesOf(pass->table, rows);
    pass->block = stop;
    if (rows > policy.batch_rows)
        pass->span =
            std::max<BlockNumber>(1, static_cast<BlockNumber>(pass->span * policy.batch_rows / rows));
    else if (rows < policy.batch_rows / 2)
        pass->span = std::min(pass->most, pass->span * 2);
}

std::optional<int64>
TakeByIndex(const Policy &policy) {
    const char *table = QuotedTable(policy.table);
    const char *take = psprintf(R"(%s WHERE t.ctid = ANY (ARRAY(SELECT t.ctid FROM ONLY %s t WHERE %s
        ORDER BY t.%s LIMIT %lld FOR UPDATE SKIP LOCKED)))",
                                Verb(policy, table), table, FreeSql(policy, false), policy.time_column,
                                static_cast<long long>(policy.batch_rows));
    uint64 taken = 0;
    ErrorData *error = InSubtransaction([&] { taken = RunDue(policy, take); });
    if (error == nullptr)
        return static_cast<int64>(taken);
    if (EndsStep(error->sqlerrcode))
        ReThrowError(error);
    return {};
}

} // namespace laurel::retention
