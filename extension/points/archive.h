// The ledger's archive: old entries, moved as they are.
#pragma once

namespace laurel::points {

// Lets retention archive the ledger.
void InitArchive();

} // namespace laurel::points
