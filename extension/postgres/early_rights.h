// Statements for which the server waits for a lock on a table before it asks whether the caller may.
#pragma once

#include "pg.h"

extern "C" {
#include "nodes/plannodes.h"
}

namespace laurel {

// Whether a relation is one of Laurel's schemas.
bool IsLaurels(Oid relation);

// Asks for the right at once where a statement that would stop everybody else while it waits names a table of
// Laurel's, and refuses (42501) who has it not. The statement to go on with: it names what was looked at.
PlannedStmt *AskRightsFirst(PlannedStmt *statement);

} // namespace laurel
