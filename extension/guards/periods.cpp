#include "guards/periods.h"

#include "kernel/period.h"
#include "postgres/bridge.h"
#include "postgres/error.h"

namespace laurel::guards {

namespace {

struct NamedPeriod {
    const char *name;
    Period period;
};

constexpr NamedPeriod kPeriods[] = {{"day", Period::Day},
                                    {"week", Period::Week},
                                    {"month", Period::Month},
                                    {"year", Period::Year},
                                    {"forever", Period::Forever}};

int32
FirstDay(Period period, int32 day) {
    switch (period) {
    case Period::Day:
        return day;
    case Period::Week:
        return kernel::WeekStart(day);
    case Period::Month:
        return kernel::MonthStart(day);
    case Period::Year:
        return kernel::YearStart(day);
    case Period::Forever:
        break;
    }
    return DATEVAL_NOBEGIN;
}

// A day that lies in the next period for certain.
int32
DayBeyond(Period period, int32 start) {
    constexpr int32 kWeek = 7, kLongestMonth = 31, kLongestYear = 366;
    switch (period) {
    case Period::Day:
        return start + 1;
    case Period::Week:
        return start + kWeek;
    case Period::Month:
        return start + kLongestMonth;
    case Period::Year:
        return start + kLongestYear;
    case Period::Forever:
        break;
    }
    return start;
}

Period
PeriodArgument(Datum name) {
    const std::optional<Period> period = PeriodNamed(ToText(name));
    if (!period)
        Refuse({.sqlstate = ERRCODE_INVALID_PARAMETER_VALUE,
                .message = psprintf("there is no period \"%s\"", CString(ToText(name))),
                .hint = "It is day, week, month, year or forever."});
    return *period;
}

} // namespace

std::optional<Period>
PeriodNamed(std::string_view name) {
    for (const NamedPeriod &known : kPeriods)
        if (name == known.name)
            return known.period;
    return std::nullopt;
}

const char *
PeriodName(Period period) {
    return std::find_if(std::begin(kPeriods), std::end(kPeriods),
                        [period](const NamedPeriod &known) { return known.period == period; })
        ->name;
}

int32
PeriodStart(Period period, TimestampTz at, pg_tz *zone) {
    if (period == Period::Forever)
        return DATEVAL_NOBEGIN;
    if (TIMESTAMP_NOT_FINITE(at))
        Refuse({.sqlstate = ERRCODE_DATETIME_VALUE_OUT_OF_RANGE, .message = "infinity lies in no period"});
    return FirstDay(period, LocalDay(at, zone));
}

TimestampTz
PeriodEnd(Period period, int32 start, pg_tz *zone) {
    if (period == Period::Forever)
        return DT_NOEND;
    return MomentOf({FirstDay(period, DayBeyond(period, start)), 0}, zone);
}

// laurel_internal.period_start(at, zone, period)
LAUREL_FUNCTION(laurel_period_start) {
    PG_RETURN_DATEADT(PeriodStart(PeriodArgument(PG_GETARG_DATUM(2)), PG_GETARG_TIMESTAMPTZ(0),
                                  ZoneNamed(ToText(PG_GETARG_DATUM(1)))));
}

// laurel_internal.period_end(start, zone, period)
LAUREL_FUNCTION(laurel_period_end) {
    const Period period = PeriodArgument(PG_GETARG_DATUM(2));
    if (period != Period::Forever && DATE_NOT_FINITE(PG_GETARG_DATEADT(0)))
        Refuse({.sqlstate = ERRCODE_DATETIME_VALUE_OUT_OF_RANGE, .message = "infinity lies in no period"});
    PG_RETURN_TIMESTAMPTZ(PeriodEnd(period, PG_GETARG_DATEADT(0), ZoneNamed(ToText(PG_GETARG_DATUM(1)))));
}

} // namespace laurel::guards
