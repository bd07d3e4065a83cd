// Inserts rows whose values are known, without planning a statement for it.
#pragma once

#include "parameters.h"
#include "row_statement.h"

namespace laurel {

// Whether an INSERT into the table, without triggers of others, does nothing but what RowInsert does.
bool CanInsertRows(Relation table);

// One INSERT, row by row, into a table or its partitions: statement and row triggers fire, with transition
// tables where they have some, checks are checked, indexes follow. No permission is asked, and no default is
// taken.
class RowInsert : private RowStatement {
public:
    // The columns are 1-based.
    RowInsert(Relation table, const int *columns, int count);

    // Inserts a row that has these values in those columns, and null in all others; false where a trigger
    // suppressed it.
    bool Write(const Nullable *values);

    // Ends the statement: its triggers fire that wait until then.
    void Finish();

private:
    TupleTableSlot *Fill(const Nullable *values);
    ResultRelInfo *Route(TupleTableSlot **row);
    void WriteTo(ResultRelInfo *target, TupleTableSlot *row);

    const int *columns_;
    int count_;
    TupleTableSlot *row_;
    ModifyTableState *routed_ = nullptr; // where there are partitions
    ResultRelInfo *last_ = nullptr;      // the partition that was written last
};

} // namespace laurel
