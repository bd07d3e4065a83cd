// Writes rows whose places are known, without planning a statement for it.
#pragma once

#include "row_statement.h"

namespace laurel {

// Whether an UPDATE of the table, without triggers of others, does nothing but what RowUpdate does. It does
// more where the table has rules, forced row security or generated columns, and on partitions.
bool CanUpdateRows(Relation table);

// One UPDATE of some columns, row by row: statement and row triggers fire, with transition tables where they
// have some, checks are checked, indexes follow. No permission is asked. The rows are locked already, so that
// nobody else changes them.
class RowUpdate : private RowStatement {
public:
    // The columns are 1-based.
    RowUpdate(Relation table, const int *columns, int count);

    // The row at this place, or null where this statement sees none there.
    TupleTableSlot *Fetch(ItemPointer place);

    // The row that was fetched, for its columns to be replaced. Valid until the next is fetched.
    TupleTableSlot *Copy();

    // Writes what Copy() has become in the place of the fetched row; false where a trigger suppressed it.
    bool Write();

    // Ends the statement: its triggers fire that wait until then.
    void Finish();

private:
    List *FollowIndexes(bool only_summaries);
    void WriteChecked();

    EPQState recheck_;
    TupleTableSlot *old_row_, *new_row_;
    bool indexes_open_ = false;
};

} // namespace laurel
