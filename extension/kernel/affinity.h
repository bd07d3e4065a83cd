// How well two people go together, in thousandths.
#pragma once

#include <algorithm>
#include <cstdint>

namespace laurel::kernel {

constexpr int kFullAffinity = 1000;

// What counts how much, in per cent; a hundred together.
struct AffinityWeights {
    int skills, languages, zone;
};

// What two people have in common.
struct Likeness {
    int shared_skills; // of
    int named_skills;  // those that one of them names
    bool same_language;
    int minutes_apart; // by the clock on the wall
};

// What each part adds.
struct Affinity {
    int skills, languages, zone;

    constexpr int total() const { return skills + languages + zone; }
};

// By how many minutes two clocks differ, given what they are ahead of UTC: twelve hours at most, because the
// days of two people lie no further apart.
constexpr int
MinutesApart(int ahead, int other_ahead) noexcept {
    constexpr int kDay = 24 * 60;
    const int apart = (ahead > other_ahead ? ahead - other_ahead : other_ahead - ahead) % kDay;
    return std::min(apart, kDay - apart);
}

// Skills add the part of the named ones that are shared, a common language all that languages may add, zones
// the more the nearer they are. Rounded down; a full thousand for two who have everything in common.
constexpr Affinity
AffinityOf(const Likeness &likeness, const AffinityWeights &weights) noexcept {
    constexpr int kPerCent = kFullAffinity / 100, kFurthest = 12 * 60;
    return {.skills = likeness.named_skills > 0
                          ? weights.skills * kPerCent * likeness.shared_skills / likeness.named_skills
                          : 0,
            .languages = likeness.same_language ? weights.languages * kPerCent : 0,
            .zone = weights.zone * kPerCent * (kFurthest - likeness.minutes_apart) / kFurthest};
}

} // namespace laurel::kernel
