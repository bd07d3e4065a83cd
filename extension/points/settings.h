// How an organization counts points: tiers, levels and its calendar.
#pragma once

#include "kernel/account.h"
#include "kernel/level.h"
#include "kernel/tier.h"
#include "postgres/datum.h"
#include "postgres/local_time.h"

namespace laurel::points {

// The points that decide a tier: the balance, all that was ever earned, or what was earned in a window.
enum class TierBasis { Total, Lifetime, Rolling };

// An organization's rules as of now. Lives until the settings change; do not keep across statements.
struct Settings {
    Uuid organization;
    uint64 epoch; // of the settings when they were read
    TierBasis basis;
    kernel::TierWindow window; // of Rolling
    int32 grace_days;          // for which a tier is kept that is not earned any more
    kernel::TierThresholds tiers;
    int64 *level_starts;
    int level_count;
    pg_tz *zone;
    int32 today; // local day, valid from day_begin until before day_end
    TimestampTz day_begin;
    TimestampTz day_end;
    TimestampTz
        period_begin;  // local midnight of the current week's or month's first day, whichever is earlier
    int32 window_from; // the window's first day; kNoPeriod where there is none
};

// The rules of an organization as they are committed now; null where there is no such organization.
Settings *FindSettings(const Uuid &organization);

// The same, or error 23503.
Settings &SettingsOf(const Uuid &organization);

// Local day of `now`; brings the calendar up to date.
int32 Today(Settings &settings, TimestampTz now);

// Local day of a moment up to now. Before the current week and month any such day may be told for another,
// but where there is a window.
int32 DayOf(const Settings &settings, TimestampTz moment);

// The points of an account that decide its tier.
inline int64
TierPoints(const Settings &settings, const kernel::Account &account) {
    if (settings.basis == TierBasis::Rolling)
        return account.rolling;
    return settings.basis == TierBasis::Lifetime ? account.lifetime : account.total;
}

// The tier that an account has earned, as far as its window goes.
inline kernel::Tier
TierOf(const Settings &settings, const kernel::Account &account) {
    return kernel::TierFor(TierPoints(settings, account), settings.tiers);
}

inline int
LevelOf(const Settings &settings, int64 lifetime) {
    return kernel::LevelFor(lifetime, settings.level_starts, settings.level_count);
}

void InitSettings();

} // namespace laurel::points
