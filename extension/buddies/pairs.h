// Who may come together, how well, and why.
#pragma once

#include "buddies/people.h"

namespace laurel::buddies {

// What keeps a newcomer without a buddy.
enum class Reason { None, NoBuddy, TooFar, NoPlaces, Met, Outnumbered };

const char *ReasonName(Reason reason);

// How often a newcomer and a buddy, by their numbers, were a match; in ascending order.
struct Meeting {
    uint32 newcomer;
    uint32 buddy;
    int32 times;
};

// The pairs of some newcomers and buddies.
class Pairs {
public:
    Pairs(const Settings &settings, const People &newcomers, const People &buddies);

    // The score of the newcomer with each buddy, or kNoMatch, and what stands in the way of all; None where
    // nothing does. `met` are the newcomer's meetings.
    Reason Score(uint32 newcomer, const Meeting *met, uint32 met_count, int16 *scores);

    // Why the two.
    Jsonb *Explain(uint32 newcomer, uint32 buddy) const;

private:
    struct Index;

    int MinutesApart(uint32 newcomer, uint32 buddy) const;
    bool MayBe(uint32 newcomer, uint32 buddy) const;
    kernel::Affinity AffinityOf(uint32 newcomer, uint32 buddy, int shared, bool same_language) const;

    const Settings &settings_;
    const People &newcomers_;
    const People &buddies_;
    Index *skills_, *languages_;
    int32 *shared_, *spoken_, *times_;
};

} // namespace laurel::buddies
