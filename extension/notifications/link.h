// Where notifications lead.
#pragma once

#include <string_view>

namespace laurel::notifications {

// A place in the application or an address: at most 2,000 characters, nothing unseen at its ends, no control
// characters, no script.
bool IsLink(std::string_view link);

} // namespace laurel::notifications
