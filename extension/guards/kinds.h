// The trigger functions of guards: how each reads its arguments, and how laurel.check() proves what it holds.
#pragma once

#include "guards/rules.h"

namespace laurel::guards {

class Findings;

// One trigger function of a guard.
struct GuardKind {
    // In laurel_internal.
    const char *function;
    // Makes the trigger's rule, or refuses what its arguments say (39P01).
    void (*read)(Relation relation, const Trigger &trigger);
    // Adds what is wrong with the rows that the guard answers for; null where nothing is to be seen in rows.
    void (*check)(Relation relation, const Trigger &trigger, Findings *findings) = nullptr;
};

template <typename Rule>
void
ReadRule(Relation relation, const Trigger &trigger) {
    RuleOf<Rule>(relation, trigger);
}

// The kind of a trigger; null where it is no guard's.
const GuardKind *KindOf(const Trigger &trigger);

} // namespace laurel::guards
