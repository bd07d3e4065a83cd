// What goes beyond a quota.
#pragma once

#include "guards/quota_rule.h"

namespace laurel::guards {

struct TooMuch {
    bool is_so = false; // else the rest says nothing
    QuotaKey key{};
    int64 allowed = 0;
    int64 used = 0; // before
    int64 asked = 0;
    TimestampTz ends = DT_NOEND;
};

// Refuses it: PT429 where it helps to wait, else 23514. Says no more than the caller may know.
[[noreturn]] void RefuseTooMuch(const Quota &quota, const TooMuch &much);

} // namespace laurel::guards
