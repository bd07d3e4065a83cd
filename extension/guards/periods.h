// Periods for each of which a quota allows something: local days, and what is made of them.
#pragma once

#include "postgres/local_time.h"

namespace laurel::guards {

enum class Period { Day, Week, Month, Year, Forever };

// The period of that name; none for another word.
std::optional<Period> PeriodNamed(std::string_view name);

const char *PeriodName(Period period);

// The first day of the period in which a moment lies; -infinity where it is for ever. Error 22008 for a
// moment that never comes.
int32 PeriodStart(Period period, TimestampTz at, pg_tz *zone);

// When the period that starts on that day ends; infinity where it never does.
TimestampTz PeriodEnd(Period period, int32 start, pg_tz *zone);

} // namespace laurel::guards
