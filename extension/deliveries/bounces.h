// Addresses to which mail bounces for good: they are remembered, and get no more until they are cleared.
#pragma once

#include "postgres/datum.h"
#include "postgres/parameters.h"

namespace laurel::deliveries {

// Why nothing is sent to one.
constexpr const char *kSuppressed = "the address is suppressed: mail to it bounced for good";

// Mail that a server has refused for good.
struct Bounce {
    Uuid organization;
    Nullable user;              // whose address it is; null of a letter to somebody else
    std::string_view recipient; // empty: the address that the user has now
    std::string_view code;      // enhanced status code
    std::string_view reason;
    std::string_view report; // names the bounce: counted once. Empty for none
    TimestampTz at;
};

// Counts a hard bounce against the address; others are passed over, and one of an address that the user does
// not have any more, or from before it was cleared. Returns whether it counted. Runs in
// the SPI connection that is open, as the tables' owner.
bool NoteBounce(const Bounce &bounce);

// Whether an organization's mail to the address is suppressed. Runs likewise.
bool IsSuppressed(const Uuid &organization, std::string_view email);

} // namespace laurel::deliveries
