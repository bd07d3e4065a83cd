// When a series takes place.
#pragma once

#include "kernel/recurrence/days.h"
#include "postgres/local_time.h"

namespace laurel::events {

// A rule, and where and when it starts.
struct Schedule {
    kernel::recurrence::Rule rule;
    Timestamp start; // on the clock of the zone, whole seconds
    pg_tz *zone;
};

// What is wrong with a rule, in one sentence; palloc'd.
const char *RuleDetail(const kernel::recurrence::Fault &fault);

// The first day of a schedule, as a date; false where there is none.
bool FirstDay(const Schedule &schedule, DateADT *day);

// Days with the moments at which it starts, as arrays of SQL.
struct Occurrences {
    Datum days;
    Datum moments;
    int count;
};

// Those on or after the day `from` that start no later than `last`, at most `most`; false where the rule
// takes too many steps to tell.
bool OccurrencesOf(const Schedule &schedule, DateADT from, TimestampTz last, int most, Occurrences *found);

} // namespace laurel::events
