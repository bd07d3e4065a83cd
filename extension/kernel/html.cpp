#include "html.h"

namespace laurel::kernel {

std::string_view
HtmlEscape(char byte) noexcept {
    switch (byte) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\'':
        return "&#39;";
    default:
        return {};
    }
}

} // namespace laurel::kernel
