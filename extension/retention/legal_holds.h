// Legal holds: what must be kept whatever else is asked for.
#pragma once

namespace laurel::retention {

// From here to the end of the transaction no hold is placed or released. Whoever takes rows away calls it
// first and reads the holds with a snapshot taken afterwards: then either the hold is seen, or it is placed
// when the rows are gone.
void LockHolds();

} // namespace laurel::retention
