#include "kernel/hmac.h"

#include <string>

#include <gtest/gtest.h>

#include "hex.h"

using namespace laurel::kernel;

namespace {

std::string
Code(std::string_view key, std::string_view text) {
    Digest digest;
    EXPECT_TRUE(HmacSha256(key, text, &digest));
    return ToHex(digest.bytes, sizeof digest.bytes);
}

} // namespace

// RFC 4231, 4.2, 4.3 and 4.7.
TEST(Hmac, is_that_of_the_standard) {
    EXPECT_EQ(Code(std::string(20, '\x0b'), "Hi There"),
              "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
    EXPECT_EQ(Code("Jefe", "what do ya want for nothing?"),
              "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    EXPECT_EQ(Code(std::string(131, '\xaa'), "Test Using Larger Than Block-Size Key - Hash Key First"),
              "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

TEST(Hmac, compares_all_bytes) {
    EXPECT_TRUE(AreEqual("abc", "abc"));
    EXPECT_TRUE(AreEqual("", ""));
    for (const char *other : {"abd", "bbc", "ab", "abcd", ""})
        EXPECT_FALSE(AreEqual("abc", other));
}
