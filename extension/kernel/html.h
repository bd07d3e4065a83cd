// Text that is to stand in HTML.
#pragma once

#include <string_view>

namespace laurel::kernel {

// The HTML of a byte that has a meaning there; empty for others. Safe in text and in quoted attributes.
std::string_view HtmlEscape(char byte) noexcept;

// Hands the text to `append` in pieces, with what has a meaning in HTML escaped.
template <typename Append>
void
AppendHtml(std::string_view text, Append &&append) {
    size_t plain = 0;
    for (size_t i = 0; i < text.size(); i++) {
        const std::string_view escaped = HtmlEscape(text[i]);
        if (escaped.empty())
            continue;
        append(text.substr(plain, i - plain));
        append(escaped);
        plain = i + 1;
    }
    append(text.substr(plain));
}

} // namespace laurel::kernel
