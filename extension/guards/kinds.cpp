#include "kinds.h"

#include "counts.h"
#include "keep.h"
#include "states.h"
#include "tell.h"

namespace laurel::guards {

namespace {

constexpr const GuardKind *kKinds[] = {&kKeepColumns, &kKeepRows,     &kKeepTable,  &kCountRows,
                                       &kCountRow,    &kCountPending, &kCountTable, &kGuardCount,
                                       &kStepState,   &kCheckStep,    &kTellRows};

} // namespace

const GuardKind *
KindOf(const Trigger &trigger) {
    if (get_func_namespace(trigger.tgfoid) != get_namespace_oid("laurel_internal", true))
        return nullptr;
    const char *name = get_func_name(trigger.tgfoid);
    for (const GuardKind *kind : kKinds)
        if (name != nullptr && strcmp(kind->function, name) == 0)
            return kind;
    return nullptr;
}

} // namespace laurel::guards
