#include "kernel/bounce.h"

#include <gtest/gtest.h>

using namespace laurel::kernel;

TEST(Bounce, replies_have_their_code_behind_the_number) {
    for (const char *reply : {"550 5.1.1 no such user", "550-5.1.1 The email account", "550 #5.1.1 smtp;550",
                              "550 5.1.1", "550 5.1.1: gone"})
        EXPECT_EQ(EnhancedStatus(reply), "5.1.1") << reply;
    EXPECT_EQ(EnhancedStatus("556 5.1.10 null MX"), "5.1.10");
    EXPECT_EQ(EnhancedStatus("450 4.2.1 try later"), "4.2.1");
    for (const char *reply : {"", "5", "550", "550 ", "550 no such user", "550 5.1 x",
                              "550 host 5.1.1.7 is blocked", "550 5.1.1.7 is blocked", "550 see 5.1.1",
                              "5501 5.1.1", "5.1.1 no", "550 7.1.1", "550 55.1.1", "550 5.1.1234"})
        EXPECT_EQ(EnhancedStatus(reply), "") << reply;
}

TEST(Bounce, codes_have_three_parts) {
    for (const char *code : {"5.1.1", "2.0.0", "4.999.999"})
        EXPECT_TRUE(IsEnhancedStatus(code)) << code;
    for (const char *code : {"", "550", "5.1", "5.1.1.", "5.1.1.1", " 5.1.1", "5.1.1 ", "3.1.1", "hard",
                             "5..1", "5.01.1", "5.1.001"})
        EXPECT_FALSE(IsEnhancedStatus(code)) << code;
}

TEST(Bounce, only_what_is_the_addresss_own_is_hard) {
    for (const char *code : {"5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.2.1"})
        EXPECT_TRUE(IsHardBounce(code)) << code;
    for (const char *code : {"", "4.1.1", "4.2.1", "5.0.0", "5.1.0", "5.1.7", "5.1.8", "5.2.2", "5.2.3",
                             "5.3.4", "5.7.1", "5.1.11"})
        EXPECT_FALSE(IsHardBounce(code)) << code;
}
