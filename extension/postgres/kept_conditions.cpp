#include "kept_conditions.h"

#include "bridge.h"
#include "early_rights.h"
#include "list.h"
#include "relation_changes.h"

extern "C" {
#include "access/transam.h"
#include "catalog/pg_proc.h"
#include "executor/executor.h"
#include "nodes/bitmapset.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "nodes/primnodes.h"
#include "optimizer/optimizer.h"
#include "rewrite/rewriteManip.h"
#include "utils/inval.h"
}

namespace laurel {

namespace {

constexpr long kMostTables = 500;

constinit ExecutorStart_hook_type start_hook_before = nullptr;

// A condition as it was read; ready to be asked where that is the same in every statement.
struct Condition {
    Node *read;
    ExprState *ready;
};

// The conditions of a table, in the order of its CHECKs and its triggers, for as long as it stays as it is.
struct Conditions {
    Oid table;
    bool valid = false;
    bool laurels = false;
    MemoryContext memory = nullptr; // holds them
    int check_count = 0;
    Condition *checks = nullptr;
    int when_count = 0;
    Condition *whens = nullptr;
};

constinit HTAB *tables = nullptr;
constinit uint64 table_changes = 0; // of any table, as far as this session has noticed

HTAB *
Tables() {
    if (tables == nullptr) {
        HASHCTL control = {};
        control.keysize = sizeof(Oid);
        control.entrysize = sizeof(Conditions);
        control.hcxt = TopMemoryContext;
        tables = hash_create("laurel conditions", 64, &control, HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
    }
    return tables;
}

// Marks what no longer holds. Nothing is freed here: a statement may be asking it.
void
ForgetConditions(Oid table) {
    table_changes++;
    if (tables == nullptr)
        return;
    if (OidIsValid(table)) {
        auto *entry = static_cast<Conditions *>(hash_search(tables, &table, HASH_FIND, nullptr));
        if (entry != nullptr)
            entry->valid = false;
        return;
    }
    HASH_SEQ_STATUS scan;
    hash_seq_init(&scan, tables);
    while (auto *entry = static_cast<Conditions *>(hash_seq_search(&scan)))
        entry->valid = false;
}

// Whether a function may be called by whoever writes the table, always: it is the server's own, and nobody
// has said who may call it. The server asks that in each statement.
bool
IsForSome(Oid function, void *) {
    if (function >= FirstNormalObjectId)
        return true;
    HeapTuple tuple = SearchSysCache1(PROCOID, ObjectIdGetDatum(function));
    bool is_for_all = true; // where nothing is said
    if (HeapTupleIsValid(tuple)) {
        SysCacheGetAttr(PROCOID, tuple, Anum_pg_proc_proacl, &is_for_all);
        ReleaseSysCache(tuple);
    }
    return !is_for_all;
}

// Whether an expression has anything but columns, constants and what the server itself does with them: that
// is planned and set up in one way, whoever asks and whatever else has changed.
bool
HasMore(Node *node, void *context) {
    if (node == nullptr)
        return false;
    // The server declares what it calls without parameters.
    const auto untyped = reinterpret_cast<bool (*)()>(reinterpret_cast<void *>(HasMore));
    switch (nodeTag(node)) {
    case T_Var:
        return castNode(Var, node)->varattno <= 0;
    case T_List:
    case T_Const:
    case T_OpExpr:
    case T_DistinctExpr:
    case T_NullIfExpr:
    case T_ScalarArrayOpExpr:
    case T_FuncExpr:
    case T_BoolExpr:
    case T_NullTest:
    case T_BooleanTest:
    case T_RelabelType:
    case T_CoerceViaIO:
    case T_CoalesceExpr:
    case T_CaseExpr:
    case T_CaseWhen:
    case T_CaseTestExpr:
    case T_ArrayExpr:
        return check_functions_in_node(node, IsForSome, context) ||
               expression_tree_walker(node, untyped, context);
    default:
        return true;
    }
}

// As the server sets up a CHECK (ExecPrepareExpr) and a WHEN (ExecPrepareQual, for which WHEN (true) is
// nothing), in memory that lasts.
ExprState *
Ready(Node *read) {
    if (read == nullptr || HasMore(read, nullptr))
        return nullptr;
    Expr *planned = expression_planner(reinterpret_cast<Expr *>(read));
    return IsA(planned, List) ? ExecInitQual(reinterpret_cast<List *>(planned), nullptr)
                              : ExecInitExpr(planned, nullptr);
}

Condition
ReadCheck(const char *text) {
    auto *read = static_cast<Node *>(stringToNode(text));
    return {read, Ready(read)};
}

// As TriggerEnabled reads it.
Condition
ReadWhen(const char *text) {
    if (text == nullptr)
        return {nullptr, nullptr};
    auto *read = static_cast<Node *>(stringToNode(text));
    ChangeVarNodes(read, PRS2_OLD_VARNO, INNER_VAR, 0);
    ChangeVarNodes(read, PRS2_NEW_VARNO, OUTER_VAR, 0);
    read = reinterpret_cast<Node *>(make_ands_implicit(reinterpret_cast<Expr *>(read)));
    return {read, Ready(read)};
}

void
ReadAll(Conditions *conditions, Relation table, const TriggerDesc *triggers) {
    const TupleConstr *constraints = RelationGetDescr(table)->constr;
    conditions->check_count = constraints == nullptr ? 0 : constraints->num_check;
    conditions->checks = NewList<Condition>(conditions->check_count);
    for (int i = 0; i < conditions->check_count; i++)
        conditions->checks[i] = ReadCheck(constraints->check[i].ccbin);
    conditions->when_count = triggers == nullptr ? 0 : triggers->numtriggers;
    conditions->whens = NewList<Condition>(conditions->when_count);
    for (int i = 0; i < conditions->when_count; i++)
        conditions->whens[i] = ReadWhen(triggers->triggers[i].tgqual);
}

// Rights to call functions are looked at when conditions are read.
void
ForgetFunctions(Datum, int, uint32) {
    ForgetConditions(InvalidOid);
}

// Leaves what was kept to the transaction: whoever still asks it ends before that does.
void
Retire(Conditions *conditions) {
    if (conditions->memory != nullptr)
        MemoryContextSetParent(conditions->memory, TopTransactionContext);
    *conditions = {conditions->table};
}

void
Read(Conditions *conditions, Relation table, const TriggerDesc *triggers) {
    Conditions made = {RelationGetRelid(table)};
    const uint64 made_after = table_changes;
    made.laurels = IsLaurels(RelationGetRelid(table));
    if (made.laurels) {
        made.memory = AllocSetContextCreate(CurrentMemoryContext, "laurel conditions", ALLOCSET_SMALL_SIZES);
        const MemoryContext old = MemoryContextSwitchTo(made.memory);
        ReadAll(&made, table, triggers);
        MemoryContextSwitchTo(old);
        MemoryContextSetParent(made.memory, CacheMemoryContext);
    }
    made.valid = made_after == table_changes;
    *conditions = made;
}

// Makes room for another table. What is forgotten is read again by the next who needs it.
void
KeepFew() {
    if (hash_get_num_entries(Tables()) < kMostTables)
        return;
    HASH_SEQ_STATUS scan;
    hash_seq_init(&scan, tables);
    while (auto *entry = static_cast<Conditions *>(hash_seq_search(&scan))) {
        Retire(entry);
        hash_search(tables, &entry->table, HASH_REMOVE, nullptr);
    }
}

// The conditions of a table that is locked and open.
const Conditions &
ConditionsOf(const ResultRelInfo *table) {
    const Oid oid = RelationGetRelid(table->ri_RelationDesc);
    auto *conditions = static_cast<Conditions *>(hash_search(Tables(), &oid, HASH_FIND, nullptr));
    if (conditions == nullptr) {
        KeepFew();
        conditions = static_cast<Conditions *>(hash_search(tables, &oid, HASH_ENTER, nullptr));
        *conditions = {oid};
    }
    if (!conditions->valid) {
        Retire(conditions);
        Read(conditions, table->ri_RelationDesc, table->ri_TrigDesc);
    }
    return *conditions;
}

// Those that are not ready the server's way. All of them have to be given, or none.
ExprState **
ReadyChecks(const Conditions &conditions, EState *state) {
    auto **checks = static_cast<ExprState **>(MemoryContextAlloc(
        state->es_query_cxt, sizeof(ExprState *) * static_cast<size_t>(conditions.check_count)));
    for (int i = 0; i < conditions.check_count; i++) {
        const Condition &check = conditions.checks[i];
        checks[i] = check.ready != nullptr ? check.ready
                                           : ExecPrepareExpr(reinterpret_cast<Expr *>(check.read), state);
    }
    return checks;
}

void
StartWithConditions(QueryDesc *query, int flags) {
    if (start_hook_before != nullptr)
        start_hook_before(query, flags);
    else
        standard_ExecutorStart(query, flags);
    if ((flags & EXEC_FLAG_EXPLAIN_ONLY) != 0 || query->estate->es_opened_result_relations == NIL)
        return;
    boundary([=] {
        ListCell *cell;
        foreach (cell, query->estate->es_opened_result_relations)
            GiveConditions(static_cast<ResultRelInfo *>(lfirst(cell)), query->estate);
    });
}

} // namespace

void
GiveConditions(ResultRelInfo *table, EState *state) {
    const Relation relation = table->ri_RelationDesc;
    if (relation->rd_rel->relkind != RELKIND_RELATION ||
        (relation->rd_rel->relchecks == 0 && table->ri_TrigDesc == nullptr))
        return;
    const Conditions &conditions = ConditionsOf(table);
    const int triggers = table->ri_TrigDesc == nullptr ? 0 : table->ri_TrigDesc->numtriggers;
    if (!conditions.laurels || conditions.when_count != triggers)
        return;
    for (int i = 0; i < triggers; i++)
        table->ri_TrigWhenExprs[i] = conditions.whens[i].ready;
    if (conditions.check_count > 0 && conditions.check_count == relation->rd_rel->relchecks)
        table->ri_ConstraintExprs = ReadyChecks(conditions, state);
}

void
InitKeptConditions() {
    WhenRelationChanges(ForgetConditions);
    CacheRegisterSyscacheCallback(PROCOID, ForgetFunctions, 0);
    start_hook_before = ExecutorStart_hook;
    ExecutorStart_hook = StartWithConditions;
}

} // namespace laurel
