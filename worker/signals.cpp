#include "signals.h"

#include <cerrno>
#include <csignal>
#include <system_error>

#include <sys/signalfd.h>
#include <unistd.h>

namespace laurel::worker {

namespace {

sigset_t
OurSignals() {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGHUP);
    return signals;
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
    const sigset_t signals = OurSignals();
    descriptor_ = signalfd(-1, &signals, SFD_NONBLOCK | SFD_CLOEXEC);
    if (descriptor_ < 0)
        throw std::system_error(errno, std::generic_category(), "signalfd");
    loop_.Watch(descriptor_, EPOLLIN, [this](uint32_t) { Read(); });
}

Signals::~Signals() {
    loop_.Unwatch(descriptor_);
    close(descriptor_);
}

void
Signals::Read() {
    signalfd_siginfo taken{};
    while (read(descriptor_, &taken, sizeof taken) == sizeof taken)
        callback_(static_cast<int>(taken.ssi_signo));
}

} // namespace laurel::worker
