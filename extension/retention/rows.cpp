// Takes the due rows of one table: by the index on their time, or in a pass over the table's blocks. A batch
// that fails is taken in halves, until the row that cannot go stays alone. Where the application has triggers
// or rules on the table, what is still there afterwards is counted as well.

#include "retention/rows.h"

#include "postgres/array.h"
#include "postgres/halving.h"
#include "postgres/list.h"
#include "postgres/spi.h"
#include "postgres/trigger.h"

extern "C" {
#include "access/xact.h"
#include "catalog/partition.h"
#include "storage/bufmgr.h"
#include "utils/datum.h"
}

namespace laurel::retention {

namespace {

constexpr BlockNumber kMostBlocks = 1024; // 8 MB
constexpr BlockNumber kMostGrowth = 4;    // times the blocks that would hold a batch if every row were due

Statement count_written = Statement(R"(SELECT pg_catalog.pg_stat_get_xact_tuples_inserted($1)
        + pg_catalog.pg_stat_get_xact_tuples_updated($1))",
                                    OIDOID)
                              .Returns(INT8OID);

// What is done to the rows t of one table and of none that inherits from it.
const char *
Verb(const Policy &policy, const char *table) {
    if (policy.action == Policy::Anonymise)
        return psprintf("UPDATE ONLY %s t SET %s", table, policy.assignments);
    return psprintf("DELETE FROM ONLY %s t", table);
}

// Whether triggers or rules of the application can keep rows of a table back, or put rows into it meanwhile.
bool
OthersDecide(const Policy &policy, Oid table) {
    const auto event = policy.action == Policy::Anonymise ? TriggerSpec::Update : TriggerSpec::Delete;
    Relation relation = table_open(table, AccessShareLock);
    const bool decide = relation->rd_rel->relhasrules || HasOtherTriggers(relation, event);
    table_close(relation, NoLock);
    return decide;
}

// How many rows statements of this transaction have written into a table.
int64
RowsWritten(Oid table) {
    const Datum argument = ObjectIdGetDatum(table);
    count_written.Run(Access::Write, argument);
    return DatumGetInt64(Field(0, 1));
}

struct Places {
    int64 count;
    Datum *items;

    Datum Slice(int64 first, int64 some) const {
        return ArrayOf(items + first, static_cast<int>(some), TIDOID);
    }
};

Places
FindRows(const Policy &policy, const char *table, const char *wanted) {
    RunDue(policy, psprintf("SELECT t.ctid FROM ONLY %s t WHERE %s", table, wanted));
    const auto count = static_cast<int64>(SPI_processed);
    auto *items = NewList<Datum>(count);
    for (int64 i = 0; i < count; i++)
        items[i] = datumCopy(Field(static_cast<uint64>(i), 1), false, sizeof(ItemPointerData));
    return {count, items};
}

// Takes rows one by one where they must be, and says how many went. Those that a trigger keeps without a word
// are still at their places.
int64
TakeHalving(const Policy &policy, Oid leaf, const Places &rows, Tally *tally) {
    const char *table = QuotedTable(leaf);
    const char *these = psprintf("t.ctid = ANY ($6) AND %s", FreeSql(policy, true));
    const char *take = psprintf("%s WHERE %s", Verb(policy, table), these);
    const char *look = psprintf("SELECT FROM ONLY %s t WHERE %s", table, these);
    int64 taken = 0, kept = 0;
    RunHalving(
        0, rows.count,
        [&](int64 first, int64 some) {
            const Datum slice = rows.Slice(first, some);
            const auto went = static_cast<int64>(RunDue(policy, take, slice));
            kept += went < some ? static_cast<int64>(RunDue(policy, look, slice)) : 0;
            taken += went;
        },
        [&](int64, ErrorData *error) { Fail(tally, *error); }, EndsStep);
    Keep(tally, kept, leaf);
    return taken;
}

// The same where the application has a say: what it has put into the table since, and is due, has not gone.
int64
TakeWatching(const Policy &policy, Oid leaf, const Places &rows, Tally *tally) {
    const CommandId began = GetCurrentCommandId(false);
    const int64 before = RowsWritten(leaf);
    const int64 taken = TakeHalving(policy, leaf, rows, tally);
    if (RowsWritten(leaf) == before)
        return taken;
    const char *look = psprintf(R"(SELECT FROM ONLY %s t WHERE %s
        AND pg_catalog.age(t.xmin) <= 0 AND t.cmin::text::int8 >= %u)",
                                QuotedTable(leaf), FreeSql(policy, false), began);
    const uint64 back = RunDue(policy, look);
    Keep(tally, static_cast<int64>(back), leaf);
    return taken;
}

// Takes the rows that `wanted` finds: those nobody has locked where not `patient`.
int64
TakeRows(const Policy &policy, Oid leaf, const char *wanted, bool patient, Tally *tally) {
    const char *table = QuotedTable(leaf);
    const char *unlocked = psprintf("%s FOR UPDATE SKIP LOCKED", wanted);
    const char *chosen = patient ? wanted : unlocked;
    if (OthersDecide(policy, leaf))
        return TakeWatching(policy, leaf, FindRows(policy, table, chosen), tally);
    const char *where =
        patient ? wanted
                : psprintf("t.ctid = ANY (ARRAY(SELECT t.ctid FROM ONLY %s t WHERE %s))", table, unlocked);
    uint64 taken = 0;
    ErrorData *error = InSubtransaction(
        [&] { taken = RunDue(policy, psprintf("%s WHERE %s", Verb(policy, table), where)); });
    if (error == nullptr)
        return static_cast<int64>(taken);
    if (EndsStep(error->sqlerrcode))
        ReThrowError(error);
    return TakeHalving(policy, leaf, FindRows(policy, table, chosen), tally);
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

bool
TakeByIndex(const Policy &policy, Tally *tally) {
    const char *table = QuotedTable(policy.table);
    const char *oldest =
        psprintf("%s ORDER BY t.%s LIMIT %lld FOR UPDATE SKIP LOCKED", FreeSql(policy, false),
                 policy.time_column, static_cast<long long>(policy.batch_rows));
    if (OthersDecide(policy, policy.table)) {
        const Places rows = FindRows(policy, table, oldest);
        if (rows.count == policy.batch_rows)
            return false;
        tally->rows = TakeWatching(policy, policy.table, rows, tally);
        return true;
    }
    const char *take = psprintf("%s WHERE t.ctid = ANY (ARRAY(SELECT t.ctid FROM ONLY %s t WHERE %s))",
                                Verb(policy, table), table, oldest);
    ErrorData *error = InSubtransaction([&] { tally->rows = static_cast<int64>(RunDue(policy, take)); });
    if (error == nullptr)
        return tally->rows < policy.batch_rows;
    if (EndsStep(error->sqlerrcode))
        ReThrowError(error);
    tally->rows = 0;
    return false;
}

} // namespace laurel::retention
