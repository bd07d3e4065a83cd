// Endpoints of webhooks.
#pragma once

#include "postgres/datum.h"

namespace laurel::deliveries {

// Disables the endpoint and makes what waits for it dead; returns how many deliveries that were. Runs in the
// SPI connection that is open, as the tables' owner.
int64 DisableEndpoint(const Uuid &endpoint, std::string_view reason);

} // namespace laurel::deliveries
