// Locks rows without a statement.
#pragma once

#include "pg.h"

extern "C" {
#include "executor/tuptable.h"
}

namespace laurel {

// Locks the version of a row that is in the slot, as FOR NO KEY UPDATE does, and waits for who holds it; READ
// COMMITTED goes on to the newest one, which is in the slot then. False where the row was deleted.
bool LockRow(Relation table, TupleTableSlot *slot, Snapshot snapshot);

} // namespace laurel
