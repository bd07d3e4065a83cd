#pragma once

#include <string_view>

#include "sha256.h"

namespace laurel::kernel {

// HMAC-SHA256 (RFC 2104) by OpenSSL; false where it refuses.
bool HmacSha256(std::string_view key, std::string_view text, Digest *code) noexcept;

// Compares in a time that says nothing of where they differ.
bool AreEqual(std::string_view a, std::string_view b) noexcept;

} // namespace laurel::kernel
