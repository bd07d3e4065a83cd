#include "kernel/merkle.h"

#include <cstring>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "hex.h"

using namespace laurel::kernel;

namespace {

// The leaves of Certificate Transparency's own test vectors.
const std::vector<std::string> kLeaves = {
    std::string(),
    std::string("\x00", 1),
    std::string("\x10", 1),
    std::string("\x20\x21", 2),
    std::string("\x30\x31", 2),
    std::string("\x40\x41\x42\x43", 4),
    std::string("\x50\x51\x52\x53\x54\x55\x56\x57", 8),
    std::string("\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f", 16),
};

// The root of the first 1, 2, 3 … of them.
const char *const kRoots[] = {
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
};

std::string
RootOfFirst(const std::vector<std::string> &leaves, size_t count) {
    MerkleTree tree;
    for (size_t i = 0; i < count; i++)
        tree.Add(leaves[i].data(), leaves[i].size());
    EXPECT_EQ(tree.count(), count);
    Digest root{};
    EXPECT_TRUE(tree.Root(&root));
    return ToHex(root.bytes, sizeof root.bytes);
}

// What somebody who has leaf and path takes for the root.
std::string
RootBy(const Digest &leaf, const MerkleStep *steps, int count) {
    Digest node = leaf;
    for (int step = 0; step < count; step++) {
        const Digest &left = steps[step].is_left ? steps[step].digest : node;
        const Digest &right = steps[step].is_left ? node : steps[step].digest;
        const unsigned char one = 1;
        EXPECT_TRUE(Sha256::Begin() && Sha256::Update(&one, 1) && Sha256::Update(left.bytes, 32) &&
                    Sha256::Update(right.bytes, 32) && Sha256::End(&node));
    }
    return ToHex(node.bytes, sizeof node.bytes);
}

} // namespace

TEST(Merkle, IsThatOfCertificateTransparency) {
    for (size_t count = 1; count <= kLeaves.size(); count++)
        EXPECT_EQ(RootOfFirst(kLeaves, count), kRoots[count - 1]) << count;
}

TEST(Merkle, OfNothingIsTheDigestOfNothing) {
    EXPECT_EQ(RootOfFirst({}, 0), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST(Merkle, EveryPathLeadsToTheRoot) {
    std::vector<std::string> leaves;
    std::vector<Digest> digests;
    for (size_t count = 1; count <= 130; count++) {
        leaves.push_back("leaf " + std::to_string(count));
        digests.emplace_back();
        ASSERT_TRUE(HashLeaf(leaves.back().data(), leaves.back().size(), &digests.back()));
        const std::string root = RootOfFirst(leaves, count);
        for (size_t index = 0; index < count; index++) {
            MerkleStep steps[kMaxMerkleSteps];
            const int length = MerklePath(digests.data(), count, index, steps);
            ASSERT_GE(length, 0);
            ASSERT_LE(length, 8);
            EXPECT_EQ(RootBy(digests[index], steps, length), root) << index << " of " << count;
        }
    }
}

TEST(Merkle, AnotherLeafOrOrderIsAnotherRoot) {
    const std::string root = RootOfFirst({"a", "b", "c"}, 3);
    EXPECT_NE(root, RootOfFirst({"a", "c", "b"}, 3));
    EXPECT_NE(root, RootOfFirst({"a", "b"}, 2));
    EXPECT_NE(root, RootOfFirst({"a", "b", "c", "c"}, 4));
}
