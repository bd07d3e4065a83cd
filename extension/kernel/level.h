#pragma once

#include <algorithm>
#include <cstdint>

namespace laurel::kernel {

// How many levels a new organization is given.
constexpr int kDefaultLevels = 50;

// The points at which a level begins unless the organization says otherwise: each step costs 100 more than
// the last.
constexpr int64_t
DefaultLevelStart(int level) noexcept {
    return 100 * (static_cast<int64_t>(level) - 1) * level / 2;
}

// The level, counted from 1, that the points have reached: starts[n - 1] is where level n begins, ascending,
// starts[0] is 0. Points below 0 and an empty table are level 1.
constexpr int
LevelFor(int64_t points, const int64_t *starts, int count) noexcept {
    if (count <= 0)
        return 1;
    const int64_t *above = std::upper_bound(starts, starts + count, points);
    return std::max(1, static_cast<int>(above - starts));
}

} // namespace laurel::kernel
