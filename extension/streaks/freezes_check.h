#pragma once

namespace laurel::streaks {

// Lets laurel.check() look at freezes. For the library's start.
void InitFreezesCheck();

} // namespace laurel::streaks
