// After PostgreSQL's own worker of logical replication (create_edata_for_relation,
// apply_handle_update_internal in src/backend/replication/logical/worker.c), which also writes rows without a
// plan.

#include "postgres/row_update.h"

#include "postgres/kept_conditions.h"

extern "C" {
#include "access/tableam.h"
#include "parser/parse_relation.h"
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

// The table as the only one of the statement, with the columns that it updates.
void
InitRangeTable(EState *state, Relation table, Bitmapset *columns) {
    auto *entry = makeNode(RangeTblEntry);
    entry->rtekind = RTE_RELATION;
    entry->relid = RelationGetRelid(table);
    entry->relkind = table->rd_rel->relkind;
    entry->rellockmode = RowExclusiveLock;
#if PG_VERSION_NUM >= 160000
    List *permissions = NIL;
    addRTEPermissionInfo(&permissions, entry)->updatedCols = columns;
    ExecInitRangeTable(state, list_make1(entry), permissions);
#else
    entry->updatedCols = columns;
    ExecInitRangeTable(state, list_make1(entry));
#endif
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
HasTransitionTables(const TriggerDesc *triggers) {
    return triggers != nullptr && (triggers->trig_update_old_table || triggers->trig_update_new_table);
}

bool
HasGeneratedColumns(Relation table) {
    const TupleConstr *constraints = RelationGetDescr(table)->constr;
    return constraints != nullptr && constraints->has_generated_stored;
}

} // namespace

bool
CanUpdateRows(Relation table) {
    return table->rd_rel->relkind == RELKIND_RELATION && !table->rd_rel->relispartition &&
           table->rd_rules == nullptr && !table->rd_rel->relforcerowsecurity && !HasGeneratedColumns(table) &&
           !HasTransitionTables(table->trigdesc);
}

RowUpdate::RowUpdate(Relation table, const int *columns, int count) : table_(table) {
    CommandCounterIncrement();
    PushActiveSnapshot(GetTransactionSnapshot());
    state_ = CreateExecutorState();
    const MemoryContext before = MemoryContextSwitchTo(state_->es_query_cxt);
    state_->es_snapshot = GetActiveSnapshot();
    state_->es_output_cid = GetCurrentCommandId(true);
    InitRangeTable(state_, table, ColumnSet(columns, count));
    result_ = makeNode(ResultRelInfo);
    InitResultRelInfo(result_, table, 1, nullptr, 0);
    GiveConditions(result_, state_);
    state_->es_opened_result_relations = lappend(state_->es_opened_result_relations, result_);
    ExecOpenIndices(result_, false);
    InitRecheck(&recheck_, state_);
    old_row_ = table_slot_create(table, &state_->es_tupleTable);
    new_row_ = ExecInitExtraTupleSlot(state_, RelationGetDescr(table), &TTSOpsVirtual);
    AfterTriggerBeginQuery();
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
    ItemPointerSetInvalid(&new_row_->tts_tid);
    ExecSimpleRelationUpdate(result_, state_, &recheck_, old_row_, new_row_);
    MemoryContextSwitchTo(before);
    const bool written = ItemPointerIsValid(&new_row_->tts_tid);
    ResetPerTupleExprContext(state_);
    return written;
}

void
RowUpdate::Finish() {
    const MemoryContext before = MemoryContextSwitchTo(state_->es_query_cxt);
    ExecASUpdateTriggers(state_, result_, nullptr);
    AfterTriggerEndQuery(state_);
    EvalPlanQualEnd(&recheck_);
    ExecCloseResultRelations(state_); // the indexes, and tables whose triggers waited until now
    ExecResetTupleTable(state_->es_tupleTable, false);
    PopActiveSnapshot();
    MemoryContextSwitchTo(before);
    FreeExecutorState(state_);
    CommandCounterIncrement();
}

} // namespace laurel
