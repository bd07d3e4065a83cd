// How an organization counts points: tiers, levels and its calendar.
#pragma once

#include "kernel/level.h"
#include "kernel/tier.h"
#include "postgres/datum.h"
#include "postgres/local_time.h"

namespace laurel::points {

// An organization's rules as of now. Lives until the settings change; do not keep across statements.
struct Settings {
    Uuid organization;
    uint64 epoch;        // of the settings when they were read
    bool lifetime_basis; // tiers by lifetime points, not by the balance
    kernel::TierThresholds tiers;
    int64 *level_starts;
    int level_count;
    pg_tz *zone;
    int32 today; // local day, valid from day_begin until before day_end
    TimestampTz day_begin;
    TimestampTz day_end;
    TimestampTz
        period_begin; // local midnight of the current week's or month's first day, whichever is earlier
};

// The rules of an organization as they are committed now; null where there is no such organization.
Settings *FindSettings(const Uuid &organization);

// The same, or error 23503.
Settings &SettingsOf(const Uuid &organization);

// Local day of `now`; brings the calendar up to date.
int32 Today(Settings &settings, TimestampTz now);

// Local day of a moment up to now. Before the current week and month any such day may be told for another.
int32 DayOf(const Settings &settings, TimestampTz moment);

inline kernel::Tier
TierOf(const Settings &settings, int64 total, int64 lifetime) {
    return kernel::TierFor(settings.lifetime_basis ? lifetime : total, settings.tiers);
}

inline int
LevelOf(const Settings &settings, int64 lifetime) {
    return kernel::LevelFor(lifetime, settings.level_starts, settings.level_count);
}

void InitSettings();

} // namespace laurel::points
