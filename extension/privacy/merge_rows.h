// Rows of one person that become another's, as the catalogue of people's columns says.
#pragma once

#include "postgres/spi.h"

namespace laurel::privacy {

// Two accounts of one person: what `from` has becomes `into`'s.
struct Merging {
    Uuid from;
    Uuid into;
    const char *from_email;
    const char *into_email;
};

// Rows of a table that were moved, and those that stood back because `into` had one of the same key.
struct MovedRows {
    const char *table;
    uint64 moved;
    uint64 left;
};

struct MovedTables {
    MovedRows *tables;
    int count;
};

// Moves rows of all tables whose rule is move or best. What stands back goes with `from`, and so does what is
// dropped. Run as the tables' owner, with SPI open.
MovedTables MoveRows(const Merging &merging);

} // namespace laurel::privacy
