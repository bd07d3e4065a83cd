// Who goes with whom, where some have several places.
#pragma once

#include <cstddef>
#include <cstdint>

namespace laurel::kernel {

// Two who do not come together, and whoever is left without.
constexpr int16_t kNoMatch = -1;
constexpr uint32_t kUnmatched = UINT32_MAX;

// The largest score, and more people on a side than are matched at once.
constexpr int kMaxMatchScore = 1000;
constexpr uint32_t kMaxMatched = 100'000;

// What Match works on; nothing of it is kept.
struct Matching {
    uint32_t newcomers;
    uint32_t buddies;
    const int16_t *scores; // of each newcomer with each buddy, row by row: 0 to kMaxMatchScore, or kNoMatch
    const int32_t *places; // of each buddy, 0 or more
    void (*pause)();       // called often; may leave by longjmp, for nothing is owned
};

// How many numbers Match needs to work with.
constexpr size_t
MatchingSpace(size_t newcomers, size_t buddies) noexcept {
    const size_t columns = buddies + 1, full = newcomers < buddies ? newcomers : buddies;
    return 7 * columns + newcomers + full * columns;
}

// Gives as many newcomers as possible a buddy, and of all ways to do so takes one whose scores add up to the
// most; writes the buddy of each, or kUnmatched, to `match`. The same input has the same outcome: whoever
// sorts both sides by id has one that depends on no order of rows.
//
// Newcomers come in one by one, each by a shortest augmenting path over the buddies, who pass on one of those
// they have, with potentials that keep lengths from being negative: R. Jonker, A. Volgenant, "A shortest
// augmenting path algorithm for dense and sparse linear assignment problems", Computing 38 (1987), 325-340;
// with places, successive shortest paths as in R. Ahuja, T. Magnanti, J. Orlin, "Network Flows" (1993),
// section 9.7. Time grows with newcomers * buddies^2 at most.
void Match(const Matching &matching, int32_t *space, uint32_t *match);

} // namespace laurel::kernel
