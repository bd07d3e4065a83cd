#include "early_rights.h"

#include "owner.h"

extern "C" {
#include "access/genam.h"
#include "catalog/pg_policy.h"
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

// Names of tables in a list.
void
RequireOwnershipOfAll(List *names) {
    ListCell *cell;
    foreach (cell, names)
        if (IsA(lfirst(cell), RangeVar))
            RequireOwnership(Pinned(static_cast<RangeVar *>(lfirst(cell))));
}

// The name of a relation of any kind, or of a column, as COMMENT has it.
void
AskNamed(ObjectType kind, Node *object) {
    switch (kind) {
    case OBJECT_TABLE:
    case OBJECT_FOREIGN_TABLE:
    case OBJECT_VIEW:
    case OBJECT_MATVIEW:
    case OBJECT_INDEX:
    case OBJECT_SEQUENCE:
    case OBJECT_COLUMN:
        break;
    default:
        return;
    }
    const List *names = castNode(List, object);
    const int count = list_length(names) - (kind == OBJECT_COLUMN ? 1 : 0);
    if (count > 0 && count < 4)
        RequireOwnership(
            RangeVarGetRelid(makeRangeVarFromNameList(list_truncate(list_copy(names), count)), NoLock, true));
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
        else if (command->def != nullptr && IsA(command->def, PartitionCmd))
            RequireOwnership(Pinned(castNode(PartitionCmd, command->def)->name));
        else if (command->subtype == AT_AddInherit)
            RequireOwnership(Pinned(castNode(RangeVar, command->def)));
    }
}

void
AskPublished(List *objects) {
    ListCell *cell;
    foreach (cell, objects) {
        const auto *object = static_cast<const PublicationObjSpec *>(lfirst(cell));
        if (object->pubtable != nullptr)
            RequireOwnership(Pinned(object->pubtable->relation));
    }
}

bool
Names(const FormData_pg_policy &policy, Datum roles, Oid role) {
    if (!IsLaurels(policy.polrelid))
        return false;
    const ArrayType *list = DatumGetArrayTypePCopy(roles);
    const auto *begin = reinterpret_cast<const Oid *>(ARR_DATA_PTR(list));
    const auto *end = begin + ArrayGetNItems(ARR_NDIM(list), ARR_DIMS(list));
    return std::find(begin, end, role) != end;
}

// The server takes the role out of policies, one table after the other.
void
RequireNoPolicy(Oid role) {
    Relation policies = table_open(PolicyRelationId, AccessShareLock);
    SysScanDesc scan = systable_beginscan(policies, InvalidOid, false, nullptr, 0, nullptr);
    while (HeapTuple tuple = systable_getnext(scan)) {
        const auto *policy = reinterpret_cast<Form_pg_policy>(GETSTRUCT(tuple));
        bool is_null;
        const Datum roles =
            heap_getattr(tuple, Anum_pg_policy_polroles, RelationGetDescr(policies), &is_null);
        if (!is_null && Names(*policy, roles, role))
            RequireOwnership(policy->polrelid);
    }
    systable_endscan(scan);
    table_close(policies, AccessShareLock);
}

void
AskDropOwned(const DropOwnedStmt *drop) {
    ListCell *cell;
    foreach (cell, drop->roles)
        RequireNoPolicy(get_rolespec_oid(static_cast<const RoleSpec *>(lfirst(cell)), false));
}

template <typename Kind>
const Kind *
As(const Node *statement) {
    return reinterpret_cast<const Kind *>(statement);
}

template <typename Kind>
void
AskObject(Node *statement) {
    AskNamed(As<Kind>(statement)->objtype, As<Kind>(statement)->object);
}

template <typename Kind>
void
AskPublication(Node *statement) {
    AskPublished(As<Kind>(statement)->pubobjects);
}

// CREATE TABLE adds its foreign keys by statements of their own.
void
AskCreate(Node *statement) {
    RequireOwnershipOfAll(As<CreateStmt>(statement)->inhRelations);
}

void
AskDepends(Node *statement) {
    RangeVar *table = As<AlterObjectDependsStmt>(statement)->relation;
    if (table != nullptr)
        RequireOwnership(Pinned(table));
}

// What is asked before which statement.
constexpr struct {
    NodeTag tag;
    void (*ask)(Node *statement);
} kAsked[] = {
    {T_CreateStmt, AskCreate},
    {T_CreateForeignTableStmt, AskCreate},
    {T_RuleStmt, [](Node *rule) { RequireOwnership(Pinned(As<RuleStmt>(rule)->relation)); }},
    {T_CreateStatsStmt, [](Node *stats) { RequireOwnershipOfAll(As<CreateStatsStmt>(stats)->relations); }},
    {T_CommentStmt, AskObject<CommentStmt>},
    {T_SecLabelStmt, AskObject<SecLabelStmt>},
    {T_AlterExtensionContentsStmt, AskObject<AlterExtensionContentsStmt>},
    {T_CreatePublicationStmt, AskPublication<CreatePublicationStmt>},
    {T_AlterPublicationStmt, AskPublication<AlterPublicationStmt>},
    {T_DropOwnedStmt, [](Node *drop) { AskDropOwned(As<DropOwnedStmt>(drop)); }},
    {T_DropStmt, [](Node *drop) { AskDrop(As<DropStmt>(drop)); }},
    {T_AlterTableStmt, [](Node *alter) { AskAlter(As<AlterTableStmt>(alter)); }},
    {T_CreateTrigStmt,
     [](Node *trigger) { RequireRight(Pinned(As<CreateTrigStmt>(trigger)->relation), ACL_TRIGGER); }},
    {T_AlterObjectDependsStmt, AskDepends},
};

} // namespace

bool
IsLaurels(Oid relation) {
    const Oid schema = get_rel_namespace(relation);
    return OidIsValid(schema) && (schema == get_namespace_oid("laurel", true) ||
                                  schema == get_namespace_oid("laurel_internal", true));
}

PlannedStmt *
AskRightsFirst(PlannedStmt *statement) {
    const auto *asked = std::find_if(std::begin(kAsked), std::end(kAsked), [statement](const auto &one) {
        return one.tag == nodeTag(statement->utilityStmt);
    });
    if (asked == std::end(kAsked))
        return statement; // there may be no transaction
    const Oid owner = TablesOwner();
    if (!OidIsValid(owner) || has_privs_of_role(GetUserId(), owner))
        return statement;
    auto *pinned = static_cast<PlannedStmt *>(copyObjectImpl(statement));
    asked->ask(pinned->utilityStmt);
    return pinned;
}

} // namespace laurel
