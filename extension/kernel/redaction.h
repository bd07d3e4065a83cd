// What may be printed, stored or shown: no secrets in URLs, no e-mail addresses.
#pragma once

#include <string_view>
#include <type_traits>

namespace laurel::kernel {

using Append = void (*)(void *context, std::string_view piece);

// Hands the text to `append` in pieces, without what must not be printed: of a URL all but scheme and host,
// the value of a password or secret, an e-mail address in whatever spelling.
void Redact(std::string_view text, Append append, void *context);

template <typename Lambda>
void
Redact(std::string_view text, Lambda &&append) {
    Redact(
        text,
        [](void *lambda, std::string_view piece) {
            (*static_cast<std::remove_reference_t<Lambda> *>(lambda))(piece);
        },
        &append);
}

constexpr size_t kLongestRequestId = 200;

// Whether a text looks like the id of a request, and not like what somebody wrote: letters and digits, one
// digit at least, and - _ . : ; = / + between them.
bool IsRequestId(std::string_view text);

} // namespace laurel::kernel
