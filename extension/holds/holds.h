// Holds: points that stay in their account and are kept for something.
//
// Lock order: the account, then its holds. Whoever updates a hold without having the account waits for it
// there.
#pragma once

#include "postgres/datum.h"

namespace laurel::holds {

// What belongs to a redemption is held, taken and released with it alone.
constexpr std::string_view kRedemption = "Redemption";

// Gives free what has expired of one account, which is locked. As the owner, with SPI open.
void ReleaseExpired(const Uuid &organization, const Uuid &user);

// Locks the account, or error 23503; error 23514 where fewer points are available. As the owner, with SPI
// open.
void RequireAvailable(const Uuid &organization, const Uuid &user, int64 amount);

} // namespace laurel::holds
