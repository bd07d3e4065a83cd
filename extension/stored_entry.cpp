#include "stored_entry.h"

namespace laurel {

namespace {

const unsigned char *
UuidOrNull(Row *row) {
    bool is_null;
    const Datum value = row->Next(&is_null);
    return is_null ? nullptr : DatumGetUUIDP(value)->data;
}

std::optional<std::string_view>
TextOrNull(Row *row) {
    bool is_null;
    const Datum value = row->Next(&is_null);
    return is_null ? std::nullopt : std::optional(ToText(value));
}

} // namespace

const unsigned char *
HashOrNull(Row *row) {
    bool is_null;
    const Datum value = row->Next(&is_null);
    if (is_null)
        return nullptr;
    const bytea *hash = DatumGetByteaPP(value);
    return VARSIZE_ANY_EXHDR(hash) == sizeof(kernel::Digest)
               ? reinterpret_cast<const unsigned char *>(VARDATA_ANY(hash))
               : nullptr;
}

void
ReadEntry(Row *row, StoredEntry *entry) {
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
    entry->hash = HashOrNull(row);
    content.metadata = TextOrNull(row);
    content.reference_type = TextOrNull(row);
    content.reference_id = UuidOrNull(row);
    content.reverses_id = UuidOrNull(row);
    entry->reversal = content.reverses_id != nullptr;
    content.created_by = UuidOrNull(row);
    content.reason = TextOrNull(row);
    content.idempotency_key = TextOrNull(row);
}

bool
FollowsHash(const StoredEntry &entry, unsigned char *previous) {
    kernel::Digest digest = {};
    const bool follows = entry.hash != nullptr && kernel::HashEntry(previous, entry.content, &digest) &&
                         std::memcmp(digest.bytes, entry.hash, sizeof(digest)) == 0;
    std::memcpy(previous, digest.bytes, sizeof(digest));
    return follows;
}

} // namespace laurel
