#include "early_rights.h"

#include "owner.h"

extern "C" {
#include "nodes/makefuncs.h"
#include "nodes/parsenodes.h"
}

namespace laurel {

namespace {

// A table's name in a statement, which from then on means this table in whatever path.
Oid
Pinned(RangeVar *name) {
    const Oid table = RangeVarGetRelid(name, NoLock, true);
    if (OidIsValid(table))
        name->schemaname = get_namespace_name(get_rel_namespace(table));
    return table;
}

void
RequireOwnership(Oid table) {
    if (OidIsValid(table) && IsLaurels(table) && !has_privs_of_role(GetUserId(), OwnerOf(table)))
        aclcheck_error(ACLCHECK_NOT_OWNER, get_relkind_objtype(get_rel_relkind(table)), get_rel_name(table));
}

void
RequireRight(Oid table, AclMode right) {
    if (!OidIsValid(table) || !IsLaurels(table))
        return;
    AclResult answer = pg_class_aclcheck(table, GetUserId(), right);
    if (answer != ACLCHECK_OK && right == ACL_REFERENCES)
        answer = pg_attribute_aclcheck_all(table, GetUserId(), right, ACLMASK_ANY);
    if (answer != ACLCHECK_OK)
        aclcheck_error(answer, get_relkind_objtype(get_rel_relkind(table)), get_rel_name(table));
}

// DROP TRIGGER, RULE and POLICY name the table and what is on it in one list.
void
AskDrop(const DropStmt *drop) {
    if (drop->removeType != OBJECT_TRIGGER && drop->removeType != OBJECT_RULE &&
        drop->removeType != OBJECT_POLICY)
        return;
    ListCell *cell;
    foreach (cell, drop->objects) {
        List *names = castNode(List, lfirst(cell));
        if (list_length(names) < 2 || list_length(names) > 4)
            continue;
        RangeVar *table = makeRangeVarFromNameList(list_truncate(list_copy(names), list_length(names) - 1));
        RequireOwnership(Pinned(table));
        if (table->schemaname != nullptr)
            lfirst(cell) =
                list_make3(makeString(table->schemaname), makeString(table->relname), llast(names));
    }
}

void
AskForeignKeys(List *constraints) {
    ListCell *cell;
    foreach (cell, constraints) {
        const auto *constraint = static_cast<const Constraint *>(lfirst(cell));
        if (IsA(constraint, Constraint) && constraint->contype == CONSTR_FOREIGN)
            RequireRight(Pinned(constraint->pktable), ACL_REFERENCES);
    }
}

void
AskAlter(const AlterTableStmt *alter) {
    ListCell *cell;
    foreach (cell, alter->cmds) {
        const auto *command = static_cast<const AlterTableCmd *>(lfirst(cell));
        if (command->subtype == AT_AddConstraint)
            AskForeignKeys(list_make1(command->def));
        else if (command->subtype == AT_AddColumn)
            AskForeignKeys(castNode(ColumnDef, command->def)->constraints);
    }
}

// CREATE TABLE adds its foreign keys by statements of their own.
void
Ask(Node *statement) {
    switch (nodeTag(statement)) {
    case T_DropStmt:
        return AskDrop(reinterpret_cast<const DropStmt *>(statement));
    case T_AlterTableStmt:
        return AskAlter(reinterpret_cast<const AlterTableStmt *>(statement));
    case T_CreateTrigStmt:
        return RequireRight(Pinned(reinterpret_cast<const CreateTrigStmt *>(statement)->relation),
                            ACL_TRIGGER);
    default: {
        const auto *depends = reinterpret_cast<const AlterObjectDependsStmt *>(statement);
        if (depends->relation != nullptr)
            RequireOwnership(Pinned(depends->relation));
    }
    }
}

bool
IsAsked(NodeTag tag) {
    return tag == T_DropStmt || tag == T_AlterTableStmt || tag == T_CreateTrigStmt ||
           tag == T_AlterObjectDependsStmt;
}

} // namespace

bool
IsLaurels(Oid relation) {
    const Oid schema = get_rel_namespace(relation);
    return OidIsValid(schema) && (schema == get_namespace_oid("laurel", true) ||
                                  schema == get_namespace_oid("laurel_internal", true));
}

PlannedStmt *
AskRightsFirst(PlannedStmt *statement) {
    if (!IsAsked(nodeTag(statement->utilityStmt)))
        return statement; // there may be no transaction
    const Oid owner = TablesOwner();
    if (!OidIsValid(owner) || has_privs_of_role(GetUserId(), owner))
        return statement;
    auto *pinned = static_cast<PlannedStmt *>(copyObjectImpl(statement));
    Ask(pinned->utilityStmt);
    return pinned;
}

} // namespace laurel
