// Cron schedules as pg_cron reads them: five fields, in UTC.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace laurel::kernel {

// A parsed schedule: one bit for each value that a field allows.
struct CronSchedule {
    uint64_t minutes = 0;  // 0-59
    uint32_t hours = 0;    // 0-23
    uint32_t days = 0;     // 1-31
    uint32_t months = 0;   // 1-12
    uint32_t weekdays = 0; // 0-6, Sunday first
    bool any_day = false;  // the field begins with *
    bool any_weekday = false;

    friend bool operator==(const CronSchedule &, const CronSchedule &) = default;
};

// Reads "minute hour day month weekday" with *, lists, ranges, steps and English names, or @hourly, @daily,
// @midnight,
// @weekly, @monthly, @yearly, @annually. Returns what is wrong, null when nothing is.
const char *ParseCron(std::string_view text, CronSchedule *schedule);

// The first full minute after `after` (seconds since 1970) that the schedule names; nothing where no date
// fits. Where day and weekday are both restricted, either suffices (Vixie cron).
std::optional<int64_t> NextCron(const CronSchedule &schedule, int64_t after);

} // namespace laurel::kernel
