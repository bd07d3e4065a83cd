// Links in messages.
#pragma once

#include "deliveries/leased.h"

namespace laurel::deliveries {

// The link as an address that leads somewhere from outside the application; empty where it cannot be one.
std::string_view AbsoluteLink(std::string_view link, const Jsonb *settings);

// Where the reader can say that this was enough; empty where the organization has set no such page.
std::string_view UnsubscribeLink(const Leased &delivery);

} // namespace laurel::deliveries
