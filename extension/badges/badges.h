// What the badges of the catalogue and their awards share.
#pragma once

#include "postgres/datum.h"

namespace laurel::badges {

// Whose a badge is, and how many points it is worth.
struct BadgeTerms {
    Uuid organization;
    int64 points;
};

// The terms of a badge; false where there is no such badge. Runs in the SPI connection that is open, as the
// tables' owner.
bool FindBadge(const Uuid &badge, BadgeTerms *terms);

} // namespace laurel::badges
