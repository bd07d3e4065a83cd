// Columns and rows that never change.
#pragma once

#include "kinds.h"

namespace laurel::guards {

extern const GuardKind kKeepColumns, kKeepRows, kKeepTable;

} // namespace laurel::guards
