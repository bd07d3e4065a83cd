// Accounts follow the rules and the calendar of their organization: windows move on, tiers end.
#pragma once

#include "points/posting.h"

namespace laurel::points {

// Moves the window of a locked account to today, by its ledger, before an entry comes to it. Once a day,
// where there are windows.
void FollowWindow(const PostingStatement *statement, OpenAccount *open);

// Brings accounts, in the order of users, to what the rules say today. Those that are not there are left out.
// Returns how many changed. In an SPI connection of the tables' owner.
uint64 FollowRules(const Uuid &organization, const Uuid *users, uint64 count);

} // namespace laurel::points
