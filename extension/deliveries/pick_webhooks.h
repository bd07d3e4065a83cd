// Webhooks are claimed with an eye on how many messages each endpoint has under way.
#pragma once

#include "deliveries/lease_rows.h"

namespace laurel::deliveries {

// Leases up to `quota` due webhooks of the class to the token, no endpoint and no organization getting more
// than it may have under way, and each organization as much as the others that wait. Returns how many.
int LeaseWebhooks(const Claim &claim, Class of, int quota);

} // namespace laurel::deliveries
