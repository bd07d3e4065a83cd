#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace laurel::worker {

// Base64 with padding, in one line (RFC 4648, 4).
std::string Base64(std::string_view bytes);

// The bytes of a base64 text; nothing where it is none.
std::optional<std::string> FromBase64(std::string_view text);

} // namespace laurel::worker
