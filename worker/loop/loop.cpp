#include "loop/loop.h"

#include <algorithm>
#include <cerrno>
#include <system_error>

#include <unistd.h>

namespace laurel::worker {

namespace {

constexpr int kEventsARound = 64;
constexpr int kLongestWait = 60'000;

// The descriptor and its serial in one: an event left over from a descriptor that was closed and opened anew
// in the same round must not reach the new one.
uint64_t
Tag(int descriptor, uint32_t serial) {
    return static_cast<uint64_t>(serial) << 32 | static_cast<uint32_t>(descriptor);
}

} // namespace

Timer::Timer(Loop &loop, std::function<void()> callback) : loop_(loop), callback_(std::move(callback)) {
    loop_.timers_.push_back(this);
}

Timer::~Timer() {
    std::erase(loop_.timers_, this);
}

void
Timer::At(Clock::time_point when) {
    when_ = when;
    is_set_ = true;
}

Loop::Loop() : epoll_(epoll_create1(EPOLL_CLOEXEC)) {
    if (epoll_ < 0)
        throw std::system_error(errno, std::generic_category(), "epoll_create1");
}

Loop::~Loop() {
    close(epoll_);
}

void
Loop::Watch(int descriptor, uint32_t events, Handler handler) {
    const uint32_t serial = next_serial_++;
    epoll_event event{};
    event.events = events;
    event.data.u64 = Tag(descriptor, serial);
    if (epoll_ctl(epoll_, EPOLL_CTL_ADD, descriptor, &event) != 0 &&
        (errno != EEXIST || epoll_ctl(epoll_, EPOLL_CTL_MOD, descriptor, &event) != 0))
        throw std::system_error(errno, std::generic_category(), "epoll_ctl");
    watched_[descriptor] = {std::move(handler), serial};
}

void
Loop::Unwatch(int descriptor) {
    if (watched_.erase(descriptor) > 0)
        epoll_ctl(epoll_, EPOLL_CTL_DEL, descriptor, nullptr); // fails where it was closed before: no matter
}

int
Loop::MillisecondsToWait() const {
    if (is_hurried_)
        return 0;
    auto next = Clock::now() + std::chrono::milliseconds(kLongestWait);
    for (const Timer *timer : timers_) {
        if (timer->is_set_)
            next = std::min(next, timer->when_);
    }
    const auto span = std::chrono::ceil<std::chrono::milliseconds>(next - Clock::now());
    return static_cast<int>(std::max<int64_t>(0, span.count()));
}

void
Loop::CallDescriptors(const epoll_event *events, int count) {
    for (int i = 0; i < count; i++) {
        const uint64_t tag = events[i].data.u64;
        const auto place = watched_.find(static_cast<int>(tag & 0xffffffff));
        if (place == watched_.end() || place->second.serial != tag >> 32)
            continue;
        const Handler handler = place->second.handler; // it may unwatch itself
        handler(events[i].events);
    }
}

void
Loop::CallTimers() {
    const auto now = Clock::now();
    const std::vector<Timer *> due = timers_; // callbacks may add and remove timers
    for (Timer *timer : due) {
        const bool is_alive = std::ranges::find(timers_, timer) != timers_.end();
        if (!is_alive || !timer->is_set_ || timer->when_ > now)
            continue;
        timer->is_set_ = false;
        const auto callback = timer->callback_; // it may destroy its timer
        callback();
    }
}

void
Loop::Run() {
    is_stopped_ = false;
    while (!is_stopped_) {
        epoll_event events[kEventsARound];
        const int count = epoll_wait(epoll_, events, kEventsARound, MillisecondsToWait());
        if (count < 0 && errno != EINTR)
            throw std::system_error(errno, std::generic_category(), "epoll_wait");
        is_hurried_ = false;
        CallDescriptors(events, count);
        CallTimers();
        if (turn_)
            turn_();
    }
}

} // namespace laurel::worker
