// Challenges of teams and of members, which progress from points and events.
#pragma once

namespace laurel::teams {

void InitChallenges();

} // namespace laurel::teams
