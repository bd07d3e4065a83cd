// Challenges of teams and of members, which progress from points and events.
#pragma once

#include "postgres/datum.h"

namespace laurel::teams {

void InitChallenges();

// What a member is given of a challenge, be it his own or one of a team that he is in.
struct Given {
    Uuid organization;
    Uuid user;
    Uuid challenge;
    TimestampTz at;
    int64 amount;
};

// Adds it to those challenges that are under way then, and completes what has reached its goal. Run as the
// owner of Laurel's tables, with SPI open.
void GiveProgress(const Given *given, int64 count);

} // namespace laurel::teams
