#include "appointments/availability.h"

#include "postgres/list.h"
#include "postgres/local_time.h"
#include "postgres/spi.h"

namespace laurel::appointments {

namespace {

// Rules on the clock of their zone, the person's, or the organization's.
Statement read_rules =
    Statement(R"(SELECT r.weekday, r.starts_at, r.ends_at, coalesce(r.time_zone, p.time_zone, o.time_zone),
            r.valid_from, r.valid_until
        FROM ONLY laurel.availability_rules r JOIN ONLY laurel.organizations o ON o.id = r.organization_id
        LEFT JOIN ONLY laurel.user_preferences p ON p.user_id = r.user_id
        WHERE r.organization_id = $1 AND r.user_id = $2)",
              UUIDOID, UUIDOID)
        .Returns(INT2OID, TIMEOID, TIMEOID, TEXTOID, DATEOID, DATEOID)
        .Generic();

Statement read_exceptions =
    Statement(R"(SELECT kind = 'available', starts_at, ends_at FROM ONLY laurel.availability_exceptions
        WHERE organization_id = $1 AND user_id = $2 AND ends_at > $3 AND starts_at < $4)",
              UUIDOID, UUIDOID, TIMESTAMPTZOID, TIMESTAMPTZOID)
        .Returns(BOOLOID, TIMESTAMPTZOID, TIMESTAMPTZOID)
        .Generic();

struct Rule {
    int32 weekday;
    int32 from; // minutes of the day
    int32 until;
    pg_tz *zone;
    DateADT first;
    DateADT last;
};

int32
Minutes(Datum time) {
    return static_cast<int32>(DatumGetTimeADT(time) / USECS_PER_MINUTE);
}

Rule
ReadRule(uint64 row) {
    bool no_first, no_last;
    const DateADT first = DatumGetDateADT(Field(row, 5, &no_first));
    const DateADT last = DatumGetDateADT(Field(row, 6, &no_last));
    return {.weekday = DatumGetInt16(Field(row, 1)),
            .from = Minutes(Field(row, 2)),
            .until = Minutes(Field(row, 3)),
            .zone = ZoneNamed(ToText(Field(row, 4))),
            .first = no_first ? DATEVAL_NOBEGIN : first,
            .last = no_last ? DATEVAL_NOEND : last};
}

// The moment at which the clock shows that; 24:00 is the next day's 0:00.
TimestampTz
MomentOfMinute(DateADT day, int32 minute, pg_tz *zone) {
    const int32 days = minute / MINS_PER_HOUR / HOURS_PER_DAY;
    return MomentOf({day + days, minute - days * HOURS_PER_DAY * MINS_PER_HOUR}, zone);
}

// The first day from `day` on that is of that weekday, 1 Monday to 7 Sunday.
DateADT
NextWeekday(DateADT day, int32 weekday) {
    const int32 shown = j2day(day + POSTGRES_EPOCH_JDATE); // 0 Sunday
    return day + (weekday % 7 - shown + 7) % 7;
}

int64
DaysIn(TimestampTz from, TimestampTz until) {
    return (until - from) / USECS_PER_DAY + 3;
}

// Adds the stretches of a rule to `open`. Returns how many there are then.
size_t
AddRule(const Rule &rule, TimestampTz from, TimestampTz until, kernel::Stretch *open, size_t count) {
    const DateADT first = std::max(LocalDay(from, rule.zone), rule.first);
    const DateADT last = std::min(LocalDay(until, rule.zone), rule.last);
    if (first > last)
        return count;
    for (DateADT day = NextWeekday(first, rule.weekday); day <= last; day += 7)
        open[count++] = {MomentOfMinute(day, rule.from, rule.zone),
                         MomentOfMinute(day, rule.until, rule.zone)};
    return count;
}

} // namespace

Availability
AvailabilityOf(const Uuid &organization, const Uuid &trainer, TimestampTz from, TimestampTz until) {
    const uint64 rules = read_rules.Run(Access::Read, {FromUuid(organization), FromUuid(trainer)});
    auto *rule = NewList<Rule>(rules);
    for (uint64 i = 0; i < rules; i++)
        rule[i] = ReadRule(i);
    const uint64 exceptions =
        read_exceptions.Run(Access::Read, {FromUuid(organization), FromUuid(trainer),
                                           TimestampTzGetDatum(from), TimestampTzGetDatum(until)});
    const auto most = rules * static_cast<uint64>(DaysIn(from, until) / 7 + 2) + exceptions;
    auto *open = NewList<kernel::Stretch>(most), *away = NewList<kernel::Stretch>(exceptions);
    size_t open_count = 0, away_count = 0;
    for (uint64 i = 0; i < exceptions; i++) {
        const kernel::Stretch stretch = {DatumGetTimestampTz(Field(i, 2)), DatumGetTimestampTz(Field(i, 3))};
        (DatumGetBool(Field(i, 1)) ? open[open_count++] : away[away_count++]) = stretch;
    }
    for (uint64 i = 0; i < rules; i++)
        open_count = AddRule(rule[i], from, until, open, open_count);
    return {{open, kernel::JoinStretches(open, open_count)}, {away, kernel::JoinStretches(away, away_count)}};
}

} // namespace laurel::appointments
