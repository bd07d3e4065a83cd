// LOCK TABLE. Whoever may delete from a table may lock it, says the server; the right to delete cannot be
// given otherwise, so the statement itself is refused, in every session that has loaded the library.

#include "table_locks.h"

#include "bridge.h"
#include "datum.h"
#include "early_rights.h"
#include "error.h"
#include "owner.h"

extern "C" {
#include "access/xact.h"
#include "catalog/pg_inherits.h"
#include "storage/lmgr.h"
#include "tcop/utility.h"
}

namespace laurel {

namespace {

#if PG_VERSION_NUM >= 170000
constexpr AclMode kMayLock = ACL_UPDATE | ACL_DELETE | ACL_TRUNCATE | ACL_MAINTAIN;
#else
constexpr AclMode kMayLock = ACL_UPDATE | ACL_DELETE | ACL_TRUNCATE;
#endif

constinit ProcessUtility_hook_type earlier_utility_hook = nullptr;

[[noreturn]] void
RefuseLock(Oid relation, const char *message, const char *detail, const char *hint) {
    const char *schema = get_namespace_name(get_rel_namespace(relation));
    Refuse({.sqlstate = ERRCODE_INSUFFICIENT_PRIVILEGE,
            .message = psprintf(message, QualifiedName(relation)),
            .detail = detail,
            .hint = hint,
            .schema = schema,
            .table = get_rel_name(relation)});
}

void
RefuseLaurels(Oid relation) {
    if (IsLaurels(relation) && !has_privs_of_role(GetUserId(), OwnerOf(relation)))
        RefuseLock(relation, "only its owner locks %s", "A lock of the table would stop everybody else.",
                   "Lock the rows you need with SELECT ... FOR UPDATE.");
}

// What the server asks of a table before it waits for the lock, and more.
void
CheckNamed(const RangeVar *, Oid relation, Oid, void *) {
    const char kind = OidIsValid(relation) ? get_rel_relkind(relation) : '\0';
    if (kind == '\0')
        return;
    RefuseLaurels(relation);
    if (kind == RELKIND_VIEW)
        RefuseLock(relation, "only the owner of Laurel's tables locks views, such as %s",
                   "What a view reads would be locked too.", "Lock the tables that it reads.");
    if (kind != RELKIND_RELATION && kind != RELKIND_PARTITIONED_TABLE)
        ereport(ERROR, (errcode(ERRCODE_WRONG_OBJECT_TYPE),
                        errmsg("\"%s\" is not a table", get_rel_name(relation))));
    if (get_rel_persistence(relation) == RELPERSISTENCE_TEMP)
        MyXactFlags |= XACT_FLAGS_ACCESSEDTEMPNAMESPACE;
    const AclResult answer = pg_class_aclcheck(relation, GetUserId(), kMayLock);
    if (answer != ACLCHECK_OK)
        aclcheck_error(answer, get_relkind_objtype(kind), get_rel_name(relation));
}

// False where waiting was not allowed.
bool
LockOne(Oid relation, const LockStmt &lock) {
    if (lock.nowait)
        return ConditionalLockRelationOid(relation, lock.mode);
    LockRelationOid(relation, lock.mode);
    return true;
}

// Locks the partitions of a table, and those that inherit from it.
void
LockHeirs(Oid table, const LockStmt &lock) {
    ListCell *cell;
    foreach (cell, find_inheritance_children(table, NoLock)) {
        const Oid heir = lfirst_oid(cell);
        RefuseLaurels(heir);
        if (!LockOne(heir, lock))
            ereport(ERROR, (errcode(ERRCODE_LOCK_NOT_AVAILABLE),
                            errmsg("could not obtain lock on relation \"%s\"", get_rel_name(heir))));
        check_stack_depth();
        LockHeirs(heir, lock);
    }
}

// Locks what the statement names as the server does. Nothing is left to the server, which would look the
// names up once more: they may be another table's by then.
void
LockNamed(const LockStmt &lock) {
    ListCell *cell;
    foreach (cell, lock.relations) {
        const auto *name = static_cast<const RangeVar *>(lfirst(cell));
        const Oid table =
            RangeVarGetRelidExtended(name, lock.mode, lock.nowait ? RVR_NOWAIT : 0, CheckNamed, nullptr);
        if (name->inh)
            LockHeirs(table, lock);
    }
}

// Whoever has the owner's rights locks what he wants; the weak modes, which reading and writing take as well,
// stop nobody.
bool
IsToBeLooked(const LockStmt &lock) {
    const Oid owner = TablesOwner();
    return lock.mode > RowExclusiveLock && OidIsValid(owner) && !has_privs_of_role(GetUserId(), owner);
}

// The statement that is left for the server.
PlannedStmt *
Looked(PlannedStmt *statement, bool is_top_level) {
    if (!IsA(statement->utilityStmt, LockStmt))
        return AskRightsFirst(statement);
    const auto &lock = *reinterpret_cast<const LockStmt *>(statement->utilityStmt);
    if (!IsToBeLooked(lock))
        return statement;
    RequireTransactionBlock(is_top_level, "LOCK TABLE");
    LockNamed(lock);
    auto *rest = static_cast<PlannedStmt *>(copyObjectImpl(statement));
    reinterpret_cast<LockStmt *>(rest->utilityStmt)->relations = NIL;
    return rest;
}

void
ProcessStatement(PlannedStmt *statement, const char *text, bool read_only_tree, ProcessUtilityContext context,
                 ParamListInfo parameters, QueryEnvironment *environment, DestReceiver *receiver,
                 QueryCompletion *completion) {
    PlannedStmt *rest = boundary([=] { return Looked(statement, context == PROCESS_UTILITY_TOPLEVEL); });
    const auto next = earlier_utility_hook != nullptr ? earlier_utility_hook : standard_ProcessUtility;
    next(rest, text, read_only_tree, context, parameters, environment, receiver, completion);
}

} // namespace

void
InitTableLocks() {
    earlier_utility_hook = ProcessUtility_hook;
    ProcessUtility_hook = ProcessStatement;
}

} // namespace laurel
