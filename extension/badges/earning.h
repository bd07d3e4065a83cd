// Awards of badges whose criteria are reached.
#pragma once

#include "postgres/datum.h"

namespace laurel::badges {

// Somebody who may have earned a badge, and when.
struct Candidate {
    Uuid organization;
    Uuid user;
    Uuid badge;
    TimestampTz at;
};

// Those who may have earned badges.
class Candidates {
public:
    Candidates() : memory_(CurrentMemoryContext) {}

    void Add(const Candidate &candidate);
    // Each of them once, in the order in which accounts are locked, as of the last time.
    void Sort();
    void SortByBadge();
    void Clear() { count_ = 0; }

    const Candidate *begin() const { return list_; }
    const Candidate *end() const { return list_ + count_; }
    int64 count() const { return count_; }

private:
    MemoryContext memory_;
    Candidate *list_ = nullptr;
    int64 count_ = 0;
    int64 room_ = 0;
};

// Awards the badges that are earned, each once, and those that follow from them. What cannot be awarded is
// warned of and left out. Inside of an award that this very function makes, the candidates are left to it.
void EarnBadges(Candidates *candidates);

// Awards them without another look at the criteria; returns how many. Run as the owner.
int64 AwardTo(const Candidates &earned);

void InitEarning();

} // namespace laurel::badges
