// What entries of the ledger may refer to.
#pragma once

#include "postgres/pg.h"

namespace laurel::points {

// The table of a reference type, locked until the transaction ends and found to be still what was registered:
// a table with organization_id and id. Errors: 23503 no such type; 42P01 the table is gone; 42809, 42703,
// 42804 it is something else by now. Run with SPI open, as the owner of laurel.reference_types.
Oid TableOfReferenceType(const char *type);

} // namespace laurel::points
