// Columns that say in which state a row is.
#pragma once

#include "guards/kinds.h"

namespace laurel::guards {

extern const GuardKind kStepState, kCheckStep;

} // namespace laurel::guards
