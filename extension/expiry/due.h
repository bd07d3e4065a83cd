// What has expired of accounts, and what will have when a month is over.
#pragma once

#include "expiry/policy.h"

namespace laurel::expiry {

// An account of which something has expired, or is told of now.
struct Due {
    Uuid user;
    int64 expired;  // points
    int64 expiring; // beyond those, by the end of the month that is told of
};

// The first users after that one, or of all, who have an account with points there; as many as one step
// takes.
uint64 NextUsers(const Uuid &organization, const Nullable &after, Uuid **users);

// What is due of these accounts of an organization. Run as the ledger's owner, with SPI open.
uint64 FindDue(const Uuid &organization, const Limits &limits, const Uuid *users, uint64 count, Due **due);

// Books what has expired of these accounts as they are once they are locked, and tells of it. Returns how
// many it was.
uint64 BookExpired(const Uuid &organization, const Limits &limits, const Due *due, int64 count);

// Notifies members of what will expire, once a month.
void TellExpiring(const Uuid &organization, const Limits &limits, const Due *due, int64 count);

} // namespace laurel::expiry
