// Conditions of triggers that are not Laurel's, where Laurel acts as an owner.
#pragma once

namespace laurel {

// From here on a statement in a guarded role's name is refused (42501) where it writes a table to which
// others may attach triggers and which has one that is not Laurel's and has a condition (WHEN).
void InitForeignConditions();

} // namespace laurel
