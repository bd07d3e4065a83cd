#pragma once

#include <string_view>

namespace laurel::kernel {

constexpr size_t kKeySize = 32;
constexpr int kMostKeys = 16;

// Keys as a file holds them: a line of 64 hexadecimal digits for each.
struct KeyLines {
    unsigned char keys[kMostKeys][kKeySize] = {};
    int count = 0;
    const char *fault = nullptr; // what is wrong with line `count + 1`
};

// Reads them. Nothing but keys and the ends of lines may be there; the last line may go without.
void ReadKeyLines(std::string_view text, KeyLines *lines) noexcept;

} // namespace laurel::kernel
