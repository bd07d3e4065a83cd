// What a peer's answer may say in a log.
#pragma once

#include <string_view>

namespace laurel::kernel {

// Hands the text to `append` in pieces, with e-mail addresses replaced by [address].
template <typename Append>
void
RedactAddresses(std::string_view text, Append &&append) {
    constexpr std::string_view separators = " \t\r\n<>()[]{},;:\"'=";
    while (!text.empty()) {
        const size_t word = text.find_first_not_of(separators);
        if (word == std::string_view::npos)
            return append(text);
        append(text.substr(0, word));
        text.remove_prefix(word);
        const std::string_view found = text.substr(0, text.find_first_of(separators));
        const size_t at = found.find('@');
        append(at != std::string_view::npos && at > 0 && at + 1 < found.size() ? std::string_view("[address]")
                                                                               : found);
        text.remove_prefix(found.size());
    }
}

} // namespace laurel::kernel
