// What comes before anything of a member's is touched.
#pragma once

#include "postgres/parameters.h"

namespace laurel::rewards {

// Keeps members, where there are such, from leaving and from becoming somebody else until the transaction
// ends. As the owner, with SPI open.
void LockMemberships(const Uuid &organization, const Nullable &user, const Nullable &other = {});

} // namespace laurel::rewards
