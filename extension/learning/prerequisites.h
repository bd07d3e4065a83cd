// What must be completed before a module.
#pragma once

#include "postgres/spi.h"

namespace laurel::learning {

// Modules that a member has not completed and this one asks for: ids, and their titles as a list. Of archived
// modules, and of paths that take nobody, as templates never do, none is asked for.
struct Missing {
    uint64 count;
    Datum ids; // uuid[]
    const char *titles;
};

// Run with SPI open, as the owner of the tables.
Missing FindMissing(const Uuid &organization, const Uuid &module, const Uuid &user);

} // namespace laurel::learning
