// Conditions of rules: SQL/JSON paths over what has happened and to whom.
#pragma once

#include "postgres/datum.h"
#include "rules/wanted.h"

namespace laurel::rules {

// A condition that was understood once; without a path it always holds.
struct Condition {
    JsonPath *path = nullptr;
    bool is_predicate = false; // it is true or false, where others find something or nothing
    bool has_times = false;    // reads dates and times, for which the time zone matters
    bool names_user = false;
    bool may_take_long = false; // it compares many with many, or looks for patterns
    Wanted stats;
};

// Whether it holds, or what is in the way of saying so.
enum class Verdict { Holds, DoesNot, Unknown, TakesTooLong };

// Understands a condition; the path lies in the current memory context. Refuses (23514, constraint
// gamification_rules_condition_check) what is no path, or names a variable.
Condition ReadCondition(std::string_view text);

// What it says of a document. Never raises because of what the document holds, nor takes longer than a
// second. Where it cannot be decided because of an error, `error` says which.
Verdict Judge(const Condition &condition, Jsonb *document, const char **error);

// Why it cannot be decided of that document.
const char *WhyUnknown(const Condition &condition, Jsonb *document);

// What it looks at in a document: {"$.event.data.score": 60}, null where there is nothing. A path that goes
// on with more than keys is followed as far as they go. An empty object where there is no condition.
Jsonb *SeenBy(const Condition &condition, Jsonb *document);

} // namespace laurel::rules
