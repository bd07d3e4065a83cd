#include "database/reconnect.h"

#include <gtest/gtest.h>

using namespace laurel::worker;
using namespace std::chrono_literals;

TEST(Backoff, doubles_up_to_the_longest_and_varies) {
    Backoff backoff(100ms, 5s, 7);
    Clock::duration expected = 100ms;
    for (int i = 0; i < 20; i++) {
        const auto wait = backoff.Next();
        EXPECT_GE(wait, expected / 2);
        EXPECT_LE(wait, expected);
        expected = std::min<Clock::duration>(expected * 2, 5s);
    }
}

TEST(Backoff, begins_anew_after_success) {
    Backoff backoff(100ms, 5s, 7);
    for (int i = 0; i < 10; i++)
        backoff.Next();
    backoff.Reset();
    EXPECT_LE(backoff.Next(), 100ms);
}

TEST(Backoff, two_workers_do_not_come_back_in_step) {
    Backoff one(1s, 5s, 1);
    Backoff other(1s, 5s, 2);
    EXPECT_NE(one.Next(), other.Next());
}

TEST(Jitter, stays_within_a_quarter) {
    for (int i = 0; i < 1000; i++) {
        const auto span = Jitter(1s);
        EXPECT_GE(span, 750ms);
        EXPECT_LE(span, 1250ms);
    }
}
