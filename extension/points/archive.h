// The ledger's archive: old entries, moved as they are.
#pragma once

#include "postgres/datum.h"

namespace laurel {

struct PostingStatement;
struct RetentionStep;

// Whether the archive's tables are there: its migration comes after the ledger's.
bool HasArchive();

// Whether an archived entry had an idempotency key. Costs a look at a file's size.
bool HasArchivedKeys();

// Refuses (23505) an entry of the statement whose idempotency key an archived entry has. Call when its rows
// are in the table: where a key's entry is on its way to the archive, the ledger's unique index has made this
// statement wait for it.
void RefuseArchivedKeys(const PostingStatement *statement);

// Moves up to `most` entries recorded before `cut_off` that no legal hold keeps, from `organization` on,
// which becomes the one to go on with. True where more may be left. An organization whose entries cannot be
// moved keeps them all and is counted. Run with SPI open and new holds locked out.
bool ArchiveEntries(Uuid *organization, TimestampTz cut_off, RetentionStep *step, int64 most);

} // namespace laurel
