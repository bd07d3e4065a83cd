#include "short_text.h"

namespace laurel::kernel::grading {

namespace {

// Bytes of the UTF-8 sequence that begins with this one; 1 for what begins none.
size_t
SequenceLength(unsigned char lead) noexcept {
    return lead >= 0xF0 && lead < 0xF8 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC2 ? 2 : 1;
}

bool
IsBlank(uint32_t code_point) noexcept {
    return code_point == ' ' || (code_point >= '\t' && code_point <= '\r') || code_point == 0xA0 ||
           (code_point >= 0x2000 && code_point <= 0x200B) || code_point == 0x202F || code_point == 0x3000;
}

// Only what is as long as it was is written in small letters, so that there is room for it.
size_t
WriteCodePoint(uint32_t code_point, size_t length, char *out) noexcept {
    if (length == 1) {
        out[0] = static_cast<char>(code_point);
        return 1;
    }
    for (size_t i = length; i-- > 1; code_point >>= 6)
        out[i] = static_cast<char>(0x80 | (code_point & 0x3F));
    constexpr uint32_t kLeads[] = {0xC0, 0xE0, 0xF0};
    out[0] = static_cast<char>(kLeads[length - 2] | code_point);
    return length;
}

size_t
LengthOf(uint32_t code_point) noexcept {
    return code_point < 0x80 ? 1 : code_point < 0x800 ? 2 : code_point < 0x10000 ? 3 : 4;
}

} // namespace

uint32_t
NextCodePoint(std::string_view *text) noexcept {
    const auto lead = static_cast<unsigned char>(text->front());
    const size_t length = SequenceLength(lead);
    if (length == 1 || length > text->size()) {
        text->remove_prefix(1);
        return lead;
    }
    constexpr unsigned char kBits[] = {0x1F, 0x0F, 0x07};
    uint32_t code_point = lead & kBits[length - 2];
    for (size_t i = 1; i < length; i++)
        code_point = code_point << 6 | (static_cast<unsigned char>((*text)[i]) & 0x3F);
    text->remove_prefix(length);
    return code_point;
}

uint32_t
SmallLetter(uint32_t c) noexcept {
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
    while (!text.empty()) {
        const size_t before = text.size();
        const uint32_t code_point = NextCodePoint(&text);
        const size_t length = before - text.size();
        if (IsBlank(code_point)) {
            blank = written > 0;
            continue;
        }
        if (blank)
            out[written++] = ' ';
        blank = false;
        const uint32_t small = length == 1 && code_point >= 0x80 ? code_point : SmallLetter(code_point);
        written += WriteCodePoint(LengthOf(small) == length ? small : code_point, length, out + written);
    }
    return written;
}

} // namespace laurel::kernel::grading
