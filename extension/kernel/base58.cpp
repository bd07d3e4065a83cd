#include "base58.h"

#include <algorithm>
#include <cstring>

namespace laurel::kernel {

namespace {

constexpr std::string_view kBase58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

} // namespace

size_t
EncodeBase58(const unsigned char *bytes, size_t size, char *out) noexcept {
    unsigned char digits[Base58Room(kMostBase58Bytes)] = {}; // the least significant first
    size_t count = 0;
    for (size_t i = 0; i < size; i++) {
        unsigned carry = bytes[i];
        for (size_t j = 0; j < count || carry != 0; j++) {
            carry += digits[j] * 256u;
            digits[j] = static_cast<unsigned char>(carry % 58);
            carry /= 58;
            count = std::max(count, j + 1);
        }
    }
    const size_t zeros =
        static_cast<size_t>(std::find_if(bytes, bytes + size, [](auto b) { return b != 0; }) - bytes);
    std::fill_n(out, zeros, kBase58[0]);
    for (size_t j = 0; j < count; j++)
        out[zeros + j] = kBase58[digits[count - 1 - j]];
    return zeros + count;
}

bool
DecodeBase58(std::string_view text, unsigned char *out, size_t size) noexcept {
    if (size > kMostBase58Bytes || text.size() > Base58Room(size))
        return false;
    std::fill_n(out, size, 0);
    for (const char c : text) {
        const size_t digit = kBase58.find(c);
        unsigned carry = static_cast<unsigned>(digit);
        for (size_t i = size; i-- > 0 && digit != std::string_view::npos;) {
            carry += out[i] * 58u;
            out[i] = static_cast<unsigned char>(carry);
            carry >>= 8;
        }
        if (carry != 0)
            return false;
    }
    // Leading zeros have one form.
    char again[Base58Room(kMostBase58Bytes)];
    return EncodeBase58(out, size, again) == text.size() && std::memcmp(again, text.data(), text.size()) == 0;
}

} // namespace laurel::kernel
