// How workers that wait are woken.
#pragma once

#include "postgres/pg.h"

namespace laurel::deliveries {

// Sends the one NOTIFY of this transaction if a worker waits for it. Runs in the SPI connection that is open,
// as the tables' owner.
void WakeWorkers();

} // namespace laurel::deliveries
