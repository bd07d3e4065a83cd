// The ledger in parts that fit into memory.
#pragma once

#include "postgres/spi.h"

namespace laurel::points {

// Users from the first to the last.
struct Slice {
    Uuid first;
    Uuid last;
};

// Whether a row `l` is of the users from $1 to $2, and of organization $3 where it is not null.
constexpr SqlText kOfSlice =
    "l.user_id BETWEEN $1 AND $2 AND ($3::pg_catalog.uuid IS NULL OR l.organization_id = $3)";

struct Slices {
    Slice *items;
    int count;
};

// Cuts all users that there may be into slices of at most so many accounts, and into so many slices at least
// where that pays, of about as many entries each. Of one organization, where it is given. Palloc'd.
Slices CutLedger(const Uuid *organization, int64 most_accounts, int least_slices);

} // namespace laurel::points
