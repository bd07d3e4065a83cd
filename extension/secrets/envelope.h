// Encrypted values that are good in one place only.
#pragma once

#include "kernel/sha256.h"
#include "postgres/datum.h"

namespace laurel::secrets {

// The place of a value. The names are those that its table and column had when they were first encrypted.
struct Place {
    std::string_view table; // schema.name
    std::string_view column;
    Uuid organization{};
    Uuid owner{};
    Uuid row{};

    bool operator==(const Place &) const = default;
};

// An envelope, by the active key:
//
//   version  1 byte, 1
//   key      4 bytes, its id
//   tag      32 bytes: HMAC-SHA-256 over version, key, the place and the message, by a key of its own
//   message  OpenPGP
//
// The place is not in it: whoever opens it says where it was found.
Datum Seal(const Place &place, std::string_view plain);

// The value, palloc'd. Error F0000 where its key is not there, XX001 where it is not of this place.
std::string_view Open(const Place &place, Datum sealed);

// Whether it is an envelope of this place; F0000 where its key is not there.
bool IsOfPlace(const Place &place, Datum sealed);

// The key that an envelope names; false where it is none.
bool KeyOf(Datum sealed, uint32 *id);

// What equal values of a column have in common, by a key: HMAC-SHA-256 over table, column and value.
Datum DigestOf(std::string_view table, std::string_view column, std::string_view plain,
               const kernel::Digest &key);

} // namespace laurel::secrets
