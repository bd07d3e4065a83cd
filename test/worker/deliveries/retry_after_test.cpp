#include "deliveries/retry_after.h"

#include <gtest/gtest.h>

using namespace laurel::worker;

namespace {

constexpr std::time_t kNow = 1614265330; // Thu, 25 Feb 2021 15:02:10 GMT

} // namespace

TEST(RetryAfter, counts_seconds) {
    EXPECT_EQ(RetryAfter(" 120\r\n", kNow), 120);
    EXPECT_EQ(RetryAfter("0", kNow), 0);
}

TEST(RetryAfter, counts_to_a_date) {
    EXPECT_EQ(RetryAfter("Thu, 25 Feb 2021 15:03:10 GMT", kNow), 60);
    EXPECT_EQ(RetryAfter("Thu, 25 Feb 2021 15:00:00 GMT\r\n", kNow), 0);
    EXPECT_EQ(RetryAfter("Thursday, 25-Feb-21 15:03:10 GMT", kNow), 60);
}

TEST(RetryAfter, is_never_more_than_a_day) {
    EXPECT_EQ(RetryAfter("100000", kNow), 86400);
    EXPECT_EQ(RetryAfter("99999999999999999999999", kNow), 86400);
    EXPECT_EQ(RetryAfter("Fri, 25 Feb 2033 15:03:10 GMT", kNow), 86400);
}

TEST(RetryAfter, anything_else_is_nothing) {
    for (const char *bad : {"", " ", "soon", "-5", "1.5", "12 s"})
        EXPECT_FALSE(RetryAfter(bad, kNow)) << bad;
}
