// Conditions of triggers. A trigger has no owner, so nobody vouches for what its WHEN calls, be it the
// server's own functions only: where somebody else may attach triggers to a table, one that is not Laurel's
// has none.

#include "foreign_conditions.h"

#include "bridge.h"
#include "foreign_code.h"
#include "relation_changes.h"

extern "C" {
#include "catalog/pg_inherits.h"
#include "executor/executor.h"
#include "parser/parsetree.h"
}

namespace laurel {

namespace {

constinit ExecutorStart_hook_type earlier_start_hook = nullptr;

// A table that was found to be in order for a role; a partition leads to the table it was looked at for.
struct ClearedTable {
    Oid table;
    Oid role;
    Oid parent;
};

constinit HTAB *cleared_tables = nullptr;

HTAB *
ClearedTables() {
    if (cleared_tables == nullptr) {
        HASHCTL control = {};
        control.keysize = sizeof(Oid);
        control.entrysize = sizeof(ClearedTable);
        control.hcxt = TopMemoryContext;
        cleared_tables =
            hash_create("laurel cleared_tables tables", 64, &control, HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
    }
    return cleared_tables;
}

void
ForgetAll() {
    HASH_SEQ_STATUS scan;
    hash_seq_init(&scan, cleared_tables);
    while (const auto *entry = static_cast<const ClearedTable *>(hash_seq_search(&scan)))
        hash_search(cleared_tables, &entry->table, HASH_REMOVE, nullptr);
}

void
Forget(Oid table) {
    if (cleared_tables == nullptr)
        return;
    if (table == InvalidOid)
        return ForgetAll();
    const auto *entry =
        static_cast<const ClearedTable *>(hash_search(cleared_tables, &table, HASH_FIND, nullptr));
    if (entry == nullptr)
        return;
    const Oid parent = entry->parent;
    hash_search(cleared_tables, &parent, HASH_REMOVE, nullptr);
    hash_search(cleared_tables, &table, HASH_REMOVE, nullptr);
}

// Whether a role that has not the rights of this one may attach triggers to the table.
bool
OthersMayAttach(Oid table, Oid role) {
    HeapTuple tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(table));
    if (!HeapTupleIsValid(tuple))
        return false;
    bool nobody;
    const Datum rights = SysCacheGetAttr(RELOID, tuple, Anum_pg_class_relacl, &nobody);
    bool others = false;
    if (!nobody) {
        const Acl *list = DatumGetAclP(rights);
        const AclItem *items = ACL_DAT(list);
        for (int i = 0; i < ACL_NUM(list); i++)
            others |= (ACLITEM_GET_PRIVS(items[i]) & ACL_TRIGGER) != 0 &&
                      (items[i].ai_grantee == ACL_ID_PUBLIC || !has_privs_of_role(items[i].ai_grantee, role));
    }
    ReleaseSysCache(tuple);
    return others;
}

[[noreturn]] void
RefuseCondition(Relation table, const Trigger &trigger, Oid role) {
    ereport(
        ERROR,
        (errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
         errmsg("the condition of trigger %s of table %s must not be evaluated with the rights of %s",
                quote_identifier(trigger.tgname),
                quote_qualified_identifier(get_namespace_name(RelationGetNamespace(table)),
                                           RelationGetRelationName(table)),
                GetUserNameFromId(role, false)),
         errdetail("Others may attach triggers to the table, and a trigger has no owner who could vouch for"
                   " its condition."),
         errhint("Create the trigger without WHEN and ask for the condition in its function, or revoke"
                 " TRIGGER on the table.")));
    pg_unreachable();
}

// Looks at a copy: what the relation knows of its triggers may be replaced by any look into the catalogue.
void
CheckConditions(Relation table, Oid role) {
    const bool has_conditions =
        table->trigdesc != nullptr &&
        std::any_of(table->trigdesc->triggers, table->trigdesc->triggers + table->trigdesc->numtriggers,
                    [](const Trigger &trigger) { return trigger.tgqual != nullptr; });
    const TriggerDesc *triggers = has_conditions ? CopyTriggerDesc(table->trigdesc) : nullptr;
    const Oid own_schema = get_namespace_oid("laurel_internal", true);
    for (int i = 0; triggers != nullptr && i < triggers->numtriggers; i++) {
        const Trigger &trigger = triggers->triggers[i];
        if (trigger.tgqual != nullptr && trigger.tgenabled != TRIGGER_DISABLED &&
            get_func_namespace(trigger.tgfoid) != own_schema &&
            OthersMayAttach(RelationGetRelid(table), role))
            RefuseCondition(table, trigger, role);
    }
}

void
Clear(Oid table, Oid role, Oid parent) {
    auto *entry = static_cast<ClearedTable *>(hash_search(ClearedTables(), &table, HASH_ENTER, nullptr));
    entry->role = role;
    entry->parent = parent;
}

// Looks at a table that the executor has locked, and at its partitions.
void
CheckTable(Oid table, Oid role) {
    const auto *entry =
        static_cast<const ClearedTable *>(hash_search(ClearedTables(), &table, HASH_FIND, nullptr));
    if (entry != nullptr && entry->role == role && entry->parent == table)
        return;
    ListCell *cell;
    foreach (cell, find_all_inheritors(table, AccessShareLock, nullptr)) {
        Relation relation = table_open(lfirst_oid(cell), NoLock);
        CheckConditions(relation, role);
        table_close(relation, NoLock);
        Clear(lfirst_oid(cell), role, table);
    }
}

void
CheckTargets(const PlannedStmt *statement) {
    if (statement->resultRelations == NIL)
        return;
    const Oid role = ActingRole();
    if (!OidIsValid(role))
        return;
    ListCell *cell;
    foreach (cell, statement->resultRelations)
        CheckTable(rt_fetch(lfirst_int(cell), statement->rtable)->relid, role);
}

void
StartExecutor(QueryDesc *query, int flags) {
    boundary([=] { CheckTargets(query->plannedstmt); });
    if (earlier_start_hook != nullptr)
        earlier_start_hook(query, flags);
    else
        standard_ExecutorStart(query, flags);
}

} // namespace

void
InitForeignConditions() {
    WhenRelationChanges(Forget);
    earlier_start_hook = ExecutorStart_hook;
    ExecutorStart_hook = StartExecutor;
}

} // namespace laurel
