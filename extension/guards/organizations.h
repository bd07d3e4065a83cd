// Rows that refer to rows of another organization.
#pragma once

#include "guards/check.h"

namespace laurel::guards {

// Adds the rows of a table whose foreign keys over organization_id find no row, which no write can have left
// there that the keys have seen.
void CheckOrganizations(Oid table, Findings *findings);

} // namespace laurel::guards
