// Entries that were sealed, looked for where they are now.
#pragma once

#include "seals/seal.h"

namespace laurel::seals {

// Entries that a seal names, found to be missing or other than they were.
struct LostEntry {
    int64 index; // among the leaves
    bool is_there;
};

struct LostEntries {
    const LostEntry *items;
    int64 count;
};

// Looks for `count` leaves of a seal, from the one at `first`, in the ledger, then in the archive.
// `made_from`: when the seal before it was open from. Palloc'd. In an SPI connection of the tables' owner.
LostEntries FindLost(const Seal &seal, TimestampTz made_from, const Leaves &leaves, int64 first, int64 count);

} // namespace laurel::seals
