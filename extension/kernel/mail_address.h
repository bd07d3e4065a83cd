// E-mail addresses that can be sent to (RFC 5321, without its quoted and obsolete forms; RFC 6531).
#pragma once

#include <string_view>

namespace laurel::kernel {

// The longest address, and the longest part before its @, in bytes.
constexpr size_t kMaxMailAddress = 254, kMaxMailbox = 64;

// What is wrong, and what to do about it; null where nothing is. `unseen` is a blank or a control character
// inside that the sentence is about.
struct MailFault {
    const char *detail = nullptr;
    const char *hint = nullptr;
    char32_t unseen = 0;
};

// Looks at everything but the domain, which may still be in any script.
MailFault MailAddressFault(std::string_view address) noexcept;

} // namespace laurel::kernel
