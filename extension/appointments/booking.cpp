// The rules of an appointment: what follows from its trainer and its session, who may do what when, and that
// the time is free (claim.cpp).

#include "access/caller.h"
#include "access/roles.h"
#include "appointments/availability.h"
#include "appointments/claim.h"
#include "guards/derived_write.h"
#include "postgres/bridge.h"
#include "postgres/draft_row.h"
#include "postgres/error.h"
#include "postgres/owner.h"
#include "postgres/spi.h"
#include "postgres/trigger.h"

namespace laurel::appointments {

namespace {

constexpr TriggerSpec kBook = {"book", TriggerSpec::Before, TriggerSpec::EachRow,
                               TriggerSpec::Insert | TriggerSpec::Update};
constexpr TriggerSpec kKeepOfTrainer = {"keep_of_trainer", TriggerSpec::After, TriggerSpec::EachRow,
                                        TriggerSpec::Update};

// The trainer of beneficiary $2, and how trainer $3, else that one, likes appointments.
Statement find_ways =
    Statement(R"(SELECT b.trainer_id, coalesce(c.buffer_minutes, 0), coalesce(c.cancel_notice_minutes, 1440)
        FROM (SELECT 1) one LEFT JOIN ONLY laurel.beneficiaries b ON b.organization_id = $1 AND b.id = $2
        LEFT JOIN ONLY laurel.trainer_calendars c ON c.organization_id = $1 AND c.user_id = coalesce($3, b.trainer_id))",
              UUIDOID, UUIDOID, UUIDOID)
        .Returns(UUIDOID, INT4OID, INT4OID)
        .Generic();

Statement find_session = Statement(R"(SELECT trainer_id, room_id, start_time, end_time, buffer_minutes, title,
            location, meeting_url, status = 'scheduled' FROM ONLY laurel.appointments
        WHERE organization_id = $1 AND id = $2 AND max_participants IS NOT NULL)",
                                   UUIDOID, UUIDOID)
                             .Returns(UUIDOID, UUIDOID, TIMESTAMPTZOID, TIMESTAMPTZOID, INT4OID, TEXTOID,
                                      TEXTOID, TEXTOID, BOOLOID);

[[noreturn]] void
RefuseRow(const char *constraint, const char *message, const char *detail, const char *hint) {
    Refuse({.message = message,
            .detail = detail,
            .hint = hint,
            .table = "appointments",
            .constraint = constraint});
}

[[noreturn]] void
RefuseCaller(const char *message, const char *hint) {
    Refuse({.sqlstate = ERRCODE_INSUFFICIENT_PRIVILEGE, .message = message, .hint = access::HintOr(hint)});
}

// A row on its way, as it was before where it is there, and who sends it.
struct Booking {
    DraftRow *row;
    const DraftRow *old;          // null where it is new
    const access::Caller *caller; // null where row security does not bind him
    Nullable own_trainer;         // of the beneficiary
    int32 notice;                 // minutes

    bool Is(std::string_view status) const { return row->Text("status") == status; }
    bool Was(std::string_view status) const { return old != nullptr && old->Text("status") == status; }
    bool is_place() const { return !row->IsNull("session_id"); }
    bool is_session() const { return !row->IsNull("max_participants"); }
    bool Takes() const { return Is("held") || Is("scheduled") || Is("confirmed"); }

    TimestampTz Time(const char *column) const {
        bool is_null;
        const Datum value = row->Get(column, TIMESTAMPTZOID, &is_null);
        return is_null ? DT_NOEND : DatumGetTimestampTz(value);
    }
    bool Changes(const char *column, Oid type) const {
        const Nullable before = old->Get(column, type), after = row->Get(column, type);
        if (before.is_null || after.is_null)
            return before.is_null != after.is_null;
        int16 length;
        bool by_value;
        get_typlenbyval(type, &length, &by_value);
        return !datumIsEqual(before.value, after.value, by_value, length);
    }
    bool ChangesTime() const {
        return Changes("start_time", TIMESTAMPTZOID) || Changes("end_time", TIMESTAMPTZOID);
    }
    // A trainer or room that is gone takes nothing.
    bool ChangesTo(const char *column) const { return Changes(column, UUIDOID) && !row->IsNull(column); }
    bool Moves() const {
        return ChangesTime() || Changes("buffer_minutes", INT4OID) || ChangesTo("trainer_id") ||
               ChangesTo("room_id");
    }
};

bool
IsCaller(const Booking &booking, const DraftRow &row, const char *column) {
    const Nullable who = row.Get(column, UUIDOID);
    return !who.is_null && booking.caller->known && ToUuid(who.value) == booking.caller->user;
}

bool
Administers(const Booking &booking) {
    return access::Administers(*booking.caller, booking.row->Id("organization_id"));
}

// Whether the beneficiary alone speaks: neither the trainer nor somebody who administers the organization.
bool
IsBeneficiary(const Booking &booking, const DraftRow &row) {
    return booking.caller != nullptr && !Administers(booking) && !IsCaller(booking, row, "trainer_id") &&
           IsCaller(booking, row, "user_id");
}

void
ReadWays(Booking *booking) {
    const DraftRow &row = *booking->row;
    find_ways.Run(Access::Write, {row.Get("organization_id", UUIDOID), row.Get("beneficiary_id", UUIDOID),
                                  row.Get("trainer_id", UUIDOID)});
    const Nullable trainer = {Field(0, 1, &booking->own_trainer.is_null), false};
    if (!booking->own_trainer.is_null)
        booking->own_trainer.value = CopyUuid(ToUuid(trainer.value));
    booking->notice = DatumGetInt32(Field(0, 3));
    if (row.IsNull("buffer_minutes"))
        booking->row->Set("buffer_minutes", INT4OID, Field(0, 2));
    if (row.IsNull("trainer_id") && !booking->own_trainer.is_null && booking->old == nullptr)
        booking->row->Set("trainer_id", UUIDOID, booking->own_trainer.value);
}

// A place is where and when its session is, which is locked by now.
void
CopySession(DraftRow *row) {
    const Nullable organization = row->Get("organization_id", UUIDOID),
                   session = row->Get("session_id", UUIDOID);
    if (find_session.Run(Access::Write, {organization, session}) == 0)
        Refuse({.sqlstate = ERRCODE_FOREIGN_KEY_VIOLATION,
                .message = "there is no such group session",
                .hint = "A session is an appointment with max_participants, of the same organization.",
                .table = "appointments",
                .constraint = "appointments_session_id_fkey"});
    const std::string_view status = row->Text("status");
    const bool asks = status == "scheduled" || status == "confirmed" || status == "waitlisted";
    if (asks && !DatumGetBool(Field(0, 9)))
        RefuseRow("appointments_session_open", "the session takes no answers any more",
                  "It is completed or cancelled.", "Ask who looks after the session.");
    constexpr struct {
        const char *column;
        Oid type;
    } copied[] = {{"trainer_id", UUIDOID},      {"room_id", UUIDOID},        {"start_time", TIMESTAMPTZOID},
                  {"end_time", TIMESTAMPTZOID}, {"buffer_minutes", INT4OID}, {"title", TEXTOID},
                  {"location", TEXTOID},        {"meeting_url", TEXTOID}};
    for (int i = 0; i < static_cast<int>(std::size(copied)); i++) {
        bool is_null;
        const Datum value = Field(0, i + 1, &is_null);
        row->Set(copied[i].column, copied[i].type, value, is_null);
    }
}

// What follows from the times.
void
FillTimes(const Booking &booking) {
    const TimestampTz from = booking.Time("start_time"), until = booking.Time("end_time");
    bool none;
    const int64 buffer = DatumGetInt32(booking.row->Get("buffer_minutes", INT4OID, &none));
    const bool fits = IS_VALID_TIMESTAMP(from) && from < until && until <= from + USECS_PER_DAY &&
                      buffer >= 0 && buffer <= MINS_PER_HOUR * HOURS_PER_DAY; // else constraints refuse it
    booking.row->Set("blocked", TSTZRANGEOID, Blocked(from, fits ? until + buffer * USECS_PER_MINUTE : from));
    if (booking.old == nullptr || booking.ChangesTime())
        booking.row->Set("cancel_until", TIMESTAMPTZOID,
                         TimestampTzGetDatum(fits ? from - booking.notice * USECS_PER_MINUTE : from));
}

void
TakeTime(const Booking &booking) {
    const DraftRow &row = *booking.row;
    if (!booking.Takes() && !booking.Is("waitlisted"))
        return;
    const Nullable nobody;
    Take({.organization = row.Get("organization_id", UUIDOID),
          .trainer = booking.is_place() ? nobody : row.Get("trainer_id", UUIDOID),
          .room = booking.is_place() ? nobody : row.Get("room_id", UUIDOID),
          .beneficiary = row.Get("beneficiary_id", UUIDOID),
          .blocked = row.Get("blocked", TSTZRANGEOID).value,
          .self = row.Get("id", UUIDOID)});
}

// Beneficiaries take time that the trainer offers.
void
RequireOffered(const Booking &booking) {
    const TimestampTz from = booking.Time("start_time"), until = booking.Time("end_time");
    const Nullable trainer = booking.row->Get("trainer_id", UUIDOID);
    const bool is_stretch = from < until && until < from + USECS_PER_DAY + 1 && !TIMESTAMP_NOT_FINITE(from);
    if (trainer.is_null || !is_stretch) // other rules refuse it
        return;
    const Availability time =
        AvailabilityOf(booking.row->Id("organization_id"), ToUuid(trainer.value), from, until);
    if (!time.Offers(from, until))
        RefuseRow("appointments_available", "the trainer has no time for appointments then",
                  psprintf("Asked for was %s to %s.", pstrdup(timestamptz_to_str(from)),
                           pstrdup(timestamptz_to_str(until))),
                  "SELECT * FROM laurel.free_slots(trainer_id, from_time, until_time, duration) says when.");
}

bool
IsOwnTrainer(const Booking &booking, const Nullable &trainer) {
    return !trainer.is_null && !booking.own_trainer.is_null &&
           ToUuid(trainer.value) == ToUuid(booking.own_trainer.value);
}

void
RequireFirstStatus(const Booking &booking, bool may_confirm) {
    if (booking.Is("scheduled") || booking.Is("held") || booking.Is("waitlisted") ||
        (may_confirm && booking.Is("confirmed")))
        return;
    RefuseRow("appointments_status_first", "a new appointment is scheduled or held",
              psprintf("It says %s.", CString(booking.row->Text("status"))),
              "Say the rest when it is there.");
}

// Beneficiaries meet their own trainer, in time that is offered, and places of sessions are anybody's.
void
RequireOfBeneficiary(const Booking &booking, bool is_default_buffer) {
    RequireFirstStatus(booking, false);
    if (booking.is_place())
        return;
    if (!IsOwnTrainer(booking, booking.row->Get("trainer_id", UUIDOID)))
        RefuseCaller("beneficiaries book with their own trainer",
                     "Leave trainer_id out, or ask an org_admin.");
    if (!is_default_buffer)
        RefuseCaller("the trainer says how long the buffer is", "Leave buffer_minutes out.");
    RequireOffered(booking);
}

// Trainers book their beneficiaries, and what is theirs.
void
RequireOfTrainer(const Booking &booking) {
    RequireFirstStatus(booking, true);
    const bool leads = booking.is_session() || booking.is_place();
    const bool has_role = (booking.caller->roles & access::kTrainer) != 0;
    if (leads ? !has_role : !IsOwnTrainer(booking, booking.row->Get("trainer_id", UUIDOID)))
        RefuseCaller("trainers book with their own beneficiaries",
                     "Ask an org_admin, who assigns beneficiaries.");
}

void
RequireMayInsert(const Booking &booking, bool is_default_buffer) {
    if (booking.caller == nullptr)
        return;
    if (Administers(booking))
        return RequireFirstStatus(booking, true);
    if (IsCaller(booking, *booking.row, "trainer_id"))
        return RequireOfTrainer(booking);
    if (IsCaller(booking, *booking.row, "user_id"))
        return RequireOfBeneficiary(booking, is_default_buffer);
    RefuseCaller("not allowed to book this appointment",
                 "The beneficiary, the trainer and administrators of the organization do.");
}

void
RequireTrainer(const Booking &booking) {
    if (booking.row->IsNull("trainer_id"))
        RefuseRow("appointments_trainer_id_required", "an appointment needs a trainer",
                  "The beneficiary has none, and none is named.", "Name one in trainer_id.");
}

void
Insert(Booking *booking) {
    const bool is_default_buffer = booking->row->IsNull("buffer_minutes");
    if (booking->is_place())
        CopySession(booking->row);
    ReadWays(booking);
    RequireTrainer(*booking);
    FillTimes(*booking);
    RequireMayInsert(*booking, is_default_buffer);
    TakeTime(*booking);
}

// What a beneficiary may change, and until when.
void
RequireOfBeneficiaryStill(const Booking &booking, bool moves, bool steps) {
    if (booking.Changes("trainer_id", UUIDOID) || booking.Changes("buffer_minutes", INT4OID) ||
        (steps && (booking.Is("completed") || booking.Is("no_show"))))
        RefuseCaller("only who looks after an appointment says that", "Ask the trainer, or an org_admin.");
    bool is_null;
    const TimestampTz until = DatumGetTimestampTz(booking.old->Get("cancel_until", TIMESTAMPTZOID, &is_null));
    const bool binds = booking.Was("scheduled") || booking.Was("confirmed");
    if (binds && (moves || booking.Is("cancelled")) && GetCurrentTimestamp() > until)
        RefuseRow("appointments_cancel_until", "it is too late to cancel or move this appointment",
                  psprintf("That was possible until %s.", timestamptz_to_str(until)), "Ask the trainer.");
    if (moves)
        RequireOffered(booking);
}

void
RequireMovable(const Booking &booking, bool follows) {
    if (follows)
        return;
    if (booking.is_place())
        RefuseRow("appointments_movable", "a place is where and when its session is", nullptr,
                  "Move the session, or cancel the place and take another.");
    if (booking.Is("scheduled") || booking.Is("confirmed"))
        return;
    RefuseRow("appointments_movable", "only what is scheduled is moved",
              psprintf("It is %s.", CString(booking.row->Text("status"))),
              "Book another time; give up a hold by cancelling it.");
}

// A time to which it is moved lies ahead.
void
Move(const Booking &booking, bool follows) {
    const TimestampTz from = booking.Time("start_time");
    if (!follows && from <= GetCurrentTimestamp())
        RefuseRow("appointments_start_time_check", "an appointment is not moved into the past",
                  psprintf("It would begin at %s.", timestamptz_to_str(from)), "Give a time to come.");
    bool is_null;
    const int32 times = DatumGetInt32(booking.old->Get("times_moved", INT4OID, &is_null));
    booking.row->Set("times_moved", INT4OID, Int32GetDatum(times + 1));
    booking.row->Set("reminder_sent", BOOLOID, BoolGetDatum(false));
}

// A hold ends as something else in time.
void
EndHold(const Booking &booking) {
    if (booking.Is("expired"))
        return;
    bool is_null;
    const TimestampTz until = DatumGetTimestampTz(booking.old->Get("held_until", TIMESTAMPTZOID, &is_null));
    if (!booking.Is("cancelled") && !is_null && until <= GetCurrentTimestamp())
        RefuseRow("appointments_held_until", "the hold has expired",
                  psprintf("It kept the time until %s.", timestamptz_to_str(until)),
                  "Book the time anew, if it is still free.");
    booking.row->Set("held_until", TIMESTAMPTZOID, 0, true);
}

void
RequireBegun(const Booking &booking) {
    if (!booking.Is("completed") && !booking.Is("no_show"))
        return;
    const TimestampTz from = booking.Time("start_time");
    if (from > GetCurrentTimestamp())
        RefuseRow("appointments_status_early", "what has not begun is neither completed nor missed",
                  psprintf("It begins at %s.", timestamptz_to_str(from)), "Wait until it has, or cancel it.");
}

void
Update(Booking *booking, bool follows) {
    const bool moves = booking->Moves(), steps = booking->Changes("status", TEXTOID);
    if (moves && (booking->caller != nullptr || booking->ChangesTime())) // who is merged stays the trainer
        RequireMovable(*booking, follows);
    if (IsBeneficiary(*booking, *booking->old))
        RequireOfBeneficiaryStill(*booking, moves, steps);
    if (steps)
        RequireBegun(*booking);
    if (steps && booking->Was("held"))
        EndHold(*booking);
    ReadWays(booking);
    if (booking->ChangesTime())
        Move(*booking, follows);
    FillTimes(*booking);
    if (moves)
        TakeTime(*booking);
}

} // namespace

LAUREL_FUNCTION(laurel_book) {
    const TriggerData *trigger = CheckTrigger(fcinfo, kBook);
    DraftRow row(trigger);
    if (row.IsNull("organization_id")) // other rules refuse it
        return row.Done();
    const bool is_new = TRIGGER_FIRED_BY_INSERT(trigger->tg_event);
    const DraftRow old(trigger->tg_trigtuple, RelationGetDescr(trigger->tg_relation));
    const Oid table = RelationGetRelid(trigger->tg_relation);
    access::Caller caller;
    const bool trusted = IsTrusted(table);
    if (!trusted) {
        access::NoticeChanges();
        caller = access::CurrentCaller();
    }
    Booking booking = {&row, is_new ? nullptr : &old, trusted ? nullptr : &caller, {}, 0};
    const AsOwner owner(OwnerOf(table));
    const SpiConnection spi;
    if (is_new)
        Insert(&booking);
    else
        Update(&booking, guards::DerivedWrite::Admits(fcinfo));
    return row.Done();
}

LAUREL_FUNCTION(laurel_keep_of_trainer) {
    const TriggerData *trigger = CheckTrigger(fcinfo, kKeepOfTrainer);
    if (IsTrusted(RelationGetRelid(trigger->tg_relation)))
        return PointerGetDatum(nullptr);
    access::NoticeChanges();
    DraftRow row(trigger);
    const Booking booking = {&row, nullptr, &access::CurrentCaller(), {}, 0};
    if (IsBeneficiary(booking, row))
        RefuseCaller("only who looks after an appointment changes what it says",
                     "Ask the trainer, or an org_admin.");
    return PointerGetDatum(nullptr);
}

} // namespace laurel::appointments
