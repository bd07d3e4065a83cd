// What moves a table's due rows to its archive: the table's domain says how.
#pragma once

#include "retention/policy.h"
#include "retention/tally.h"

namespace laurel::retention {

struct Archiver {
    const char *table; // of schema laurel

    // Moves up to policy.batch_rows due rows that no legal hold keeps, from `organization` on, which becomes
    // the one to go on with. Run with SPI open and new holds locked out.
    Tally (*take)(const Policy &policy, Uuid *organization);

    // Counts what is due, and what holds keep of it.
    Tally (*count)(const Policy &policy);
};

// Makes it known; called once, when the library is loaded. It must stay where it is.
void RegisterArchiver(const Archiver *archiver);

// The archiver of the policy's table.
const Archiver &ArchiverOf(const Policy &policy);

} // namespace laurel::retention
