#include "deliveries/retry_after.h"

#include <algorithm>
#include <string>

#include <curl/curl.h>

namespace laurel::worker {

namespace {

constexpr double kLongest = 86400;
constexpr size_t kMostDigits = 9;

std::string_view
Trim(std::string_view text) {
    const size_t first = text.find_first_not_of(" \t\r\n");
    if (first == std::string_view::npos)
        return {};
    return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

bool
IsNumber(std::string_view text) {
    return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

} // namespace

std::optional<double>
RetryAfter(std::string_view value, std::time_t now) {
    const std::string text(Trim(value));
    if (IsNumber(text))
        return text.size() > kMostDigits ? kLongest : std::min(kLongest, std::stod(text));
    const std::time_t when = text.empty() ? -1 : curl_getdate(text.c_str(), nullptr);
    if (when == -1)
        return std::nullopt;
    return std::clamp(static_cast<double>(when) - static_cast<double>(now), 0.0, kLongest);
}

} // namespace laurel::worker
