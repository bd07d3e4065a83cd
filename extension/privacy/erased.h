// Whether somebody is erased, or is going to be.
#pragma once

#include "postgres/datum.h"

namespace laurel::privacy {

// Whether the person was erased everywhere.
bool IsErased(const Uuid &user);

// Whether a request to erase the person waits, of whatever organization.
bool ErasureIsOpen(const Uuid &user);

} // namespace laurel::privacy
