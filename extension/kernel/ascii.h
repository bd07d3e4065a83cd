// Letters of ASCII, whatever the locale.
#pragma once

namespace laurel::kernel {

constexpr char
Lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

} // namespace laurel::kernel
