#include "pages/html.h"

#include <cstdio>

#include "kernel/html.h"

namespace laurel::worker {

namespace {

std::string
Format(const char *form, double number) {
    char text[48];
    std::snprintf(text, sizeof text, form, number);
    return text;
}

} // namespace

std::string
Escape(std::string_view text) {
    std::string escaped;
    kernel::AppendHtml(text, [&](std::string_view piece) { escaped += piece; });
    return escaped;
}

std::string
Short(double number) {
    if (number < 10'000)
        return Format("%.0f", number);
    if (number < 1'000'000)
        return Format("%.1f k", number / 1e3);
    return Format("%.2f M", number / 1e6);
}

std::string
SpellMilliseconds(double milliseconds) {
    if (milliseconds < 10)
        return Format("%.1f ms", milliseconds);
    if (milliseconds < 1000)
        return Format("%.0f ms", milliseconds);
    if (milliseconds < 120'000)
        return Format("%.1f s", milliseconds / 1e3);
    if (milliseconds < 7'200'000)
        return Format("%.0f min", milliseconds / 6e4);
    return Format("%.0f h", milliseconds / 3.6e6);
}

} // namespace laurel::worker
