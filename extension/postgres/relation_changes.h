// Who wants to know that a table or index has changed: the server takes ten listeners from all extensions
// together, so Laurel is one of them.
#pragma once

#include "postgres/pg.h"

namespace laurel {

// Calls `notice` whenever a relation is invalidated, with its Oid, or InvalidOid where any may have changed.
// To be called once for each at most, when the library is loaded; `notice` reads no table and raises no
// error.
void WhenRelationChanges(void (*notice)(Oid relation));

} // namespace laurel
