#include "local_time.h"

namespace laurel {

namespace {

constexpr std::string_view kFixedOffset = "Etc/GMT";

[[noreturn]] void
RaiseOutOfRange() {
    ereport(ERROR, (errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE), errmsg("timestamp out of range")));
    pg_unreachable();
}

// Postgres takes Mars/Olympus-4 for a zone too, as POSIX has it: whatever has a digit.
bool
LooksLikeName(std::string_view name) {
    if (name == "UTC")
        return true;
    if (name.find('/') == std::string_view::npos || name.starts_with("posix/") || name.starts_with("right/"))
        return false;
    return name.starts_with(kFixedOffset) || name.find_first_of("0123456789<>,:. ") == std::string_view::npos;
}

// And XYZ-167, in whose days nobody lives: from UTC-12 to UTC+14 there are people.
bool
IsOfThisWorld(const pg_tz *zone) {
    constexpr long kFarthest = 15 * SECS_PER_HOUR;
    constexpr int kMonths = 12;
    for (int month = 0; month < kMonths; month++) {
        const pg_time_t moment = static_cast<pg_time_t>(month) * SECS_PER_DAY * DAYS_PER_MONTH;
        const pg_tm *local = pg_localtime(&moment, zone);
        if (local == nullptr || std::abs(local->tm_gmtoff) > kFarthest)
            return false;
    }
    return true;
}

} // namespace

bool
IsZoneName(std::string_view name) {
    if (!LooksLikeName(name))
        return false;
    const pg_tz *zone = FindZone(name);
    return zone != nullptr && pg_tz_acceptable(const_cast<pg_tz *>(zone)) && IsOfThisWorld(zone);
}

pg_tz *
FindZone(std::string_view name) {
    return pg_tzset(CString(name));
}

pg_tz *
ZoneNamed(std::string_view name) {
    pg_tz *zone = FindZone(name);
    if (zone == nullptr)
        ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                        errmsg("unknown time zone \"%s\"", CString(name))));
    return zone;
}

LocalTime
LocalTimeOf(TimestampTz moment, pg_tz *zone) {
    pg_tm parts;
    fsec_t fraction;
    int offset;
    if (timestamp2tm(moment, &offset, &parts, &fraction, nullptr, zone) != 0)
        RaiseOutOfRange();
    return {date2j(parts.tm_year, parts.tm_mon, parts.tm_mday) - POSTGRES_EPOCH_JDATE,
            parts.tm_hour * MINS_PER_HOUR + parts.tm_min};
}

int32
LocalDay(TimestampTz moment, pg_tz *zone) {
    return LocalTimeOf(moment, zone).day;
}

TimestampTz
MomentOf(const LocalTime &time, pg_tz *zone) {
    pg_tm parts = {};
    j2date(time.day + POSTGRES_EPOCH_JDATE, &parts.tm_year, &parts.tm_mon, &parts.tm_mday);
    parts.tm_hour = time.minute / MINS_PER_HOUR;
    parts.tm_min = time.minute % MINS_PER_HOUR;
    int offset = DetermineTimeZoneOffset(&parts, zone);
    TimestampTz moment;
    if (tm2timestamp(&parts, 0, &offset, &moment) != 0)
        RaiseOutOfRange();
    return moment;
}

kernel::ClockStretch
Clock::operator()(int64 moment) const {
    const pg_time_t from = moment;
    pg_time_t until;
    long before, after;
    int is_dst_before, is_dst_after;
    const int found =
        pg_next_dst_boundary(&from, &before, &is_dst_before, &until, &after, &is_dst_after, zone_);
    if (found < 0)
        RaiseOutOfRange();
    return {before, found > 0 ? until : kernel::ClockStretch::kForEver};
}

std::string_view
LocalText(TimestampTz at, std::string_view zone, std::string_view) {
    if (TIMESTAMP_NOT_FINITE(at))
        return {};
    pg_tz *const found = zone.empty() ? nullptr : FindZone(zone);
    pg_tm parts;
    fsec_t fraction;
    int offset;
    if (timestamp2tm(at, &offset, &parts, &fraction, nullptr, found == nullptr ? ZoneNamed("UTC") : found) !=
        0)
        return {};
    return psprintf("%04d-%02d-%02d %02d:%02d", parts.tm_year, parts.tm_mon, parts.tm_mday, parts.tm_hour,
                    parts.tm_min);
}

std::string_view
IsoTime(TimestampTz at) {
    pg_tm parts;
    fsec_t fraction;
    if (timestamp2tm(at, nullptr, &parts, &fraction, nullptr, nullptr) != 0)
        return {};
    return psprintf("%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", parts.tm_year, parts.tm_mon, parts.tm_mday,
                    parts.tm_hour, parts.tm_min, parts.tm_sec, static_cast<int>(fraction / 1000));
}

} // namespace laurel
