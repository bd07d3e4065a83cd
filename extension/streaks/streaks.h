// The streak as a points account keeps it.
#pragma once

#include "kernel/streak.h"
#include "postgres/spi.h"

namespace laurel::streaks {

// Who is active, and where.
struct Member {
    Uuid organization;
    Uuid user;
};

// Reads the streak of a member's account; false where there is none. In an SPI connection of the tables'
// owner.
bool ReadStreak(Access access, const Member &member, kernel::Streak *streak);

// The same after locking the account: another session's change has arrived, or waits.
bool LockStreak(const Member &member, kernel::Streak *streak);

} // namespace laurel::streaks
