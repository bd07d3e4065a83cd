// What a trigger function may be attached to, checked in one place.
#pragma once

#include "pg.h"

namespace laurel {

// When a trigger function must fire. `events` is a sum of the Event values.
struct TriggerSpec {
    enum Timing { Before, After, InsteadOf };
    enum Level { EachRow, EachStatement };
    enum Event { Insert = 1, Update = 2, Delete = 4, Truncate = 8 };
    static constexpr int kSomeArguments = -1; // one at least

    const char *function;
    Timing timing;
    Level level;
    int events;
    int arguments = 0;
};

// The trigger's data, or error 39P01 that says how the function must be attached.
TriggerData *CheckTrigger(FunctionCallInfo fcinfo, const TriggerSpec &spec);

// The tuple a BEFORE ROW trigger returns when it changes nothing.
inline HeapTuple
TriggerRow(const TriggerData *trigger) {
    return TRIGGER_FIRED_BY_UPDATE(trigger->tg_event) ? trigger->tg_newtuple : trigger->tg_trigtuple;
}

// Whether a BEFORE ROW trigger that is not Laurel's is fired by that event after the one named, so that it
// may change what that one has made of a row; at any place where `after` is empty.
bool MayChangeRows(Relation relation, TriggerSpec::Event event, const char *after = "");

// Whether that event fires any trigger that is not Laurel's.
bool HasOtherTriggers(Relation relation, TriggerSpec::Event event);

// The same as MayChangeRows for the table of that name.
bool RowsMayChange(const char *table, TriggerSpec::Event event, const char *schema = "laurel");

// Gives the transition tables of the trigger to the SPI connection that is open.
void ShareTransitionTables(TriggerData *trigger);

} // namespace laurel
