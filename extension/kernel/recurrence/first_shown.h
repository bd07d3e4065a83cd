// When a clock shows a time of a series.
#pragma once

#include "kernel/local_ends.h"

namespace laurel::kernel::recurrence {

// The moment at which the clock of a zone, as kernel/local_ends.h asks for it, shows that time first. One
// that it skips comes as if it had not been turned yet (RFC 5545, 3.3.5).
template <typename Zone>
constexpr int64_t
FirstShown(int64_t shown, const Zone &zone) noexcept {
    constexpr int64_t ahead_most = int64_t{26} * 3600;
    ClockStretch now = zone(shown - ahead_most);
    while (true) {
        const int64_t moment = shown - now.ahead;
        if (moment < now.until)
            return moment;
        const ClockStretch next = zone(now.until);
        if (shown - next.ahead < now.until)
            return moment;
        now = next;
    }
}

} // namespace laurel::kernel::recurrence
