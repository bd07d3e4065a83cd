// Points for other domains.
#pragma once

#include "guards/derived_write.h"
#include "postgres/pg.h"

namespace laurel {

// Which row of the innermost INSERT into the ledger is being posted, from 1; 0 where none is.
int64 RowBeingPosted();

void InitPoints();

} // namespace laurel
