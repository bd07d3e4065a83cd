// What a webhook says.
#pragma once

#include "deliveries/leased.h"

namespace laurel::deliveries {

// The body: what happened, when, to whom, as an object that fits into 20 kB. Palloc'd.
std::string_view WebhookBody(const Leased &delivery);

} // namespace laurel::deliveries
