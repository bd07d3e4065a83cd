// OpenPGP messages by pgcrypto.
#pragma once

#include "postgres/datum.h"

namespace laurel::secrets {

// A message with AES-256 and an integrity check. The password is a key already: it is not stretched.
Datum PgpEncrypt(std::string_view plain, const char *password);

// What a message says, or an error of pgcrypto's (39000) that does not say why.
std::string_view PgpDecrypt(std::string_view message, const char *password);

} // namespace laurel::secrets
