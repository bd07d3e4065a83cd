#include "kernel/mail_address.h"

#include <string>

#include <gtest/gtest.h>

using namespace laurel::kernel;

TEST(MailAddress, takes_what_can_be_sent_to) {
    for (const std::string &good :
         {std::string("a@b"), std::string("first.last+tag@example.com"), std::string("!#$%&'*+-/=?^_`{|}~@b"),
          std::string("zo\u00eb@b"), std::string("\u4f8b@b"), std::string(64, 'x') + "@b",
          std::string("a@\u0646\u200c\u0627")})
        EXPECT_EQ(MailAddressFault(good).detail, nullptr) << good;
}

TEST(MailAddress, refuses_the_rest_with_a_hint) {
    for (const std::string &bad :
         {std::string(""),           std::string("a"),          std::string("@b"),
          std::string("a@b@c"),      std::string("<a@b>"),      std::string("A <a@b>"),
          std::string("mailto:a@b"), std::string("MAILTO:a@b"), std::string("a,b@c"),
          std::string("a;b@c"),      std::string("a(b)@c"),     std::string("\"a\"@b"),
          std::string("a@[1]"),      std::string("a:b@c"),      std::string("a\\b@c"),
          std::string(".a@b"),       std::string("a.@b"),       std::string("a..b@c"),
          std::string("a b@c"),      std::string("a\u200b@c"),  std::string("a\u200d@c"),
          std::string("a@b\u00adc"), std::string("a@b\x01"),    std::string(65, 'x') + "@b"}) {
        EXPECT_NE(MailAddressFault(bad).detail, nullptr) << bad;
        EXPECT_NE(MailAddressFault(bad).hint, nullptr) << bad;
    }
}

TEST(MailAddress, names_what_cannot_be_seen) {
    EXPECT_EQ(MailAddressFault("a\u200bb@c").unseen, U'\x200B');
    EXPECT_EQ(MailAddressFault("a@b").unseen, U'\0');
}
