#include "web_address.h"

#include "ascii.h"
#include "host_name.h"

namespace laurel::kernel {

namespace {

bool
IsHexOrColon(char c) noexcept {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F') || c == ':' || c == '.';
}

template <typename Allowed>
bool
AllOf(std::string_view text, Allowed allowed) noexcept {
    for (const char c : text)
        if (!allowed(c))
            return false;
    return true;
}

const char *
PortFault(std::string_view port) noexcept {
    int number = 0;
    if (port.empty() || port.size() > 5 || !AllOf(port, [](char c) { return c >= '0' && c <= '9'; }))
        return "Its port is no number.";
    for (const char digit : port)
        number = number * 10 + (digit - '0');
    return number >= 1 && number <= 65535 ? nullptr : "Its port is not between 1 and 65535.";
}

const char *
NameFault(std::string_view name) noexcept {
    if (name.empty())
        return "It has no host.";
    if (name.back() == '.')
        name.remove_suffix(1);
    if (HostNameFault(name, {.underscores = true, .numbers = true}) != nullptr)
        return "Its host is not a name or an address.";
    return nullptr;
}

// An IPv6 address in brackets, and what follows it.
const char *
BracketedFault(std::string_view authority) noexcept {
    const size_t close = authority.find(']');
    if (close == std::string_view::npos || close < 3 || !AllOf(authority.substr(1, close - 1), IsHexOrColon))
        return "Its host is not a name or an address.";
    const std::string_view rest = authority.substr(close + 1);
    if (rest.empty())
        return nullptr;
    return rest.front() == ':' ? PortFault(rest.substr(1)) : "Its host is not a name or an address.";
}

const char *
AuthorityFault(std::string_view authority) noexcept {
    if (authority.find('@') != std::string_view::npos)
        return "It has a user name or password.";
    if (!authority.empty() && authority.front() == '[')
        return BracketedFault(authority);
    const size_t colon = authority.find(':');
    const char *fault = NameFault(authority.substr(0, colon));
    if (fault != nullptr || colon == std::string_view::npos)
        return fault;
    return PortFault(authority.substr(colon + 1));
}

bool
IsPrintable(char c) noexcept {
    return c > ' ' && c < '\x7f' && c != '"' && c != '<' && c != '>' && c != '\\' && c != '^' && c != '`' &&
           c != '{' && c != '|' && c != '}';
}

} // namespace

const char *
WebAddressFault(std::string_view address, bool allow_http) noexcept {
    constexpr std::string_view secure = "https://", plain = "http://";
    if (address.size() > kMaxWebAddress)
        return "It is longer than 2000 characters.";
    if (!AllOf(address, IsPrintable))
        return "It has blanks or characters that must be percent-encoded.";
    if (address.find('#') != std::string_view::npos)
        return "It has a fragment (#).";
    const bool is_plain = address.substr(0, plain.size()) == plain;
    if (is_plain && !allow_http)
        return "It begins with http://, which is allowed where allow_insecure is set only.";
    if (!is_plain && address.substr(0, secure.size()) != secure)
        return "It does not begin with https://.";
    const std::string_view rest = address.substr(is_plain ? plain.size() : secure.size());
    return AuthorityFault(rest.substr(0, rest.find_first_of("/?")));
}

} // namespace laurel::kernel
