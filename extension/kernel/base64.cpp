#include "base64.h"

#include <algorithm>
#include <cstdint>

namespace laurel::kernel {

namespace {

constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view kUrlAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

} // namespace

void
EncodeBase64(const unsigned char *bytes, size_t size, char *out) noexcept {
    for (size_t i = 0; i < size; i += 3) {
        const size_t left = size - i;
        const uint32_t group = static_cast<uint32_t>(bytes[i]) << 16 |
                               static_cast<uint32_t>(left > 1 ? bytes[i + 1] : 0) << 8 |
                               (left > 2 ? bytes[i + 2] : 0);
        *out++ = kAlphabet[group >> 18];
        *out++ = kAlphabet[group >> 12 & 63];
        *out++ = left > 1 ? kAlphabet[group >> 6 & 63] : '=';
        *out++ = left > 2 ? kAlphabet[group & 63] : '=';
    }
}

std::optional<size_t>
Base64Size(std::string_view text) noexcept {
    if (text.size() % 4 != 0)
        return {};
    size_t padding = 0;
    while (padding < 2 && padding < text.size() && text[text.size() - 1 - padding] == '=')
        padding++;
    const std::string_view digits = text.substr(0, text.size() - padding);
    for (const char digit : digits)
        if (kAlphabet.find(digit) == std::string_view::npos)
            return {};
    // Bits that encode nothing must be zero.
    const size_t spare = padding == 0 ? 0 : kAlphabet.find(digits.back()) & ((1u << (2 * padding)) - 1);
    if (spare != 0)
        return {};
    return text.size() / 4 * 3 - padding;
}

void
DecodeBase64(std::string_view text, unsigned char *out) noexcept {
    const std::string_view digits = text.substr(0, std::min(text.find('='), text.size()));
    uint32_t bits = 0;
    unsigned waiting = 0;
    for (const char digit : digits) {
        bits = bits << 6 | static_cast<uint32_t>(kAlphabet.find(digit));
        waiting += 6;
        if (waiting < 8)
            continue;
        waiting -= 8;
        *out++ = static_cast<unsigned char>(bits >> waiting);
    }
}

void
EncodeBase64Url(const unsigned char *bytes, size_t size, char *out) noexcept {
    uint32_t bits = 0;
    int pending = 0;
    for (size_t i = 0; i < size; i++) {
        bits = bits << 8 | bytes[i];
        for (pending += 8; pending >= 6; pending -= 6)
            *out++ = kUrlAlphabet[bits >> (pending - 6) & 63];
    }
    if (pending > 0)
        *out = kUrlAlphabet[bits << (6 - pending) & 63];
}

bool
DecodeBase64Url(std::string_view text, unsigned char *out) noexcept {
    uint32_t bits = 0;
    int waiting = 0;
    for (const char digit : text) {
        const size_t value = kUrlAlphabet.find(digit);
        if (value == std::string_view::npos)
            return false;
        bits = bits << 6 | static_cast<uint32_t>(value);
        waiting += 6;
        if (waiting >= 8) {
            waiting -= 8;
            *out++ = static_cast<unsigned char>(bits >> waiting);
        }
    }
    // Bits that encode nothing must be zero.
    return text.size() % 4 != 1 && (bits & ((1u << waiting) - 1)) == 0;
}

} // namespace laurel::kernel
