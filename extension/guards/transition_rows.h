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

// Rows of a transition table one by one, beside whoever else reads it.
class TransitionReader {
public:
    TransitionReader(TupleDesc tuple_desc, Tuplestorestate *rows)
        : rows_(rows), slot_(MakeSingleTupleTableSlot(tuple_desc, &TTSOpsMinimalTuple)),
          pointer_(tuplestore_alloc_read_pointer(rows, EXEC_FLAG_REWIND)) {
        tuplestore_select_read_pointer(rows_, pointer_);
        tuplestore_rescan(rows_);
    }
    TransitionReader(const TransitionReader &) = delete;
    TransitionReader &operator=(const TransitionReader &) = delete;
    ~TransitionReader() { ExecDropSingleTupleTableSlot(slot_); }

    // The next row, valid until the one after it; null after the last.
    TupleTableSlot *Next() {
        tuplestore_select_read_pointer(rows_, pointer_);
        return tuplestore_gettupleslot(rows_, true, false, slot_) ? slot_ : nullptr;
    }

private:
    Tuplestorestate *rows_;
    TupleTableSlot *slot_;
    int pointer_;
};

// Calls see(row) for each row of a transition table.
template <typename See>
void
EachRow(TupleDesc tuple_desc, Tuplestorestate *rows, See &&see) {
    if (rows == nullptr)
        return;
    TransitionReader reader(tuple_desc, rows);
    while (TupleTableSlot *row = reader.Next())
        see(row);
}

} // namespace laurel::guards
