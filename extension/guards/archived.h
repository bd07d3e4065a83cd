// Rows that are archived where others are deleted.
#pragma once

#include "guards/kinds.h"

namespace laurel::guards {

extern const GuardKind kArchiveRow, kArchiveTable;

} // namespace laurel::guards
