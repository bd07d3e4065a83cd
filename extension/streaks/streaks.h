// The streak as a points account keeps it, and what continues one.
#pragma once

#include "kernel/streak.h"
#include "postgres/spi.h"

namespace laurel::streaks {

// Who is active, and where.
struct Member {
    Uuid organization;
    Uuid user;
};

// Whether a row d of daily_activity continues the streak of the member's day before it even if days lie
// between: the member's time zone has changed, and no more than 36 hours have passed; or freezes were used
// for them. Wants a window `days`.
constexpr SqlText kContinues = R"((coalesce(d.time_zone <> pg_catalog.lag(d.time_zone) OVER days
        AND d.first_activity_at <= pg_catalog.lag(d.last_activity_at) OVER days + interval '36 hours', false)
        OR CASE WHEN d.freezes_used > 0
            THEN coalesce(d.date - pg_catalog.lag(d.date) OVER days - 1 <= d.freezes_used, false) ELSE false END))";

// How many days a continuation may lead ahead without freezes: 36 hours, and 26 between the first and the
// last time zone.
constexpr int32 kLongestLeap = 3;

// Reads the streak of a member's account; false where there is none. In an SPI connection of the tables'
// owner.
bool ReadStreak(Access access, const Member &member, kernel::Streak *streak);

// The same after locking the account: another session's change has arrived, or waits.
bool LockStreak(const Member &member, kernel::Streak *streak);

// A member whose streak is another, in days.
struct Moved {
    Member member;
    int days_before, days, longest;
};

// Who is told of them. For the library's start.
using StreakListener = void (*)(const Moved *moved, int count);
void ListenToStreaks(StreakListener listener);

} // namespace laurel::streaks
