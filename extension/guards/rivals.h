// Rows of which one cannot come where the other is.
#pragma once

#include "postgres/pg.h"

namespace laurel::guards {

// Whether two rows of a table have the same key of some unique index, as that compares, over its expressions,
// where it holds both.
bool ShareKey(Relation table, HeapTuple a, HeapTuple b);

} // namespace laurel::guards
