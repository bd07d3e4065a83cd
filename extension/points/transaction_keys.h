// The objects that laurel.record_points_transactions takes, before they are read as rows.
#pragma once

#include "postgres/pg.h"

namespace laurel::points {

// Refuses, naming the element, one that is no object or has another key than a transaction's arguments
// (22023): a misspelt idempotency_key would let a retry pay twice. A value that its type cannot read is
// refused as the type does.
void RequireElements(Datum array);

} // namespace laurel::points
