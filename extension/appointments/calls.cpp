// What clients call. Statements run as the caller: policies, triggers and constraints say what is allowed, as
// of rows that a client writes itself.

#include "access/caller.h"
#include "postgres/arguments.h"
#include "postgres/bridge.h"
#include "postgres/error.h"
#include "postgres/own_lock.h"
#include "postgres/owner.h"
#include "postgres/result_row.h"
#include "postgres/spi.h"
#include "postgres/sql.h"

namespace laurel::appointments {

namespace {

constexpr SqlText kBooking = "id, status, start_time, end_time";
constexpr Oid kBookingTypes[] = {UUIDOID, TEXTOID, TIMESTAMPTZOID, TIMESTAMPTZOID};

// Whom a beneficiary would meet, $2 if named.
Statement find_trainer =
    Statement("SELECT coalesce($2, trainer_id) FROM ONLY laurel.beneficiaries WHERE id = $1", UUIDOID,
              UUIDOID)
        .Returns(UUIDOID);

Statement find_same = Statement(Sql<R"(SELECT {1} FROM ONLY laurel.appointments WHERE beneficiary_id = $1
            AND trainer_id = $2 AND start_time = $3 AND end_time = $4 AND session_id IS NULL
            AND CASE WHEN $5 THEN status = 'held' AND held_until > pg_catalog.clock_timestamp()
                ELSE status IN ('scheduled', 'confirmed') END)",
                                    kBooking>,
                                UUIDOID, UUIDOID, TIMESTAMPTZOID, TIMESTAMPTZOID, BOOLOID)
                          .Returns(kBookingTypes);

Statement insert = Statement(Sql<R"(INSERT INTO laurel.appointments (beneficiary_id, trainer_id, start_time,
            end_time, title, room_id, location, meeting_url, type, status, held_until)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, CASE WHEN $10 IS NULL THEN 'scheduled' ELSE 'held' END,
            pg_catalog.clock_timestamp() + $10) RETURNING {1})",
                                 kBooking>,
                             UUIDOID, UUIDOID, TIMESTAMPTZOID, TIMESTAMPTZOID, TEXTOID, UUIDOID, TEXTOID,
                             TEXTOID, TEXTOID, INTERVALOID)
                       .Returns(kBookingTypes);

Statement find_place = Statement(Sql<R"(SELECT {1} FROM ONLY laurel.appointments WHERE session_id = $1
            AND beneficiary_id = $2 AND status IN ('scheduled', 'confirmed', 'waitlisted'))",
                                     kBooking>,
                                 UUIDOID, UUIDOID)
                           .Returns(kBookingTypes);

Statement insert_place =
    Statement(Sql<R"(INSERT INTO laurel.appointments (session_id, beneficiary_id) VALUES ($1, $2)
        RETURNING {1})",
                  kBooking>,
              UUIDOID, UUIDOID)
        .Returns(kBookingTypes);

Statement find_appointment =
    Statement(Sql<"SELECT {1} FROM ONLY laurel.appointments WHERE id = $1", kBooking>, UUIDOID)
        .Returns(kBookingTypes);

// Places before their session, as whoever gives one up has them.
Statement lock_places = Statement(R"(SELECT FROM ONLY laurel.appointments WHERE session_id = $1
        AND status IN ('scheduled', 'confirmed', 'waitlisted') ORDER BY beneficiary_id FOR NO KEY UPDATE)",
                                  UUIDOID);

Statement move = Statement(Sql<R"(UPDATE ONLY laurel.appointments SET start_time = $2, end_time = $3,
            room_id = coalesce($4, room_id) WHERE id = $1 AND (start_time <> $2 OR end_time <> $3
            OR room_id IS DISTINCT FROM coalesce($4, room_id)) RETURNING {1})",
                               kBooking>,
                           UUIDOID, TIMESTAMPTZOID, TIMESTAMPTZOID, UUIDOID)
                     .Returns(kBookingTypes);

Statement step = Statement(Sql<R"(UPDATE ONLY laurel.appointments SET status = $2,
            cancellation_reason = coalesce($3, cancellation_reason) WHERE id = $1 AND status <> $2 RETURNING {1})",
                               kBooking>,
                           UUIDOID, TEXTOID, TEXTOID)
                     .Returns(kBookingTypes);

// The booking that the last statement gave, for the function's caller.
Datum
Booked(FunctionCallInfo fcinfo, MemoryContext context, bool is_new) {
    const MemoryContext old = MemoryContextSwitchTo(context);
    const Datum result =
        ResultRow(fcinfo, {Field(0, 1), Field(0, 2), Field(0, 3), Field(0, 4), BoolGetDatum(is_new)});
    MemoryContextSwitchTo(old);
    return result;
}

void
RequireMade(uint64 count) {
    if (count == 0)
        RefuseDropped(TableOid("appointments"), "a trigger dropped the appointment");
}

// Whom it is with, and that retries come one after the other.
Nullable
LockTrainer(const Nullable &beneficiary, const Nullable &trainer) {
    if (find_trainer.Run(Access::Write, {beneficiary, trainer}) == 0)
        return trainer;
    bool is_null;
    const Datum found = Field(0, 1, &is_null);
    if (!is_null)
        LockUserUntilEnd(OwnLock::TrainersTime, DatumGetUUIDP(found), ExclusiveLock);
    return {is_null ? 0 : CopyUuid(ToUuid(found)), is_null};
}

// Where the arguments of a booking stand, -1 where it has none.
struct Places {
    int title, trainer, room, location, url, type;
};

Datum
Book(FunctionCallInfo fcinfo, const Places &places, const Nullable &hold) {
    const MemoryContext context = CurrentMemoryContext;
    const Datum beneficiary = Required(fcinfo, 0, "beneficiary_id");
    const Datum from = Required(fcinfo, 1, "start_time"), until = Required(fcinfo, 2, "end_time");
    const auto given = [fcinfo](int place) { return place < 0 ? Nullable() : Argument(fcinfo, place); };
    access::NoticeChanges();
    const SpiConnection spi;
    const Nullable trainer = LockTrainer(beneficiary, given(places.trainer));
    if (find_same.Run(Access::Write, {beneficiary, trainer, from, until, BoolGetDatum(!hold.is_null)}) > 0)
        return Booked(fcinfo, context, false);
    RequireMade(
        insert.Run(Access::Write, {beneficiary, trainer, from, until, given(places.title), given(places.room),
                                   given(places.location), given(places.url), given(places.type), hold}));
    return Booked(fcinfo, context, true);
}

// The appointment as it is, where the statement found nothing to do.
Datum
Unchanged(FunctionCallInfo fcinfo, MemoryContext context, Datum id) {
    if (find_appointment.Run(Access::Write, id) == 0)
        Refuse({.sqlstate = ERRCODE_INSUFFICIENT_PRIVILEGE,
                .message = "not allowed to change this appointment",
                .detail = "There is none of that id that you may change, or its hold has expired.",
                .hint = access::HintOr("Ask its trainer, or an org_admin.")});
    return Booked(fcinfo, context, false);
}

Datum
Step(FunctionCallInfo fcinfo, const char *status, const Nullable &reason = {}) {
    const MemoryContext context = CurrentMemoryContext;
    const Datum id = Required(fcinfo, 0, "appointment_id");
    access::NoticeChanges();
    const SpiConnection spi;
    lock_places.Run(Access::Write, id);
    if (step.Run(Access::Write, {id, CStringGetTextDatum(status), reason}) == 0)
        return Unchanged(fcinfo, context, id);
    return Booked(fcinfo, context, true);
}

} // namespace

LAUREL_FUNCTION(laurel_book_appointment) {
    return Book(fcinfo, {.title = 3, .trainer = 4, .room = 5, .location = 6, .url = 7, .type = 8}, {});
}

LAUREL_FUNCTION(laurel_hold_appointment) {
    const Datum hold = Required(fcinfo, 3, "hold_for");
    const Interval *length = DatumGetIntervalP(hold);
    const int64 time = std::min(length->time, 2 * USECS_PER_DAY) + length->day * USECS_PER_DAY;
    if (length->month != 0 || length->day < 0 || length->day > 1 || time < USECS_PER_SEC ||
        time > USECS_PER_DAY)
        Refuse({.sqlstate = ERRCODE_INVALID_PARAMETER_VALUE,
                .message = "a hold keeps a time for 1 second to 24 hours",
                .detail = psprintf("\"hold_for\" is %s.",
                                   DatumGetCString(DirectFunctionCall1(interval_out, hold)))});
    return Book(fcinfo, {.title = 4, .trainer = 5, .room = 6, .location = -1, .url = -1, .type = -1}, hold);
}

LAUREL_FUNCTION(laurel_join_session) {
    const MemoryContext context = CurrentMemoryContext;
    const Datum session = Required(fcinfo, 0, "session_id");
    const Datum beneficiary = Required(fcinfo, 1, "beneficiary_id");
    access::NoticeChanges();
    const SpiConnection spi;
    if (find_place.Run(Access::Write, {session, beneficiary}) > 0)
        return Booked(fcinfo, context, false);
    RequireMade(insert_place.Run(Access::Write, {session, beneficiary}));
    return Booked(fcinfo, context, true);
}

LAUREL_FUNCTION(laurel_confirm_appointment) {
    return Step(fcinfo, "confirmed");
}

LAUREL_FUNCTION(laurel_complete_appointment) {
    return Step(fcinfo, "completed");
}

LAUREL_FUNCTION(laurel_mark_no_show) {
    return Step(fcinfo, "no_show");
}

LAUREL_FUNCTION(laurel_cancel_appointment) {
    return Step(fcinfo, "cancelled", Argument(fcinfo, 1));
}

LAUREL_FUNCTION(laurel_reschedule_appointment) {
    const MemoryContext context = CurrentMemoryContext;
    const Datum id = Required(fcinfo, 0, "appointment_id");
    const Datum from = Required(fcinfo, 1, "start_time"), until = Required(fcinfo, 2, "end_time");
    access::NoticeChanges();
    const SpiConnection spi;
    lock_places.Run(Access::Write, id);
    if (move.Run(Access::Write, {id, from, until, Argument(fcinfo, 3)}) == 0)
        return Unchanged(fcinfo, context, id);
    return Booked(fcinfo, context, true);
}

} // namespace laurel::appointments
