#include "unicode.h"

#include "datum.h"
#include "kernel/characters.h"

#ifdef LAUREL_ICU
#include <unicode/uchar.h>
#endif

namespace laurel {

namespace {

// All that normal form C makes ASCII letters and signs of: Kelvin sign, Greek question mark, Greek varia.
bool
BecomesAscii(char32_t character) {
    return character == 0x212A || character == 0x37E || character == 0x1FEF;
}

#ifdef LAUREL_ICU

constexpr uint8_t kVirama = 9; // the class of signs that take a vowel away

int32_t
JoiningType(char32_t character) {
    return u_getIntPropertyValue(static_cast<UChar32>(character), UCHAR_JOINING_TYPE);
}

// How the first letter joins that is no mark; U_JT_NON_JOINING where there is none.
int32_t
JoiningTypeAfter(std::string_view text) {
    for (size_t position = 0; position < text.size();)
        if (const int32_t type = JoiningType(kernel::NextCharacter(text, &position));
            type != U_JT_TRANSPARENT)
            return type;
    return U_JT_NON_JOINING;
}

#endif

} // namespace

#ifdef LAUREL_ICU

bool
MayJoin(std::string_view text, size_t position) {
    char32_t last = 0;
    int32_t before = U_JT_NON_JOINING;
    for (size_t at = 0; at < position;) {
        last = kernel::NextCharacter(text, &at);
        if (const int32_t type = JoiningType(last); type != U_JT_TRANSPARENT)
            before = type;
    }
    const bool is_joiner = kernel::NextCharacter(text, &position) == 0x200D;
    if (u_getCombiningClass(static_cast<UChar32>(last)) == kVirama)
        return true;
    const int32_t after = JoiningTypeAfter(text.substr(position));
    return !is_joiner && (before == U_JT_DUAL_JOINING || before == U_JT_LEFT_JOINING) &&
           (after == U_JT_DUAL_JOINING || after == U_JT_RIGHT_JOINING);
}

#else

bool
MayJoin(std::string_view, size_t) {
    return false;
}

#endif

std::string_view
Normalized(std::string_view text) {
    if (kernel::IsAscii(text))
        return text;
    return ToText(DirectFunctionCall2(unicode_normalize_func, FromText(text), CStringGetTextDatum("NFC")));
}

std::string_view
NormalizedApart(std::string_view text) {
    if (kernel::IsAscii(text))
        return text;
    StringInfoData out;
    initStringInfo(&out);
    size_t begin = 0;
    const auto add = [&](std::string_view piece) {
        appendBinaryStringInfo(&out, piece.data(), static_cast<int>(piece.size()));
    };
    for (size_t position = 0; position < text.size();) {
        const size_t here = position;
        if (!BecomesAscii(kernel::NextCharacter(text, &position)))
            continue;
        add(Normalized(text.substr(begin, here - begin)));
        add(text.substr(here, position - here));
        begin = position;
    }
    add(Normalized(text.substr(begin)));
    return {out.data, static_cast<size_t>(out.len)};
}

} // namespace laurel
