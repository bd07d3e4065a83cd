#pragma once

#include <cstdint>
#include <functional>
#include <unordered_map>
#include <vector>

#include <sys/epoll.h>

#include "loop/clock.h"

namespace laurel::worker {

class Loop;

// Calls back once, when its time has come; it may then be set anew.
class Timer {
public:
    Timer(Loop &loop, std::function<void()> callback);
    ~Timer();
    Timer(const Timer &) = delete;
    Timer &operator=(const Timer &) = delete;

    void At(Clock::time_point when);
    void In(Clock::duration span) { At(Clock::now() + span); }
    void Stop() { is_set_ = false; }
    bool IsSet() const { return is_set_; }

private:
    friend class Loop;

    Loop &loop_;
    std::function<void()> callback_;
    Clock::time_point when_;
    bool is_set_ = false;
};

// Waits for descriptors and timers, in one thread, until it is told to stop.
class Loop {
public:
    using Handler = std::function<void(uint32_t events)>;

    Loop();
    ~Loop();
    Loop(const Loop &) = delete;
    Loop &operator=(const Loop &) = delete;

    // Calls the handler whenever the descriptor is ready for the events (EPOLLIN, EPOLLOUT), which replace
    // those asked for before.
    void Watch(int descriptor, uint32_t events, Handler handler);
    void Unwatch(int descriptor);

    // What is done after every round of callbacks.
    void AfterEachRound(std::function<void()> turn) { turn_ = std::move(turn); }

    // Makes the next round follow at once.
    void Hurry() { is_hurried_ = true; }

    void Run();
    void Stop() { is_stopped_ = true; }

private:
    friend class Timer;

    struct Watched {
        Handler handler;
        uint32_t serial;
    };

    int MillisecondsToWait() const;
    void CallDescriptors(const epoll_event *events, int count);
    void CallTimers();

    int epoll_;
    uint32_t next_serial_ = 0;
    std::unordered_map<int, Watched> watched_;
    std::vector<Timer *> timers_;
    std::function<void()> turn_;
    bool is_hurried_ = false;
    bool is_stopped_ = false;
};

} // namespace laurel::worker
