// Entries as they stand in the ledger, read back to be checked.
#pragma once

#include "points/entry_words.h"
#include "postgres/spi.h"

namespace laurel::points {

// An entry with its hash. Pointers live as long as the result it was read from, and as long as it stays in
// its place.
struct StoredEntry {
    Uuid organization;
    Uuid user;
    kernel::EntryContent content;
    EntryWords words;
    const unsigned char *hash; // null where it has not the length of one
    bool reversal;
    bool erased;
    bool has_sound_words; // salted, or erased with what stands for them
};

// What ReadEntry reads, of a row `l` of the ledger or its archive.
constexpr SqlText kEntryColumns =
    R"(l.organization_id, l.user_id, l.entry_no, l.amount, l.balance_after, l.occurred_at, l.created_at,
        l.id, l.transaction_type, l.entry_hash, l.metadata::pg_catalog.text, l.reference_type,
        l.reference_id, l.reverses_id, l.created_by, l.reason, l.idempotency_key, l.word_salt,
        l.erased_words)";

// The types of kEntryColumns.
constexpr Oid kEntryTypes[] = {UUIDOID,        UUIDOID,        INT8OID,  INT8OID,      INT8OID,
                               TIMESTAMPTZOID, TIMESTAMPTZOID, UUIDOID,  TEXTOID,      BYTEAOID,
                               TEXTOID,        TEXTOID,        UUIDOID,  UUIDOID,      UUIDOID,
                               TEXTOID,        TEXTOID,        BYTEAOID, BYTEAARRAYOID};

// Reads the next columns of a result, which are kEntryColumns.
void ReadEntry(WideRow *row, StoredEntry *entry);

// A hash in a column; null where there is none or it has not the length of one.
const unsigned char *HashOrNull(Datum value, bool is_null);

// Whether the entry's hash is the one that follows from its content and the hash before it, which becomes the
// entry's.
bool FollowsHash(const StoredEntry &entry, unsigned char *previous);

} // namespace laurel::points
