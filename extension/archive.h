// The ledger's archive: old entries, moved as they are.
#pragma once

#include "postgres/pg.h"

namespace laurel {

struct PostingStatement;

// Whether the archive's tables are there: its migration comes after the ledger's.
bool HasArchive();

// Whether an archived entry had an idempotency key. Costs a look at a file's size.
bool HasArchivedKeys();

// Refuses (23505) an entry of the statement whose idempotency key an archived entry has. Call when its rows
// are in the table: where a key's entry is on its way to the archive, the ledger's unique index has made this
// statement wait for it.
void RefuseArchivedKeys(const PostingStatement *statement);

// What one batch moved, and from which organization on the next one looks; no value when there is nothing
// left to move.
struct Moved {
    int64 entries;
    std::optional<pg_uuid_t> next;
};

// Moves up to `most` entries recorded before `cut_off` that no legal hold keeps. Run as the ledger's owner,
// with SPI open and new holds locked out.
Moved ArchiveEntries(std::optional<pg_uuid_t> from, TimestampTz cut_off, int64 most);

} // namespace laurel
