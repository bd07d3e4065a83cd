// Entries that were sealed, side by side with what the ledger says.
#pragma once

#include "seals/seal.h"

namespace laurel::seals {

struct SealedEntry {
    Uuid organization;
    Uuid user;
    int64 entry_no;
    unsigned char hash[32];
};

// Memory that a sealed entry takes.
constexpr int64 kBytesOfSealed = sizeof(SealedEntry);

// By organization, user and number.
struct SealedEntries {
    const SealedEntry *items;
    int64 count;
};

// What seals hold of users from the first to the last, of one organization where it is given. Palloc'd. In an
// SPI connection of the tables' owner; sees what the calling statement sees.
SealedEntries EntriesUnderSeals(const Uuid &first, const Uuid &last, const Uuid *organization);

// How many entries all seals hold.
int64 CountUnderSeals(const Uuid *organization);

} // namespace laurel::seals
