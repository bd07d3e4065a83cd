// What digests say.
#pragma once

#include "deliveries/leased.h"

namespace laurel::deliveries {

// The notifications of a digest, told in a text and in HTML.
struct DigestText {
    int64 count = 0;
    std::string_view text;
    std::string_view html;
};

DigestText TextOfDigest(const Leased &delivery);

} // namespace laurel::deliveries
