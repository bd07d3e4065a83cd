#include "uuid7.h"

#include <algorithm>
#include <cstring>

namespace laurel::kernel {

namespace {

constexpr uint64_t kFractions = 4096;
constexpr uint64_t kStampMask = (uint64_t{1} << 60) - 1;

// The clock as milliseconds and 1/4096 of a millisecond.
constexpr uint64_t
StampOf(uint64_t unix_micros) noexcept {
    return ((unix_micros / 1000) * kFractions + (unix_micros % 1000) * kFractions / 1000) & kStampMask;
}

// The value of a hexadecimal digit, or -1.
constexpr int
HexValue(char digit) noexcept {
    if (digit >= '0' && digit <= '9')
        return digit - '0';
    if (digit >= 'a' && digit <= 'f')
        return digit - 'a' + 10;
    if (digit >= 'A' && digit <= 'F')
        return digit - 'A' + 10;
    return -1;
}

// Takes the braces off a text that has both; one without the other stays and is refused as a digit.
constexpr std::string_view
WithoutBraces(std::string_view text) noexcept {
    if (text.size() >= 2 && text.front() == '{' && text.back() == '}')
        return text.substr(1, text.size() - 2);
    return text;
}

} // namespace

void
NextUuid7(Uuid7State &state, uint64_t unix_micros, const unsigned char random[8],
          unsigned char out[16]) noexcept {
    state.last = std::max(StampOf(unix_micros), state.last + 1) & kStampMask;

    const uint64_t millis = state.last / kFractions;
    for (int i = 0; i < 6; i++)
        out[i] = static_cast<unsigned char>(millis >> (8 * (5 - i)));
    out[6] = static_cast<unsigned char>(0x70 | ((state.last >> 8) & 0x0F));
    out[7] = static_cast<unsigned char>(state.last);
    memcpy(out + 8, random, 8);
    out[8] = static_cast<unsigned char>(0x80 | (out[8] & 0x3F));
}

bool
ParseUuid(std::string_view text, unsigned char out[16]) noexcept {
    text = WithoutBraces(text);
    for (size_t i = 0; i < kUuidSize; i++) {
        if (text.size() < 2)
            return false;
        const int high = HexValue(text[0]);
        const int low = HexValue(text[1]);
        if (high < 0 || low < 0)
            return false;
        out[i] = static_cast<unsigned char>(high * 16 + low);
        text.remove_prefix(2);

        const bool hyphen_allowed = i % 2 == 1 && i < kUuidSize - 1;
        if (hyphen_allowed && text.starts_with('-'))
            text.remove_prefix(1);
    }
    return text.empty();
}

void
WriteUuid(const unsigned char uuid[16], char *out) noexcept {
    constexpr std::string_view digits = "0123456789abcdef";
    for (size_t i = 0; i < kUuidSize; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10)
            *out++ = '-';
        *out++ = digits[uuid[i] >> 4];
        *out++ = digits[uuid[i] & 15];
    }
}

} // namespace laurel::kernel
