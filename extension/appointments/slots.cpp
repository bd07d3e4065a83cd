// Times that a trainer can be met.

#include "access/caller.h"
#include "access/organization.h"
#include "appointments/availability.h"
#include "postgres/arguments.h"
#include "postgres/bridge.h"
#include "postgres/error.h"
#include "postgres/list.h"
#include "postgres/owner.h"
#include "postgres/spi.h"

namespace laurel::appointments {

namespace {

constexpr int64 kMostDays = 366;

// How the trainer likes appointments, in minutes; slot 0: one after the other.
Statement read_calendar = Statement(R"(SELECT buffer_minutes, coalesce(slot_minutes, 0)
        FROM ONLY laurel.trainer_calendars WHERE organization_id = $1 AND user_id = $2)",
                                    UUIDOID, UUIDOID)
                              .Returns(INT4OID, INT4OID)
                              .Generic();

// What is taken of a trainer's time; what has expired is not.
Statement read_taken =
    Statement(R"(SELECT pg_catalog.lower(blocked), pg_catalog.upper(blocked) FROM ONLY laurel.appointments
        WHERE organization_id = $1 AND trainer_id = $2 AND blocked && pg_catalog.tstzrange($3, $4)
            AND status IN ('held', 'scheduled', 'confirmed') AND session_id IS NULL
            AND (status <> 'held' OR held_until > pg_catalog.clock_timestamp()))",
              UUIDOID, UUIDOID, TIMESTAMPTZOID, TIMESTAMPTZOID)
        .Returns(TIMESTAMPTZOID, TIMESTAMPTZOID)
        .Generic();

[[noreturn]] void
RefuseStretch(const char *message, const char *detail) {
    Refuse({.sqlstate = ERRCODE_INVALID_PARAMETER_VALUE, .message = message, .detail = detail});
}

int64
RequireDuration(const Interval *duration) {
    const int64 time = std::min(duration->time, 2 * USECS_PER_DAY) + duration->day * USECS_PER_DAY;
    if (duration->month != 0 || duration->day < 0 || duration->day > 1 || time < USECS_PER_MINUTE ||
        time > USECS_PER_DAY)
        RefuseStretch("an appointment lasts 1 minute to 24 hours",
                      psprintf("\"duration\" is %s.", DatumGetCString(DirectFunctionCall1(
                                                          interval_out, IntervalPGetDatum(duration)))));
    return time;
}

void
RequireStretch(TimestampTz from, TimestampTz until) {
    if (TIMESTAMP_NOT_FINITE(from) || TIMESTAMP_NOT_FINITE(until) || from >= until ||
        until > from + kMostDays * USECS_PER_DAY)
        RefuseStretch("free times are looked for in a stretch of time",
                      "\"until_time\" comes after \"from_time\", 366 days later at most, and neither is "
                      "infinite.");
}

// Where the trainer is met: for members of the caller's organization, of a trusted caller at home.
Uuid
OrganizationOf(const Uuid &trainer) {
    const Oid table = TableOid("appointments");
    if (IsTrusted(table) && !access::CurrentCaller().has_organization)
        return access::ActingOrganization(table, trainer, "appointments_trainer_id_fkey");
    if (!access::CurrentCaller().has_organization)
        Refuse({.sqlstate = ERRCODE_INSUFFICIENT_PRIVILEGE,
                .message = "not allowed to see when trainers are free",
                .hint = access::HintOr("Call as a member of the trainer's organization.")});
    return access::CurrentCaller().organization;
}

kernel::Stretches
TakenOf(const Uuid &organization, const Uuid &trainer, TimestampTz from, TimestampTz until) {
    const uint64 count =
        read_taken.Run(Access::Read, {FromUuid(organization), FromUuid(trainer), TimestampTzGetDatum(from),
                                      TimestampTzGetDatum(until)});
    auto *taken = NewList<kernel::Stretch>(count);
    for (uint64 i = 0; i < count; i++)
        taken[i] = {DatumGetTimestampTz(Field(i, 1)), DatumGetTimestampTz(Field(i, 2))};
    return {taken, kernel::JoinStretches(taken, count)};
}

} // namespace

// laurel.free_slots(trainer, from, until, duration)
LAUREL_FUNCTION(laurel_free_slots) {
    InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
    const Uuid trainer = ToUuid(Required(fcinfo, 0, "trainer_id"));
    const TimestampTz from = DatumGetTimestampTz(Required(fcinfo, 1, "from_time"));
    const TimestampTz until = DatumGetTimestampTz(Required(fcinfo, 2, "until_time"));
    const int64 length = RequireDuration(DatumGetIntervalP(Required(fcinfo, 3, "duration")));
    RequireStretch(from, until);
    access::NoticeChanges();
    const Uuid organization = OrganizationOf(trainer);
    auto *result = reinterpret_cast<ReturnSetInfo *>(fcinfo->resultinfo);
    const AsOwner owner(OwnerOf(TableOid("appointments")));
    const SpiConnection spi;
    kernel::Wanted wanted = {std::max(from, GetCurrentTimestamp()), until, length, 0, length};
    if (read_calendar.Run(Access::Read, {FromUuid(organization), FromUuid(trainer)}) > 0) {
        wanted.buffer = DatumGetInt32(Field(0, 1)) * USECS_PER_MINUTE;
        const int64 step = DatumGetInt32(Field(0, 2)) * USECS_PER_MINUTE;
        wanted.step = step > 0 ? step : length;
    }
    const Availability time = AvailabilityOf(organization, trainer, from, until);
    const kernel::Stretches taken = TakenOf(organization, trainer, from, until + wanted.buffer);
    kernel::EachFreeTime(wanted, time.open, time.away, taken, [&](int64 at) {
        CHECK_FOR_INTERRUPTS();
        Datum values[] = {TimestampTzGetDatum(at), TimestampTzGetDatum(at + length)};
        bool nulls[] = {false, false};
        tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
    });
    PG_RETURN_NULL();
}

} // namespace laurel::appointments
