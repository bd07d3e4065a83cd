// Base58 in Bitcoin's alphabet, as multibase has it under z.
#pragma once

#include <cstddef>
#include <string_view>

namespace laurel::kernel {

constexpr size_t kMostBase58Bytes = 128;

// At most how many characters encode so many bytes.
constexpr size_t
Base58Room(size_t bytes) noexcept {
    return bytes * 138 / 100 + 1;
}

// Writes at most Base58Room(size) characters of at most kMostBase58Bytes bytes; returns how many.
size_t EncodeBase58(const unsigned char *bytes, size_t size, char *out) noexcept;

// Reads exactly that many bytes; false where the text is not their encoding.
bool DecodeBase58(std::string_view text, unsigned char *out, size_t size) noexcept;

} // namespace laurel::kernel
