#include "handover.h"

#include <algorithm>

namespace laurel::kernel {

namespace {

constexpr int kSlices = HandedPoints::kSlices;

// What is still to be handed over, and the entries so far.
struct Handing {
    int64_t credits[kSlices];
    int64_t debits[kSlices];
    HandedEntry *entries;
    int count = 0;

    void Add(int64_t amount, int slice, int reverses = -1) {
        if (amount != 0)
            entries[count++] = {amount, slice, reverses};
    }
};

// Points that were earned and taken back count for no lifetime: each such part is a credit of its own, whose
// reversal follows.
void
AddTakenBack(Handing *handing, int64_t taken_back, HandedEntry *reversals, int *reversal_count) {
    for (int earned = 0; earned < kSlices; earned++)
        for (int lost = 0; lost < kSlices; lost++) {
            const int64_t part = std::min({taken_back, handing->credits[earned], handing->debits[lost]});
            if (part <= 0)
                continue;
            reversals[(*reversal_count)++] = {-part, lost, handing->count};
            handing->Add(part, earned);
            handing->credits[earned] -= part;
            handing->debits[lost] -= part;
            taken_back -= part;
        }
}

} // namespace

int
HandOver(const HandedPoints &points, HandedEntry *entries) noexcept {
    Handing handing = {{}, {}, entries};
    int64_t earned = 0;
    for (int slice = 0; slice < kSlices; slice++) {
        handing.credits[slice] = std::max<int64_t>(points.slices[slice], 0);
        handing.debits[slice] = std::max<int64_t>(-points.slices[slice], 0);
        earned += handing.credits[slice];
    }
    HandedEntry reversals[kSlices * kSlices];
    int reversal_count = 0;
    AddTakenBack(&handing, earned - points.lifetime, reversals, &reversal_count);
    // What was earned and spent again within a slice.
    const int64_t spent = std::max<int64_t>(points.lifetime - earned, 0);
    handing.credits[kSlices - 1] += spent;
    handing.debits[kSlices - 1] += spent;
    for (int slice = 0; slice < kSlices; slice++)
        handing.Add(handing.credits[slice], slice);
    for (int reversal = 0; reversal < reversal_count; reversal++)
        entries[handing.count++] = reversals[reversal];
    for (int slice = 0; slice < kSlices; slice++)
        handing.Add(-handing.debits[slice], slice);
    return handing.count;
}

} // namespace laurel::kernel
