// The trigger functions of guards: how each reads its arguments, and how laurel.check() proves what it holds.
#pragma once

#include "guards/rules.h"

namespace laurel::guards {

class AttachedGuards;
class Findings;

// A guard's trigger that laurel.check() looks at.
struct Guarded {
    Relation relation;
    const Trigger &trigger;
    const AttachedGuards &all; // of the database
};

// One trigger function of a guard.
struct GuardKind {
    // In laurel_internal.
    const char *function;
    // Makes the trigger's rule, or refuses what its arguments say (39P01).
    void (*read)(Relation relation, const Trigger &trigger);
    // Adds what is wrong with the rows that the guard answers for, or with its other triggers; null where
    // there is nothing to be seen. Called once the arguments are read, for the table that the guard was
    // attached to.
    void (*check)(const Guarded &guarded, Findings *findings) = nullptr;
};

template <typename Rule>
void
ReadRule(Relation relation, const Trigger &trigger) {
    RuleOf<Rule>(relation, trigger);
}

// Of a trigger whose arguments say nothing.
inline void
ReadNothing(Relation, const Trigger &) {}

// A kind that a domain has for itself, for as long as the server runs; called when the library is loaded.
void AddKind(const GuardKind *kind);

// The kind of a trigger by its function; null where it is no guard's.
const GuardKind *KindOf(Oid function);

} // namespace laurel::guards
