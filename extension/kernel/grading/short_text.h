// Short answers in words, brought to one form.
#pragma once

#include <cstdint>
#include <string_view>

namespace laurel::kernel::grading {

// The code point at the start of the text, whose bytes it takes off; a byte that is no UTF-8 stands for
// itself.
uint32_t NextCodePoint(std::string_view *text) noexcept;

// The small letter of a capital one: Latin, Greek, Cyrillic and Armenian; else the same.
uint32_t SmallLetter(uint32_t code_point) noexcept;

// Writes the text in small letters, with one blank where there are several and none at its ends. `out` has
// room for as many bytes as the text. Returns how many were written.
size_t WriteShortText(std::string_view text, char *out) noexcept;

} // namespace laurel::kernel::grading
