// Texts of statements that have parts in common, put together by the compiler.
#pragma once

#include "pg.h"

namespace laurel {

// A text as an argument of a template.
template <size_t N> struct SqlText {
    char text[N] = {};

    constexpr SqlText() = default;
    constexpr SqlText(const char (&from)[N]) { std::copy_n(from, N, text); } // not explicit: for literals

    constexpr operator const char *() const { return text; }
    constexpr std::string_view View() const { return {text, N - 1}; }
};

// Calls take(piece) for each piece of the text and each part that stands where it says {1}, {2} and so on.
template <SqlText text, SqlText... parts, typename Take>
constexpr void
EachPiece(Take take) {
    constexpr std::string_view whole = text.View(), part[] = {parts.View()...};
    size_t begin = 0;
    for (size_t at = 0; at + 2 < whole.size(); at++) {
        if (whole[at] != '{' || whole[at + 1] < '1' || whole[at + 1] > '9' || whole[at + 2] != '}')
            continue;
        take(whole.substr(begin, at - begin));
        take(part[whole[at + 1] - '1']);
        begin = at + 3;
    }
    take(whole.substr(begin));
}

template <SqlText text, SqlText... parts>
consteval auto
PutTogether() {
    constexpr size_t size = [] {
        size_t length = 0;
        EachPiece<text, parts...>([&length](std::string_view piece) { length += piece.size(); });
        return length + 1;
    }();
    SqlText<size> whole;
    char *end = whole.text;
    EachPiece<text, parts...>(
        [&end](std::string_view piece) { end = std::copy(piece.begin(), piece.end(), end); });
    return whole;
}

// The text with the first part where it says {1}, the second where it says {2}.
template <SqlText text, SqlText... parts> static constexpr auto Sql = PutTogether<text, parts...>();

static_assert(Sql<"{2}, '{}', {1}{1}", "one", "">.View() == ", '{}', oneone");

} // namespace laurel
