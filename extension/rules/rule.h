// The rules of organizations that are active, as a session remembers them.
#pragma once

#include "guards/periods.h"
#include "rules/actions.h"
#include "rules/condition.h"

namespace laurel::rules {

// How often a rule fires for an owner in a period at most; 0 for any number.
struct Cap {
    int64 most = 0;
    guards::Period period = guards::Period::Forever;
};

// A version of a rule.
struct Rule {
    Uuid id;
    Uuid organization;
    int32 version;
    const char *name;
    std::string_view event_type;
    const char *condition_text; // null where it always holds
    Condition condition;
    Actions actions;
    Jsonb *metadata; // what an entry of the ledger says of it
    const char *note;
    bool after_commit;
    Cap user_cap;
    Cap organization_cap;
    int64 cooldown; // microseconds; 0 for none
    TimestampTz from;
    TimestampTz until;
    mutable bool has_told = false; // the log, that the condition raises an error

    bool is_limited() const { return user_cap.most > 0 || organization_cap.most > 0 || cooldown > 0; }
    bool IsOver(TimestampTz at) const { return at >= until; }
    bool IsYetToCome(TimestampTz at) const { return at < from; }
    // Nothing happens at -infinity, which is on no calendar.
    bool IsInForce(TimestampTz at) const { return at != DT_NOBEGIN && !IsYetToCome(at) && !IsOver(at); }
};

// Rules of one type of event, in the order in which they were made.
struct Rules {
    const Rule *const *first = nullptr;
    int count = 0;

    const Rule *const *begin() const { return first; }
    const Rule *const *end() const { return first + count; }
};

// Has the active rules of these organizations in memory, read as they are committed now where they have
// changed. They last as long as the transaction.
void RememberRules(const Uuid *organizations, int count);

// Those of a type of event, of an organization that is remembered.
Rules RulesOf(const Uuid &organization, std::string_view event_type);

// A rule as it is now, whatever its status, in the current memory context; null where there is none.
const Rule *FindRule(const Uuid &id);

void InitRuleMemory();

} // namespace laurel::rules
