// What the planner is told about the visibility functions, so that a policy costs what a hand-written WHERE
// costs. A plan fits one kind of caller; run by another it is slower, never wrong: index conditions call
// visible_users() and organizations() at run time, and those list everybody for a caller who sees everyone.
// Cached plans are dropped when another kind of caller comes, but a function in SQL keeps its plan for as
// long as the query that calls it.

#include "access/caller.h"
#include "postgres/bridge.h"
#include "postgres/list.h"
#include "postgres/owner.h"
#include "postgres/spi.h"

extern "C" {
#include "catalog/pg_am.h"
#include "parser/parsetree.h"
}

namespace laurel::access {

namespace {

// Whoever any table of the organization has rows about: its members, and those who left but for their points.
Statement everybody =
    Statement(R"(SELECT user_id FROM ONLY laurel.user_organizations WHERE organization_id = $1
        UNION SELECT user_id FROM ONLY laurel.points_ledger WHERE organization_id = $1
        UNION SELECT user_id FROM ONLY laurel_internal.archived_accounts WHERE organization_id = $1)",
              UUIDOID)
        .Returns(UUIDOID);
Statement all_organizations =
    Statement("SELECT id FROM ONLY laurel.organizations ORDER BY 1").Returns(UUIDOID);

// A new array of these uuids, in the caller's memory.
Datum
UuidArray(const Uuid *uuids, int count) {
    const Size size = ARR_OVERHEAD_NONULLS(1) + sizeof(Uuid) * static_cast<Size>(count);
    auto *array = static_cast<ArrayType *>(palloc0(size));
    SET_VARSIZE(array, size);
    array->ndim = count > 0 ? 1 : 0;
    array->elemtype = UUIDOID;
    if (count > 0) {
        ARR_DIMS(array)[0] = count;
        ARR_LBOUND(array)[0] = 1;
        std::memcpy(ARR_DATA_PTR(array), uuids, sizeof(Uuid) * static_cast<Size>(count));
    }
    return PointerGetDatum(array);
}

// The first column of the last result as an array in `context`.
Datum
ResultArray(uint64 rows, MemoryContext context) {
    const MemoryContext old = MemoryContextSwitchTo(context);
    auto *uuids = NewList<Uuid>(rows);
    for (uint64 row = 0; row < rows; row++)
        uuids[row] = ToUuid(Field(row, 1));
    const Datum array = UuidArray(uuids, static_cast<int>(rows));
    MemoryContextSwitchTo(old);
    return array;
}

// Everybody of the active organization: only where a plan made for another kind of caller meets one who sees
// everyone.
Datum
EverybodyIn(const Uuid &organization) {
    const MemoryContext result = CurrentMemoryContext;
    const AsOwner owner(OwnerOf(TableOid("user_organizations")));
    const SpiConnection spi;
    return ResultArray(everybody.Run(Access::Read, {FromUuid(organization)}), result);
}

Datum
EveryOrganization() {
    const MemoryContext result = CurrentMemoryContext;
    const AsOwner owner(OwnerOf(TableOid("organizations")));
    const SpiConnection spi;
    return ResultArray(all_organizations.Run(Access::Read), result);
}

// A function of laurel_internal without arguments that index conditions call, looked up once for each of its
// users.
struct ListFunction {
    const char *name;
    Oid user;
    Oid function;

    Oid For(Oid caller) {
        if (user != caller) {
            function =
                LookupFuncName(list_make2(makeString(pstrdup("laurel_internal")), makeString(pstrdup(name))),
                               0, nullptr, false);
            user = caller;
        }
        return function;
    }
};

constinit ListFunction visible_users = {"visible_users", InvalidOid, InvalidOid};
constinit ListFunction organizations = {"organizations", InvalidOid, InvalidOid};

// `indexed column = ANY (laurel_internal.function())`, for a btree on uuid.
List *
AnyOf(const SupportRequestIndexCondition *request, ListFunction &list) {
    const Oid equals = get_opfamily_member(request->opfamily, UUIDOID, UUIDOID, BTEqualStrategyNumber);
    if (request->index->relam != BTREE_AM_OID || !OidIsValid(equals))
        return NIL;
    auto *condition = makeNode(ScalarArrayOpExpr);
    condition->opno = equals;
    condition->opfuncid = get_opcode(equals);
    condition->useOr = true;
    condition->location = -1;
    Node *column =
        static_cast<Node *>(list_nth(reinterpret_cast<FuncExpr *>(request->node)->args, request->indexarg));
    condition->args =
        list_make2(copyObjectImpl(column), makeFuncExpr(list.For(request->funcid), UUIDARRAYOID, NIL,
                                                        InvalidOid, InvalidOid, COERCE_EXPLICIT_CALL));
    return list_make1(condition);
}

// True where the column of the condition can be null: such rows are in no list.
bool
IsNullable(PlannerInfo *root, const Node *column) {
    if (!IsA(column, Var))
        return true;
    const auto *var = reinterpret_cast<const Var *>(column);
    const RangeTblEntry *entry = planner_rt_fetch(var->varno, root);
    if (entry->rtekind != RTE_RELATION)
        return true;
    HeapTuple tuple = SearchSysCache2(ATTNUM, ObjectIdGetDatum(entry->relid), Int16GetDatum(var->varattno));
    if (!HeapTupleIsValid(tuple))
        return true;
    const bool nullable = !reinterpret_cast<Form_pg_attribute>(GETSTRUCT(tuple))->attnotnull;
    ReleaseSysCache(tuple);
    return nullable;
}

double
Fraction(PlannerInfo *root, Node *column, int wanted) {
    VariableStatData statistics;
    bool is_default;
    examine_variable(root, column, 0, &statistics);
    const double distinct = get_variable_numdistinct(&statistics, &is_default);
    ReleaseVariableStats(statistics);
    return distinct > 0 ? std::min(1.0, wanted / distinct) : 1.0;
}

Node *
UserCondition(SupportRequestIndexCondition *request) {
    NoticeChanges();
    const Caller &caller = CurrentCaller();
    RememberPlans(PlanKind(caller), request->funcid);
    const auto *call = reinterpret_cast<const FuncExpr *>(request->node);
    if (caller.sees_everyone || IsNullable(request->root, static_cast<Node *>(linitial(call->args))))
        return nullptr;
    request->lossy = false;
    return reinterpret_cast<Node *>(AnyOf(request, visible_users));
}

Node *
UserSelectivity(SupportRequestSelectivity *request) {
    if (request->is_join)
        return nullptr;
    NoticeChanges();
    const Caller &caller = CurrentCaller();
    RememberPlans(PlanKind(caller), request->funcid);
    request->selectivity =
        caller.sees_everyone
            ? 1.0
            : Fraction(request->root, static_cast<Node *>(linitial(request->args)), caller.visible_count);
    return reinterpret_cast<Node *>(request);
}

// As a filter it costs a look into a hash table per row; an index condition is asked for once.
Node *
UserCost(SupportRequestCost *request) {
    NoticeChanges();
    const Caller &caller = CurrentCaller();
    request->startup = 0;
    request->per_tuple = (caller.sees_everyone ? 1 : 2) * cpu_operator_cost;
    return reinterpret_cast<Node *>(request);
}

Node *
OrganizationCondition(SupportRequestIndexCondition *request) {
    NoticeChanges();
    if (CurrentCaller().platform_admin)
        return nullptr;
    request->lossy = false;
    return reinterpret_cast<Node *>(AnyOf(request, organizations));
}

Node *
OrganizationSelectivity(SupportRequestSelectivity *request) {
    if (request->is_join)
        return nullptr;
    NoticeChanges();
    const Caller &caller = CurrentCaller();
    request->selectivity =
        caller.platform_admin
            ? 1.0
            : Fraction(request->root, static_cast<Node *>(linitial(request->args)), caller.membership_count);
    return reinterpret_cast<Node *>(request);
}

} // namespace

// Planner support of laurel_internal.can_see.
LAUREL_FUNCTION(laurel_can_see_support) {
    auto *request = reinterpret_cast<Node *>(PG_GETARG_POINTER(0));
    if (IsA(request, SupportRequestIndexCondition))
        PG_RETURN_POINTER(UserCondition(reinterpret_cast<SupportRequestIndexCondition *>(request)));
    if (IsA(request, SupportRequestSelectivity))
        PG_RETURN_POINTER(UserSelectivity(reinterpret_cast<SupportRequestSelectivity *>(request)));
    if (IsA(request, SupportRequestCost))
        PG_RETURN_POINTER(UserCost(reinterpret_cast<SupportRequestCost *>(request)));
    PG_RETURN_POINTER(nullptr);
}

// Planner support of laurel.member_of.
LAUREL_FUNCTION(laurel_member_of_support) {
    auto *request = reinterpret_cast<Node *>(PG_GETARG_POINTER(0));
    if (IsA(request, SupportRequestIndexCondition))
        PG_RETURN_POINTER(OrganizationCondition(reinterpret_cast<SupportRequestIndexCondition *>(request)));
    if (IsA(request, SupportRequestSelectivity))
        PG_RETURN_POINTER(OrganizationSelectivity(reinterpret_cast<SupportRequestSelectivity *>(request)));
    PG_RETURN_POINTER(nullptr);
}

// laurel_internal.visible_users(): whom the caller may see in the active organization.
LAUREL_FUNCTION(laurel_visible_users) {
    NoticeChanges();
    const Caller &caller = CurrentCaller();
    if (caller.sees_everyone)
        return EverybodyIn(caller.organization);
    return UuidArray(caller.visible, caller.visible_count);
}

// laurel_internal.organizations(): to which the caller belongs.
LAUREL_FUNCTION(laurel_organizations) {
    NoticeChanges();
    const Caller &caller = CurrentCaller();
    if (caller.platform_admin)
        return EveryOrganization();
    auto *organizations = NewList<Uuid>(caller.membership_count);
    for (int i = 0; i < caller.membership_count; i++)
        organizations[i] = caller.memberships[i].organization;
    return UuidArray(organizations, caller.membership_count);
}

} // namespace laurel::access
