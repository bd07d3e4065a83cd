#include "guards/pending.h"

namespace laurel::guards {

namespace {

// One statement's, in the memory of the statement. A trigger's FmgrInfo lives there, and nobody shares it.
struct Pending {
    MemoryContext statement;
    Oid parent;
    Oid child;
    int counter;
    Net net;
    Pending *next;
};

constinit Pending *first_pending = nullptr;

void
Unlink(void *pending) {
    for (Pending **at = &first_pending; *at != nullptr; at = &(*at)->next)
        if (*at == pending) {
            *at = (*at)->next;
            return;
        }
}

Pending *
Find(MemoryContext statement, const Counting &counting) {
    for (Pending *pending = first_pending; pending != nullptr; pending = pending->next)
        if (pending->statement == statement && pending->parent == counting.parent &&
            pending->child == counting.child && pending->counter == counting.counter.number)
            return pending;
    return nullptr;
}

// Goes with the statement, be it by an error.
Pending *
Make(MemoryContext statement, const Counting &counting) {
    auto *pending = static_cast<Pending *>(MemoryContextAlloc(statement, sizeof(Pending)));
    *pending = {statement,      counting.parent, counting.child, counting.counter.number,
                Net(statement), first_pending};
    auto *callback =
        static_cast<MemoryContextCallback *>(MemoryContextAlloc(statement, sizeof(MemoryContextCallback)));
    callback->func = Unlink;
    callback->arg = pending;
    MemoryContextRegisterResetCallback(statement, callback);
    first_pending = pending;
    return pending;
}

} // namespace

Net *
PendingNet(FunctionCallInfo fcinfo, const Counting &counting, bool *is_first) {
    const MemoryContext statement = fcinfo->flinfo->fn_mcxt;
    Pending *pending = Find(statement, counting);
    *is_first = pending == nullptr;
    return &(*is_first ? Make(statement, counting) : pending)->net;
}

Net *
TakePending(FunctionCallInfo fcinfo, const Counting &counting) {
    Pending *pending = Find(fcinfo->flinfo->fn_mcxt, counting);
    if (pending == nullptr)
        return nullptr;
    Unlink(pending);
    return &pending->net;
}

} // namespace laurel::guards
