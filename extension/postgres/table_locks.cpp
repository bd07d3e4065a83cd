// LOCK TABLE. Whoever may delete from a table may lock it, says the server; the right to delete cannot be
// given otherwise, so the statement itself is refused, in every session that has loaded the library.

#include "table_locks.h"

#include "bridge.h"
#include "error.h"

extern "C" {
#include "rewrite/rewriteHandler.h"
#include "tcop/utility.h"
}

namespace laurel {

namespace {

constinit ProcessUtility_hook_type earlier_hook = nullptr;

bool
IsLaurels(Oid relation) {
    const Oid schema = get_rel_namespace(relation);
    return OidIsValid(schema) && (schema == get_namespace_oid("laurel", true) ||
                                  schema == get_namespace_oid("laurel_internal", true));
}

[[noreturn]] void
RefuseLock(Oid relation) {
    const char *name = get_rel_name(relation);
    const char *schema = get_namespace_name(get_rel_namespace(relation));
    Refuse({.sqlstate = ERRCODE_INSUFFICIENT_PRIVILEGE,
            .message = psprintf("only its owner locks %s", quote_qualified_identifier(schema, name)),
            .detail = "A lock of the table would stop everybody else.",
            .hint = "Lock the rows you need with SELECT ... FOR UPDATE.",
            .table = name});
}

// A walker as the server's version takes it.
#if PG_VERSION_NUM >= 160000
constexpr auto AsWalker = [](bool (*walker)(Node *, void *)) { return walker; };
#else
constexpr auto AsWalker = [](bool (*walker)(Node *, void *)) {
    return reinterpret_cast<bool (*)()>(reinterpret_cast<void (*)()>(walker));
};
#endif

void CheckLock(Oid relation);

// LOCK TABLE of a view locks what the view reads; among that stands the view itself, as OLD and NEW.
bool
CheckLocksInside(Node *node, void *view) {
    if (node == nullptr)
        return false;
    if (!IsA(node, Query))
        return expression_tree_walker(node, AsWalker(CheckLocksInside), view);
    auto *query = reinterpret_cast<Query *>(node);
    ListCell *cell;
    foreach (cell, query->rtable) {
        const auto *entry = static_cast<RangeTblEntry *>(lfirst(cell));
        if (entry->rtekind == RTE_RELATION && entry->relid != *static_cast<const Oid *>(view))
            CheckLock(entry->relid);
    }
    return query_tree_walker(query, AsWalker(CheckLocksInside), view, QTW_IGNORE_JOINALIASES);
}

void
CheckLock(Oid relation) {
    HeapTuple tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(relation));
    if (!HeapTupleIsValid(tuple))
        return;
    const auto *form = reinterpret_cast<Form_pg_class>(GETSTRUCT(tuple));
    const Oid owner = form->relowner;
    const char kind = form->relkind;
    ReleaseSysCache(tuple);
    if (IsLaurels(relation)) {
        if (!has_privs_of_role(GetUserId(), owner))
            RefuseLock(relation);
        return;
    }
    if (kind != RELKIND_VIEW)
        return;
    check_stack_depth();
    Relation view = table_open(relation, AccessShareLock);
    CheckLocksInside(reinterpret_cast<Node *>(get_view_query(view)), &relation);
    table_close(view, AccessShareLock);
}

// The weak modes, which reading and writing take as well, stop nobody.
void
CheckStatement(const PlannedStmt *statement) {
    const auto *lock = reinterpret_cast<const LockStmt *>(statement->utilityStmt);
    if (!IsA(lock, LockStmt) || lock->mode <= RowExclusiveLock)
        return;
    ListCell *cell;
    foreach (cell, lock->relations) {
        const Oid relation = RangeVarGetRelid(static_cast<RangeVar *>(lfirst(cell)), NoLock, true);
        if (OidIsValid(relation))
            CheckLock(relation);
    }
}

void
ProcessStatement(PlannedStmt *statement, const char *text, bool read_only_tree, ProcessUtilityContext context,
                 ParamListInfo parameters, QueryEnvironment *environment, DestReceiver *receiver,
                 QueryCompletion *completion) {
    boundary([=] { CheckStatement(statement); });
    const auto next = earlier_hook != nullptr ? earlier_hook : standard_ProcessUtility;
    next(statement, text, read_only_tree, context, parameters, environment, receiver, completion);
}

} // namespace

void
InitTableLocks() {
    earlier_hook = ProcessUtility_hook;
    ProcessUtility_hook = ProcessStatement;
}

} // namespace laurel
