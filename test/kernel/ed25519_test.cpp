#include "kernel/ed25519.h"

#include <cstring>

#include <gtest/gtest.h>

#include "kernel/base58.h"

using namespace laurel::kernel;

namespace {

std::string
Base58(const std::string &bytes) {
    std::string out(Base58Room(bytes.size()), '\0');
    out.resize(EncodeBase58(reinterpret_cast<const unsigned char *>(bytes.data()), bytes.size(), out.data()));
    return out;
}

bool
IsBase58(const std::string &text, size_t size) {
    unsigned char out[kMostBase58Bytes];
    return DecodeBase58(text, out, size);
}

} // namespace

// RFC 8032, section 7.1, test 2.
TEST(Ed25519, signs_the_test_vector) {
    const unsigned char secret[] = {0x4c, 0xcd, 0x08, 0x9b, 0x28, 0xff, 0x96, 0xda, 0x9d, 0xb6, 0xc3,
                                    0x46, 0xec, 0x11, 0x4e, 0x0f, 0x5b, 0x8a, 0x31, 0x9f, 0x35, 0xab,
                                    0xa6, 0x24, 0xda, 0x8c, 0xf6, 0xed, 0x4f, 0xb8, 0xa6, 0xfb};
    const unsigned char expected_key[] = {0x3d, 0x40, 0x17, 0xc3, 0xe8, 0x43, 0x89, 0x5a, 0x92, 0xb7, 0x0a,
                                          0xa7, 0x4d, 0x1b, 0x7e, 0xbc, 0x9c, 0x98, 0x2c, 0xcf, 0x2e, 0xc4,
                                          0x96, 0x8c, 0xc0, 0xcd, 0x55, 0xf1, 0x2a, 0xf4, 0x66, 0x0c};
    const unsigned char expected_start[] = {0x92, 0xa0, 0x09, 0xa9, 0xf0, 0xd4, 0xca, 0xb8};
    unsigned char key[kEd25519KeySize], signature[kEd25519SignatureSize];
    ASSERT_TRUE(Ed25519PublicKey(secret, key));
    EXPECT_EQ(std::memcmp(key, expected_key, sizeof(key)), 0);
    ASSERT_TRUE(Ed25519Sign(secret, "\x72", signature));
    EXPECT_EQ(std::memcmp(signature, expected_start, sizeof(expected_start)), 0);
    EXPECT_TRUE(Ed25519Verify(key, "\x72", signature));
    EXPECT_FALSE(Ed25519Verify(key, "\x73", signature));
    signature[63] ^= 1;
    EXPECT_FALSE(Ed25519Verify(key, "\x72", signature));
}

// Of draft-msporny-base58, section 5.
TEST(Base58, encodes_the_test_vectors) {
    EXPECT_EQ(Base58("Hello World!"), "2NEpo7TZRRrLZSi2U");
    EXPECT_EQ(Base58("The quick brown fox jumps over the lazy dog."),
              "USm3fpXnKG5EUBx2ndxBDMPVciP5hGey2Jh4NDv6gmeo1LkMeiKrLJUUBk6Z");
    EXPECT_EQ(Base58(std::string("\0\0\x28\x7f\xb4\xcd", 6)), "11233QC4");
    EXPECT_EQ(Base58(""), "");
    EXPECT_EQ(Base58(std::string(3, '\0')), "111");
}

TEST(Base58, reads_what_it_wrote_and_nothing_else) {
    unsigned char out[12];
    ASSERT_TRUE(DecodeBase58("2NEpo7TZRRrLZSi2U", out, sizeof(out)));
    EXPECT_EQ(std::memcmp(out, "Hello World!", sizeof(out)), 0);
    EXPECT_TRUE(IsBase58("11233QC4", 6));
    EXPECT_TRUE(IsBase58("", 0));
    EXPECT_FALSE(IsBase58("1233QC4", 6));
    EXPECT_FALSE(IsBase58("111233QC4", 6));
    EXPECT_FALSE(IsBase58("11233QC4", 5));
    EXPECT_FALSE(IsBase58("11233QC0", 6));
    EXPECT_FALSE(IsBase58(std::string(400, 'z'), 32));
}
