// Streaks that grow, for who listens.
#pragma once

namespace laurel::rules {

void InitStreakExtended();

} // namespace laurel::rules
