// Tokens by which the reader of an e-mail says that this was enough, without signing in (RFC 8058).
#pragma once

#include "postgres/datum.h"

namespace laurel::deliveries {

// The token that stops a user's e-mails of that type, or all of them where it is empty: who and what, signed,
// in the alphabet of base64url. Palloc'd.
std::string_view UnsubscribeToken(std::string_view key, const Uuid &user, std::string_view type);

} // namespace laurel::deliveries
