// Letters of ASCII, whatever the locale.
#pragma once

#include <algorithm>
#include <string_view>

namespace laurel::kernel {

constexpr char
Lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

constexpr bool
IsDigit(char c) {
    return c >= '0' && c <= '9';
}

constexpr bool
IsLowerLetter(char c) {
    return c >= 'a' && c <= 'z';
}

constexpr bool
IsLetterOrDigit(char c) {
    return IsDigit(c) || IsLowerLetter(Lower(c));
}

// Whether two texts are the same but for capitals.
constexpr bool
AreSame(std::string_view a, std::string_view b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [](char x, char y) { return Lower(x) == Lower(y); });
}

constexpr bool
BeginsWith(std::string_view text, std::string_view with) {
    return AreSame(text.substr(0, with.size()), with);
}

} // namespace laurel::kernel
