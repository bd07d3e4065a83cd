// Secrets that their holder gets once and of which the database keeps a hash.
#pragma once

#include "datum.h"

namespace laurel {

// 256 random bits in the alphabet of base64url (RFC 4648), without padding.
struct Token {
    char text[44];
    int length;

    std::string_view View() const { return {text, static_cast<size_t>(length)}; }
};

Token MakeToken();

// What is stored of a token, as bytea.
Datum TokenHash(std::string_view token);

} // namespace laurel
