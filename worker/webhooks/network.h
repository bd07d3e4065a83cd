#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include <sys/socket.h>

namespace laurel::worker {

// An address of 16 bytes; IPv4 addresses are kept as ::ffff:a.b.c.d.
using Address = std::array<unsigned char, 16>;

// A range of addresses, "10.0.0.0/8" or "fd00::/8"; an address alone is a range of one.
class Network {
public:
    // Throws std::invalid_argument for a text that is no range.
    explicit Network(std::string_view text);

    bool Contains(const Address &address) const;

private:
    Address address_{};
    int bits_ = 0; // of the 128
};

// The ranges in a text, separated by commas or blanks.
std::vector<Network> ParseNetworks(std::string_view text);

// The address a socket address holds. IPv4 addresses inside IPv6 (mapped, NAT64, 6to4) are taken out, so that
// no spelling hides one. False for other families.
bool AddressOf(const sockaddr *socket_address, Address *address);

// The address in text form.
std::string ToString(const Address &address);

// Whether webhooks may go there: everywhere public, and where `allowed` says so.
bool IsReachable(const Address &address, const std::vector<Network> &allowed);

} // namespace laurel::worker
