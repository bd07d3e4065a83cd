#include "loop/systemd.h"

#include <cstddef>
#include <cstdlib>
#include <cstring>

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace laurel::worker {

void
NotifyServiceManager(const std::string &state) {
    const char *path = std::getenv("NOTIFY_SOCKET");
    sockaddr_un address{};
    if (path == nullptr || (path[0] != '/' && path[0] != '@') || std::strlen(path) >= sizeof address.sun_path)
        return;
    address.sun_family = AF_UNIX;
    std::strcpy(address.sun_path, path);
    const size_t length = offsetof(sockaddr_un, sun_path) + std::strlen(path);
    if (path[0] == '@')
        address.sun_path[0] = '\0'; // the abstract namespace
    const int descriptor = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (descriptor < 0)
        return;
    sendto(descriptor, state.data(), state.size(), MSG_NOSIGNAL | MSG_DONTWAIT,
           reinterpret_cast<const sockaddr *>(&address), static_cast<socklen_t>(length));
    close(descriptor);
}

std::optional<Clock::duration>
WatchdogInterval() {
    const char *limit = std::getenv("WATCHDOG_USEC");
    const char *process = std::getenv("WATCHDOG_PID");
    if (limit == nullptr || (process != nullptr && std::atol(process) != getpid()))
        return std::nullopt;
    const long microseconds = std::atol(limit);
    if (microseconds <= 0)
        return std::nullopt;
    return std::chrono::microseconds(microseconds / 2);
}

} // namespace laurel::worker
