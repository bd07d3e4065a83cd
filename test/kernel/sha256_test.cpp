#include "kernel/sha256.h"

#include <algorithm>
#include <string>

#include <gtest/gtest.h>

#include "hex.h"

using namespace laurel::kernel;

namespace {

// The digest of a message handed over in pieces of a size.
std::string
HexOf(const std::string &message, size_t piece) {
    Digest digest{};
    EXPECT_TRUE(Sha256::Begin());
    for (size_t at = 0; at < message.size(); at += piece)
        EXPECT_TRUE(Sha256::Update(message.data() + at, std::min(piece, message.size() - at)));
    EXPECT_TRUE(Sha256::End(&digest));
    return ToHex(digest.bytes, sizeof digest.bytes);
}

struct Vector {
    std::string message;
    const char *digest;
};

// FIPS 180-4 examples as published by NIST, and the empty message.
const Vector kVectors[] = {
    {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
    {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
    {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
     "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
    {"abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmn"
     "hijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu",
     "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1"},
    {std::string(1000000, 'a'), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"},
};

} // namespace

TEST(Sha256, published_vector_differs) {
    for (const Vector &vector : kVectors)
        EXPECT_EQ(HexOf(vector.message, 4096), vector.digest) << vector.message.substr(0, 20);
}

TEST(Sha256, pieces_change_the_digest) {
    for (size_t piece : {1, 7, 63, 64, 65, 200})
        EXPECT_EQ(HexOf(kVectors[3].message, piece), kVectors[3].digest) << piece;
}

TEST(Sha256, message_leaks_into_the_next) {
    HexOf("something else", 3);
    EXPECT_EQ(HexOf("abc", 3), kVectors[1].digest);
}

TEST(Sha256, abandoned_message_leaks_into_the_next) {
    ASSERT_TRUE(Sha256::Begin());
    ASSERT_TRUE(Sha256::Update("lost", 4));
    EXPECT_EQ(HexOf("abc", 3), kVectors[1].digest);
}

TEST(Sha256, ended_message_goes_on) {
    Digest digest{};
    HexOf("abc", 3);
    EXPECT_FALSE(Sha256::Update("abc", 3));
    EXPECT_FALSE(Sha256::End(&digest));
}
