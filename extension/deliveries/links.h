// Links in messages.
#pragma once

#include "deliveries/leased.h"

namespace laurel::deliveries {

// The link as an address that leads somewhere from outside the application: one within it is joined with the
// organization's base_url. Where there is none, as it was written.
std::string_view OutsideLink(std::string_view link, const Jsonb *settings);

// Whether it leads somewhere from outside.
bool IsAbsolute(std::string_view link);

// Where the reader can say that this was enough; empty where the organization has set no such page.
std::string_view UnsubscribeLink(const Leased &delivery);

} // namespace laurel::deliveries
