// Rows that tell members something.
#pragma once

#include "guards/kinds.h"

namespace laurel::guards {

extern const GuardKind kTellRows;

} // namespace laurel::guards
