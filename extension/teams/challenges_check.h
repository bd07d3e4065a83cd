// laurel.check() counts challenges again.
#pragma once

namespace laurel::teams {

void InitChallengesCheck();

} // namespace laurel::teams
