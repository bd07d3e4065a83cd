// Characters of UTF-8 that people do not see.
#pragma once

#include <cstddef>
#include <string_view>

namespace laurel::kernel {

// The character at `position`, which moves past it; U+FFFD for a byte that begins none.
char32_t NextCharacter(std::string_view text, size_t *position) noexcept;

// Whether there are bytes below 128 alone.
bool IsAscii(std::string_view text) noexcept;

// A blank of Unicode, of whatever width (Zs).
bool IsBlank(char32_t character) noexcept;

// A control character, a separator of lines, or what is no character.
bool IsControl(char32_t character) noexcept;

// What shows nothing by itself (Default_Ignorable_Code_Point): zero-width spaces and joiners, the byte order
// mark, marks of direction, variation selectors, tags, fillers.
bool IsIgnorable(char32_t character) noexcept;

inline bool
IsUnseen(char32_t character) noexcept {
    const bool is_plain = character > 0x20 && character < 0x7F; // as most are
    return !is_plain && (IsBlank(character) || IsControl(character) || IsIgnorable(character));
}

// The text without what nobody sees at its ends.
std::string_view Trimmed(std::string_view text) noexcept;

} // namespace laurel::kernel
