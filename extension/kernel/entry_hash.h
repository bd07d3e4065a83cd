#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "sha256.h"

namespace laurel::kernel {

// Every field of a ledger entry, as views of memory that outlives the call. A uuid is a pointer to its 16
// bytes; the optional ones are nullptr for null. An optional text without a value is null, which differs
// from an empty one.
struct EntryContent {
    const unsigned char *id = nullptr;
    const unsigned char *organization_id = nullptr;
    const unsigned char *user_id = nullptr;
    int64_t entry_no = 0;
    int64_t amount = 0;
    int64_t balance_after = 0;
    int64_t occurred_at = 0; // microseconds since 2000-01-01 00:00 UTC
    int64_t created_at = 0;  // microseconds since 2000-01-01 00:00 UTC
    std::string_view transaction_type;
    std::optional<std::string_view> reference_type;
    const unsigned char *reference_id = nullptr;
    const Digest *reason = nullptr; // of HashWords, as the next two
    const Digest *metadata = nullptr;
    const Digest *idempotency_key = nullptr;
    const unsigned char *reverses_id = nullptr;
    const unsigned char *created_by = nullptr;
};

constexpr size_t kSaltSize = 16;

// What stands for words of people in an entry's hash: SHA-256 over a salt of the entry's own and the text.
// Once text and salt are erased, the digest tells nothing, and the chain is still sound. False when OpenSSL
// refuses.
bool HashWords(const unsigned char salt[kSaltSize], std::string_view text, Digest *digest) noexcept;

// The hash that chains an entry to the one before it: SHA-256 (FIPS 180-4) over these bytes, in this order.
//
//   version        1 byte, 2
//   previous       32 bytes, the hash of the entry before; zeros for the first entry of an account
//   id, organization_id, user_id
//                  each 16 bytes
//   entry_no, amount, balance_after, occurred_at, created_at
//                  each 8 bytes, two's complement, big-endian
//   transaction_type, reference_type, reference_id, reason, metadata, idempotency_key, reverses_id,
//   created_by
//                  each a 4-byte big-endian length and that many bytes; null is the length FFFFFFFF alone
//
// reason, metadata (the jsonb's own text form) and idempotency_key stand there as their HashWords; a metadata
// of {} as null. Lengths come before bytes, so no two entries share an encoding. Texts are hashed in the
// server's encoding. Hashes are stored for ever: a change of this layout is a new version byte.
//
// False when OpenSSL refuses, a required uuid is missing or a text is too long for its length.
bool HashEntry(const unsigned char previous[32], const EntryContent &entry, Digest *digest) noexcept;

// Hands over those bytes, piece by piece; false where `take` says so, or where there is no hash.
bool EncodeEntry(const unsigned char previous[32], const EntryContent &entry,
                 bool (*take)(void *, const void *, size_t), void *taker) noexcept;

} // namespace laurel::kernel
