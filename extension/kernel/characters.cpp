#include "characters.h"

#include <algorithm>
#include <iterator>

namespace laurel::kernel {

namespace {

constexpr char32_t kNoCharacter = 0xFFFD;

struct Range {
    char32_t first, last;
};

constexpr Range kBlanks[] = {{0x20, 0x20},     {0xA0, 0xA0},     {0x1680, 0x1680}, {0x2000, 0x200A},
                             {0x202F, 0x202F}, {0x205F, 0x205F}, {0x3000, 0x3000}};

constexpr Range kControls[] = {
    {0x00, 0x1F}, {0x7F, 0x9F}, {0x2028, 0x2029}, {0xFDD0, 0xFDEF}, {0xFFFD, 0xFFFF}};

constexpr Range kIgnorables[] = {{0xAD, 0xAD},      {0x34F, 0x34F},   {0x61C, 0x61C},     {0x115F, 0x1160},
                                 {0x17B4, 0x17B5},  {0x180B, 0x180F}, {0x200B, 0x200F},   {0x202A, 0x202E},
                                 {0x2060, 0x206F},  {0x3164, 0x3164}, {0xFE00, 0xFE0F},   {0xFEFF, 0xFEFF},
                                 {0xFFA0, 0xFFA0},  {0xFFF0, 0xFFFB}, {0x1BCA0, 0x1BCA3}, {0x1D173, 0x1D17A},
                                 {0xE0000, 0xE0FFF}};

template <size_t N>
bool
IsIn(const Range (&ranges)[N], char32_t character) noexcept {
    const Range *end = std::end(ranges);
    const Range *range = std::lower_bound(std::begin(ranges), end, character,
                                          [](const Range &one, char32_t c) { return one.last < c; });
    return range != end && range->first <= character;
}

constexpr bool
Continues(char byte) noexcept {
    return (static_cast<unsigned char>(byte) & 0xC0) == 0x80;
}

// How many bytes the character has that begins with `lead`; 0 where none does.
constexpr size_t
LengthAfter(unsigned char lead) noexcept {
    if (lead < 0x80)
        return 1;
    return lead < 0xC2 ? 0 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : lead < 0xF5 ? 4 : 0;
}

} // namespace

char32_t
NextCharacter(std::string_view text, size_t *position) noexcept {
    const auto lead = static_cast<unsigned char>(text[*position]);
    const size_t length = LengthAfter(lead), begin = (*position)++;
    if (length == 1)
        return lead;
    if (length == 0 || begin + length > text.size())
        return kNoCharacter;
    char32_t character = lead & (0x7Fu >> length);
    for (size_t i = 1; i < length; i++) {
        if (!Continues(text[begin + i]))
            return kNoCharacter;
        character = character << 6 | (static_cast<unsigned char>(text[begin + i]) & 0x3Fu);
    }
    *position = begin + length;
    return character;
}

bool
IsAscii(std::string_view text) noexcept {
    return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

bool
IsBlank(char32_t character) noexcept {
    return IsIn(kBlanks, character);
}

bool
IsControl(char32_t character) noexcept {
    return IsIn(kControls, character) || (character & 0xFFFE) == 0xFFFE;
}

bool
IsIgnorable(char32_t character) noexcept {
    return IsIn(kIgnorables, character);
}

std::string_view
Trimmed(std::string_view text) noexcept {
    size_t first = text.size(), end = 0;
    for (size_t position = 0; position < text.size();) {
        const size_t here = position;
        const char32_t character = NextCharacter(text, &position);
        // What is damaged is not taken away in silence.
        if (IsUnseen(character) && character != kNoCharacter)
            continue;
        first = std::min(first, here);
        end = position;
    }
    return first < end ? text.substr(first, end - first) : std::string_view();
}

} // namespace laurel::kernel
