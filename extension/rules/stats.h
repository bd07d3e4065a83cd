// What members have reached: read for many at once, and only what is wanted.
#pragma once

#include "postgres/datum.h"
#include "rules/wanted.h"

namespace laurel::rules {

// Whose statistics, and as of when: events count up to that moment and in the windows that it lies in.
// Everything else is as it is now.
struct Asked {
    Uuid organization;
    Uuid user;
    TimestampTz at;
};

struct MemberStats {
    int64 numbers[kWordCount]; // 0 or 1 where the word is a flag, the order of the tier for a tier
    int64 *counts;             // in the order of Wanted
    std::string_view *slugs;   // of the badges that the member has
    int slug_count;
};

// The statistics of each asked, in the same order, in the current memory context. Reads what is committed now
// and this transaction's own changes, whatever snapshot it has: whoever awards by them locks the members'
// points accounts first. Not in a parallel query.
MemberStats *ReadStats(const Wanted &wanted, const Asked *asked, int count);

// The object that a condition finds under `stats`: what is wanted and nothing else.
Jsonb *StatsObject(const Wanted &wanted, const MemberStats &stats);

} // namespace laurel::rules
