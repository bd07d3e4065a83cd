#include "template.h"

namespace laurel::kernel {

namespace {

constexpr std::string_view kOpen = "{{";
constexpr std::string_view kClose = "}}";

std::string_view
WithoutBlanks(std::string_view text) noexcept {
    while (!text.empty() && text.front() == ' ')
        text.remove_prefix(1);
    while (!text.empty() && text.back() == ' ')
        text.remove_suffix(1);
    return text;
}

} // namespace

bool
TemplateReader::NextField(TemplatePiece *piece) noexcept {
    const size_t close = rest_.find(kClose, kOpen.size());
    if (close == std::string_view::npos || rest_.substr(0, close).find('\n') != std::string_view::npos) {
        broken_ = true;
        return false;
    }
    *piece = {WithoutBlanks(rest_.substr(kOpen.size(), close - kOpen.size())), true};
    rest_.remove_prefix(close + kClose.size());
    return true;
}

bool
TemplateReader::Next(TemplatePiece *piece) noexcept {
    if (rest_.empty() || broken_)
        return false;
    const size_t open = rest_.find(kOpen);
    if (open == 0)
        return NextField(piece);
    *piece = {rest_.substr(0, open), false};
    rest_.remove_prefix(piece->text.size());
    return true;
}

} // namespace laurel::kernel
