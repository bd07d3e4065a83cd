// How far along a path somebody is.
#pragma once

#include <algorithm>
#include <cstdint>

namespace laurel::kernel {

// So many of all there are.
struct Part {
    int64_t done, all;
};

// Hundredths of a per cent: half for milestones and half for modules where there are both, all of it for one
// where there are no others, 0 where there is neither. 10,000 exactly when everything is done.
constexpr int
PathProgress(const Part &modules, const Part &milestones) {
    constexpr int kAll = 10000;
    const int64_t kinds = (modules.all > 0) + (milestones.all > 0);
    if (kinds == 0)
        return 0;
    const auto is_done = [](const Part &part) { return part.done >= part.all; };
    if (is_done(modules) && is_done(milestones))
        return kAll;
    double sum = 0;
    for (const Part &part : {modules, milestones})
        if (part.all > 0)
            sum += static_cast<double>(std::min(part.done, part.all)) / static_cast<double>(part.all);
    return std::min(static_cast<int>(sum * kAll / static_cast<double>(kinds) + 0.5), kAll - 1);
}

} // namespace laurel::kernel
