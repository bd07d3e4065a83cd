#include "webhooks/network.h"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <stdexcept>

#include <arpa/inet.h>
#include <netinet/in.h>

namespace laurel::worker {

namespace {

constexpr int kMappedBits = 96;
constexpr unsigned char kMapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
constexpr unsigned char kNat64[12] = {0, 0x64, 0xff, 0x9b};

// What the IANA registries of special-purpose addresses call not globally reachable, and multicast.
constexpr const char *kSpecial[] = {
    "0.0.0.0/8",     "10.0.0.0/8",      "100.64.0.0/10",  "127.0.0.0/8",    "169.254.0.0/16",
    "172.16.0.0/12", "192.0.0.0/24",    "192.0.2.0/24",   "192.88.99.0/24", "192.168.0.0/16",
    "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4",    "240.0.0.0/4",
    "::/96",         "::ffff:0:0:0/96", "64:ff9b:1::/48", "100::/64",       "2001::/23",
    "2001:db8::/32", "3fff::/20",       "5f00::/16",      "fc00::/7",       "fe80::/10",
    "fec0::/10",     "ff00::/8",
};

Address
Mapped(const void *four_bytes) {
    Address address;
    std::memcpy(address.data(), kMapped, sizeof kMapped);
    std::memcpy(address.data() + sizeof kMapped, four_bytes, 4);
    return address;
}

// An IPv6 address, or the IPv4 one that it carries.
Address
Unwrapped(const Address &address) {
    if (std::memcmp(address.data(), kNat64, sizeof kNat64) == 0)
        return Mapped(address.data() + sizeof kNat64);
    if (address[0] == 0x20 && address[1] == 0x02)
        return Mapped(address.data() + 2);
    return address;
}

bool
IsMapped(const Address &address) {
    return std::memcmp(address.data(), kMapped, sizeof kMapped) == 0;
}

const std::vector<Network> &
SpecialNetworks() {
    static const std::vector<Network> networks(std::begin(kSpecial), std::end(kSpecial));
    return networks;
}

bool
AnyContains(const std::vector<Network> &networks, const Address &address) {
    return std::ranges::any_of(networks, [&](const Network &network) { return network.Contains(address); });
}

} // namespace

Network::Network(std::string_view text) {
    const size_t slash = text.find('/');
    const std::string host(text.substr(0, slash));
    unsigned char bytes[16];
    int widest = 128;
    int base = 0;
    if (inet_pton(AF_INET, host.c_str(), bytes) == 1) {
        address_ = Mapped(bytes);
        widest = 32;
        base = kMappedBits;
    } else if (inet_pton(AF_INET6, host.c_str(), bytes) == 1) {
        std::memcpy(address_.data(), bytes, sizeof bytes);
    } else {
        throw std::invalid_argument("\"" + std::string(text) + "\" is no address range such as 10.0.0.0/8");
    }
    int bits = widest;
    if (slash != std::string_view::npos) {
        const std::string_view width = text.substr(slash + 1);
        const auto [end, error] = std::from_chars(width.data(), width.data() + width.size(), bits);
        if (error != std::errc() || end != width.data() + width.size() || bits < 0 || bits > widest)
            throw std::invalid_argument("\"" + std::string(text) + "\" has no width of 0 to " +
                                        std::to_string(widest) + " bits");
    }
    bits_ = base + bits;
}

bool
Network::Contains(const Address &address) const {
    const int whole = bits_ / 8;
    if (std::memcmp(address_.data(), address.data(), static_cast<size_t>(whole)) != 0)
        return false;
    const int rest = bits_ % 8;
    if (rest == 0)
        return true;
    const auto mask = static_cast<unsigned char>(0xff << (8 - rest));
    return (address_[static_cast<size_t>(whole)] & mask) == (address[static_cast<size_t>(whole)] & mask);
}

std::vector<Network>
ParseNetworks(std::string_view text) {
    constexpr std::string_view separators = ", \t";
    std::vector<Network> networks;
    for (size_t at = text.find_first_not_of(separators); at != std::string_view::npos;) {
        const size_t end = std::min(text.find_first_of(separators, at), text.size());
        networks.emplace_back(text.substr(at, end - at));
        at = text.find_first_not_of(separators, end);
    }
    return networks;
}

bool
AddressOf(const sockaddr *socket_address, Address *address) {
    if (socket_address->sa_family == AF_INET) {
        *address = Mapped(&reinterpret_cast<const sockaddr_in *>(socket_address)->sin_addr);
        return true;
    }
    if (socket_address->sa_family != AF_INET6)
        return false;
    std::memcpy(address->data(), &reinterpret_cast<const sockaddr_in6 *>(socket_address)->sin6_addr, 16);
    *address = Unwrapped(*address);
    return true;
}

std::string
ToString(const Address &address) {
    char text[INET6_ADDRSTRLEN] = {};
    if (IsMapped(address))
        inet_ntop(AF_INET, address.data() + sizeof kMapped, text, sizeof text);
    else
        inet_ntop(AF_INET6, address.data(), text, sizeof text);
    return text;
}

bool
IsReachable(const Address &address, const std::vector<Network> &allowed) {
    return !AnyContains(SpecialNetworks(), address) || AnyContains(allowed, address);
}

} // namespace laurel::worker
