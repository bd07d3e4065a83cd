#include "kernel/host_name.h"

#include <string>

#include <gtest/gtest.h>

using namespace laurel::kernel;

namespace {

std::string
Fault(const std::string &name, const HostNameRules &rules = {}) {
    const char *fault = HostNameFault(name, rules);
    return fault == nullptr ? "" : fault;
}

} // namespace

TEST(HostName, takes_names) {
    const std::string label(63, 'x');
    for (const std::string &good :
         {std::string("a"), std::string("example.com"), std::string("A-1.b"), std::string("1.a"),
          std::string("r3---sn.test"), label + "." + label + "." + label + "." + label.substr(2)})
        EXPECT_EQ(Fault(good), "") << good;
}

TEST(HostName, says_what_is_wrong) {
    EXPECT_EQ(Fault(""), "is empty.");
    EXPECT_EQ(Fault(".a"), "begins or ends with a dot.");
    EXPECT_EQ(Fault("a."), "begins or ends with a dot.");
    EXPECT_EQ(Fault("a..b"), "has two dots in a row.");
    EXPECT_EQ(Fault("-a.b"), "has a part that begins or ends with a hyphen.");
    EXPECT_EQ(Fault("a-.b"), "has a part that begins or ends with a hyphen.");
    EXPECT_EQ(Fault("a b"), "has a character that no domain may have.");
    EXPECT_EQ(Fault("b\xc3\xbc"), "has a character that no domain may have.");
    EXPECT_EQ(Fault(std::string(64, 'x')), "has a part of more than 63 bytes.");
    EXPECT_EQ(Fault(std::string(254, 'x')), "is longer than 253 bytes.");
}

TEST(HostName, keeps_to_the_rules) {
    EXPECT_NE(Fault("a_b.c"), "");
    EXPECT_EQ(Fault("a_b.c", {.underscores = true}), "");
    EXPECT_EQ(Fault("192.0.2.1"), "ends with a number.");
    EXPECT_EQ(Fault("192.0.2.1", {.numbers = true}), "");
    EXPECT_EQ(Fault(std::string(100, 'x'), {.long_labels = true}), "");
}

TEST(HostName, finds_encoded_labels) {
    for (const char *yes : {"xn--a", "a.XN--b", "a.xn--b.c"})
        EXPECT_TRUE(HasEncodedLabel(yes)) << yes;
    for (const char *no : {"", "xn-a", "axn--b", "a.b", "xn"})
        EXPECT_FALSE(HasEncodedLabel(no)) << no;
}
