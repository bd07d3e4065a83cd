// Caps and cooldowns of rules.
#pragma once

#include "rules/firing.h"

namespace laurel::rules {

// What is in the way of a rule that is asked for at a moment; null where nothing is.
struct Obstacle {
    const char *reason = nullptr;
    TimestampTz next = DT_NOBEGIN; // where waiting helps
};

// How often a rule has fired for an owner.
struct Usage {
    DateADT period_start = DATEVAL_NOBEGIN;
    int64 used = 0;
    TimestampTz last = DT_NOBEGIN;
};

// Of the member's usage and the organization's what is in the way, by the clock of the organization.
Obstacle FindObstacle(const Rule &rule, const Usage &member, const Usage &organization, TimestampTz at);

// Adds that the rule has fired then.
void AddUse(const Cap &cap, const Rule &rule, TimestampTz at, Usage *usage);

// Takes from each counter what the firings need of it, in their order; what gets nothing is capped. Locks the
// members' points accounts and the counters. With SPI open, as the owner.
void ApplyCaps(Firing *firings, int64 count);

// What is in the way of the rule now, as far as this session sees. With SPI open, as the owner.
Obstacle LookForObstacle(const Rule &rule, const Uuid &user);

} // namespace laurel::rules
