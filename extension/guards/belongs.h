// Rows that take from their parent what it says.
#pragma once

#include "guards/kinds.h"

namespace laurel::guards {

extern const GuardKind kBelong, kCheckBelonging;

} // namespace laurel::guards
