// After PostgreSQL's own worker of logical replication (create_edata_for_relation in
// src/backend/replication/logical/worker.c, ExecSimpleRelationUpdate in
// src/backend/executor/execReplication.c), which also writes rows without a plan, but has no transition
// tables.

#include "postgres/row_update.h"

#include "postgres/refused_row.h"

extern "C" {
#include "access/tableam.h"
}

namespace laurel {

namespace {

Bitmapset *
ColumnSet(const int *columns, int count) {
    Bitmapset *set = nullptr;
    for (int i = 0; i < count; i++)
        set = bms_add_member(set, columns[i] - FirstLowInvalidHeapAttributeNumber);
    return set;
}

void
InitRecheck(EPQState *recheck, EState *state) {
#if PG_VERSION_NUM >= 160000
    EvalPlanQualInit(recheck, state, nullptr, NIL, -1, NIL);
#else
    EvalPlanQualInit(recheck, state, nullptr, NIL, -1);
#endif
}

bool
FireBeforeRow(EState *state, EPQState *recheck, ResultRelInfo *table, ItemPointer place,
              TupleTableSlot *new_row) {
#if PG_VERSION_NUM >= 160000
    return ExecBRUpdateTriggers(state, recheck, table, place, nullptr, new_row, nullptr, nullptr);
#else
    return ExecBRUpdateTriggers(state, recheck, table, place, nullptr, new_row, nullptr);
#endif
}

// Which indexes an update concerns.
#if PG_VERSION_NUM >= 160000
using ConcernedIndexes = TU_UpdateIndexes;
bool
ConcernsIndexes(ConcernedIndexes indexes) {
    return indexes != TU_None;
}
bool
ConcernsSummariesOnly(ConcernedIndexes indexes) {
    return indexes == TU_Summarizing;
}
#else
using ConcernedIndexes = bool;
bool
ConcernsIndexes(ConcernedIndexes indexes) {
    return indexes;
}
bool
ConcernsSummariesOnly(ConcernedIndexes) {
    return false;
}
#endif

} // namespace

bool
CanUpdateRows(Relation table) {
    return table->rd_rel->relkind == RELKIND_RELATION && IsPlainTarget(table);
}

RowUpdate::RowUpdate(Relation table, const int *columns, int count)
    : RowStatement(table, CMD_UPDATE, ColumnSet(columns, count)) {
    const MemoryContext before = MemoryContextSwitchTo(state_->es_query_cxt);
    InitRecheck(&recheck_, state_);
    old_row_ = table_slot_create(table, &state_->es_tupleTable);
    new_row_ = ExecInitExtraTupleSlot(state_, RelationGetDescr(table), &TTSOpsVirtual);
    ExecBSUpdateTriggers(state_, result_);
    MemoryContextSwitchTo(before);
}

TupleTableSlot *
RowUpdate::Fetch(ItemPointer place) {
    ExecClearTuple(new_row_);
    return table_tuple_fetch_row_version(table_, place, state_->es_snapshot, old_row_) ? old_row_ : nullptr;
}

TupleTableSlot *
RowUpdate::Copy() {
    slot_getallattrs(old_row_);
    const auto columns = static_cast<size_t>(RelationGetDescr(table_)->natts);
    std::memcpy(new_row_->tts_values, old_row_->tts_values, columns * sizeof(Datum));
    std::memcpy(new_row_->tts_isnull, old_row_->tts_isnull, columns * sizeof(bool));
    return ExecStoreVirtualTuple(new_row_);
}

bool
RowUpdate::Write() {
    CHECK_FOR_INTERRUPTS();
    const MemoryContext before = MemoryContextSwitchTo(state_->es_query_cxt);
    const bool goes_on = result_->ri_TrigDesc == nullptr || !result_->ri_TrigDesc->trig_update_before_row ||
                         FireBeforeRow(state_, &recheck_, result_, &old_row_->tts_tid, new_row_);
    if (goes_on)
        WithoutRefusedRow([this] { WriteChecked(); });
    MemoryContextSwitchTo(before);
    ResetPerTupleExprContext(state_);
    return goes_on;
}

void
RowUpdate::WriteChecked() {
    ItemPointer place = &old_row_->tts_tid;
    if (RelationGetDescr(table_)->constr != nullptr)
        ExecConstraints(result_, new_row_, state_);
    ConcernedIndexes indexes;
    simple_table_tuple_update(table_, place, new_row_, state_->es_snapshot, &indexes);
    List *deferred = ConcernsIndexes(indexes) ? FollowIndexes(ConcernsSummariesOnly(indexes)) : NIL;
    ExecARUpdateTriggers(state_, result_, nullptr, nullptr, place, nullptr, new_row_, deferred, captured_,
                         false);
}

// Enters the new row; gives the indexes whose uniqueness is checked later. Most updates concern none.
List *
RowUpdate::FollowIndexes([[maybe_unused]] bool only_summaries) {
    if (!indexes_open_)
        ExecOpenIndices(result_, false);
    indexes_open_ = true;
#if PG_VERSION_NUM >= 160000
    return ExecInsertIndexTuples(result_, new_row_, state_, true, false, nullptr, NIL, only_summaries);
#else
    return ExecInsertIndexTuples(result_, new_row_, state_, true, false, nullptr, NIL);
#endif
}

void
RowUpdate::Finish() {
    const MemoryContext before = MemoryContextSwitchTo(state_->es_query_cxt);
    ExecASUpdateTriggers(state_, result_, captured_);
    FireLast();
    EvalPlanQualEnd(&recheck_);
    MemoryContextSwitchTo(before);
    End();
}

} // namespace laurel
