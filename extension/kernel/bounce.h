// What mail servers say of an address that gets no mail.
#pragma once

#include <string_view>

namespace laurel::kernel {

// Whether the text is an enhanced status code (RFC 3463): class, subject and detail, such as 5.1.1.
bool IsEnhancedStatus(std::string_view code) noexcept;

// The enhanced status code with which a reply of SMTP begins, behind its number (RFC 2034): "550 5.1.1 no
// such user". Empty where it has none.
std::string_view EnhancedStatus(std::string_view reply) noexcept;

// Whether the code says that the address gets no mail, whatever is sent to it and however often: a hard
// bounce. A full mailbox, a message too large or refused for what it says is none.
bool IsHardBounce(std::string_view code) noexcept;

} // namespace laurel::kernel
