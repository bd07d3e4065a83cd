// Points for other domains.
#pragma once

#include "ledger_writes.h"

namespace laurel {

void InitPoints();

} // namespace laurel
