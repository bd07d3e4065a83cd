// What the triggers of guards hold: read from their arguments once, kept until something it names changes.
#pragma once

#include "guards/arguments.h"

namespace laurel::guards {

// Makes a rule in the current memory context.
using MakeRule = void *(*)(Arguments &arguments);

// The rule of a trigger of that relation, made if it is not there or no longer holds.
void *FindRule(Relation relation, const Trigger &trigger, MakeRule make);

// The rule that a trigger function keeps to. `Rule` is trivially destructible and made from the arguments; it
// stays where it is until the transaction ends, even if it is made anew meanwhile.
template <typename Rule>
Rule &
RuleOf(Relation relation, const Trigger &trigger) {
    static_assert(std::is_trivially_destructible_v<Rule>);
    return *static_cast<Rule *>(FindRule(relation, trigger, [](Arguments &arguments) -> void * {
        return new (palloc0(sizeof(Rule))) Rule(arguments);
    }));
}

template <typename Rule>
Rule &
RuleOf(const TriggerData *trigger) {
    return RuleOf<Rule>(trigger->tg_relation, *trigger->tg_trigger);
}

// Runs a statement of the rule whose text comes from the arguments, with SPI and transition tables there,
// under no path but pg_catalog. What it names wrongly is refused (39P01), and the rule is made anew when a
// table that it reads changes.
uint64 RunNamed(const TriggerData *trigger, Statement *statement, Access access,
                const Parameters &parameters = {});

void InitRules();

} // namespace laurel::guards
