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

} // namespace laurel::kernel
