#include "loop/loop.h"

#include <memory>
#include <string>

#include <gtest/gtest.h>
#include <sys/eventfd.h>
#include <unistd.h>

using namespace laurel::worker;
using namespace std::chrono_literals;

namespace {

// A descriptor that is ready to be read once it was raised, until it was lowered.
class Bell {
public:
    explicit Bell(bool is_raised = false) : descriptor_(eventfd(is_raised ? 1 : 0, EFD_NONBLOCK)) {}
    ~Bell() { Close(); }
    Bell(const Bell &) = delete;
    Bell &operator=(const Bell &) = delete;

    void Raise() { eventfd_write(descriptor_, 1); }
    void Lower() {
        eventfd_t value;
        eventfd_read(descriptor_, &value);
    }
    void Close() {
        if (descriptor_ >= 0)
            close(descriptor_);
        descriptor_ = -1;
    }
    int Descriptor() const { return descriptor_; }

private:
    int descriptor_;
};

// Ends the loop when nothing else has.
class Deadline {
public:
    explicit Deadline(Loop &loop)
        : timer_(loop, [&loop] {
              ADD_FAILURE() << "the loop went on";
              loop.Stop();
          }) {
        timer_.In(5s);
    }

private:
    Timer timer_;
};

// Runs so many rounds, one right after the other.
void
RunRounds(Loop &loop, int rounds) {
    loop.AfterEachRound([&loop, left = rounds]() mutable {
        if (--left <= 0)
            loop.Stop();
        loop.Hurry();
    });
    loop.Hurry();
    loop.Run();
}

} // namespace

TEST(Timer, is_not_called_when_its_time_has_come) {
    Loop loop;
    Deadline deadline(loop);
    const auto began = Clock::now();
    Timer timer(loop, [&] { loop.Stop(); });
    timer.In(20ms);
    loop.Run();
    EXPECT_GE(Clock::now() - began, 20ms);
    EXPECT_FALSE(timer.IsSet());
}

TEST(Timer, is_called_early_or_twice) {
    Loop loop;
    int calls = 0;
    Timer timer(loop, [&] { calls++; });
    timer.In(1h);
    RunRounds(loop, 3);
    EXPECT_EQ(calls, 0);
    timer.In(0s);
    RunRounds(loop, 3);
    EXPECT_EQ(calls, 1);
}

TEST(Timer, is_called_though_stopped_or_put_off) {
    Loop loop;
    int calls = 0;
    Timer stopped(loop, [&] { calls++; });
    Timer put_off(loop, [&] { calls++; });
    stopped.In(0s);
    stopped.Stop();
    put_off.In(0s);
    put_off.In(1h);
    RunRounds(loop, 2);
    EXPECT_EQ(calls, 0);
    EXPECT_TRUE(put_off.IsSet());
}

TEST(Timer, that_sets_itself_anew_keeps_the_round_from_ending) {
    Loop loop;
    int calls = 0;
    Timer *self = nullptr;
    Timer timer(loop, [&] {
        calls++;
        self->In(0s);
    });
    self = &timer;
    timer.In(0s);
    RunRounds(loop, 3);
    EXPECT_EQ(calls, 3);
}

TEST(Timer, is_called_after_another_one_destroyed_it) {
    Loop loop;
    int calls = 0;
    auto second = std::unique_ptr<Timer>();
    Timer first(loop, [&] { second.reset(); });
    second = std::make_unique<Timer>(loop, [&] { calls++; });
    first.In(0s);
    second->In(0s);
    RunRounds(loop, 2);
    EXPECT_EQ(calls, 0);
}

TEST(Timer, that_destroys_itself_crashes) {
    Loop loop;
    int calls = 0;
    auto timer = std::unique_ptr<Timer>();
    timer = std::make_unique<Timer>(loop, [&timer, &calls, text = std::string(100, 'x')] {
        timer.reset();
        calls += static_cast<int>(text.size()); // the callback itself is still there
    });
    timer->In(0s);
    RunRounds(loop, 2);
    EXPECT_EQ(calls, 100);
}

TEST(Loop, does_not_call_for_a_ready_descriptor) {
    Loop loop;
    Deadline deadline(loop);
    Bell bell(true);
    uint32_t seen = 0;
    loop.Watch(bell.Descriptor(), EPOLLIN, [&](uint32_t events) {
        seen = events;
        loop.Stop();
    });
    loop.Run();
    EXPECT_EQ(seen, static_cast<uint32_t>(EPOLLIN));
}

TEST(Loop, calls_for_what_is_not_ready_or_not_watched_any_more) {
    Loop loop;
    Bell quiet;
    Bell loud(true);
    int calls = 0;
    loop.Watch(quiet.Descriptor(), EPOLLIN, [&](uint32_t) { calls++; });
    loop.Watch(loud.Descriptor(), EPOLLIN, [&](uint32_t) { calls++; });
    loop.Unwatch(loud.Descriptor());
    loop.Unwatch(loud.Descriptor());
    RunRounds(loop, 3);
    EXPECT_EQ(calls, 0);
}

TEST(Loop, keeps_the_handler_that_was_replaced) {
    Loop loop;
    Bell bell(true);
    std::string called;
    loop.Watch(bell.Descriptor(), EPOLLIN, [&](uint32_t) { called += 'a'; });
    loop.Watch(bell.Descriptor(), EPOLLIN, [&](uint32_t) { called += 'b'; });
    RunRounds(loop, 1);
    EXPECT_EQ(called, "b");
}

TEST(Loop, a_handler_that_unwatches_itself_crashes) {
    Loop loop;
    Bell bell(true);
    int calls = 0;
    loop.Watch(bell.Descriptor(), EPOLLIN, [&loop, &bell, &calls, text = std::string(100, 'x')](uint32_t) {
        loop.Unwatch(bell.Descriptor());
        calls += static_cast<int>(text.size());
    });
    RunRounds(loop, 3);
    EXPECT_EQ(calls, 100);
}

// Both are ready in one round. Whichever is called first closes the other and opens a descriptor that gets
// the same number: the event left over from the closed one is not the new one's.
TEST(Loop, gives_an_event_to_the_next_owner_of_the_number) {
    Loop loop;
    Bell bells[2]{Bell(true), Bell(true)};
    int stale = 0;
    int calls = 0;
    std::unique_ptr<Bell> next;
    const auto handler = [&](int other) {
        return [&, other](uint32_t) {
            calls++;
            if (next)
                return;
            const int number = bells[other].Descriptor();
            loop.Unwatch(number);
            bells[other].Close();
            next = std::make_unique<Bell>();
            ASSERT_EQ(next->Descriptor(), number);
            loop.Watch(number, EPOLLIN, [&](uint32_t) { stale++; });
        };
    };
    loop.Watch(bells[0].Descriptor(), EPOLLIN, handler(1));
    loop.Watch(bells[1].Descriptor(), EPOLLIN, handler(0));
    RunRounds(loop, 1);
    EXPECT_EQ(calls, 1);
    EXPECT_EQ(stale, 0);
}

TEST(Loop, does_not_end_a_round_with_the_turn) {
    Loop loop;
    Bell bell(true);
    std::string order;
    Timer timer(loop, [&] { order += 't'; });
    timer.In(0s);
    loop.Watch(bell.Descriptor(), EPOLLIN, [&](uint32_t) {
        order += 'd';
        bell.Lower();
    });
    loop.AfterEachRound([&] {
        order += '.';
        loop.Stop();
    });
    loop.Run();
    EXPECT_EQ(order, "dt.");
}

TEST(Loop, waits_though_it_was_to_hurry) {
    Loop loop;
    const auto began = Clock::now();
    RunRounds(loop, 100);
    EXPECT_LT(Clock::now() - began, 5s); // without hurry a round may take a minute
}

TEST(Loop, is_woken_by_nothing_while_it_waits) {
    Loop loop;
    Deadline deadline(loop);
    Bell bell;
    Timer timer(loop, [&] { bell.Raise(); });
    loop.Watch(bell.Descriptor(), EPOLLIN, [&](uint32_t) { loop.Stop(); });
    timer.In(10ms);
    loop.Run();
}

TEST(Loop, does_not_run_again_after_it_was_stopped) {
    Loop loop;
    int rounds = 0;
    loop.AfterEachRound([&] {
        rounds++;
        loop.Stop();
    });
    loop.Hurry();
    loop.Run();
    loop.Hurry();
    loop.Run();
    EXPECT_EQ(rounds, 2);
}
