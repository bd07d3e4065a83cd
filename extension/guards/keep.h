// Columns and rows that never change.
#pragma once

#include "guards/kinds.h"

namespace laurel::guards {

extern const GuardKind kKeepColumns, kKeepMoving, kKeepRows, kKeepTable;

} // namespace laurel::guards
