// The objects that laurel.record_points_transactions takes, before they are read as rows.
#pragma once

#include "postgres/pg.h"

namespace laurel::points {

// Refuses, naming the element, one that is no object or has another key than a transaction's arguments
// (22023): a misspelt idempotency_key would let a retry pay twice.
void RequireKnownKeys(Datum array);

// Raises, naming the element, what a type has against a value that it cannot read.
void RequireReadableValues(Datum array);

} // namespace laurel::points
