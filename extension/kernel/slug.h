// Names as they stand in addresses.
#pragma once

#include <cstddef>
#include <string_view>

namespace laurel::kernel {

// The longest slug.
constexpr size_t kMaxSlug = 100;

// Writes the slug of a UTF-8 name into `out`, which has room for kMaxSlug characters, and returns its length:
// lower-case words joined by hyphens, letters of Latin-1 without their accents. Other letters part words; 0
// where none is left.
size_t MakeSlug(std::string_view name, char *out) noexcept;

} // namespace laurel::kernel
