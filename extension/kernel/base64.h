// Base64 with padding (RFC 4648, section 4), and base64url without (section 5).
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace laurel::kernel {

// How many characters encode so many bytes.
constexpr size_t
Base64Length(size_t bytes) noexcept {
    return (bytes + 2) / 3 * 4;
}

// Writes Base64Length(size) characters.
void EncodeBase64(const unsigned char *bytes, size_t size, char *out) noexcept;

// How many bytes the text encodes; nothing where it is not base64 in its one canonical form.
std::optional<size_t> Base64Size(std::string_view text) noexcept;

// Writes the Base64Size(text) bytes of a text that has such a size.
void DecodeBase64(std::string_view text, unsigned char *out) noexcept;

// How many characters encode so many bytes in base64url.
constexpr size_t
Base64UrlLength(size_t bytes) noexcept {
    return (bytes * 4 + 2) / 3;
}

// Writes Base64UrlLength(size) characters, without padding.
void EncodeBase64Url(const unsigned char *bytes, size_t size, char *out) noexcept;

// Writes as many bytes as a text of base64url encodes, text.size() * 3 / 4 of them; false where it is none.
bool DecodeBase64Url(std::string_view text, unsigned char *out) noexcept;

} // namespace laurel::kernel
