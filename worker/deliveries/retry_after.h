#pragma once

#include <ctime>
#include <optional>
#include <string_view>

namespace laurel::worker {

// The seconds a Retry-After header asks to wait (RFC 9110, 10.2.3): a number, or a date counted from `now`,
// 0 for a date that has passed. Nothing if it is neither; never more than a day.
std::optional<double> RetryAfter(std::string_view value, std::time_t now);

} // namespace laurel::worker
