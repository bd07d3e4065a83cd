// Who came to an event, and when calendars are to take notice.

#include "access/caller.h"
#include "events/sweep.h"
#include "guards/derived_write.h"
#include "identity/shown_name.h"
#include "postgres/arguments.h"
#include "postgres/bridge.h"
#include "postgres/draft_row.h"
#include "postgres/error.h"
#include "postgres/owner.h"
#include "postgres/sized_statement.h"
#include "postgres/trigger.h"

namespace laurel::events {

namespace {

constexpr TriggerSpec kCheckPresence = {"check_presence", TriggerSpec::After, TriggerSpec::EachRow,
                                        TriggerSpec::Insert | TriggerSpec::Update};
constexpr TriggerSpec kKeepAnswer = {"keep_answer", TriggerSpec::Before, TriggerSpec::EachRow,
                                     TriggerSpec::Delete};
constexpr TriggerSpec kKeepReward = {"keep_reward", TriggerSpec::After, TriggerSpec::EachRow,
                                     TriggerSpec::Update};
constexpr TriggerSpec kEndEvent = {"end_event", TriggerSpec::After, TriggerSpec::EachStatement,
                                   TriggerSpec::Update};
Statement find_times =
    Statement(
        R"(SELECT status = 'cancelled', scheduled_date, scheduled_date - check_in_grace, ends_at + check_in_grace
        FROM ONLY laurel.events WHERE organization_id = $1 AND id = $2)",
        UUIDOID, UUIDOID)
        .Returns(BOOLOID, TIMESTAMPTZOID, TIMESTAMPTZOID, TIMESTAMPTZOID);

Statement find_end = Statement(R"(SELECT status = 'scheduled' AND ends_at > pg_catalog.now()
        FROM ONLY laurel.events WHERE organization_id = $1 AND id = $2)",
                               UUIDOID, UUIDOID)
                         .Returns(BOOLOID);

// Who was going to a completed event {1} and was not checked in. Rows that somebody holds are left out: who
// holds one may be waiting for the event.
constexpr SqlText kMarkMissing = R"(WITH missing AS (
            SELECT p.id FROM {1} JOIN ONLY laurel.participations p ON p.organization_id = n.organization_id
                AND p.event_id = n.id AND p.rsvp_status = 'going' AND p.attendance_status = 'pending'
            WHERE n.status = 'completed' AND {2} FOR NO KEY UPDATE OF p SKIP LOCKED
        ) UPDATE ONLY laurel.participations p SET attendance_status = 'no_show' FROM missing m WHERE p.id = m.id)";

SizedStatement
    mark_missing(Sql<kMarkMissing, "new_rows n JOIN old_rows o ON o.id = n.id", "o.status <> 'completed'">);
Statement mark_left = Statement(Sql<kMarkMissing, "ONLY laurel.events n", R"(n.organization_id = $1
        AND n.completed_at > pg_catalog.now() - interval '1 day')">,
                                UUIDOID);

Statement find_event =
    Statement("SELECT organization_id, facilitator_id FROM ONLY laurel.events WHERE id = $1", UUIDOID)
        .Returns(UUIDOID, UUIDOID);

Statement check_in = Statement(R"(UPDATE ONLY laurel.participations SET attendance_status = 'attended',
        check_in_time = $4 WHERE organization_id = $1 AND event_id = $2 AND user_id = $3
        AND rsvp_status = 'going' AND attendance_status <> 'attended')",
                               UUIDOID, UUIDOID, UUIDOID, TIMESTAMPTZOID);

// Whether a member is going to an event, and has been checked in.
Statement find_presence = Statement(R"(SELECT attendance_status = 'attended' FROM ONLY laurel.participations
        WHERE organization_id = $1 AND event_id = $2 AND user_id = $3 AND rsvp_status = 'going')",
                                    UUIDOID, UUIDOID, UUIDOID)
                              .Returns(BOOLOID);

// Those who are here, then those who may come, then those who wait, in the order in which they do.
Statement attendees = Statement(Sql<R"(SELECT p.user_id, coalesce({1}, 'Anonymous'),
        p.rsvp_status, p.guests, p.waitlisted_at, p.attendance_status, p.check_in_time, p.feedback_rating, p.feedback
        FROM ONLY laurel.participations p JOIN ONLY laurel.users u ON u.id = p.user_id
        LEFT JOIN ONLY laurel.profiles f ON f.user_id = p.user_id
        LEFT JOIN ONLY laurel.user_organizations m ON m.organization_id = p.organization_id AND m.user_id = p.user_id
        WHERE p.organization_id = $1 AND p.event_id = $2 ORDER BY p.rsvp_status = 'going' DESC, p.waitlisted_at, 2, 1)",
                                    Sql<identity::kShownName, "p">>,
                                UUIDOID, UUIDOID)
                          .Returns(UUIDOID, TEXTOID, TEXTOID, INT4OID, TIMESTAMPTZOID, TEXTOID,
                                   TIMESTAMPTZOID, INT2OID, TEXTOID);

constexpr int kMostInvited = 1000;

Statement invite =
    Statement(R"(INSERT INTO laurel.participations (organization_id, event_id, user_id, rsvp_status)
        SELECT DISTINCT $1, $2, u, 'invited' FROM pg_catalog.unnest($3) u WHERE u IS NOT NULL ORDER BY u
        ON CONFLICT (organization_id, event_id, user_id) DO NOTHING)",
              UUIDOID, UUIDOID, UUIDARRAYOID);

[[noreturn]] void
RefusePresence(const char *constraint, const char *message, const char *detail, const char *hint) {
    Refuse({.message = message,
            .detail = detail,
            .hint = hint,
            .table = "participations",
            .constraint = constraint});
}

void
CheckAttended(TimestampTz came, TimestampTz opens, TimestampTz closes) {
    if (opens <= came && came <= closes)
        return;
    const char *from = pstrdup(timestamptz_to_str(opens));
    const char *until = pstrdup(timestamptz_to_str(closes));
    RefusePresence("participations_check_in_time_allowed", "nobody is checked in at that time",
                   psprintf("Check-in is open from %s until %s, the row says %s.", from, until,
                            timestamptz_to_str(came)),
                   "Give a time within that of the event, or change its check_in_grace.");
}

// A row that says who was there, or was not.
void
CheckPresence(const DraftRow &row) {
    if (row.Text("rsvp_status") != "going")
        RefusePresence("participations_attendance_status_allowed", "only who was going was there or was not",
                       nullptr, "Set rsvp_status to going first.");
    const Uuid organization = row.Id("organization_id"), event = row.Id("event_id");
    if (find_times.Run(Access::Write, {FromUuid(organization), FromUuid(event)}) == 0)
        return;
    Row times;
    if (DatumGetBool(times.Next()))
        RefusePresence("participations_attendance_status_allowed", "a cancelled event is attended by nobody",
                       nullptr, "Make another event that takes place.");
    const TimestampTz begins = DatumGetTimestampTz(times.Next());
    const TimestampTz opens = DatumGetTimestampTz(times.Next());
    const TimestampTz closes = DatumGetTimestampTz(times.Next());
    bool is_null;
    const Datum came = row.Get("check_in_time", TIMESTAMPTZOID, &is_null);
    if (!is_null)
        return CheckAttended(DatumGetTimestampTz(came), opens, closes);
    if (begins > GetCurrentTimestamp())
        RefusePresence("participations_attendance_status_allowed",
                       "nobody misses an event that has not begun",
                       psprintf("It begins at %s.", timestamptz_to_str(begins)), "Wait until it has.");
}

// Where the event is, for those who may look after it. `action` is what they want to do there.
Uuid
OrganizationFor(const Uuid &event, const char *action) {
    const access::Caller caller = access::CurrentCaller();
    const Oid table = TableOid("events");
    const bool trusted = IsTrusted(table);
    const AsOwner owner(OwnerOf(table));
    const SpiConnection spi;
    const bool found = find_event.Run(Access::Read, FromUuid(event)) > 0;
    const Uuid organization = found ? ToUuid(Field(0, 1)) : Uuid{};
    bool is_null = true;
    const Datum facilitator = found ? Field(0, 2, &is_null) : 0;
    const bool facilitates = !is_null && caller.known && caller.user == ToUuid(facilitator) &&
                             caller.has_organization && caller.organization == organization;
    if (!trusted && !facilitates && !(found && access::Administers(access::CurrentCaller(), organization)))
        Refuse({.sqlstate = ERRCODE_INSUFFICIENT_PRIVILEGE,
                .message = psprintf("not allowed to %s this event", action),
                .hint = access::HintOr("Ask who looks after the event, or an org_admin.")});
    if (!found)
        Refuse({.sqlstate = ERRCODE_FOREIGN_KEY_VIOLATION,
                .message = "there is no such event",
                .detail = psprintf("Its id would be %s.", UuidText(event)),
                .table = "participations",
                .constraint = "participations_event_id_fkey"});
    return organization;
}

// Refuses to take back an answer that has become history; what cascades takes it.
void
RequireStillOpen(const DraftRow &row) {
    const Uuid organization = row.Id("organization_id"), event = row.Id("event_id");
    if (access::Administers(access::CurrentCaller(), organization))
        return;
    if (row.Text("attendance_status") != "pending")
        Refuse({.sqlstate = ERRCODE_RESTRICT_VIOLATION,
                .message = "whether one was at an event is kept",
                .hint = "Ask an org_admin, who may delete it.",
                .table = "participations",
                .constraint = "participations_attendance_kept"});
    if (find_end.Run(Access::Write, {FromUuid(organization), FromUuid(event)}) > 0 &&
        !DatumGetBool(Field(0, 1)))
        RefusePresence("participations_event_open", "the event takes no answers any more",
                       "It is over, completed or cancelled.", "Ask who looks after the event.");
}

void
RequireNotLater(TimestampTz at) {
    if (at <= GetCurrentTimestamp())
        return;
    Refuse({.sqlstate = ERRCODE_INVALID_PARAMETER_VALUE,
            .message = "nobody is checked in ahead of time",
            .detail = psprintf("\"at\" is %s.", timestamptz_to_str(at))});
}

} // namespace

uint64
MarkMissing(const Uuid &organization) {
    return mark_left.Run(Access::Write, FromUuid(organization));
}

LAUREL_FUNCTION(laurel_check_presence) {
    const TriggerData *trigger = CheckTrigger(fcinfo, kCheckPresence);
    const AsOwner owner(OwnerOf(RelationGetRelid(trigger->tg_relation)));
    const SpiConnection spi;
    CheckPresence(DraftRow(trigger));
    return PointerGetDatum(nullptr);
}

LAUREL_FUNCTION(laurel_keep_answer) {
    const TriggerData *trigger = CheckTrigger(fcinfo, kKeepAnswer);
    const DraftRow row(trigger);
    const Oid table = RelationGetRelid(trigger->tg_relation);
    if (IsTrusted(table))
        return row.Done();
    access::NoticeChanges();
    const AsOwner owner(OwnerOf(table));
    const SpiConnection spi;
    RequireStillOpen(row);
    return row.Done();
}

LAUREL_FUNCTION(laurel_keep_reward) {
    const TriggerData *trigger = CheckTrigger(fcinfo, kKeepReward);
    access::NoticeChanges();
    access::RequireAdministrator(RelationGetRelid(trigger->tg_relation),
                                 DraftRow(trigger).Id("organization_id"), "set the points of an event");
    return PointerGetDatum(nullptr);
}

LAUREL_FUNCTION(laurel_end_event) {
    TriggerData *trigger = CheckTrigger(fcinfo, kEndEvent);
    const int64 rows = RowsOf(trigger->tg_oldtable);
    if (rows == 0 || guards::DerivedWrite::Admits(fcinfo)) // places that are counted end nothing
        return PointerGetDatum(nullptr);
    const AsOwner owner(OwnerOf(RelationGetRelid(trigger->tg_relation)));
    const SpiConnection spi;
    ShareTransitionTables(trigger);
    mark_missing.Run(rows);
    return PointerGetDatum(nullptr);
}

// laurel.check_in(event, user, at)
LAUREL_FUNCTION(laurel_check_in) {
    const Uuid event = ToUuid(Required(fcinfo, 0, "event_id"));
    const Uuid user = ToUuid(Required(fcinfo, 1, "user_id", kNameTheMember));
    const TimestampTz at = DatumGetTimestampTz(Required(fcinfo, 2, "at"));
    access::NoticeChanges();
    const Uuid organization = OrganizationFor(event, "check in at");
    RequireNotLater(at);
    const AsOwner owner(OwnerOf(TableOid("participations")));
    const SpiConnection spi;
    const Datum values[] = {FromUuid(organization), FromUuid(event), FromUuid(user), TimestampTzGetDatum(at)};
    if (check_in.Run(Access::Write, values) > 0)
        PG_RETURN_VOID();
    if (find_presence.Run(Access::Write, {values[0], values[1], values[2]}) > 0) {
        if (!DatumGetBool(Field(0, 1)))
            RefuseDropped(TableOid("participations"), "a trigger dropped the check-in");
        PG_RETURN_VOID();
    }
    RefusePresence(
        "participations_attendance_status_allowed", "this member was not going to the event",
        psprintf("User %s has no place at event %s.", UuidText(user), UuidText(event)),
        "Write going to the member's row of laurel.participations first; where no place is left, raise "
        "max_participants of the event.");
}

// laurel.invite_to_event(event, users)
LAUREL_FUNCTION(laurel_invite_to_event) {
    const Uuid event = ToUuid(Required(fcinfo, 0, "event_id"));
    const Datum users = Required(fcinfo, 1, "user_ids");
    const ArrayType *array = DatumGetArrayTypeP(users);
    if (ArrayGetNItems(ARR_NDIM(array), ARR_DIMS(array)) > kMostInvited)
        Refuse({.sqlstate = ERRCODE_INVALID_PARAMETER_VALUE,
                .message = psprintf("at most %d members are invited at once", kMostInvited),
                .hint = "Call once for each part of them."});
    access::NoticeChanges();
    const Uuid organization = OrganizationFor(event, "invite to");
    const AsOwner owner(OwnerOf(TableOid("participations")));
    const SpiConnection spi;
    PG_RETURN_INT32(invite.Run(Access::Write, {FromUuid(organization), FromUuid(event), users}));
}

// laurel.attendees(event)
LAUREL_FUNCTION(laurel_attendees) {
    InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
    const Uuid event = ToUuid(Required(fcinfo, 0, "event_id"));
    access::NoticeChanges();
    const Uuid organization = OrganizationFor(event, "see who comes to");
    const AsOwner owner(OwnerOf(TableOid("participations")));
    const SpiConnection spi;
    ReturnRows(fcinfo, attendees.Run(Access::Read, {FromUuid(organization), FromUuid(event)}));
    PG_RETURN_NULL();
}

} // namespace laurel::events
