// How workers that wait are woken.
#pragma once

#include "postgres/pg.h"

namespace laurel {

// Sends the one NOTIFY of this transaction if a worker waits for it. Runs in the SPI connection that is open,
// as the tables' owner.
void WakeWorkers();

} // namespace laurel
