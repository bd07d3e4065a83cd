#include "kernel/redaction.h"

#include <string>

#include <gtest/gtest.h>

using namespace laurel::kernel;

namespace {

std::string
Redacted(std::string_view text) {
    std::string out;
    Redact(text, [&](std::string_view piece) { out += piece; });
    return out;
}

} // namespace

TEST(IsRequestId, takes_what_programs_make) {
    for (const char *id :
         {"1", "7f3a", "0190b000-0000-7000-8000-000000000001", "01ARZ3NDEKTSV4RRFFQ69G5FAV",
          "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", "Root=1-67891233-abcdef01;Sampled=1",
          "MzRISOwyjmnup/bXNbRcwg5v3iVM8wC+e5xS9E=", "web_1.eu:443/8"})
        EXPECT_TRUE(IsRequestId(id)) << id;
    EXPECT_TRUE(IsRequestId(std::string(kLongestRequestId, '1')));
}

TEST(IsRequestId, takes_nothing_else) {
    for (const char *text :
         {"", "ana", "Ana-Costa", "ana1@x.test", "Ana Costa 7", "+41445550100", "-1", "7f3a\n", "7,3",
          "b\xc3\xbc"
          "1",
          "<7>", "{\"a\":1}"})
        EXPECT_FALSE(IsRequestId(text)) << text;
    EXPECT_FALSE(IsRequestId(std::string(kLongestRequestId + 1, '1')));
    EXPECT_FALSE(IsRequestId(std::string_view("7\0f", 3)));
}

TEST(Redact, hides_addresses) {
    EXPECT_EQ(Redacted("550 5.1.1 <ada@example.com>: unknown"), "550 5.1.1 <[address]>: unknown");
    EXPECT_EQ(Redacted("ada@example.com"), "[address]");
    EXPECT_EQ(Redacted("to=ada@example.com, bob@example.org"), "to=[address], [address]");
    EXPECT_EQ(Redacted("mailbox \"ada+x@b\xc3\xbc"
                       "cher.example\" full"),
              "mailbox \"[address]\" full");
}

TEST(Redact, hides_addresses_in_every_spelling) {
    for (const char *address :
         {"s\xc3\xa4mi@birch.example", "sam@xn--brch-1ra.example.",
          "sam\xef\xbc\xa0"
          "birch.example",
          "sam\xef\xb9\xab"
          "birch.example",
          "a@b", "sam@[10.0.0.1]", "sam @ birch.example", "sam%birch.example@relay", "sam%birch.example",
          "birch.example!sam", "SAM+TAG@BIRCH.EXAMPLE", "@@@sam@birch.example@@",
          "\"sam smith\"@birch.example", "\"sam@home\"@birch.example", "o'hara@birch.example"}) {
        const std::string left = Redacted("550 " + std::string(address) + " unknown");
        EXPECT_EQ(left.find("birch"), std::string::npos) << address << ": " << left;
        EXPECT_EQ(left.find("sam"), std::string::npos) << address << ": " << left;
        EXPECT_NE(left.find("[address]"), std::string::npos) << address << ": " << left;
        EXPECT_TRUE(left.starts_with("550 ") && left.ends_with(" unknown")) << address << ": " << left;
    }
    EXPECT_EQ(Redacted("mailto:sam@birch.example"), "mailto:[address]");
}

TEST(Redact, leaves_scheme_and_host_of_urls) {
    EXPECT_EQ(Redacted("smtp://mail.example.org:587"), "smtp://mail.example.org:587");
    EXPECT_EQ(Redacted("mail server smtp://sam:geheim@mail.example.org:587 is away"),
              "mail server smtp://mail.example.org:587 is away");
    EXPECT_EQ(Redacted("https://hooks.example.org/T0/B1/geheim"), "https://hooks.example.org/[hidden]");
    EXPECT_EQ(Redacted("https://hooks.example.org?key=geheim#geheim"), "https://hooks.example.org?[hidden]");
    EXPECT_EQ(Redacted("\"postgresql://sam:geheim@db.example.org/laurel?password=geheim\""),
              "\"postgresql://db.example.org/[hidden]\"");
    EXPECT_EQ(Redacted("(http://[::1]:80/ , http://a/ and HTTPS://u:geheim@b/x"),
              "(http://[::1]:80/ , http://a/ and HTTPS://b/[hidden]");
}

// Whoever forgets to encode his password is not punished for it.
TEST(Redact, hides_all_where_the_host_is_not_plain) {
    for (const char *url : {"postgresql://sam:geh/eim@db.example.org/laurel", "https://sam:geh?eim@host/x",
                            "https://sam:geh#eim@host", "https://host/~geheim@home"})
        EXPECT_EQ(Redacted(std::string("to ") + url + " now"),
                  std::string("to ") + std::string(url).substr(0, std::string_view(url).find("://") + 3) +
                      "[hidden] now");
    EXPECT_EQ(Redacted("postgresql://sam:geh@eim@db/laurel"), "postgresql://db/[hidden]");
}

TEST(Redact, hides_values_of_secrets) {
    EXPECT_EQ(Redacted("host=db password=geheim user=sam"), "host=db password=[hidden] user=sam");
    EXPECT_EQ(Redacted("PASSWORD='geh eim' x"), "PASSWORD=[hidden] x");
    EXPECT_EQ(Redacted("Authorization: Bearer geheim, whsec_geheim== refused"),
              "Authorization: Bearer [hidden], whsec_[hidden] refused");
    EXPECT_EQ(Redacted("access_token=geheim&x=1"), "access_token=[hidden]&x=1");
}

TEST(Redact, leaves_everything_else_alone) {
    for (const char *text :
         {"", " ", "connection refused", "HTTP 500: {\"a\": 1}", "(((", "x", "100% of 50.5%", "wait!", "://",
          "5.1.1 user unknown!", "no!", "password=", "50%.", "@", "a/b?c#d", "one.two three!", "@@@", "\"@"})
        EXPECT_EQ(Redacted(text), text);
}

// The pieces are those of the text or short; none lies outside of it, and it takes no longer than it should.
TEST(Redact, takes_any_text) {
    std::string text;
    for (unsigned seed = 1, round = 0; round < 20000; round++) {
        text.clear();
        for (int i = 0; i < 24; i++) {
            seed = seed * 1664525u + 1013904223u;
            text += "@@@::///\"\"'[]%!.ab \n<?#=\xef\xbc\xa0"[(seed >> 16) % 27];
        }
        EXPECT_LE(Redacted(text).size(), 24u * 10u);
    }
    EXPECT_FALSE(Redacted(std::string(20000, '@')).empty());
    EXPECT_FALSE(Redacted(std::string(10000, 'a') + std::string(10000, '%')).empty());
}
