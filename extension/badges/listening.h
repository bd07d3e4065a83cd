// Which badges look at what happens: kept in each session until a badge changes, so that what no badge looks
// at costs a look.
#pragma once

#include "badges/criteria.h"

namespace laurel::badges {

// What moves points and streaks, which are no domain events.
constexpr std::string_view kPointsMoved = "(points)", kStreakMoved = "(streak)";

// A badge that is earned by criteria.
struct EarnedBadge {
    Uuid id;
    Criteria criteria;
};

// The badges of an organization that look at one type of events.
struct Listening {
    const EarnedBadge *const *badges = nullptr;
    int count = 0;
};

// Who listens. Valid until the next call for the organization.
Listening ListeningTo(const Uuid &organization, std::string_view type);

void InitListening();

} // namespace laurel::badges
