// Freezes: what lets a streak live through days that were missed.
#pragma once

#include "streaks/streaks.h"

namespace laurel::streaks {

// A day of activity that is about to come to a member whose account is locked.
struct NewDay {
    Member member;
    DateADT day;
    Nullable first_activity_at;
    Nullable time_zone;
};

// Uses a freeze for each day that was missed before the member's newest day, where there are enough and the
// day does not continue the streak without them. Returns for how many days it has freezes.
int UseFreezes(const NewDay &day);

// Whether the member has a freeze for each of so many days.
bool HasFreezes(const Member &member, int64 days);

// Gives freezes to members whose streaks have become long enough.
void EarnFreezes(const Moved *moved, int count);

} // namespace laurel::streaks
