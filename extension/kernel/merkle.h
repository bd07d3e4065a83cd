#pragma once

#include <cstddef>
#include <cstdint>

#include "sha256.h"

namespace laurel::kernel {

// Merkle trees of Certificate Transparency (RFC 6962, section 2.1): a leaf is SHA-256 over a zero byte and
// its bytes, a node SHA-256 over a byte of one and the digests of its two halves, of which the left one is
// the largest power of two that leaves something for the right.

// The digest of a leaf; false where OpenSSL refuses.
bool HashLeaf(const void *leaf, size_t size, Digest *digest) noexcept;

// A tree whose leaves come one by one, of which only the digests are kept that the root still needs.
class MerkleTree {
public:
    // Appends a leaf. What OpenSSL refuses, Root() tells.
    void Add(const void *leaf, size_t size) noexcept;

    // The root of the leaves so far, SHA-256 over nothing where there are none; false where OpenSSL refused.
    bool Root(Digest *root) const noexcept;

    uint64_t count() const noexcept { return count_; }

private:
    static constexpr int kLevels = 64;

    uint64_t count_ = 0;
    bool sound_ = true;
    Digest halves_[kLevels]; // by level: the root of a whole subtree where count_ has that bit
};

// A digest on the way from a leaf to the root, and on which side of what is known so far it belongs.
struct MerkleStep {
    Digest digest;
    bool is_left;
};

constexpr int kMaxMerkleSteps = 64;

// Writes the steps from the leaf at `index` to the root of `count` leaves, whose digests are given, and
// returns how many there are; -1 where OpenSSL refuses.
int MerklePath(const Digest *leaves, size_t count, size_t index, MerkleStep steps[kMaxMerkleSteps]) noexcept;

} // namespace laurel::kernel
