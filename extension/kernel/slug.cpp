#include "slug.h"

namespace laurel::kernel {

namespace {

constexpr unsigned char kLatin1Lead = 0xC3;

// Plain letters for U+00C0 to U+00FF.
constexpr std::string_view kLatin1 = "aaaaaaaceeeeiiiidnooooo-ouuuuyts"
                                     "aaaaaaaceeeeiiiidnooooo-ouuuuyty";
static_assert(kLatin1.size() == 64);

// The letter or digit that stands for the character at `position`, '-' for any other; moves past it.
char
NextLetter(std::string_view name, size_t *position) noexcept {
    const auto lead = static_cast<unsigned char>(name[(*position)++]);
    if ((lead >= 'a' && lead <= 'z') || (lead >= '0' && lead <= '9'))
        return static_cast<char>(lead);
    if (lead >= 'A' && lead <= 'Z')
        return static_cast<char>(lead - 'A' + 'a');
    if (lead == kLatin1Lead && *position < name.size())
        return kLatin1[static_cast<unsigned char>(name[(*position)++]) & 0x3F];
    return '-';
}

} // namespace

size_t
MakeSlug(std::string_view name, char *out) noexcept {
    size_t length = 0;
    for (size_t position = 0; position < name.size() && length < kMaxSlug;) {
        const char letter = NextLetter(name, &position);
        if (letter != '-' || (length > 0 && out[length - 1] != '-'))
            out[length++] = letter;
    }
    while (length > 0 && out[length - 1] == '-')
        length--;
    return length;
}

} // namespace laurel::kernel
