#include "guards/rivals.h"

extern "C" {
#include "access/genam.h"
#include "catalog/index.h"
#include "executor/executor.h"
#include "utils/rel.h"
}

namespace laurel::guards {

namespace {

struct Rivals {
    TupleTableSlot *rows[2];
    EState *state;
};

struct Key {
    Datum values[INDEX_MAX_KEYS];
    bool nulls[INDEX_MAX_KEYS];
};

// The row's key; false where it is none of those that the index holds.
bool
TakeKey(const Rivals &rivals, IndexInfo *info, TupleTableSlot *row, Key *key) {
    ExprContext *context = GetPerTupleExprContext(rivals.state);
    context->ecxt_scantuple = row;
    if (!ExecQual(info->ii_PredicateState, context))
        return false;
    FormIndexDatum(info, row, rivals.state, key->values, key->nulls);
    return true;
}

bool
AreEqual(Relation index, const IndexInfo &info, const Key &a, const Key &b, int column) {
    if (a.nulls[column] || b.nulls[column])
        return info.ii_NullsNotDistinct && a.nulls[column] && b.nulls[column];
    return DatumGetBool(OidFunctionCall2Coll(info.ii_UniqueProcs[column], index->rd_indcollation[column],
                                             a.values[column], b.values[column]));
}

bool
ShareKeyOf(const Rivals &rivals, Relation index) {
    if (!index->rd_index->indisunique || !index->rd_index->indimmediate)
        return false;
    IndexInfo *info = BuildIndexInfo(index);
    BuildSpeculativeIndexInfo(index, info);
    info->ii_PredicateState = ExecPrepareQual(info->ii_Predicate, rivals.state);
    Key a, b;
    if (!TakeKey(rivals, info, rivals.rows[0], &a) || !TakeKey(rivals, info, rivals.rows[1], &b))
        return false;
    for (int i = 0; i < info->ii_NumIndexKeyAttrs; i++)
        if (!AreEqual(index, *info, a, b, i))
            return false;
    return true;
}

TupleTableSlot *
SlotOf(Relation table, HeapTuple row) {
    TupleTableSlot *slot = MakeSingleTupleTableSlot(RelationGetDescr(table), &TTSOpsHeapTuple);
    ExecStoreHeapTuple(row, slot, false);
    return slot;
}

} // namespace

bool
ShareKey(Relation table, HeapTuple a, HeapTuple b) {
    const Rivals rivals = {{SlotOf(table, a), SlotOf(table, b)}, CreateExecutorState()};
    bool same = false;
    ListCell *cell;
    foreach (cell, RelationGetIndexList(table)) {
        const Relation index = index_open(lfirst_oid(cell), AccessShareLock);
        same = ShareKeyOf(rivals, index);
        index_close(index, AccessShareLock);
        if (same)
            break;
    }
    FreeExecutorState(rivals.state);
    for (TupleTableSlot *row : rivals.rows)
        ExecDropSingleTupleTableSlot(row);
    return same;
}

} // namespace laurel::guards
