// The time on a clock in a time zone: the one place that reads a zone's name and turns moments into local
// days and back.
#pragma once

#include "datum.h"
#include "kernel/local_ends.h"

namespace laurel {

// What a clock in a zone shows. Days count from 2000-01-01, as in a date.
struct LocalTime {
    int32 day;
    int minute; // of the day
};

// The zone of that IANA name; null where there is none. Offsets and rules, which Postgres takes too, are
// none.
pg_tz *FindZone(std::string_view name);

// The zone of that IANA name, or error 22023 that says which one was meant.
pg_tz *ZoneNamed(std::string_view name);

// What the clock shows at a finite moment.
LocalTime LocalTimeOf(TimestampTz moment, pg_tz *zone);

// The day it shows.
int32 LocalDay(TimestampTz moment, pg_tz *zone);

// The moment at which the clock shows that. Where it is turned forward over it, that much later; where it is
// shown twice, the second time.
TimestampTz MomentOf(const LocalTime &time, pg_tz *zone);

// The clock of a zone, as kernel/local_ends.h asks for it.
class Clock {
public:
    explicit Clock(pg_tz *zone) : zone_(zone) {}
    kernel::ClockStretch operator()(int64 moment) const;

private:
    pg_tz *zone_;
};

// A moment as a reader's clock shows it, to the minute, as people write it who speak the language (a tag of
// BCP 47); as year, month and day where the server has no ICU. UTC where the zone is none, empty where the
// moment is. Palloc'd.
std::string_view LocalText(TimestampTz at, std::string_view zone, std::string_view language);

// A moment as ISO 8601 in UTC. Palloc'd.
std::string_view IsoTime(TimestampTz at);

} // namespace laurel
