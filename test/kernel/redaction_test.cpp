#include "kernel/redaction.h"

#include <string>

#include <gtest/gtest.h>

using namespace laurel::kernel;

namespace {

std::string
Redacted(std::string_view text) {
    std::string out;
    RedactAddresses(text, [&](std::string_view piece) { out += piece; });
    return out;
}

} // namespace

TEST(RedactAddresses, hides_addresses) {
    EXPECT_EQ(Redacted("550 5.1.1 <ada@example.com>: unknown"), "550 5.1.1 <[address]>: unknown");
    EXPECT_EQ(Redacted("ada@example.com"), "[address]");
    EXPECT_EQ(Redacted("to=ada@example.com, bob@example.org"), "to=[address], [address]");
    EXPECT_EQ(Redacted("mailbox \"ada+x@b\xc3\xbc"
                       "cher.example\" full"),
              "mailbox \"[address]\" full");
}

TEST(RedactAddresses, leaves_everything_else_alone) {
    for (const char *text :
         {"", " ", "connection refused", "HTTP 500: {\"a\": 1}", "@ home", "a@ b", "(((", "x"})
        EXPECT_EQ(Redacted(text), text);
}
