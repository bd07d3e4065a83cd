// Templates of messages: text with {{fields}}.
#pragma once

#include <string_view>

namespace laurel::kernel {

// A stretch of a template: text as it stands, or the name of a field without its braces and blanks.
struct TemplatePiece {
    std::string_view text;
    bool is_field = false;
};

// Reads a template piece by piece. `{{` always opens a field; a field ends on the same line.
class TemplateReader {
public:
    explicit TemplateReader(std::string_view source) noexcept : rest_(source) {}

    // False at the end and where a field is not closed.
    bool Next(TemplatePiece *piece) noexcept;

    // Whether reading stopped at a field that is not closed.
    bool broken() const noexcept { return broken_; }

private:
    bool NextField(TemplatePiece *piece) noexcept;

    std::string_view rest_;
    bool broken_ = false;
};

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
