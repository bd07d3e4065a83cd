// Events that are written only where somebody wants them: one more row for each award of points would be too
// many.
#pragma once

#include "postgres/datum.h"

namespace laurel::rules {

// Whether a rule, criteria of a badge or a challenge of the organization look at events of that type.
bool IsAskedFor(const Uuid &organization, std::string_view type);

} // namespace laurel::rules
