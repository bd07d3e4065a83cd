// Versions of rows, so that nobody overwrites what he has not read.
#pragma once

#include "guards/kinds.h"

namespace laurel::guards {

extern const GuardKind kRaiseVersion, kCheckVersion;

} // namespace laurel::guards
