#pragma once

#include <cstddef>
#include <string>

namespace laurel::kernel {

// Bytes as lower-case hexadecimal digits.
inline std::string
ToHex(const unsigned char *bytes, size_t size) {
    constexpr char kDigits[] = "0123456789abcdef";
    std::string text;
    for (size_t i = 0; i < size; i++) {
        text += kDigits[bytes[i] >> 4];
        text += kDigits[bytes[i] & 15];
    }
    return text;
}

} // namespace laurel::kernel
