// The accounts that one person has had.
#pragma once

#include "postgres/spi.h"

namespace laurel::privacy {

// Ids: the person's own first, then those of accounts that became part of it (laurel.merge_users).
struct Accounts {
    Uuid *ids;
    uint64 count;

    Datum Array() const;
};

// What is there again under the id of an account that was merged is somebody else's. As the owner, with SPI
// open.
Accounts AccountsOf(const Uuid &user, Access access);

} // namespace laurel::privacy
