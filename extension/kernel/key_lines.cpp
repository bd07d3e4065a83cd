#include "key_lines.h"

#include <algorithm>
#include <cstring>

namespace laurel::kernel {

namespace {

constexpr size_t kDigits = 2 * kKeySize;

// 16 for what is no digit.
constexpr unsigned
HexDigit(char c) {
    if (c >= '0' && c <= '9')
        return static_cast<unsigned>(c - '0');
    if (c >= 'a' && c <= 'f')
        return static_cast<unsigned>(c - 'a' + 10);
    if (c >= 'A' && c <= 'F')
        return static_cast<unsigned>(c - 'A' + 10);
    return 16;
}

const char *
ReadKey(std::string_view line, unsigned char key[kKeySize]) {
    if (!line.empty() && line.back() == '\r')
        return "it ends as lines do on Windows";
    if (line.size() != kDigits)
        return line.empty() ? "it is empty" : "it has not 64 characters";
    for (size_t i = 0; i < kKeySize; i++) {
        const unsigned high = HexDigit(line[2 * i]), low = HexDigit(line[2 * i + 1]);
        if ((high | low) > 15)
            return "it holds what is no hexadecimal digit";
        key[i] = static_cast<unsigned char>(high << 4 | low);
    }
    const bool is_one_byte =
        std::all_of(key, key + kKeySize, [first = key[0]](unsigned char byte) { return byte == first; });
    return is_one_byte ? "it is not random" : nullptr;
}

} // namespace

void
ReadKeyLines(std::string_view text, KeyLines *lines) noexcept {
    lines->count = 0;
    lines->fault = text.empty() ? "it is empty" : nullptr;
    while (lines->fault == nullptr && !text.empty()) {
        const size_t end = std::min(text.find('\n'), text.size());
        unsigned char *key = lines->keys[lines->count];
        lines->fault = ReadKey(text.substr(0, end), key);
        for (int i = 0; lines->fault == nullptr && i < lines->count; i++)
            if (std::memcmp(lines->keys[i], key, kKeySize) == 0)
                lines->fault = "it is there twice";
        text.remove_prefix(std::min(end + 1, text.size()));
        if (lines->fault != nullptr)
            return;
        if (++lines->count == kMostKeys && !text.empty())
            lines->fault = "there are more than 16 keys";
    }
}

} // namespace laurel::kernel
