#include "guards/derived_write.h"

#include "postgres/bridge.h"
#include "postgres/trigger.h"

extern "C" {
#include "catalog/partition.h"
#include "utils/fmgrprotos.h"
}

namespace laurel::guards {

namespace {

constexpr int kMaxDepth = 64;

struct Scope {
    int nest_level;          // at which it began
    int trigger_depth;       // at which its statement runs
    MemoryContext statement; // of the query that has taken it; null while nobody has
    Oid relations[DerivedWrite::kMaxRelations];
    DerivedWrite::Right right;
};

// The open scopes. Not the objects themselves: an error leaves no stack to look at.
constinit Scope scopes[kMaxDepth] = {};
constinit int depth = 0;

int
TriggerDepth() {
    return DatumGetInt32(DirectFunctionCall1(pg_trigger_depth, 0));
}

bool
Lists(const Scope &scope, Oid relation) {
    const Oid *end = scope.relations + DerivedWrite::kMaxRelations;
    return std::find(scope.relations, end, relation) != end;
}

// A partition is written through its table.
bool
Covers(const Scope &scope, Relation relation) {
    if (Lists(scope, RelationGetRelid(relation)))
        return true;
    return relation->rd_rel->relispartition &&
           Lists(scope, llast_oid(get_partition_ancestors(RelationGetRelid(relation))));
}

// Ends the scopes that were opened at this nesting of subtransactions or deeper.
void
ForgetFrom(int nest_level) {
    while (depth > 0 && scopes[depth - 1].nest_level >= nest_level)
        depth--;
}

void
EndTransaction(XactEvent event) {
    if (event != XACT_EVENT_PRE_COMMIT && event != XACT_EVENT_PARALLEL_PRE_COMMIT &&
        event != XACT_EVENT_PRE_PREPARE)
        ForgetFrom(0);
}

void
EndSubtransaction(SubXactEvent event) {
    if (event == SUBXACT_EVENT_ABORT_SUB)
        ForgetFrom(GetCurrentTransactionNestLevel());
}

} // namespace

DerivedWrite::DerivedWrite(std::initializer_list<Oid> relations, Right right) : outer_depth_(depth) {
    if (depth == kMaxDepth)
        ereport(ERROR, (errcode(ERRCODE_STATEMENT_TOO_COMPLEX),
                        errmsg("triggers of Laurel's tables are nested more than %d deep", kMaxDepth)));
    Scope &scope = scopes[depth];
    scope = {GetCurrentTransactionNestLevel(), TriggerDepth(), nullptr, {}, right};
    Assert(relations.size() <= kMaxRelations);
    std::copy(relations.begin(), relations.end(), scope.relations);
    depth++;
}

DerivedWrite::~DerivedWrite() {
    depth = outer_depth_;
}

// A trigger's FmgrInfo lives in the memory of its query, which nobody shares and which lasts until all its
// triggers have fired.
bool
DerivedWrite::Admits(FunctionCallInfo fcinfo, Right right) {
    if (depth == 0 || scopes[depth - 1].right != right)
        return false;
    Scope &scope = scopes[depth - 1];
    const auto *trigger = reinterpret_cast<TriggerData *>(fcinfo->context);
    if (TriggerDepth() != scope.trigger_depth + 1 || !Covers(scope, trigger->tg_relation))
        return false;
    const MemoryContext statement = fcinfo->flinfo->fn_mcxt;
    if (scope.statement == nullptr)
        scope.statement = statement;
    return scope.statement == statement;
}

void
InitDerivedWrites() {
    RegisterXactCallback([](XactEvent event, void *) { boundary([=] { EndTransaction(event); }); }, nullptr);
    RegisterSubXactCallback([](SubXactEvent event, SubTransactionId, SubTransactionId,
                               void *) { boundary([=] { EndSubtransaction(event); }); },
                            nullptr);
}

} // namespace laurel::guards
