#include "kernel/web_address.h"

#include <string>

#include <gtest/gtest.h>

using namespace laurel::kernel;

namespace {

std::string
Fault(const std::string &address, bool allow_http = false) {
    const char *fault = WebAddressFault(address, allow_http);
    return fault == nullptr ? "" : fault;
}

} // namespace

TEST(WebAddress, takes_https) {
    for (const char *good :
         {"https://example.com", "https://example.com/", "https://example.com:8443/a?b=c&d=%20",
          "https://10.0.0.1/x", "https://[2001:db8::1]/x", "https://[::1]:8443", "https://a-b.c_d/",
          "https://xn--bcher-kva.example?x"})
        EXPECT_EQ(Fault(good), "") << good;
}

TEST(WebAddress, takes_http_where_it_is_allowed) {
    EXPECT_NE(Fault("http://127.0.0.1:8080/hook"), "");
    EXPECT_EQ(Fault("http://127.0.0.1:8080/hook", true), "");
    EXPECT_EQ(Fault("https://127.0.0.1:8080/hook", true), "");
}

TEST(WebAddress, refuses_other_schemes) {
    for (const char *bad :
         {"", "example.com", "ftp://example.com", "file:///etc/passwd", "gopher://x", "HTTPS://x",
          "javascript:alert(1)", "https:/example.com", "//example.com", " https://example.com"})
        EXPECT_NE(Fault(bad, true), "") << bad;
}

TEST(WebAddress, refuses_odd_hosts) {
    for (const char *bad : {"https://", "https:///x", "https://?x", "https://a..b", "https://.a",
                            "https://-a", "https://a b", "https://exa\nmple.com", "https://a%2eb",
                            "https://b\xc3\xbc"
                            "cher.example",
                            "https://[::1", "https://[]", "https://[x::1]", "https://[::1]x", "https://a\\b"})
        EXPECT_NE(Fault(bad), "") << bad;
    EXPECT_NE(Fault("https://" + std::string(254, 'a')), "");
}

TEST(WebAddress, refuses_odd_ports) {
    for (const char *bad : {"https://a:", "https://a:0", "https://a:65536", "https://a:x", "https://a:1:2",
                            "https://a:999999", "https://[::1]:"})
        EXPECT_NE(Fault(bad), "") << bad;
    EXPECT_EQ(Fault("https://a:65535"), "");
}

TEST(WebAddress, refuses_credentials_fragments_and_length) {
    EXPECT_EQ(Fault("https://me:secret@example.com/"), "It has a user name or password.");
    EXPECT_EQ(Fault("https://example.com/#top"), "It has a fragment (#).");
    EXPECT_EQ(Fault("https://example.com/" + std::string(2000, 'a')), "It is longer than 2000 characters.");
    EXPECT_NE(Fault("https://example.com/<script>"), "");
    EXPECT_EQ(Fault(std::string("https://example.com/a\0b", 23)),
              "It has blanks or characters that must be percent-encoded.");
}
