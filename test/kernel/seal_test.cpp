#include "kernel/seal.h"

#include <cstring>

#include <gtest/gtest.h>

#include "hex.h"

using namespace laurel::kernel;

namespace {

const unsigned char kOrganization[16] = {0xA0};

SealContent
Sample() {
    SealContent seal;
    seal.organization_id = kOrganization;
    seal.seal_no = 2;
    seal.sealed_at = 3;
    seal.open_from = -1;
    seal.accounts = 5;
    seal.entries = 0x0102030405060708;
    std::memset(seal.root.bytes, 0xEE, sizeof seal.root.bytes);
    return seal;
}

} // namespace

TEST(Seal, IsEncodedAsItIsDocumented) {
    unsigned char previous[32], bytes[kSealSize];
    std::memset(previous, 0xBB, sizeof previous);
    EncodeSeal(previous, Sample(), bytes);
    std::string expected = "01";
    for (int i = 0; i < 32; i++)
        expected += "bb";
    expected += "a0000000000000000000000000000000"
                "0000000000000002"
                "0000000000000003"
                "ffffffffffffffff"
                "0000000000000005"
                "0102030405060708";
    for (int i = 0; i < 32; i++)
        expected += "ee";
    EXPECT_EQ(ToHex(bytes, sizeof bytes), expected);
}

TEST(Seal, EveryFieldCounts) {
    const unsigned char previous[32] = {};
    Digest plain{};
    ASSERT_TRUE(HashSeal(previous, Sample(), &plain));
    int64_t SealContent::*const fields[] = {&SealContent::seal_no, &SealContent::sealed_at,
                                            &SealContent::open_from, &SealContent::accounts,
                                            &SealContent::entries};
    for (const auto field : fields) {
        SealContent other = Sample();
        other.*field += 1;
        Digest digest{};
        ASSERT_TRUE(HashSeal(previous, other, &digest));
        EXPECT_NE(std::memcmp(digest.bytes, plain.bytes, sizeof plain.bytes), 0);
    }
    const unsigned char another[32] = {1};
    Digest digest{};
    ASSERT_TRUE(HashSeal(another, Sample(), &digest));
    EXPECT_NE(std::memcmp(digest.bytes, plain.bytes, sizeof plain.bytes), 0);
}

TEST(Seal, IntegersComeBack) {
    for (const int64_t value :
         {int64_t{0}, int64_t{1}, int64_t{-1}, INT64_MAX, INT64_MIN, int64_t{0x0102030405060708}}) {
        unsigned char bytes[8];
        PutInteger(bytes, value);
        EXPECT_EQ(GetInteger(bytes), value);
    }
}
