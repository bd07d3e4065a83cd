// Short answers in words, brought to one form.
#pragma once

#include <cstddef>
#include <string_view>

namespace laurel::kernel::grading {

// The small letter of a capital one: Latin, Greek, Cyrillic and Armenian; else the same.
char32_t SmallLetter(char32_t character) noexcept;

// Writes the text in small letters, with one blank where there are several and none at its ends, and
// without what shows nothing. `out` has
// room for as many bytes as the text. Returns how many were written.
size_t WriteShortText(std::string_view text, char *out) noexcept;

} // namespace laurel::kernel::grading
