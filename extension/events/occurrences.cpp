#include "events/occurrences.h"

#include "kernel/recurrence/first_shown.h"
#include "postgres/array.h"
#include "postgres/list.h"

namespace laurel::events {

namespace {

namespace recurrence = kernel::recurrence;

constexpr int64 kEpochDays = POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE;
constexpr int64 kEpochSeconds = kEpochDays * SECS_PER_DAY;

int64
ToSeconds(Timestamp time) {
    return time / USECS_PER_SEC + kEpochSeconds;
}

TimestampTz
FromSeconds(int64 seconds) {
    return (seconds - kEpochSeconds) * USECS_PER_SEC;
}

DateADT
DayOfSeconds(int64 seconds) {
    return static_cast<DateADT>(seconds / SECS_PER_DAY - kEpochDays);
}

// Calls visit(day, moment) for each occurrence on or after a day, until it says false.
template <typename Visit>
recurrence::Ended
EachOccurrence(const Schedule &schedule, DateADT from, Visit &&visit) {
    const Clock clock(schedule.zone);
    const auto shown = [&](int64 time) {
        const int64 moment = recurrence::FirstShown(time, clock);
        if (schedule.rule.until_of == recurrence::Until::Utc && moment > schedule.rule.until)
            return false;
        return visit(DayOfSeconds(time), FromSeconds(moment));
    };
    return recurrence::EachTime(schedule.rule, ToSeconds(schedule.start),
                                static_cast<int32>(from + kEpochDays), shown, [] { CHECK_FOR_INTERRUPTS(); });
}

} // namespace

const char *
RuleDetail(const recurrence::Fault &fault) {
    return psprintf("%s It says \"%s\".", fault.detail, CString(fault.found));
}

bool
FirstDay(const Schedule &schedule, DateADT *day) {
    bool found = false;
    EachOccurrence(schedule, DayOfSeconds(ToSeconds(schedule.start)), [&](DateADT first, TimestampTz) {
        *day = first;
        found = true;
        return false;
    });
    return found;
}

bool
OccurrencesOf(const Schedule &schedule, DateADT from, TimestampTz last, int most, Occurrences *found) {
    auto *days = NewList<Datum>(most), *moments = NewList<Datum>(most);
    int count = 0;
    const recurrence::Ended ended = EachOccurrence(schedule, from, [&](DateADT day, TimestampTz moment) {
        if (moment > last)
            return false;
        days[count] = DateADTGetDatum(day);
        moments[count++] = TimestampTzGetDatum(moment);
        return count < most;
    });
    *found = {ArrayOf(days, count, DATEOID), ArrayOf(moments, count, TIMESTAMPTZOID), count};
    return ended != recurrence::Ended::TooLong;
}

} // namespace laurel::events
