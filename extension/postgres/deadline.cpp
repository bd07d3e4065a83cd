#include "postgres/deadline.h"

#include "postgres/bridge.h"

extern "C" {
#include "utils/timeout.h"
}

namespace laurel {

namespace {

constinit bool is_registered = false;
constinit TimeoutId timeout = USER_TIMEOUT;
constinit volatile sig_atomic_t passed = 0;

// In a signal handler: asks for what a cancel from outside asks for.
void
Pass() {
    passed = 1;
    QueryCancelPending = 1;
    InterruptPending = 1;
}

} // namespace

Deadline::Deadline(int milliseconds) : is_set_(milliseconds > 0) {
    if (!is_set_)
        return;
    if (!is_registered) {
        timeout = RegisterTimeout(USER_TIMEOUT, Pass);
        is_registered = true;
    }
    passed = 0;
    enable_timeout_after(timeout, milliseconds);
}

// What has passed too late to cancel anything is taken back.
Deadline::~Deadline() {
    if (!is_set_)
        return;
    disable_timeout(timeout, false);
    if (passed != 0)
        QueryCancelPending = 0;
}

bool
Deadline::has_passed() const {
    return is_set_ && passed != 0;
}

} // namespace laurel
