// Badges: what members earn.
#pragma once

#include "postgres/datum.h"

namespace laurel::badges {

// Finds the badge of that name as the current user may see it.
bool FindNamed(const Uuid &organization, Datum slug, Uuid *badge);

} // namespace laurel::badges
