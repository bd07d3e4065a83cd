// After PostgreSQL's own worker of logical replication (create_edata_for_relation in
// src/backend/replication/logical/worker.c), which also writes rows without a plan, but has no transition
// tables.

#include "row_statement.h"

#include "kept_conditions.h"

extern "C" {
#include "parser/parse_relation.h"
}

namespace laurel {

namespace {

// The table as the only one of the statement, with the columns that it writes.
void
InitRangeTable(EState *state, Relation table, CmdType command, Bitmapset *columns) {
    auto *entry = makeNode(RangeTblEntry);
    entry->rtekind = RTE_RELATION;
    entry->relid = RelationGetRelid(table);
    entry->relkind = table->rd_rel->relkind;
    entry->rellockmode = RowExclusiveLock;
#if PG_VERSION_NUM >= 160000
    List *permissions = NIL;
    RTEPermissionInfo *written = addRTEPermissionInfo(&permissions, entry);
#else
    RangeTblEntry *written = entry;
#endif
    (command == CMD_UPDATE ? written->updatedCols : written->insertedCols) = columns;
#if PG_VERSION_NUM >= 160000
    ExecInitRangeTable(state, list_make1(entry), permissions);
#else
    ExecInitRangeTable(state, list_make1(entry));
#endif
}

bool
HasGeneratedColumns(Relation table) {
    const TupleConstr *constraints = RelationGetDescr(table)->constr;
    return constraints != nullptr && constraints->has_generated_stored;
}

} // namespace

bool
IsPlainTarget(Relation table) {
    return !table->rd_rel->relispartition && table->rd_rules == nullptr &&
           !table->rd_rel->relforcerowsecurity && !HasGeneratedColumns(table);
}

RowStatement::RowStatement(Relation table, CmdType command, Bitmapset *columns) : table_(table) {
    CommandCounterIncrement();
    PushActiveSnapshot(GetTransactionSnapshot());
    state_ = CreateExecutorState();
    const MemoryContext before = MemoryContextSwitchTo(state_->es_query_cxt);
    state_->es_snapshot = GetActiveSnapshot();
    state_->es_output_cid = GetCurrentCommandId(true);
    InitRangeTable(state_, table, command, columns);
    result_ = makeNode(ResultRelInfo);
    InitResultRelInfo(result_, table, 1, nullptr, 0);
    GiveConditions(result_, state_);
    state_->es_opened_result_relations = lappend(state_->es_opened_result_relations, result_);
    CheckCmdReplicaIdentity(table, command);
    AfterTriggerBeginQuery();
    captured_ = MakeTransitionCaptureState(result_->ri_TrigDesc, RelationGetRelid(table), command);
    MemoryContextSwitchTo(before);
}

void
RowStatement::FireLast() {
    const MemoryContext before = MemoryContextSwitchTo(state_->es_query_cxt);
    AfterTriggerEndQuery(state_);
    MemoryContextSwitchTo(before);
}

void
RowStatement::End() {
    const MemoryContext before = MemoryContextSwitchTo(state_->es_query_cxt);
    ExecCloseResultRelations(state_); // the indexes, and tables whose triggers waited until now
    ExecResetTupleTable(state_->es_tupleTable, false);
    PopActiveSnapshot();
    MemoryContextSwitchTo(before);
    FreeExecutorState(state_);
    CommandCounterIncrement();
}

} // namespace laurel
