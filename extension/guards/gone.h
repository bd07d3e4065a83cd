// References to rows that are gone.
#pragma once

#include "postgres/trigger.h"

namespace laurel::guards {

// Whether an update has set the column to null because the row it referred to is gone: a foreign key says ON
// DELETE SET NULL for it, and there is no such row any more.
bool IsReferenceGone(const TriggerData *update, int column);

} // namespace laurel::guards
