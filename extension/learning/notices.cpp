// What is said of assigned learning, once each: reminders before it is due, that it is overdue, and to the
// manager that it still is. A row knows when it has something to say next; the job stamps what it has said,
// and the table's tell does the rest.

#include "jobs/failures.h"
#include "jobs/sweep.h"
#include "postgres/bridge.h"
#include "postgres/draft_row.h"
#include "postgres/owner.h"
#include "postgres/trigger.h"

namespace laurel::learning {

namespace {

constexpr const char *kJob = "learning";

constexpr TriggerSpec kPlanNotice = {"plan_notice", TriggerSpec::Before, TriggerSpec::EachRow,
                                     TriggerSpec::Insert | TriggerSpec::Update};

// By when it is due ($3), since when it is assigned, and what was said (reminder, overdue, escalation).
Statement next_notice =
    Statement(R"(SELECT least((SELECT pg_catalog.min($3 - r) FROM pg_catalog.unnest(a.remind_before) r
            WHERE $6 IS NULL AND $3 - r > greatest($4, $5)), CASE WHEN $6 IS NULL THEN $3 END,
            CASE WHEN $7 IS NULL THEN $3 + a.escalate_after END)
        FROM ONLY laurel.learning_assignments a WHERE a.organization_id = $1 AND a.id = $2)",
              UUIDOID, UUIDOID, TIMESTAMPTZOID, TIMESTAMPTZOID, TIMESTAMPTZOID, TIMESTAMPTZOID,
              TIMESTAMPTZOID)
        .Returns(TIMESTAMPTZOID)
        .Generic();

// By assigned_learning_next_notice_at_idx: one look for each organization.
Statement organizations_to_tell = Statement(R"(SELECT o.id FROM ONLY laurel.organizations o WHERE EXISTS (
            SELECT FROM ONLY laurel.assigned_learning g WHERE g.organization_id = o.id
            AND g.next_notice_at <= pg_catalog.now()) ORDER BY 1)")
                                      .Returns(UUIDOID);

// Some of what an organization has to say now, the longest due first; rows that somebody holds wait.
Statement stamp = Statement(R"(WITH due AS (
            SELECT g.id, a.escalate_after FROM ONLY laurel.assigned_learning g JOIN ONLY laurel.learning_assignments a
                ON a.organization_id = g.organization_id AND a.id = g.assignment_id
            WHERE g.organization_id = $1 AND g.next_notice_at <= pg_catalog.now()
            ORDER BY g.next_notice_at LIMIT 5000 FOR NO KEY UPDATE OF g SKIP LOCKED
        ) UPDATE ONLY laurel.assigned_learning g SET
            reminded_at = CASE WHEN g.due_at > pg_catalog.now() THEN pg_catalog.now() ELSE g.reminded_at END,
            overdue_told_at = CASE WHEN g.due_at <= pg_catalog.now() THEN coalesce(g.overdue_told_at, pg_catalog.now()) END,
            escalated_at = CASE WHEN g.due_at + d.escalate_after <= pg_catalog.now()
                THEN coalesce(g.escalated_at, pg_catalog.now()) ELSE g.escalated_at END
        FROM due d WHERE g.id = d.id)",
                            UUIDOID);

bool
IsLater(const Nullable &due, const Nullable &before) {
    if (before.is_null || due.is_null)
        return false;
    return DatumGetTimestampTz(due.value) != DatumGetTimestampTz(before.value) &&
           DatumGetTimestampTz(due.value) > GetCurrentTransactionStartTimestamp();
}

// What is due at another time, still to come, is said again when that comes.
void
ForgetSaid(const TriggerData *trigger, DraftRow *row) {
    if (!TRIGGER_FIRED_BY_UPDATE(trigger->tg_event))
        return;
    const DraftRow was(trigger->tg_trigtuple, RelationGetDescr(trigger->tg_relation));
    if (!IsLater(row->Get("due_at", TIMESTAMPTZOID), was.Get("due_at", TIMESTAMPTZOID)))
        return;
    for (const char *stamp : {"overdue_told_at", "escalated_at"})
        row->Set(stamp, TIMESTAMPTZOID, 0, true);
}

Nullable
NextNotice(const DraftRow &row) {
    if (row.Text("status") != "assigned" || row.IsNull("due_at") || row.IsNull("organization_id") ||
        row.IsNull("assignment_id"))
        return {};
    Parameters values;
    for (const char *column : {"organization_id", "assignment_id"})
        values.Add(row.Get(column, UUIDOID));
    for (const char *column : {"due_at", "assigned_at", "reminded_at", "overdue_told_at", "escalated_at"})
        values.Add(row.Get(column, TIMESTAMPTZOID));
    Nullable next;
    if (next_notice.Run(Access::Write, values) > 0)
        next.value = Field(0, 1, &next.is_null);
    return next;
}

void
TellFailure(const Uuid &organization, const ErrorData &error) {
    jobs::TellFailure(kJob, organization, error,
                      psprintf("learners of organization %s are not reminded", UuidText(organization)));
}

uint64
TellOrganization(const Uuid &organization) {
    return stamp.Run(Access::Write, FromUuid(organization));
}

} // namespace

LAUREL_FUNCTION(laurel_plan_notice) {
    const TriggerData *trigger = CheckTrigger(fcinfo, kPlanNotice);
    DraftRow row(trigger);
    ForgetSaid(trigger, &row);
    const AsOwner owner(OwnerOf(RelationGetRelid(trigger->tg_relation)));
    const SpiConnection spi;
    const Nullable next = NextNotice(row);
    row.Set("next_notice_at", TIMESTAMPTZOID, next.value, next.is_null);
    return row.Done();
}

// laurel.remind_learners()
LAUREL_FUNCTION(laurel_remind_learners) {
    const AsOwner owner(OwnerOf(TableOid("assigned_learning")));
    const SpiConnection spi;
    const int64 rows = jobs::SweepOrganizations(organizations_to_tell, TellOrganization, TellFailure);
    jobs::ForgetFailures(kJob, GetCurrentTransactionStartTimestamp());
    PG_RETURN_INT64(rows);
}

} // namespace laurel::learning
