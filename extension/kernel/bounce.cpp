#include "bounce.h"

#include <algorithm>
#include <iterator>

#include "ascii.h"

namespace laurel::kernel {

namespace {

// RFC 3463, 3.2 and 3.3; the null MX is RFC 7505, 4.
constexpr std::string_view kHard[] = {"5.1.1",  // no such mailbox
                                      "5.1.2",  // no such domain
                                      "5.1.3",  // no address at all
                                      "5.1.6",  // moved, no forwarding address
                                      "5.1.10", // the domain takes no mail (null MX)
                                      "5.2.1"}; // the mailbox is disabled

constexpr size_t kMostDigits = 3;

// How many characters of the text are one to three digits; 0 where none are, or more.
size_t
Digits(std::string_view text) noexcept {
    const size_t count = static_cast<size_t>(
        std::find_if_not(text.begin(), text.end(), [](char c) { return IsDigit(c); }) - text.begin());
    return count <= kMostDigits ? count : 0;
}

// The length of the code that begins the text; 0 where none does.
size_t
LengthOfCode(std::string_view text) noexcept {
    size_t length = 0;
    for (int part = 0; part < 3; part++) {
        if (part > 0 && (length >= text.size() || text[length++] != '.'))
            return 0;
        const size_t digits = Digits(text.substr(length));
        const bool is_padded = digits > 1 && text[length] == '0';
        if (digits == 0 || is_padded || (part == 0 && digits > 1))
            return 0;
        length += digits;
    }
    const bool is_known = text[0] == '2' || text[0] == '4' || text[0] == '5';
    const bool goes_on = length + 1 < text.size() && text[length] == '.' && IsDigit(text[length + 1]);
    return is_known && !goes_on ? length : 0;
}

} // namespace

bool
IsEnhancedStatus(std::string_view code) noexcept {
    return !code.empty() && LengthOfCode(code) == code.size();
}

std::string_view
EnhancedStatus(std::string_view reply) noexcept {
    if (Digits(reply) != kMostDigits)
        return {};
    reply.remove_prefix(kMostDigits);
    reply.remove_prefix(std::min(reply.find_first_not_of(" -#"), reply.size()));
    return reply.substr(0, LengthOfCode(reply));
}

bool
IsHardBounce(std::string_view code) noexcept {
    return std::find(std::begin(kHard), std::end(kHard), code) != std::end(kHard);
}

} // namespace laurel::kernel
