// Conditions of Laurel's tables, CHECK and WHEN, understood once for many statements. The server reads their
// texts anew in each statement that writes a row, which takes longer than the rest of a small one.
#pragma once

#include "pg.h"

namespace laurel {

// Gives a table that a statement writes the conditions that are kept for it; nothing where it is not one of
// Laurel's. What they ask stays as it was.
void GiveConditions(ResultRelInfo *table, EState *state);

// From here on every statement has them.
void InitKeptConditions();

} // namespace laurel
