#include "short_text.h"

#include "kernel/characters.h"

namespace laurel::kernel::grading {

namespace {

// Only what is as long as it was is written in small letters, so that there is room for it.
size_t
WriteCharacter(char32_t character, size_t length, char *out) noexcept {
    if (length == 1) {
        out[0] = static_cast<char>(character);
        return 1;
    }
    for (size_t i = length; i-- > 1; character >>= 6)
        out[i] = static_cast<char>(0x80 | (character & 0x3F));
    constexpr char32_t kLeads[] = {0xC0, 0xE0, 0xF0};
    out[0] = static_cast<char>(kLeads[length - 2] | character);
    return length;
}

size_t
LengthOf(char32_t character) noexcept {
    return character < 0x80 ? 1 : character < 0x800 ? 2 : character < 0x10000 ? 3 : 4;
}

} // namespace

char32_t
SmallLetter(char32_t c) noexcept {
    if ((c >= 'A' && c <= 'Z') || (c >= 0xC0 && c <= 0xDE && c != 0xD7) ||
        (c >= 0x391 && c <= 0x3AB && c != 0x3A2) || (c >= 0x410 && c <= 0x42F))
        return c + 32;
    if (c >= 0x400 && c <= 0x40F)
        return c + 80;
    if (c == 0x3C2) // a sigma at the end of a word
        return 0x3C3;
    if (c >= 0x531 && c <= 0x556)
        return c + 48;
    // Pairs of a capital and its small letter.
    const bool is_even_pair = (c >= 0x100 && c <= 0x137 && c != 0x130) || (c >= 0x14A && c <= 0x177) ||
                              (c >= 0x460 && c <= 0x481) || (c >= 0x48A && c <= 0x4BF) ||
                              (c >= 0x4D0 && c <= 0x52F) || (c >= 0x1E00 && c <= 0x1EFF && c != 0x1E9E);
    const bool is_odd_pair = (c >= 0x139 && c <= 0x148) || (c >= 0x179 && c <= 0x17E);
    return is_even_pair ? (c | 1) : is_odd_pair && (c & 1) != 0 ? c + 1 : c;
}

size_t
WriteShortText(std::string_view text, char *out) noexcept {
    size_t written = 0;
    bool blank = false;
    for (size_t at = 0; at < text.size();) {
        const size_t begin = at;
        const char32_t character = NextCharacter(text, &at);
        if (IsBlank(character) || IsControl(character))
            blank = written > 0;
        if (IsUnseen(character))
            continue;
        if (blank)
            out[written++] = ' ';
        blank = false;
        const char32_t small = SmallLetter(character);
        if (small != character && LengthOf(small) == at - begin)
            written += WriteCharacter(small, at - begin, out + written);
        else
            written += text.copy(out + written, at - begin, begin);
    }
    return written;
}

} // namespace laurel::kernel::grading
