#include "given_name.h"

#include <algorithm>

#include "characters.h"

namespace laurel::kernel {

namespace {

constexpr std::string_view kSeparatesNames = " \t\r\n\v\f", kNoBreak = "\xC2\xA0";

std::string_view
FirstWord(std::string_view text) noexcept {
    return text.substr(0, std::min(text.find_first_of(kSeparatesNames), text.find(kNoBreak)));
}

} // namespace

std::string_view
GivenName(std::string_view full_name) noexcept {
    const std::string_view whole = Trimmed(full_name);
    std::string_view word = FirstWord(whole);
    if (word.ends_with(',') && word.size() < whole.size())
        word = FirstWord(Trimmed(whole.substr(word.size())));
    else if (whole.find(',') != std::string_view::npos)
        return whole;
    return word.empty() || word.ends_with('.') || word.ends_with(',') ? whole : word;
}

} // namespace laurel::kernel
