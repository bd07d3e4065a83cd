// What digests say.
#pragma once

#include "deliveries/leased.h"

namespace laurel::deliveries {

// The notifications of a digest, told in a text and in HTML.
struct DigestText {
    int64 count = 0;
    const char *left_out = nullptr; // why a notification is not told that was to be; that is written down
    std::string_view text;
    std::string_view html;
};

// What is not to be told any more leaves the digest.
DigestText TextOfDigest(const Leased &delivery);

} // namespace laurel::deliveries
