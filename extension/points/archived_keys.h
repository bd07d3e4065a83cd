// Idempotency keys of archived entries.
#pragma once

#include "postgres/datum.h"

namespace laurel::points {

struct PostingStatement;

// Whether the archive's tables are there: its migration comes after the ledger's.
bool HasArchive();

// Whether an archived entry had an idempotency key. Costs a look at a file's size.
bool HasArchivedKeys();

// Refuses (23505) an entry of the statement whose idempotency key an archived entry has. Call when its rows
// are in the table: where a key's entry is on its way to the archive, the ledger's unique index has made this
// statement wait for it.
void RefuseArchivedKeys(const PostingStatement *statement);

} // namespace laurel::points
