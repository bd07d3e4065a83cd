// Tables whose rows lead on and never round in a circle.
#pragma once

#include "guards/kinds.h"

namespace laurel::guards {

extern const GuardKind kCheckCircles;

} // namespace laurel::guards
