#include "quantity.h"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace laurel::kernel::grading {

namespace {

constexpr std::string_view kBlanks = " \t\r\n";
constexpr size_t kMostDigits = 60; // and signs, of a number

std::string_view
Trimmed(std::string_view text) noexcept {
    const size_t begin = text.find_first_not_of(kBlanks);
    if (begin == std::string_view::npos)
        return {};
    return text.substr(begin, text.find_last_not_of(kBlanks) - begin + 1);
}

} // namespace

bool
ReadQuantity(std::string_view text, Quantity *quantity) noexcept {
    text = Trimmed(text);
    if (text.starts_with('+') && !text.starts_with("+-"))
        text.remove_prefix(1);
    if (text.find_first_of("-.0123456789") != 0)
        return false;
    char number[kMostDigits];
    const size_t length = std::min(text.size(), kMostDigits);
    std::replace_copy(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(length), number, ',', '.');
    const std::from_chars_result read = std::from_chars(number, number + length, quantity->value);
    if (read.ec != std::errc() || !std::isfinite(quantity->value))
        return false;
    quantity->unit = Trimmed(text.substr(static_cast<size_t>(read.ptr - number)));
    // What goes on like a number is none that is understood: 1.000,5 or 1 000.
    return quantity->unit.find_first_of("0123456789.,") != 0;
}

} // namespace laurel::kernel::grading
