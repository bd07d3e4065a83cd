// Group sessions: their places follow them, and go to who waits.
//
// Lock order: a place, then its session. What a session says reaches its places the other way, and so takes
// only places that nobody holds (55P03); laurel.reschedule_appointment() and its like take them first.

#include "appointments/session.h"
#include "appointments/sweep.h"
#include "places/promotion.h"

namespace laurel::appointments {

namespace {

constexpr TriggerSpec kTakePlace = {"take_session_place", TriggerSpec::Before, TriggerSpec::EachRow,
                                    TriggerSpec::Insert | TriggerSpec::Update};
constexpr TriggerSpec kLockSessions = {"lock_sessions", TriggerSpec::After, TriggerSpec::EachStatement,
                                       TriggerSpec::Delete};
constexpr TriggerSpec kPromote = {"promote_in_sessions", TriggerSpec::After, TriggerSpec::EachStatement,
                                  TriggerSpec::Update | TriggerSpec::Delete};
constexpr TriggerSpec kFillSessions = {"fill_sessions", TriggerSpec::After, TriggerSpec::EachStatement,
                                       TriggerSpec::Update};
constexpr TriggerSpec kFollowSession = {"follow_session", TriggerSpec::After, TriggerSpec::EachStatement,
                                        TriggerSpec::Update};

// Who waits for a session that is over waits no more.
SizedStatement follow(R"(WITH changed AS MATERIALIZED (
            SELECT n.* FROM new_rows n JOIN old_rows o ON o.id = n.id WHERE n.max_participants IS NOT NULL
                AND (n.status, n.start_time, n.end_time, n.buffer_minutes, n.room_id, n.trainer_id, n.title, n.location, n.meeting_url)
                IS DISTINCT FROM (o.status, o.start_time, o.end_time, o.buffer_minutes, o.room_id, o.trainer_id, o.title, o.location, o.meeting_url)
        ), held AS MATERIALIZED (
            SELECT p.id FROM changed c CROSS JOIN LATERAL (SELECT a.id, a.beneficiary_id FROM ONLY laurel.appointments a
                WHERE a.organization_id = c.organization_id AND a.session_id = c.id AND a.status IN ('scheduled', 'confirmed', 'waitlisted')
                ORDER BY a.beneficiary_id FOR NO KEY UPDATE NOWAIT) p
        ) UPDATE ONLY laurel.appointments p SET start_time = c.start_time, end_time = c.end_time, buffer_minutes = c.buffer_minutes,
            room_id = c.room_id, trainer_id = c.trainer_id, title = c.title, location = c.location, meeting_url = c.meeting_url,
            status = CASE WHEN c.status = 'cancelled' OR c.status = 'completed' AND p.status = 'waitlisted' THEN 'cancelled'
                WHEN c.status = 'completed' THEN 'completed' ELSE p.status END,
            cancellation_reason = coalesce(p.cancellation_reason, c.cancellation_reason)
        FROM changed c WHERE p.organization_id = c.organization_id AND p.session_id = c.id AND p.id IN (SELECT id FROM held))");

} // namespace

uint64
PromoteWaiting(const Uuid &organization) {
    return places::PromoteUnheld<Sessions>(organization);
}

LAUREL_FUNCTION(laurel_take_session_place) {
    return places::TakePlace<Sessions>(fcinfo, CheckTrigger(fcinfo, kTakePlace));
}

LAUREL_FUNCTION(laurel_lock_sessions) {
    places::LockLeft<Sessions>(CheckTrigger(fcinfo, kLockSessions));
    return PointerGetDatum(nullptr);
}

LAUREL_FUNCTION(laurel_promote_in_sessions) {
    return places::PromoteAfter<Sessions>(CheckTrigger(fcinfo, kPromote), &places::left_by_rows<Sessions>);
}

// Places that are counted make none.
LAUREL_FUNCTION(laurel_fill_sessions) {
    TriggerData *trigger = CheckTrigger(fcinfo, kFillSessions);
    if (guards::DerivedWrite::Admits(fcinfo))
        return PointerGetDatum(nullptr);
    return places::PromoteAfter<Sessions>(trigger, &places::enlarged<Sessions>);
}

LAUREL_FUNCTION(laurel_follow_session) {
    TriggerData *trigger = CheckTrigger(fcinfo, kFollowSession);
    const int64 rows = RowsOf(trigger->tg_newtable);
    if (rows == 0 || guards::DerivedWrite::Admits(fcinfo))
        return PointerGetDatum(nullptr);
    const Oid table = RelationGetRelid(trigger->tg_relation);
    const AsOwner owner(OwnerOf(table));
    const SpiConnection spi;
    ShareTransitionTables(trigger);
    const guards::DerivedWrite writing({table});
    follow.Run(rows);
    return PointerGetDatum(nullptr);
}

} // namespace laurel::appointments
