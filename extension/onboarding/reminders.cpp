// The job of onboardings: goes through the organizations that work today, of which one that fails is noted
// and the others go on. It notes what is due, and the tables tell who has to know.

#include "jobs/failures.h"
#include "jobs/sweep.h"
#include "onboarding/joining.h"
#include "postgres/bridge.h"
#include "postgres/owner.h"

namespace laurel::onboarding {

namespace {

constexpr const char *kJob = "onboarding";

Statement find_active = Statement("SELECT DISTINCT organization_id FROM ONLY laurel.user_onboardings WHERE "
                                  "status = 'active' ORDER BY 1")
                            .Returns(UUIDOID);

// Nobody is reminded on a day on which nobody works.
Statement find_working_day = Statement(R"(SELECT t.today FROM ONLY laurel.organizations o
        CROSS JOIN LATERAL (SELECT pg_catalog.timezone(o.time_zone, pg_catalog.now())::pg_catalog.date AS today) t
        WHERE o.id = $1 AND laurel.add_working_days($1, t.today, 0) = t.today)",
                                       UUIDOID)
                                 .Returns(DATEOID);

// At most 5,000 tasks at a time, of organization $1 on day $2: what somebody holds waits until the next time.
// What waits for other tasks is not said to be due soon.
Statement remind_tasks(R"(WITH limits AS MATERIALIZED (
            SELECT t.id, laurel.add_working_days($1, $2, t.remind_before_working_days) AS soon,
                CASE WHEN t.escalate_after_working_days IS NOT NULL
                    THEN laurel.add_working_days($1, $2, -t.escalate_after_working_days) END AS escalated
            FROM ONLY laurel.onboarding_templates t WHERE t.organization_id = $1
        ), due AS MATERIALIZED (
            SELECT k.id, k.due_on < $2 AS is_late, k.due_on <= l.escalated AS is_escalated
            FROM ONLY laurel.onboarding_tasks k
            JOIN ONLY laurel.user_onboardings u ON u.organization_id = $1 AND u.id = k.onboarding_id AND u.status = 'active'
            JOIN limits l ON l.id = u.template_id
            WHERE k.organization_id = $1 AND k.status = 'pending' AND k.escalated_at IS NULL
                AND (k.reminded_at IS NULL AND k.due_on <= l.soon AND (k.due_on < $2 OR NOT EXISTS (
                        SELECT FROM pg_catalog.unnest(k.requires_ids) q CROSS JOIN LATERAL (
                            SELECT FROM ONLY laurel.onboarding_tasks r
                            WHERE r.organization_id = $1 AND r.id = q AND r.status = 'pending' OFFSET 0) open))
                    OR k.overdue_at IS NULL AND k.due_on < $2 OR k.due_on <= l.escalated)
            ORDER BY k.due_on, k.id LIMIT 5000 FOR NO KEY UPDATE OF k SKIP LOCKED
        ) UPDATE ONLY laurel.onboarding_tasks k SET reminded_at = coalesce(k.reminded_at, pg_catalog.now()),
            overdue_at = CASE WHEN d.is_late THEN coalesce(k.overdue_at, pg_catalog.now()) END,
            escalated_at = CASE WHEN d.is_escalated THEN pg_catalog.now() END
        FROM due d WHERE k.id = d.id)",
                       UUIDOID, DATEOID);

Statement tell_check_ins(R"(WITH due AS MATERIALIZED (
            SELECT c.id FROM ONLY laurel.onboarding_check_ins c
            JOIN ONLY laurel.user_onboardings u ON u.organization_id = $1 AND u.id = c.onboarding_id AND u.status <> 'cancelled'
            WHERE c.organization_id = $1 AND c.status = 'scheduled' AND c.told_at IS NULL AND c.scheduled_on <= $2
            ORDER BY c.scheduled_on, c.id LIMIT 5000 FOR NO KEY UPDATE OF c SKIP LOCKED
        ) UPDATE ONLY laurel.onboarding_check_ins c SET told_at = pg_catalog.now() FROM due d WHERE c.id = d.id)",
                         UUIDOID, DATEOID);

uint64
Remind(const Uuid &organization) {
    if (find_working_day.Run(Access::Write, FromUuid(organization)) == 0)
        return 0;
    const Datum today = Field(0, 1);
    const uint64 tasks = remind_tasks.Run(Access::Write, {FromUuid(organization), today});
    return tasks + tell_check_ins.Run(Access::Write, {FromUuid(organization), today});
}

void
TellUnreminded(const Uuid &organization, const ErrorData &error) {
    jobs::TellFailure(
        kJob, organization, error,
        psprintf("nobody in organization %s is reminded of onboarding", UuidText(organization)));
}

} // namespace

// laurel.remind_onboarding()
LAUREL_FUNCTION(laurel_remind_onboarding) {
    const AsOwner owner(OwnerOf(TableOid("user_onboardings")));
    const SpiConnection spi;
    StartMissed();
    const int64 rows = jobs::SweepOrganizations(find_active, Remind, TellUnreminded);
    jobs::ForgetFailures(kJob, GetCurrentTransactionStartTimestamp());
    PG_RETURN_INT64(rows);
}

} // namespace laurel::onboarding
