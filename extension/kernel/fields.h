// Texts of fields, as schedules and rules of recurrence have them.
#pragma once

#include <cstddef>
#include <string_view>

namespace laurel::kernel {

// The part of `text` up to `mark`, which is taken off together with it.
inline std::string_view
TakeUntil(std::string_view *text, char mark) noexcept {
    const size_t end = text->find(mark);
    const std::string_view part = text->substr(0, end);
    *text = end == std::string_view::npos ? std::string_view() : text->substr(end + 1);
    return part;
}

// A number of one to `most` digits, at most nine, or -1.
inline int
SmallNumber(std::string_view text, size_t most) noexcept {
    if (text.empty() || text.size() > most)
        return -1;
    int number = 0;
    for (const char c : text) {
        if (c < '0' || c > '9')
            return -1;
        number = number * 10 + (c - '0');
    }
    return number;
}

} // namespace laurel::kernel
