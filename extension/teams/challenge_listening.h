// Which organizations have challenges under way, and what these count: kept in each session until a challenge
// changes, so that what no challenge counts costs a look.
#pragma once

#include "postgres/datum.h"

namespace laurel::teams {

// Whether challenges count the points of an organization's members. To be asked while the accounts are
// locked: who makes a challenge locks them too.
bool PointsAreCounted(const Uuid &organization);

// Whether challenges count events of that type.
bool EventsAreCounted(const Uuid &organization, std::string_view type);

void InitChallengeListening();

} // namespace laurel::teams
