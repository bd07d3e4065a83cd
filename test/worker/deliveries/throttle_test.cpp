#include "deliveries/throttle.h"

#include <gtest/gtest.h>

using namespace laurel::worker;
using namespace std::chrono_literals;

namespace {

const Clock::time_point kStart{1h};

} // namespace

TEST(Throttle, lets_in_as_many_as_the_lane_is_wide) {
    Throttle throttle;
    const Lane lane{"a", 2, 0};
    EXPECT_TRUE(throttle.Enter(lane, kStart));
    EXPECT_TRUE(throttle.Enter(lane, kStart));
    EXPECT_FALSE(throttle.Enter(lane, kStart));
    throttle.Leave("a");
    EXPECT_TRUE(throttle.Enter(lane, kStart));
}

TEST(Throttle, one_lane_does_not_narrow_another) {
    Throttle throttle;
    EXPECT_TRUE(throttle.Enter({"a", 1, 0}, kStart));
    EXPECT_TRUE(throttle.Enter({"b", 1, 0}, kStart));
    EXPECT_FALSE(throttle.Enter({"a", 1, 0}, kStart));
}

TEST(Throttle, holds_the_rate) {
    Throttle throttle;
    const Lane lane{"a", 0, 10};
    int begun = 0;
    for (auto now = kStart; now < kStart + 5s; now += 1ms)
        begun += throttle.Enter(lane, now) ? 1 : 0;
    EXPECT_GE(begun, 58); // a second's worth at once, then ten a second
    EXPECT_LE(begun, 61);
}

TEST(Throttle, says_when_the_next_may_begin) {
    Throttle throttle;
    const Lane lane{"a", 0, 0.5};
    EXPECT_EQ(throttle.OpensAt(lane, kStart), kStart);
    EXPECT_TRUE(throttle.Enter(lane, kStart));
    EXPECT_FALSE(throttle.Enter(lane, kStart));
    const auto opens = throttle.OpensAt(lane, kStart);
    EXPECT_EQ(opens, kStart + 2s);
    EXPECT_TRUE(throttle.Enter(lane, opens));
}

TEST(Throttle, forgets_lanes_nobody_uses) {
    Throttle throttle;
    for (int i = 0; i < 100; i++) {
        const Lane lane{std::to_string(i), 1, 1};
        EXPECT_TRUE(throttle.Enter(lane, kStart));
        throttle.Leave(lane.key);
    }
    EXPECT_TRUE(throttle.Enter({"busy", 1, 0}, kStart));
    throttle.Forget(kStart);
    EXPECT_EQ(throttle.Size(), 101U); // they still owe a second
    throttle.Forget(kStart + 2s);
    EXPECT_EQ(throttle.Size(), 1U);
}
