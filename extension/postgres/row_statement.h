// What statements that write rows without a plan have in common.
#pragma once

#include "pg.h"

extern "C" {
#include "executor/executor.h"
}

namespace laurel {

// Whether a statement that writes the table, without triggers of others, does nothing but what a RowStatement
// does. It does more where the table has rules, forced row security or generated columns, and on partitions.
bool IsPlainTarget(Relation table);

// The executor's state for one table that is locked and open.
class RowStatement {
public:
    // The columns are those that it updates or inserts.
    RowStatement(Relation table, CmdType command, Bitmapset *columns);
    RowStatement(const RowStatement &) = delete;
    RowStatement &operator=(const RowStatement &) = delete;

protected:
    // Lets all triggers fire that wait until the end of the statement.
    void FireLast();
    // Ends it after that.
    void End();

    Relation table_;
    EState *state_;
    ResultRelInfo *result_;
    TransitionCaptureState *captured_; // null where no trigger wants it
};

} // namespace laurel
