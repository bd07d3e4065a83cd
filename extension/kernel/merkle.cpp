#include "merkle.h"

#include <bit>

namespace laurel::kernel {

namespace {

constexpr unsigned char kLeaf = 0, kNode = 1;

bool
HashNode(const Digest &left, const Digest &right, Digest *digest) noexcept {
    return Sha256::Begin() && Sha256::Update(&kNode, sizeof kNode) &&
           Sha256::Update(left.bytes, sizeof left.bytes) && Sha256::Update(right.bytes, sizeof right.bytes) &&
           Sha256::End(digest);
}

// The root of leaves whose digests are given, of which there is one at least.
bool
RootOf(const Digest *leaves, size_t count, Digest *root) noexcept {
    if (count == 1) {
        *root = leaves[0];
        return true;
    }
    const size_t half = std::bit_floor(count - 1);
    Digest left, right;
    return RootOf(leaves, half, &left) && RootOf(leaves + half, count - half, &right) &&
           HashNode(left, right, root);
}

} // namespace

bool
HashLeaf(const void *leaf, size_t size, Digest *digest) noexcept {
    return Sha256::Begin() && Sha256::Update(&kLeaf, sizeof kLeaf) && Sha256::Update(leaf, size) &&
           Sha256::End(digest);
}

void
MerkleTree::Add(const void *leaf, size_t size) noexcept {
    Digest node;
    sound_ = sound_ && HashLeaf(leaf, size, &node);
    int level = 0;
    for (; count_ >> level & 1; level++)
        sound_ = sound_ && HashNode(halves_[level], node, &node);
    halves_[level] = node;
    count_++;
}

bool
MerkleTree::Root(Digest *root) const noexcept {
    if (count_ == 0)
        return Sha256::Begin() && Sha256::End(root);
    int level = std::countr_zero(count_);
    *root = halves_[level];
    bool sound = sound_;
    for (level++; level < kLevels; level++)
        if (count_ >> level & 1)
            sound = sound && HashNode(halves_[level], *root, root);
    return sound;
}

// From the root down; the steps are wanted from the leaf up.
int
MerklePath(const Digest *leaves, size_t count, size_t index, MerkleStep steps[kMaxMerkleSteps]) noexcept {
    if (count <= 1)
        return 0;
    const size_t half = std::bit_floor(count - 1);
    const bool right = index >= half;
    const int below = right ? MerklePath(leaves + half, count - half, index - half, steps)
                            : MerklePath(leaves, half, index, steps);
    if (below < 0)
        return -1;
    steps[below].is_left = right;
    const bool sound = right ? RootOf(leaves, half, &steps[below].digest)
                             : RootOf(leaves + half, count - half, &steps[below].digest);
    return sound ? below + 1 : -1;
}

} // namespace laurel::kernel
