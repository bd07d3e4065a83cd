#pragma once

#include <cstddef>
#include <cstdint>

#include "sha256.h"

namespace laurel::kernel {

// What a seal says of an organization's ledger. Times are microseconds since 2000-01-01 00:00 UTC.
struct SealContent {
    const unsigned char *organization_id = nullptr; // 16 bytes
    int64_t seal_no = 0;
    int64_t sealed_at = 0;
    int64_t open_from = 0;
    int64_t accounts = 0;
    int64_t entries = 0;
    Digest root = {};
};

// A seal as it is hashed:
//
//   version          1 byte, 1
//   previous         32 bytes, the hash of the seal before; zeros for an organization's first one
//   organization_id  16 bytes
//   seal_no, sealed_at, open_from, accounts, entries
//                    each 8 bytes, two's complement, big-endian
//   root             32 bytes
//
// As in an entry, previous stands behind the first byte. A change of this layout is a new version byte.
constexpr size_t kSealSize = 1 + 32 + 16 + 5 * 8 + 32;

void EncodeSeal(const unsigned char previous[32], const SealContent &seal,
                unsigned char out[kSealSize]) noexcept;

// SHA-256 over the seal; false where OpenSSL refuses.
bool HashSeal(const unsigned char previous[32], const SealContent &seal, Digest *digest) noexcept;

// A leaf of a seal's tree: user_id (16 bytes), entry_no (8 bytes, big-endian) and entry_hash (32 bytes) of an
// account's last entry.
constexpr size_t kSealedUser = 0, kSealedEntryNo = 16, kSealedHash = 24, kSealedSize = 56;

void PutInteger(unsigned char *out, int64_t value) noexcept;
int64_t GetInteger(const unsigned char *bytes) noexcept;

} // namespace laurel::kernel
