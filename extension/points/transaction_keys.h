// The keys of the objects that laurel.record_points_transactions takes.
#pragma once

#include "postgres/pg.h"

namespace laurel::points {

// Refuses (22023, naming the element) an object of the array that has another key than a transaction's
// arguments: a misspelt idempotency_key would let a retry pay twice.
void RequireKnownKeys(Datum array);

} // namespace laurel::points
