// Addresses of webhooks (RFC 3986, the part that is allowed).
#pragma once

#include <string_view>

namespace laurel::kernel {

constexpr size_t kMaxWebAddress = 2000;

// What is wrong with the address, as a sentence; null where nothing is. https with a host, an optional port,
// path and query; http too where allow_http is set. Whether the host may be called is decided when it is
// resolved.
const char *WebAddressFault(std::string_view address, bool allow_http) noexcept;

} // namespace laurel::kernel
