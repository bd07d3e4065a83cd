#include "loop/signals.h"

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <optional>
#include <system_error>
#include <thread>

#include <fcntl.h>
#include <unistd.h>

#include "exit_code.h"

namespace laurel::worker {

namespace {

using namespace std::chrono_literals;

constexpr Clock::duration kLongestEnd = 9'800ms;

sigset_t
OurSignals() {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGHUP);
    return signals;
}

timespec
Until(Clock::time_point when) {
    const auto left = std::max<int64_t>(
        0, std::chrono::duration_cast<std::chrono::nanoseconds>(when - Clock::now()).count());
    return {left / 1'000'000'000, left % 1'000'000'000};
}

[[noreturn]] void
GiveUp() {
    constexpr std::string_view words = "laurel-worker: did not stop in time, leaving all to the leases\n";
    [[maybe_unused]] const ssize_t written = write(STDERR_FILENO, words.data(), words.size());
    std::_Exit(kFailed);
}

// Hands signals on, byte by byte, and keeps the time once one has asked for the end.
void
Take(int pipe) {
    const sigset_t signals = OurSignals();
    std::optional<Clock::time_point> end;
    while (true) {
        const timespec left = Until(end.value_or(Clock::now()));
        const int signal = sigtimedwait(&signals, nullptr, end ? &left : nullptr);
        if (signal < 0 && errno == EAGAIN)
            GiveUp();
        if (signal < 0)
            continue;
        if (signal != SIGHUP && !end)
            end = Clock::now() + kLongestEnd;
        const auto byte = static_cast<unsigned char>(signal);
        [[maybe_unused]] const ssize_t written = write(pipe, &byte, 1);
    }
}

} // namespace

void
BlockSignals() {
    const sigset_t signals = OurSignals();
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    std::signal(SIGPIPE, SIG_IGN);
}

Signals::Signals(Loop &loop, std::function<void(int signal)> callback)
    : loop_(loop), callback_(std::move(callback)) {
    if (pipe2(taken_, O_NONBLOCK | O_CLOEXEC) != 0)
        throw std::system_error(errno, std::generic_category(), "pipe2");
    std::thread(Take, taken_[1]).detach(); // it lives as long as the process, and so does its end of the pipe
    loop_.Watch(taken_[0], EPOLLIN, [this](uint32_t) { Read(); });
}

Signals::~Signals() {
    loop_.Unwatch(taken_[0]);
    close(taken_[0]);
}

void
Signals::Read() {
    unsigned char signal = 0;
    while (read(taken_[0], &signal, 1) == 1)
        callback_(signal);
}

} // namespace laurel::worker
