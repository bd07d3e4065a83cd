// The keys of personal values: in a file of the server's, never in a setting, a statement or a table.
#pragma once

#include "kernel/sha256.h"
#include "postgres/datum.h"

namespace laurel::secrets {

// What is made of one line of the file. Each purpose has a key of its own.
struct Key {
    uint32 id;         // what values say they are encrypted with
    char password[65]; // for pgcrypto
    kernel::Digest binding;
    kernel::Digest digest;
};

// The keys in force, as the file has them; the first encrypts, the others are for reading. None where no file
// is named. Error F0000 where the file is not as it must be. Looks at the file once a statement.
struct Keys {
    const Key *first;
    int count;

    const Key *begin() const { return first; }
    const Key *end() const { return first + count; }
    const Key *Find(uint32 id) const;
};
Keys CurrentKeys();

// The key that encrypts, or error F0000 where there is none.
const Key &ActiveKey();

// Eight hexadecimal digits.
const char *KeyName(uint32 id);

// Defines the setting, and reads the file where the library is loaded when the server starts.
void InitKeys();

} // namespace laurel::secrets
