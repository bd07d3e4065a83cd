// Organizations of rows that name none.
#pragma once

#include "postgres/datum.h"

namespace laurel {

// The home organization of a user; false where there is no such user.
bool HomeOrganization(const Uuid &user, Uuid *organization);

// The organization that serves users who have none, or error 23502.
Uuid DefaultOrganization();

} // namespace laurel
