// Time-ordered identifiers.
#pragma once

#include "postgres/pg.h"

namespace laurel {

// A new one, palloc'd, as laurel.uuidv7() gives it.
Datum NewUuid7();

} // namespace laurel
