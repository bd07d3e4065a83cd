// Quiet hours and digests on the wall clock of their reader.

#include "notifications/quiet_hours.h"

#include "kernel/local_ends.h"
#include "postgres/bridge.h"
#include "postgres/local_time.h"

namespace laurel::notifications {

namespace {

// From 1970 to 2000, in seconds.
constexpr int64 kUnixEpoch = (POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE) * int64{SECS_PER_DAY};

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

// A moment in whole seconds, the fraction of one left out.
int64
SecondOf(TimestampTz at) {
    if (TIMESTAMP_NOT_FINITE(at))
        ereport(ERROR, (errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE), errmsg("timestamp out of range")));
    return (at - kernel::FloorModulo(at, USECS_PER_SEC)) / USECS_PER_SEC + kUnixEpoch;
}

TimestampTz
MomentAt(int64 second) {
    return (second - kUnixEpoch) * USECS_PER_SEC;
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
    const int64 second = SecondOf(at), end = kernel::QuietEnd(*quiet, second, Clock(Zone(time_zone)));
    return end == second ? at : MomentAt(end);
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
    const Clock clock(Zone(ZoneArgument(fcinfo, 5)));
    PG_RETURN_TIMESTAMPTZ(MomentAt(kernel::WindowEnd(*window, SecondOf(PG_GETARG_TIMESTAMPTZ(2)), clock)));
}

} // namespace laurel::notifications
