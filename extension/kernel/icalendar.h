// Lines of iCalendar (RFC 5545).
#pragma once

#include <string_view>

namespace laurel::kernel {

// A line may have that many octets without its end (RFC 5545, 3.1).
constexpr size_t kIcsLineOctets = 75;

// How an octet is written in a TEXT (3.3.11), where it is written otherwise; "" for one that is left out: a
// carriage return and other control characters.
constexpr bool
IcsEscape(char octet, std::string_view *written) noexcept {
    switch (octet) {
    case '\\':
        *written = "\\\\";
        return true;
    case ';':
        *written = "\\;";
        return true;
    case ',':
        *written = "\\,";
        return true;
    case '\n':
        *written = "\\n";
        return true;
    default:
        *written = "";
        return (static_cast<unsigned char>(octet) < ' ' && octet != '\t') || octet == '\x7f';
    }
}

// Hands a text to `append` in pieces, as a value of type TEXT.
template <typename Append>
void
AppendIcsText(std::string_view text, Append &&append) {
    size_t plain = 0;
    for (size_t i = 0; i < text.size(); i++) {
        std::string_view written;
        if (!IcsEscape(text[i], &written))
            continue;
        append(text.substr(plain, i - plain));
        append(written);
        plain = i + 1;
    }
    append(text.substr(plain));
}

// Hands the value of a parameter to `append`, in quotes (3.2; RFC 6868 for what they cannot hold).
template <typename Append>
void
AppendIcsParameter(std::string_view text, Append &&append) {
    append("\"");
    for (size_t i = 0; i < text.size(); i++) {
        const auto octet = static_cast<unsigned char>(text[i]);
        if (octet == '"')
            append("^'");
        else if (octet == '^')
            append("^^");
        else if (octet == '\n')
            append("^n");
        else if (octet >= ' ' && octet != 0x7f)
            append(text.substr(i, 1));
    }
    append("\"");
}

// Hands an e-mail address to `append` as a URI (RFC 6068).
template <typename Append>
void
AppendMailto(std::string_view address, Append &&append) {
    constexpr std::string_view digits = "0123456789ABCDEF", plain = "-._~!$'*+@";
    append("mailto:");
    for (size_t i = 0; i < address.size(); i++) {
        const auto octet = static_cast<unsigned char>(address[i]);
        const bool is_plain = (octet >= '0' && octet <= '9') || (octet >= 'a' && octet <= 'z') ||
                              (octet >= 'A' && octet <= 'Z') || plain.find(address[i]) != plain.npos;
        if (is_plain) {
            append(address.substr(i, 1));
            continue;
        }
        append("%");
        append(digits.substr(octet >> 4, 1));
        append(digits.substr(octet & 15, 1));
    }
}

// Hands a line in UTF-8 to `append`, folded where it is too long, never within a character, and ended.
template <typename Append>
void
AppendIcsLine(std::string_view line, Append &&append) {
    size_t room = kIcsLineOctets;
    while (line.size() > room) {
        size_t end = room;
        while (end > 1 && (static_cast<unsigned char>(line[end]) & 0xC0) == 0x80)
            end--;
        append(line.substr(0, end));
        append("\r\n ");
        line.remove_prefix(end);
        room = kIcsLineOctets - 1; // a blank goes before
    }
    append(line);
    append("\r\n");
}

} // namespace laurel::kernel
