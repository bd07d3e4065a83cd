// What one account of points hands to another, so that the other comes to what both had.
#pragma once

#include <cstdint>

namespace laurel::kernel {

// An account's points by when they came: in the period that began last, in the other one before that, and
// earlier. Each may be negative, all together may not.
struct HandedPoints {
    static constexpr int kSlices = 3;

    int64_t slices[kSlices];
    int64_t lifetime; // not less than the sum of the slices
};

// An entry of the account that takes the points.
struct HandedEntry {
    int64_t amount;
    int slice;
    int reverses; // which of the entries it takes back; -1 where it is none of that
};

constexpr int kMostHandedEntries = 16;

// Writes the entries that bring to an account what the other one had in each slice and in its lifetime, as
// few as do it: credits first, so that no balance falls below zero on the way. Returns how many.
int HandOver(const HandedPoints &points, HandedEntry *entries) noexcept;

} // namespace laurel::kernel
