#include "webhooks/network.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <gtest/gtest.h>

using namespace laurel::worker;

namespace {

Address
Parse(const std::string &text) {
    sockaddr_storage storage{};
    auto *four = reinterpret_cast<sockaddr_in *>(&storage);
    auto *six = reinterpret_cast<sockaddr_in6 *>(&storage);
    storage.ss_family = inet_pton(AF_INET, text.c_str(), &four->sin_addr) == 1    ? AF_INET
                        : inet_pton(AF_INET6, text.c_str(), &six->sin6_addr) == 1 ? AF_INET6
                                                                                  : AF_UNSPEC;
    Address address{};
    EXPECT_TRUE(AddressOf(reinterpret_cast<sockaddr *>(&storage), &address)) << text;
    return address;
}

bool
IsReachable(const std::string &text, const std::string &allowed = "") {
    return IsReachable(Parse(text), ParseNetworks(allowed));
}

} // namespace

TEST(Network, private_addresses_are_not_reachable) {
    for (const std::string address :
         {"127.0.0.1", "127.255.255.255", "0.0.0.0", "10.1.2.3", "172.16.0.1", "172.31.255.255",
          "192.168.1.1", "169.254.169.254", "100.64.0.1", "198.18.0.1", "224.0.0.1", "255.255.255.255", "::1",
          "::", "fe80::1", "fc00::1", "fdff::1", "ff02::1", "2001:db8::1"})
        EXPECT_FALSE(IsReachable(address)) << address;
}

TEST(Network, an_ipv4_address_inside_ipv6_is_found) {
    for (const std::string address :
         {"::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::10.0.0.1", "2002:0a00:0001::1",
          "2002:7f00:0001::", "::127.0.0.1", "::ffff:0:127.0.0.1"})
        EXPECT_FALSE(IsReachable(address)) << address;
    EXPECT_TRUE(IsReachable("::ffff:8.8.8.8"));
    EXPECT_TRUE(IsReachable("64:ff9b::8.8.8.8"));
    EXPECT_TRUE(IsReachable("::ffff:127.0.0.1", "127.0.0.0/8"));
}

TEST(Network, public_addresses_are_reachable) {
    for (const std::string address : {"8.8.8.8", "172.32.0.1", "172.15.255.255", "100.128.0.1",
                                      "9.255.255.255", "11.0.0.0", "2606:4700::1111", "2a00:1450::1"})
        EXPECT_TRUE(IsReachable(address)) << address;
}

TEST(Network, what_is_allowed_is_reachable_and_no_more) {
    EXPECT_TRUE(IsReachable("10.1.2.3", "10.1.0.0/16"));
    EXPECT_FALSE(IsReachable("10.2.2.3", "10.1.0.0/16"));
    EXPECT_TRUE(IsReachable("127.0.0.1", "127.0.0.1"));
    EXPECT_FALSE(IsReachable("127.0.0.2", "127.0.0.1"));
    EXPECT_TRUE(IsReachable("fd12::1", "10.0.0.0/8, fd00::/8"));
    EXPECT_TRUE(IsReachable("10.0.0.5", "10.0.0.4/31"));
    EXPECT_FALSE(IsReachable("10.0.0.6", "10.0.0.4/31"));
}

TEST(Network, ranges_that_are_none_are_refused) {
    for (const std::string bad : {"10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/", "10.0.0.0/8x", "10.0.0",
                                  "localhost", "::/129", "/8", "10.0.0.0/8;"})
        EXPECT_THROW(ParseNetworks(bad), std::invalid_argument) << bad;
    EXPECT_TRUE(ParseNetworks("").empty());
    EXPECT_TRUE(ParseNetworks(" , ").empty());
    EXPECT_EQ(ParseNetworks("10.0.0.0/8,fd00::/8  1.2.3.4").size(), 3U);
}

TEST(Network, addresses_are_told_as_people_write_them) {
    EXPECT_EQ(ToString(Parse("::ffff:127.0.0.1")), "127.0.0.1");
    EXPECT_EQ(ToString(Parse("fd00::1")), "fd00::1");
}
