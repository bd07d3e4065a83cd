#pragma once

#include <optional>
#include <string>

#include "loop/clock.h"

namespace laurel::worker {

// Tells the service manager about the worker, by a datagram to $NOTIFY_SOCKET; does nothing where there is
// none.
void NotifyServiceManager(const std::string &state);

// How often the service manager wants to hear WATCHDOG=1, nothing if it does not.
std::optional<Clock::duration> WatchdogInterval();

} // namespace laurel::worker
