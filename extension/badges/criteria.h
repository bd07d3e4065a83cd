// What earns a badge: {"coursesCompleted": 1, "events": {"mentoring_held": 3}}. All of it must be reached.
#pragma once

#include "rules/stats.h"

namespace laurel::badges {

// One thing to reach: a number of what the word counts, a tier, or a badge.
struct Goal {
    rules::Word word;
    int64 number;          // to reach at least; 1 where it is true, the order of the tier
    std::string_view text; // the type of events; the slug of a badge
};

struct Criteria {
    Goal *goals;
    int count;
};

// Reads criteria, into the current memory context. What is wrong with them is a sentence, with a hint.
struct CriteriaRead {
    Criteria criteria;
    const char *fault = nullptr;
    const char *hint = nullptr;
};

CriteriaRead ReadCriteria(Jsonb *json);

// Adds what is read to see whether a member has reached them.
void AddWanted(const Criteria &criteria, rules::Wanted *wanted);

// Whether a member with these statistics has, as far as they say.
bool IsReached(const Criteria &criteria, const rules::Wanted &wanted, const rules::MemberStats &stats);

} // namespace laurel::badges
