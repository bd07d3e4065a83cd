// Quiet hours and digests on the wall clock of their reader.

#include "deliveries_timing.h"

#include "postgres/bridge.h"
#include "postgres/error.h"

namespace laurel {

namespace {

// A moment as a clock on a wall in that zone shows it.
struct Wall {
    int day; // Julian
    int minute;
};

pg_tz *
Zone(std::string_view name) {
    pg_tz *zone = name.empty() ? nullptr : pg_tzset(CString(name));
    return zone == nullptr ? pg_tzset("UTC") : zone;
}

std::string_view
ZoneArgument(FunctionCallInfo fcinfo, int argument) {
    return PG_ARGISNULL(argument) ? std::string_view() : ToText(PG_GETARG_DATUM(argument));
}

Wall
OnTheWall(TimestampTz at, pg_tz *zone) {
    pg_tm parts;
    fsec_t fraction;
    int offset;
    if (timestamp2tm(at, &offset, &parts, &fraction, nullptr, zone) != 0)
        ereport(ERROR, (errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE), errmsg("timestamp out of range")));
    return {date2j(parts.tm_year, parts.tm_mon, parts.tm_mday), parts.tm_hour * 60 + parts.tm_min};
}

// The moment at which the clock shows that. Where it is turned forward over it, that much later; where it is
// shown twice, the second time.
TimestampTz
WhenItShows(const Wall &wall, pg_tz *zone) {
    pg_tm parts = {};
    j2date(wall.day, &parts.tm_year, &parts.tm_mon, &parts.tm_mday);
    parts.tm_hour = wall.minute / 60;
    parts.tm_min = wall.minute % 60;
    int offset = DetermineTimeZoneOffset(&parts, zone);
    TimestampTz moment;
    if (tm2timestamp(&parts, 0, &offset, &moment) != 0)
        ereport(ERROR, (errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE), errmsg("timestamp out of range")));
    return moment;
}

Preferences
PreferencesIn(FunctionCallInfo fcinfo, int user, int organization) {
    return {PG_ARGISNULL(user) ? nullptr : PG_GETARG_JSONB_P(user),
            PG_ARGISNULL(organization) ? nullptr : PG_GETARG_JSONB_P(organization)};
}

// Turned clocks can make the wall's next window end lie in the past; then it is one of those that follow.
TimestampTz
DigestEnd(TimestampTz at, const kernel::DigestWindow &window, pg_tz *zone) {
    Wall wall = OnTheWall(at, zone);
    while (true) {
        const kernel::Ahead end = kernel::WindowEnd(window, j2day(wall.day), wall.minute);
        wall = {wall.day + end.days, end.minute};
        const TimestampTz moment = WhenItShows(wall, zone);
        if (moment > at)
            return moment;
    }
}

bool
IsAmong(ArrayType *channels, std::string_view channel) {
    Datum *elements;
    bool *nulls;
    int count;
    deconstruct_array(channels, TEXTOID, -1, false, TYPALIGN_INT, &elements, &nulls, &count);
    for (int i = 0; i < count; i++)
        if (!nulls[i] && ToText(elements[i]) == channel)
            return true;
    return false;
}

} // namespace

TimestampTz
QuietUntil(TimestampTz at, const Preferences &preferences, std::string_view time_zone) {
    const std::optional<kernel::QuietHours> quiet = QuietHoursOf(preferences);
    if (!quiet)
        return at;
    pg_tz *const zone = Zone(time_zone);
    const Wall now = OnTheWall(at, zone);
    const std::optional<kernel::Ahead> end = kernel::QuietEnd(*quiet, now.minute);
    return end ? std::max(at, WhenItShows({now.day + end->days, end->minute}, zone)) : at;
}

} // namespace laurel

using namespace laurel;

// laurel_internal.is_wanted(channel, type, channels, preferences, defaults). What is said of channels says
// nothing about the application itself.
LAUREL_FUNCTION(laurel_is_wanted) {
    if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
        PG_RETURN_NULL();
    const std::string_view channel = ToText(PG_GETARG_DATUM(0));
    if (!PG_ARGISNULL(2) && channel != "in_app")
        PG_RETURN_BOOL(IsAmong(PG_GETARG_ARRAYTYPE_P(2), channel));
    PG_RETURN_BOOL(Wants(PreferencesIn(fcinfo, 3, 4), channel, ToText(PG_GETARG_DATUM(1))));
}

// laurel_internal.quiet_until(at, preferences, defaults, time_zone)
LAUREL_FUNCTION(laurel_quiet_until) {
    if (PG_ARGISNULL(0))
        PG_RETURN_NULL();
    PG_RETURN_TIMESTAMPTZ(
        QuietUntil(PG_GETARG_TIMESTAMPTZ(0), PreferencesIn(fcinfo, 1, 2), ZoneArgument(fcinfo, 3)));
}

// laurel_internal.digest_end(channel, type, at, preferences, defaults, time_zone)
LAUREL_FUNCTION(laurel_digest_end) {
    if (PG_ARGISNULL(0) || PG_ARGISNULL(1) || PG_ARGISNULL(2))
        PG_RETURN_NULL();
    const std::optional<kernel::DigestWindow> window =
        DigestOf(PreferencesIn(fcinfo, 3, 4), ToText(PG_GETARG_DATUM(0)), ToText(PG_GETARG_DATUM(1)));
    if (!window)
        PG_RETURN_NULL();
    PG_RETURN_TIMESTAMPTZ(DigestEnd(PG_GETARG_TIMESTAMPTZ(2), *window, Zone(ZoneArgument(fcinfo, 5))));
}
