// Legal holds: what must be kept whatever else is asked for.
#pragma once

#include "postgres/parameters.h"

namespace laurel::retention {

// From here to the end of the transaction no hold is placed or released. Whoever takes rows away calls it
// first and reads the holds with a snapshot taken afterwards: then either the hold is seen, or it is placed
// when the rows are gone.
void LockHolds();

// What is about to be taken away: `what` it is, of which organization and of whom; null where rows of any go.
struct Removal {
    const char *what;
    const char *table;
    Nullable organization;
    Nullable user;
};

// Refuses (23001) to take away what a hold in force covers, and waits for holds that are being placed. None
// is placed on it until the transaction ends.
void RequireNotHeld(const Removal &removal);

} // namespace laurel::retention
