// Statements that move a person's rows, made of the catalogue: of who refers to people, and of keys, checks
// and foreign keys over them.
#pragma once

#include "postgres/spi.h"

namespace laurel::privacy {

// What is done about one column. Statements take the ids of both, or their addresses: $1 becomes $2. Null
// where there is nothing to do.
struct MoveStep {
    static constexpr int kMostTables = 4; // that one statement writes, as DerivedWrite takes

    const char *table; // schema.name
    bool by_address;
    // End rows between the two, have worse rows of `into` make way, delete what is dropped.
    const char **first;
    int first_count;
    const char *move;
    const char *still; // finds what is to move and has not; null where nothing moves
    const char *count; // how many rows still name `from`
    Oid tables[kMostTables];
};

struct MovePlan {
    MoveStep *steps;
    int count;
};

// In the order in which they are taken: parents before what hangs from them. With SPI open.
MovePlan PlanMoves();

} // namespace laurel::privacy
