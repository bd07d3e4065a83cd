// The jobs of appointments: they go through the organizations, of which one that fails is noted and the
// others go on.

#include "appointments/sweep.h"
#include "jobs/failures.h"
#include "jobs/sweep.h"
#include "postgres/bridge.h"
#include "postgres/owner.h"

namespace laurel::appointments {

namespace {

constexpr char kReminders[] = "reminders";
constexpr char kJob[] = "appointments";

Statement organizations_coming = Statement(R"(SELECT o.id FROM ONLY laurel.organizations o WHERE EXISTS (
            SELECT FROM ONLY laurel.appointments a WHERE a.organization_id = o.id AND a.status IN ('scheduled', 'confirmed')
                AND a.start_time > pg_catalog.now() AND a.start_time <= pg_catalog.now() + interval '43200 minutes')
        ORDER BY 1)")
                                     .Returns(UUIDOID);

// Of the times before an appointment that have come, the one nearest to it. What moves meanwhile is not due.
Statement remind = Statement(R"(WITH due AS MATERIALIZED (
            SELECT a.id, a.times_moved, t.minutes FROM ONLY laurel.appointments a
            LEFT JOIN ONLY laurel.trainer_calendars c ON c.organization_id = a.organization_id AND c.user_id = a.trainer_id
            CROSS JOIN LATERAL (SELECT pg_catalog.min(m) AS minutes FROM pg_catalog.unnest(coalesce(c.reminder_minutes, '{1440}')) m
                WHERE a.start_time <= pg_catalog.now() + m * interval '1 minute') t
            WHERE a.organization_id = $1 AND a.status IN ('scheduled', 'confirmed') AND a.start_time > pg_catalog.now()
                AND a.start_time <= pg_catalog.now() + interval '1 minute' * greatest(1440, (SELECT pg_catalog.max(m)
                    FROM ONLY laurel.trainer_calendars k, pg_catalog.unnest(k.reminder_minutes) m WHERE k.organization_id = $1))
                AND t.minutes IS NOT NULL AND NOT EXISTS (SELECT FROM ONLY laurel.appointment_reminders r
                    WHERE r.organization_id = $1 AND r.appointment_id = a.id AND r.minutes_before = t.minutes
                        AND r.times_moved = a.times_moved)
        ), held AS MATERIALIZED (
            SELECT a.id, a.times_moved, d.minutes FROM ONLY laurel.appointments a JOIN due d ON d.id = a.id AND d.times_moved = a.times_moved
            WHERE a.organization_id = $1 AND a.status IN ('scheduled', 'confirmed') ORDER BY a.id FOR NO KEY UPDATE OF a SKIP LOCKED
        ), sent AS (
            INSERT INTO laurel.appointment_reminders (organization_id, appointment_id, minutes_before, times_moved)
            SELECT $1, id, minutes, times_moved FROM held ON CONFLICT ON CONSTRAINT appointment_reminders_once_key DO NOTHING
            RETURNING appointment_id
        ) UPDATE ONLY laurel.appointments a SET reminder_sent = true FROM sent WHERE a.id = sent.appointment_id)",
                             UUIDOID);

Statement organizations_left =
    Statement(
        R"(SELECT organization_id FROM ONLY laurel.appointments WHERE status = 'held' AND held_until <= pg_catalog.clock_timestamp()
        UNION SELECT organization_id FROM ONLY laurel.appointments WHERE waiting_count > 0 ORDER BY 1)")
        .Returns(UUIDOID);

Statement expire_due = Statement(R"(UPDATE ONLY laurel.appointments SET status = 'expired' WHERE id IN (
            SELECT id FROM ONLY laurel.appointments WHERE organization_id = $1 AND status = 'held'
                AND held_until <= pg_catalog.clock_timestamp() ORDER BY id FOR NO KEY UPDATE SKIP LOCKED))",
                             UUIDOID);

uint64
Remind(const Uuid &organization) {
    return remind.Run(Access::Write, FromUuid(organization));
}

uint64
Expire(const Uuid &organization) {
    const uint64 expired = expire_due.Run(Access::Write, FromUuid(organization));
    return expired + PromoteWaiting(organization);
}

template <const char *job>
void
TellFailure(const Uuid &organization, const ErrorData &error) {
    jobs::TellFailure(
        job, organization, error,
        psprintf("appointments of organization %s are left as they are", UuidText(organization)));
}

template <const char *job>
int64
Sweep(Statement &find, uint64 (*sweep)(const Uuid &)) {
    int64 swept;
    {
        const AsOwner owner(OwnerOf(TableOid("appointments")));
        const SpiConnection spi;
        swept = jobs::SweepOrganizations(find, sweep, TellFailure<job>);
    }
    jobs::ForgetFailures(job, GetCurrentTransactionStartTimestamp());
    return swept;
}

} // namespace

// laurel.send_reminders()
LAUREL_FUNCTION(laurel_send_reminders) {
    PG_RETURN_INT64(Sweep<kReminders>(organizations_coming, Remind));
}

// laurel.expire_appointments()
LAUREL_FUNCTION(laurel_expire_appointments) {
    PG_RETURN_INT64(Sweep<kJob>(organizations_left, Expire));
}

} // namespace laurel::appointments
