// The ledger's archive: old entries, moved as they are.
#pragma once

namespace laurel {

// Lets retention archive the ledger.
void InitArchive();

} // namespace laurel
