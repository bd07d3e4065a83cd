#include "unicode.h"

#include "datum.h"
#include "kernel/characters.h"

namespace laurel {

namespace {

// All that normal form C makes ASCII letters and signs of: Kelvin sign, Greek question mark, Greek varia.
bool
BecomesAscii(char32_t character) {
    return character == 0x212A || character == 0x37E || character == 0x1FEF;
}

} // namespace

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
