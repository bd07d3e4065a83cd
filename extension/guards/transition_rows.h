// The rows of a statement, as a trigger's transition tables hold them.
#pragma once

#include "guards/arguments.h"

namespace laurel::guards {

// The transition table that a trigger has for each of its events; one without does not see what it is to
// count.
inline Tuplestorestate *
RowsOfStatement(const TriggerData *trigger) {
    const bool is_insert = TRIGGER_FIRED_BY_INSERT(trigger->tg_event);
    const bool is_delete = TRIGGER_FIRED_BY_DELETE(trigger->tg_event);
    if ((!is_insert && trigger->tg_oldtable == nullptr) || (!is_delete && trigger->tg_newtable == nullptr))
        RefuseArguments(trigger->tg_relation, *trigger->tg_trigger,
                        "needs REFERENCING NEW TABLE and OLD TABLE");
    return is_delete ? trigger->tg_oldtable : trigger->tg_newtable;
}

// Calls see(row) for each row of a transition table, beside whoever else reads it.
template <typename See>
void
EachRow(TupleDesc tuple_desc, Tuplestorestate *rows, See &&see) {
    if (rows == nullptr)
        return;
    TupleTableSlot *slot = MakeSingleTupleTableSlot(tuple_desc, &TTSOpsMinimalTuple);
    tuplestore_select_read_pointer(rows, tuplestore_alloc_read_pointer(rows, EXEC_FLAG_REWIND));
    tuplestore_rescan(rows);
    while (tuplestore_gettupleslot(rows, true, false, slot))
        see(slot);
    ExecDropSingleTupleTableSlot(slot);
}

} // namespace laurel::guards
