#include "host_name.h"

#include "ascii.h"

#include <algorithm>

namespace laurel::kernel {

namespace {

constexpr size_t kMaxLabel = 63;
constexpr std::string_view kEncoded = "xn--";

constexpr bool
IsOfLabel(char c, bool underscores) noexcept {
    return IsLetterOrDigit(c) || c == '-' || (underscores && c == '_');
}

// The part up to the next dot; moves past it.
std::string_view
NextLabel(std::string_view *rest) noexcept {
    const size_t dot = rest->find('.');
    const std::string_view label = rest->substr(0, dot);
    *rest = dot == std::string_view::npos ? std::string_view() : rest->substr(dot + 1);
    return label;
}

const char *
LabelFault(std::string_view label, const HostNameRules &rules) noexcept {
    if (label.size() > kMaxLabel && !rules.long_labels)
        return "has a part of more than 63 bytes.";
    if (label.front() == '-' || label.back() == '-')
        return "has a part that begins or ends with a hyphen.";
    if (!std::all_of(label.begin(), label.end(), [&](char c) { return IsOfLabel(c, rules.underscores); }))
        return "has a character that no domain may have.";
    return nullptr;
}

} // namespace

const char *
HostNameFault(std::string_view name, const HostNameRules &rules) noexcept {
    if (name.empty())
        return "is empty.";
    if (name.size() > kMaxHostName)
        return "is longer than 253 bytes.";
    if (name.front() == '.' || name.back() == '.')
        return "begins or ends with a dot.";
    if (name.find("..") != std::string_view::npos)
        return "has two dots in a row.";
    std::string_view last;
    for (std::string_view rest = name; !rest.empty();) {
        last = NextLabel(&rest);
        if (const char *fault = LabelFault(last, rules))
            return fault;
    }
    if (!rules.numbers && std::all_of(last.begin(), last.end(), IsDigit))
        return "ends with a number.";
    return nullptr;
}

bool
HasEncodedLabel(std::string_view name) noexcept {
    for (std::string_view rest = name; !rest.empty();)
        if (BeginsWith(NextLabel(&rest), kEncoded))
            return true;
    return false;
}

} // namespace laurel::kernel
