// Quiet hours and digests on the wall clock of their reader.

#include "notifications/quiet_hours.h"

#include "postgres/bridge.h"
#include "postgres/error.h"
#include "postgres/local_time.h"

namespace laurel::notifications {

namespace {

pg_tz *
Zone(std::string_view name) {
    pg_tz *zone = name.empty() ? nullptr : FindZone(name);
    return zone == nullptr ? ZoneNamed("UTC") : zone;
}

std::string_view
ZoneArgument(FunctionCallInfo fcinfo, int argument) {
    return PG_ARGISNULL(argument) ? std::string_view() : ToText(PG_GETARG_DATUM(argument));
}

Preferences
PreferencesIn(FunctionCallInfo fcinfo, int user, int organization) {
    return {PG_ARGISNULL(user) ? nullptr : PG_GETARG_JSONB_P(user),
            PG_ARGISNULL(organization) ? nullptr : PG_GETARG_JSONB_P(organization)};
}

// Turned clocks can make the wall's next window end lie in the past; then it is one of those that follow.
TimestampTz
DigestEnd(TimestampTz at, const kernel::DigestWindow &window, pg_tz *zone) {
    LocalTime wall = LocalTimeOf(at, zone);
    while (true) {
        const kernel::Ahead end =
            kernel::WindowEnd(window, j2day(wall.day + POSTGRES_EPOCH_JDATE), wall.minute);
        wall = {wall.day + end.days, end.minute};
        const TimestampTz moment = MomentOf(wall, zone);
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
    const LocalTime now = LocalTimeOf(at, zone);
    const std::optional<kernel::Ahead> end = kernel::QuietEnd(*quiet, now.minute);
    return end ? std::max(at, MomentOf({now.day + end->days, end->minute}, zone)) : at;
}

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

} // namespace laurel::notifications
