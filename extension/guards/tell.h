// Rows that tell members something.
#pragma once

#include "kinds.h"

namespace laurel::guards {

extern const GuardKind kTellRows;

} // namespace laurel::guards
