#pragma once

#include <string_view>

namespace laurel::kernel {

// What to call somebody by a full name: its first word; of "Lund, Mira" the one behind the comma. All of it
// where that word is a title or an initial, or may be anything: "Dr. Lund", "van der Berg, Jan".
std::string_view GivenName(std::string_view full_name) noexcept;

} // namespace laurel::kernel
