// Modules as completing them sees them.
#pragma once

#include "postgres/datum.h"

namespace laurel::learning {

struct Module {
    bool is_active;
    bool path_takes_members;
    Datum passing_score; // numeric
    int32 max_attempts;  // 0 for any number
    Interval cooldown;
    int64 points;
    bool has_quiz; // questions or keys
    bool has_keys;
    Uuid path;
    bool has_prerequisites;
};

// False where there is no such module. Run with SPI open, as the owner of the tables.
bool FindModule(const Uuid &organization, const Uuid &id, Module *module);

// What the answers come to by the module's keys, a numeric.
Datum GradeAnswers(const Uuid &organization, const Uuid &module, Datum answers);

// When the next attempt may be made after the one at that time. Days have 24 hours and months 30 days, in
// whatever zone the session is: a session may make up its own.
TimestampTz NextAttempt(const Module &module, TimestampTz last);

} // namespace laurel::learning
