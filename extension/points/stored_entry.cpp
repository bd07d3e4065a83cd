#include "points/stored_entry.h"

namespace laurel::points {

namespace {

const unsigned char *
UuidOrNull(WideRow *row) {
    bool is_null;
    const Datum value = row->Next(&is_null);
    return is_null ? nullptr : DatumGetUUIDP(value)->data;
}

std::optional<std::string_view>
TextOrNull(WideRow *row) {
    bool is_null;
    const Datum value = row->Next(&is_null);
    return is_null ? std::nullopt : std::optional(ToText(value));
}

// The bytes of a bytea; null where it has another length.
const unsigned char *
BytesOfLength(Datum value, Size length) {
    const bytea *bytes = DatumGetByteaPP(value);
    return VARSIZE_ANY_EXHDR(bytes) == length ? reinterpret_cast<const unsigned char *>(VARDATA_ANY(bytes))
                                              : nullptr;
}

// Takes what was kept of erased words; false where it is not such.
bool
TakeErased(Datum erased, StoredEntry *entry) {
    Datum *digests;
    bool *nulls;
    int count;
    deconstruct_array(DatumGetArrayTypeP(erased), BYTEAOID, -1, false, TYPALIGN_INT, &digests, &nulls,
                      &count);
    if (count != EntryWords::kCount)
        return false;
    kernel::EntryContent &content = entry->content;
    const kernel::Digest **places[] = {&content.reason, &content.metadata, &content.idempotency_key};
    for (int word = 0; word < count; word++) {
        if (nulls[word])
            continue;
        const unsigned char *bytes = BytesOfLength(digests[word], sizeof(kernel::Digest));
        if (bytes == nullptr)
            return false;
        std::memcpy(entry->words.digests[word].bytes, bytes, sizeof(kernel::Digest));
        *places[word] = &entry->words.digests[word];
    }
    return true;
}

// Reads the salt and what stands for erased words: an entry has the one, the other or no words at all.
void
ReadDigests(WideRow *row, StoredEntry *entry) {
    bool no_salt, not_erased;
    const Datum salt = row->Next(&no_salt);
    const Datum erased = row->Next(&not_erased);
    const bool has_words = entry->words.Any();
    entry->erased = !not_erased;
    if (entry->erased) {
        entry->has_sound_words = no_salt && !has_words && TakeErased(erased, entry);
        return;
    }
    const unsigned char *bytes = no_salt ? nullptr : BytesOfLength(salt, kernel::kSaltSize);
    entry->has_sound_words = no_salt ? !has_words : has_words && bytes != nullptr;
    if (bytes != nullptr)
        entry->words.Hash(bytes, &entry->content);
}

} // namespace

const unsigned char *
HashOrNull(Datum value, bool is_null) {
    return is_null ? nullptr : BytesOfLength(value, sizeof(kernel::Digest));
}

void
ReadEntry(WideRow *row, StoredEntry *entry) {
    kernel::EntryContent &content = entry->content;
    entry->organization = ToUuid(row->Next());
    entry->user = ToUuid(row->Next());
    content.organization_id = entry->organization.bytes;
    content.user_id = entry->user.bytes;
    content.entry_no = DatumGetInt64(row->Next());
    content.amount = DatumGetInt64(row->Next());
    content.balance_after = DatumGetInt64(row->Next());
    content.occurred_at = DatumGetTimestampTz(row->Next());
    content.created_at = DatumGetTimestampTz(row->Next());
    content.id = UuidOrNull(row);
    content.transaction_type = ToText(row->Next());
    bool no_hash;
    const Datum hash = row->Next(&no_hash);
    entry->hash = HashOrNull(hash, no_hash);
    entry->words.texts[1] = TextOrNull(row);
    if (entry->words.texts[1] == "{}")
        entry->words.texts[1].reset();
    content.reference_type = TextOrNull(row);
    content.reference_id = UuidOrNull(row);
    content.reverses_id = UuidOrNull(row);
    entry->reversal = content.reverses_id != nullptr;
    content.created_by = UuidOrNull(row);
    entry->words.texts[0] = TextOrNull(row);
    entry->words.texts[2] = TextOrNull(row);
    ReadDigests(row, entry);
}

bool
FollowsHash(const StoredEntry &entry, unsigned char *previous) {
    kernel::Digest digest = {};
    const bool follows = entry.hash != nullptr && entry.has_sound_words &&
                         kernel::HashEntry(previous, entry.content, &digest) &&
                         std::memcmp(digest.bytes, entry.hash, sizeof(digest)) == 0;
    std::memcpy(previous, digest.bytes, sizeof(digest));
    return follows;
}

} // namespace laurel::points
