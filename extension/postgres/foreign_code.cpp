#include "foreign_code.h"

#include "bridge.h"
#include "owner.h"

extern "C" {
#include "access/genam.h"
#include "access/transam.h"
#include "catalog/pg_proc.h"
#include "utils/regproc.h"
}

namespace laurel {

namespace {

constexpr const char *kOwnerRole = "laurel_owner";

constinit needs_fmgr_hook_type earlier_needs_hook = nullptr;
constinit fmgr_hook_type earlier_function_hook = nullptr;

constinit List *guarded = nullptr;
constinit Oid owner_role = InvalidOid; // where owner_role_known
constinit bool owner_role_known = false;

// Functions that were found to be in order, each for a role.
struct Cleared {
    Oid function;
    Oid role;
};

constinit HTAB *cleared_functions = nullptr;
constinit uint64 changes = 0;       // of functions, roles and memberships, as far as this session has noticed
constinit uint64 cleared_after = 0; // how many of them `cleared_functions` knows

void
Forget(Datum, int, uint32) {
    owner_role_known = false;
    changes++;
}

bool
IsOwnerRole(Oid role) {
    if (!owner_role_known) {
        owner_role = get_role_oid(kOwnerRole, true);
        owner_role_known = true;
    }
    return role == owner_role;
}

// The functions that are in order as things stand.
HTAB *
ClearedFunctions() {
    if (cleared_functions != nullptr && cleared_after != changes) {
        hash_destroy(cleared_functions);
        cleared_functions = nullptr;
    }
    if (cleared_functions == nullptr) {
        HASHCTL control = {};
        control.keysize = control.entrysize = sizeof(Cleared);
        control.hcxt = TopMemoryContext;
        cleared_functions = hash_create("laurel cleared_functions functions", 128, &control,
                                        HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
        cleared_after = changes;
    }
    return cleared_functions;
}

Oid
FunctionOwner(Oid function) {
    HeapTuple tuple = SearchSysCache1(PROCOID, ObjectIdGetDatum(function));
    if (!HeapTupleIsValid(tuple))
        return InvalidOid;
    const Oid owner = reinterpret_cast<Form_pg_proc>(GETSTRUCT(tuple))->proowner;
    ReleaseSysCache(tuple);
    return owner;
}

bool
BelongsToRole(Oid table, Oid role) {
    HeapTuple tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(table));
    if (!HeapTupleIsValid(tuple))
        return false;
    const bool belongs = has_privs_of_role(role, reinterpret_cast<Form_pg_class>(GETSTRUCT(tuple))->relowner);
    ReleaseSysCache(tuple);
    return belongs;
}

// A trigger that calls the function, on a table of that role: where the refusal comes from, as far as it can
// be told. Null where it is no trigger's.
const char *
TriggerThatCalls(Oid function, Oid role) {
    const char *found = nullptr;
    Relation triggers = table_open(TriggerRelationId, AccessShareLock);
    SysScanDesc scan = systable_beginscan(triggers, InvalidOid, false, nullptr, 0, nullptr);
    while (HeapTuple tuple = found == nullptr ? systable_getnext(scan) : nullptr) {
        const auto *trigger = reinterpret_cast<Form_pg_trigger>(GETSTRUCT(tuple));
        if (trigger->tgfoid == function && BelongsToRole(trigger->tgrelid, role))
            found =
                psprintf("trigger %s of table %s", quote_identifier(NameStr(trigger->tgname)),
                         quote_qualified_identifier(get_namespace_name(get_rel_namespace(trigger->tgrelid)),
                                                    get_rel_name(trigger->tgrelid)));
    }
    systable_endscan(scan);
    table_close(triggers, AccessShareLock);
    return found;
}

[[noreturn]] void
RefuseForeign(Oid function, Oid owner, Oid role) {
    const char *name = format_procedure_qualified(function);
    const char *role_name = GetUserNameFromId(role, false);
    const char *trigger = TriggerThatCalls(function, role);
    ereport(ERROR, (errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
                    errmsg("function %s of role %s must not run with the rights of %s", name,
                           GetUserNameFromId(owner, true), role_name),
                    trigger != nullptr ? errdetail("It is called by %s.", trigger)
                                       : errdetail("A statement of Laurel's would have called it."),
                    errhint("If you trust it, let its owner be that role: ALTER FUNCTION %s OWNER TO %s.",
                            name, quote_identifier(role_name))));
    pg_unreachable();
}

void
CheckFunction(Oid function) {
    if (function < FirstNormalObjectId)
        return;
    const Oid role = ActingRole();
    if (!OidIsValid(role))
        return;
    const Cleared key = {function, role};
    if (hash_search(ClearedFunctions(), &key, HASH_FIND, nullptr) != nullptr)
        return;
    const uint64 looked_after = changes;
    const Oid owner = FunctionOwner(function);
    if (OidIsValid(owner) && !has_privs_of_role(owner, role))
        RefuseForeign(function, owner, role);
    if (looked_after == changes)
        hash_search(ClearedFunctions(), &key, HASH_ENTER, nullptr);
}

// Asked whenever a function is looked up to be called or to be inlined; not for those with settings or a
// definer.
bool
NeedsHook(Oid function) {
    boundary([=] { CheckFunction(function); });
    return earlier_needs_hook != nullptr && earlier_needs_hook(function);
}

// Called where a function with settings of its own or a definer begins, as whom it runs.
void
Hook(FmgrHookEventType event, FmgrInfo *function, Datum *argument) {
    if (event == FHET_START)
        boundary([=] { CheckFunction(function->fn_oid); });
    if (earlier_function_hook != nullptr)
        earlier_function_hook(event, function, argument);
}

} // namespace

Oid
ActingRole() {
    Oid user;
    int context;
    GetUserIdAndSecContext(&user, &context);
    if ((context & SECURITY_LOCAL_USERID_CHANGE) == 0)
        return InvalidOid;
    if ((context & kActsForLaurel) != 0 && list_member_oid(guarded, user))
        return user;
    // What foreign keys do runs as the owner of the table that refers, past its policies.
    const bool owner = IsOwnerRole(user) || ((context & SECURITY_NOFORCE_RLS) != 0 && user == TablesOwner());
    return owner ? user : InvalidOid;
}

void
GuardRole(Oid role) {
    if (list_member_oid(guarded, role))
        return;
    const MemoryContext old = MemoryContextSwitchTo(TopMemoryContext);
    guarded = lappend_oid(guarded, role);
    MemoryContextSwitchTo(old);
}

void
InitForeignCode() {
    for (const int cache : {PROCOID, AUTHOID, AUTHMEMROLEMEM})
        CacheRegisterSyscacheCallback(cache, Forget, 0);
    earlier_needs_hook = needs_fmgr_hook;
    needs_fmgr_hook = NeedsHook;
    earlier_function_hook = fmgr_hook;
    fmgr_hook = Hook;
}

} // namespace laurel
