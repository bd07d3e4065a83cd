// Time that is free: stretches on a line of moments, without their ends.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace laurel::kernel {

struct Stretch {
    int64_t from;
    int64_t until;

    friend constexpr bool operator<(const Stretch &a, const Stretch &b) noexcept { return a.from < b.from; }
};

// Puts stretches in order and joins those that meet; empty ones go. Returns how many are left.
inline size_t
JoinStretches(Stretch *stretches, size_t count) noexcept {
    std::sort(stretches, stretches + count);
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        if (stretches[i].from >= stretches[i].until)
            continue;
        if (kept > 0 && stretches[i].from <= stretches[kept - 1].until)
            stretches[kept - 1].until = std::max(stretches[kept - 1].until, stretches[i].until);
        else
            stretches[kept++] = stretches[i];
    }
    return kept;
}

// Stretches that were joined.
struct Stretches {
    const Stretch *all;
    size_t count;

    // The first that ends after a moment; `all + count` where there is none.
    constexpr const Stretch *After(int64_t moment) const noexcept {
        return std::partition_point(all, all + count,
                                    [moment](const Stretch &s) { return s.until <= moment; });
    }
    // The end of the one that overlaps [from, until), or `from` where none does.
    constexpr int64_t EndOfOverlap(int64_t from, int64_t until) const noexcept {
        const Stretch *found = After(from);
        return found != all + count && found->from < until ? found->until : from;
    }
    constexpr bool Cover(int64_t from, int64_t until) const noexcept {
        const Stretch *found = After(from);
        return found != all + count && found->from <= from && until <= found->until;
    }
};

// What is looked for: `length` of open time from `first` on that ends by `last`, `step` apart, with so much
// `buffer` behind it that may lie in closed time but not in taken time.
struct Wanted {
    int64_t first;
    int64_t last;
    int64_t length;
    int64_t buffer;
    int64_t step;
};

// Calls offer(moment) for each time that can be had. Times stand at steps from the start of a stretch of open
// time; what lies in `away` or `taken` is passed over, to the next step behind it.
template <typename Offer>
constexpr void
EachFreeTime(const Wanted &wanted, const Stretches &open, const Stretches &away, const Stretches &taken,
             Offer &&offer) {
    for (const Stretch *stretch = open.After(wanted.first); stretch != open.all + open.count; stretch++) {
        const auto step_from = [&](int64_t moment) {
            const int64_t gone = std::max<int64_t>(moment - stretch->from, 0);
            return stretch->from + (gone + wanted.step - 1) / wanted.step * wanted.step;
        };
        const int64_t end = std::min(stretch->until, wanted.last);
        int64_t at = step_from(wanted.first);
        while (at + wanted.length <= end) {
            const int64_t until = at + wanted.length;
            const int64_t next =
                std::max(away.EndOfOverlap(at, until), taken.EndOfOverlap(at, until + wanted.buffer));
            if (next == at)
                offer(at);
            at = step_from(next == at ? at + wanted.step : next);
        }
    }
}

} // namespace laurel::kernel
