// When what was earned on a day has expired.
#pragma once

#include "kernel/period.h"

namespace laurel::kernel {

// After so many months, or with the year of earning and so many years more.
struct Expiry {
    enum Unit { Months, Years } unit;
    int32_t length;
};

// The day at whose beginning what was earned on a day has expired: the one after the same day so many months
// later, or the first of a January.
constexpr int32_t
ExpiryDay(const Expiry &expiry, int32_t earned) noexcept {
    if (expiry.unit == Expiry::Years)
        return AddMonths(YearStart(earned), 12 * (expiry.length + 1));
    return AddMonths(earned, expiry.length) + 1;
}

// The first day of earning that has not expired at the beginning of a day.
constexpr int32_t
KeptFrom(const Expiry &expiry, int32_t day) noexcept {
    if (expiry.unit == Expiry::Years)
        return AddMonths(YearStart(day), -12 * expiry.length);
    const int32_t candidate = AddMonths(day, -expiry.length);
    return ExpiryDay(expiry, candidate) > day ? candidate : candidate + 1;
}

} // namespace laurel::kernel
