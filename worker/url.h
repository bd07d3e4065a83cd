#pragma once

#include <algorithm>
#include <string_view>

#include "kernel/ascii.h"

namespace laurel::worker {

// Whether the URL has that scheme (given in lower case), which counts in any case (RFC 3986, 3.1).
inline bool
HasScheme(std::string_view url, std::string_view scheme) {
    return url.size() > scheme.size() + 3 && url.substr(scheme.size(), 3) == "://" &&
           std::equal(scheme.begin(), scheme.end(), url.begin(),
                      [](char a, char b) { return a == kernel::Lower(b); });
}

} // namespace laurel::worker
