// After PostgreSQL's own worker of logical replication: apply_handle_tuple_routing in
// src/backend/replication/logical/worker.c, ExecSimpleRelationInsert in
// src/backend/executor/execReplication.c.

#include "row_insert.h"

#include "kept_conditions.h"
#include "refused_row.h"

extern "C" {
#include "access/tableam.h"
#include "executor/execPartition.h"
#include "executor/nodeModifyTable.h"
}

namespace laurel {

namespace {

Bitmapset *
InsertedColumns(const int *columns, int count) {
    Bitmapset *set = nullptr;
    for (int i = 0; i < count; i++)
        set = bms_add_member(set, columns[i] - FirstLowInvalidHeapAttributeNumber);
    return set;
}

// How a partition has the columns of its table; null where it has the same.
TupleConversionMap *
MapOf(ResultRelInfo *partition, [[maybe_unused]] EState *state) {
#if PG_VERSION_NUM >= 160000
    return ExecGetRootToChildMap(partition, state);
#else
    return partition->ri_RootToPartitionMap;
#endif
}

// A partition may be a table of another server.
void
RequireOrdinary(Relation partition) {
    if (partition->rd_rel->relkind != RELKIND_RELATION)
        ereport(ERROR, (errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
                        errmsg("%s is not an ordinary table, and takes no rows of its partitioned table",
                               QualifiedName(RelationGetRelid(partition)))));
}

// Whether a row might not belong where it has come: a trigger has looked at it since.
bool
MayHaveStrayed(const ResultRelInfo *target) {
    return target->ri_RelationDesc->rd_rel->relispartition && target->ri_TrigDesc != nullptr &&
           target->ri_TrigDesc->trig_insert_before_row;
}

} // namespace

bool
CanInsertRows(Relation table) {
    const char kind = table->rd_rel->relkind;
    return (kind == RELKIND_RELATION || kind == RELKIND_PARTITIONED_TABLE) && IsPlainTarget(table);
}

RowInsert::RowInsert(Relation table, const int *columns, int count)
    : RowStatement(table, CMD_INSERT, InsertedColumns(columns, count)), columns_(columns), count_(count) {
    const MemoryContext before = MemoryContextSwitchTo(state_->es_query_cxt);
    row_ = ExecInitExtraTupleSlot(state_, RelationGetDescr(table), &TTSOpsVirtual);
    ExecBSInsertTriggers(state_, result_);
    if (table->rd_rel->relkind == RELKIND_PARTITIONED_TABLE) {
        routed_ = makeNode(ModifyTableState);
        routed_->ps.state = state_;
        routed_->operation = CMD_INSERT;
        routed_->resultRelInfo = result_;
        routed_->mt_partition_tuple_routing = ExecSetupPartitionTupleRouting(state_, table);
    } else {
        ExecOpenIndices(result_, false);
    }
    MemoryContextSwitchTo(before);
}

TupleTableSlot *
RowInsert::Fill(const Nullable *values) {
    ExecClearTuple(row_);
    const auto columns = static_cast<size_t>(row_->tts_tupleDescriptor->natts);
    std::memset(row_->tts_values, 0, columns * sizeof(Datum));
    std::memset(row_->tts_isnull, true, columns * sizeof(bool));
    for (int i = 0; i < count_; i++) {
        row_->tts_values[columns_[i] - 1] = values[i].value;
        row_->tts_isnull[columns_[i] - 1] = values[i].is_null;
    }
    return ExecStoreVirtualTuple(row_);
}

// The partition that the row goes to, as which it is then.
ResultRelInfo *
RowInsert::Route(TupleTableSlot **row) {
    ResultRelInfo *target =
        ExecFindPartition(routed_, result_, routed_->mt_partition_tuple_routing, *row, state_);
    if (target != last_) {
        RequireOrdinary(target->ri_RelationDesc);
        GiveConditions(target, state_);
    }
    last_ = target;
    if (const TupleConversionMap *map = MapOf(target, state_))
        *row = execute_attr_map_slot(map->attrMap, *row, target->ri_PartitionTupleSlot);
    return target;
}

bool
RowInsert::Write(const Nullable *values) {
    CHECK_FOR_INTERRUPTS();
    const MemoryContext before = MemoryContextSwitchTo(state_->es_query_cxt);
    TupleTableSlot *row = Fill(values);
    ResultRelInfo *target = routed_ == nullptr ? result_ : Route(&row);
    const bool goes_on = target->ri_TrigDesc == nullptr || !target->ri_TrigDesc->trig_insert_before_row ||
                         ExecBRInsertTriggers(state_, target, row);
    if (goes_on)
        WithoutRefusedRow([&] { WriteTo(target, row); });
    MemoryContextSwitchTo(before);
    ResetPerTupleExprContext(state_);
    return goes_on;
}

void
RowInsert::WriteTo(ResultRelInfo *target, TupleTableSlot *row) {
    const Relation table = target->ri_RelationDesc;
    const TupleConstr *constraints = RelationGetDescr(table)->constr;
    if (constraints != nullptr &&
        constraints->has_generated_stored) // a partition may have what its table has not
        ExecComputeStoredGenerated(target, state_, row, CMD_INSERT);
    if (constraints != nullptr)
        ExecConstraints(target, row, state_);
    if (MayHaveStrayed(target))
        ExecPartitionCheck(target, row, state_, true);
    row->tts_tableOid = RelationGetRelid(table);
    simple_table_tuple_insert(table, row);
    List *deferred = NIL;
    if (target->ri_NumIndices > 0) {
#if PG_VERSION_NUM >= 160000
        deferred = ExecInsertIndexTuples(target, row, state_, false, false, nullptr, NIL, false);
#else
        deferred = ExecInsertIndexTuples(target, row, state_, false, false, nullptr, NIL);
#endif
    }
    ExecARInsertTriggers(state_, target, row, deferred, captured_);
}

void
RowInsert::Finish() {
    const MemoryContext before = MemoryContextSwitchTo(state_->es_query_cxt);
    ExecASInsertTriggers(state_, result_, captured_);
    FireLast();
    if (routed_ != nullptr)
        ExecCleanupTupleRouting(routed_, routed_->mt_partition_tuple_routing);
    MemoryContextSwitchTo(before);
    End();
}

} // namespace laurel
