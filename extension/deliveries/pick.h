// Which due deliveries a claim takes.
#pragma once

#include "deliveries/lease_rows.h"

namespace laurel::deliveries {

// Leases up to `room` due deliveries to the token, without waiting for anybody: critical ones first, then by
// shares. Returns how many. Runs in the SPI connection that is open, as the tables' owner.
int LeaseDue(const Claim &claim, int room);

} // namespace laurel::deliveries
