// Names of hosts and mail domains as DNS has them.
#pragma once

#include <cstddef>
#include <string_view>

namespace laurel::kernel {

constexpr size_t kMaxHostName = 253;

// What a name may be besides words of letters, digits and hyphens of at most 63 bytes each, joined by dots.
struct HostNameRules {
    bool underscores = false; // of hosts that only their own network knows
    bool numbers = false;     // an address in digits
    bool long_labels = false; // of a name that is compared and never resolved
};

// What is wrong with a name in ASCII, as a sentence that begins with what `Its` names; null where nothing is.
// "domain begins or ends with a dot."
const char *HostNameFault(std::string_view name, const HostNameRules &rules = {}) noexcept;

// Whether a part of the name begins with xn--, in whatever case.
bool HasEncodedLabel(std::string_view name) noexcept;

} // namespace laurel::kernel
