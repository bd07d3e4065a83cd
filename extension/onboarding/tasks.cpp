// Tasks of an onboarding: who does what, and what comes first. Two transactions that finish and reopen tasks
// of one onboarding would each see the other's as they were: whoever changes a state locks the onboarding
// first, and then looks at what is committed.
//
// Lock order: tasks, then their onboardings by (organization_id, id), as tasks are counted.

#include "access/caller.h"
#include "postgres/arguments.h"
#include "postgres/bridge.h"
#include "postgres/draft_row.h"
#include "postgres/error.h"
#include "postgres/fresh.h"
#include "postgres/owner.h"
#include "postgres/sized_statement.h"
#include "postgres/trigger.h"

namespace laurel::onboarding {

namespace {

constexpr TriggerSpec kSettleTask = {"settle_task", TriggerSpec::Before, TriggerSpec::EachRow,
                                     TriggerSpec::Update};
constexpr TriggerSpec kCheckTaskOrder = {"check_task_order", TriggerSpec::After, TriggerSpec::EachStatement,
                                         TriggerSpec::Update};
constexpr TriggerSpec kCompleteOnboarding = {"complete_onboarding", TriggerSpec::Before, TriggerSpec::EachRow,
                                             TriggerSpec::Update};
constexpr TriggerSpec kHoldPlan = {"hold_plan", TriggerSpec::After, TriggerSpec::EachRow,
                                   TriggerSpec::Update};
constexpr TriggerSpec kRemindAnew = {"remind_anew", TriggerSpec::Before, TriggerSpec::EachRow,
                                     TriggerSpec::Update};
constexpr TriggerSpec kHoldWords = {"hold_words", TriggerSpec::After, TriggerSpec::EachRow,
                                    TriggerSpec::Update, 1};

SizedStatement
    lock_onboardings(R"(SELECT FROM ONLY laurel.user_onboardings u WHERE (u.organization_id, u.id) IN (
        SELECT n.organization_id, n.onboarding_id FROM new_rows n JOIN old_rows o ON o.id = n.id
        WHERE n.status <> o.status) ORDER BY u.organization_id, u.id FOR NO KEY UPDATE)");

Statement find_ended = Statement(R"(SELECT status FROM ONLY laurel.user_onboardings
        WHERE organization_id = $1 AND id = $2 AND status <> 'active')",
                                 UUIDOID, UUIDOID)
                           .Returns(TEXTOID);

SizedStatement find_cancelled =
    SizedStatement(R"(SELECT u.status FROM new_rows n JOIN old_rows o ON o.id = n.id
        JOIN ONLY laurel.user_onboardings u ON u.organization_id = n.organization_id AND u.id = n.onboarding_id
        WHERE n.status <> o.status AND u.status = 'cancelled' LIMIT 1)")
        .Returns(TEXTOID);

// A task that is done before what it requires, with what is missing.
SizedStatement find_early =
    SizedStatement(R"(SELECT n.title, pg_catalog.string_agg(r.title, ', ' ORDER BY r.position, r.id)
        FROM new_rows n JOIN old_rows o ON o.id = n.id CROSS JOIN LATERAL pg_catalog.unnest(n.requires_ids) q
        JOIN ONLY laurel.onboarding_tasks r ON r.organization_id = n.organization_id
            AND r.onboarding_id = n.onboarding_id AND r.id = q AND r.status = 'pending'
        WHERE n.status = 'done' AND o.status <> 'done' GROUP BY n.id, n.title ORDER BY n.id LIMIT 1)")
        .Returns(TEXTOID, TEXTOID);

// A task that is open again although what requires it is done.
SizedStatement find_needed =
    SizedStatement(R"(SELECT n.title, pg_catalog.string_agg(d.title, ', ' ORDER BY d.position, d.id)
        FROM new_rows n JOIN old_rows o ON o.id = n.id
        JOIN ONLY laurel.onboarding_tasks d ON d.organization_id = n.organization_id
            AND d.onboarding_id = n.onboarding_id AND n.id = ANY (d.requires_ids) AND d.status = 'done'
        WHERE n.status = 'pending' AND o.status <> 'pending' GROUP BY n.id, n.title ORDER BY n.id LIMIT 1)")
        .Returns(TEXTOID, TEXTOID);

// As the caller, whom policies bind.
Statement complete(R"(UPDATE ONLY laurel.onboarding_tasks SET status = 'done', note = coalesce($2, note)
        WHERE id = $1 AND status = 'pending')",
                   UUIDOID, TEXTOID);
Statement find_status =
    Statement("SELECT status FROM ONLY laurel.onboarding_tasks WHERE id = $1", UUIDOID).Returns(TEXTOID);

// Whether the caller is a member of the row who stands in that column.
bool
IsCaller(const DraftRow &row, const char *column) {
    const access::Caller &caller = access::CurrentCaller();
    const Nullable member = row.Get(column, UUIDOID);
    return caller.known && !member.is_null && caller.user == ToUuid(member.value);
}

[[noreturn]] void
RefuseEnded() {
    Refuse({.message = "the onboarding has ended",
            .detail = psprintf("It is %s.", TextField(0, 1)),
            .hint = "Its tasks stay as they are.",
            .table = "onboarding_tasks",
            .constraint = "onboarding_tasks_onboarding_active"});
}

// As it is before the statement: the last required task ends an onboarding.
void
RequireActive(const DraftRow &row) {
    const Uuid organization = row.Id("organization_id"), onboarding = row.Id("onboarding_id");
    if (find_ended.Run(Access::Write, {FromUuid(organization), FromUuid(onboarding)}) > 0)
        RefuseEnded();
}

[[noreturn]] void
RefuseOrder(const char *message, const char *named, const char *hint) {
    const char *detail = psprintf("\"%s\": %s.", TextField(0, 1), psprintf("%s %s", named, TextField(0, 2)));
    Refuse({.message = message,
            .detail = detail,
            .hint = hint,
            .table = "onboarding_tasks",
            .constraint = "onboarding_tasks_order"});
}

void
CheckOrder(int64 rows) {
    if (find_cancelled.For(rows).Run(Access::Read) > 0) // meanwhile
        RefuseEnded();
    if (find_early.For(rows).Run(Access::Read) > 0)
        RefuseOrder("other tasks come first", "still open are", "Do or skip those first.");
    if (find_needed.For(rows).Run(Access::Read) > 0)
        RefuseOrder("other tasks that come later are done", "done are", "Open those first.");
}

// Skipping what is required is for administrators.
void
RequireSkippable(const DraftRow &row, Oid table) {
    if (row.Text("status") == "skipped" && row.Flag("is_required"))
        access::RequireAdministrator(table, row.Id("organization_id"), "skip a task that is required");
}

void
StampState(DraftRow *row, Oid table) {
    if (row->Text("status") == "pending") {
        row->Set("completed_at", TIMESTAMPTZOID, 0, true);
        row->Set("completed_by", UUIDOID, 0, true);
        return;
    }
    RequireSkippable(*row, table);
    const access::Caller &caller = access::CurrentCaller();
    if (caller.known && row->IsNull("completed_by") && access::BelongsTo(caller, row->Id("organization_id")))
        row->Set("completed_by", UUIDOID, CopyUuid(caller.user));
}

} // namespace

LAUREL_FUNCTION(laurel_settle_task) {
    const TriggerData *trigger = CheckTrigger(fcinfo, kSettleTask);
    DraftRow row(trigger);
    access::NoticeChanges();
    const Oid table = RelationGetRelid(trigger->tg_relation);
    StampState(&row, table);
    const AsOwner owner(OwnerOf(table));
    const SpiConnection spi;
    RequireActive(row);
    return row.Done();
}

LAUREL_FUNCTION(laurel_remind_anew) {
    DraftRow row(CheckTrigger(fcinfo, kRemindAnew));
    for (const char *told : {"reminded_at", "overdue_at", "escalated_at"})
        row.Set(told, TIMESTAMPTZOID, 0, true);
    return row.Done();
}

LAUREL_FUNCTION(laurel_check_task_order) {
    TriggerData *trigger = CheckTrigger(fcinfo, kCheckTaskOrder);
    const int64 rows = RowsOf(trigger->tg_newtable);
    if (rows == 0)
        return PointerGetDatum(nullptr);
    const Oid table_owner = OwnerOf(RelationGetRelid(trigger->tg_relation));
    {
        const AsOwner owner(table_owner);
        const SpiConnection spi;
        ShareTransitionTables(trigger);
        if (lock_onboardings.Run(rows) == 0)
            return PointerGetDatum(nullptr);
    }
    const FreshRead fresh(table_owner);
    ShareTransitionTables(trigger);
    CheckOrder(rows);
    return PointerGetDatum(nullptr);
}

LAUREL_FUNCTION(laurel_complete_onboarding) {
    DraftRow row(CheckTrigger(fcinfo, kCompleteOnboarding));
    row.Set("status", TEXTOID, CStringGetTextDatum("completed"));
    return row.Done();
}

LAUREL_FUNCTION(laurel_hold_plan) {
    const TriggerData *trigger = CheckTrigger(fcinfo, kHoldPlan);
    access::NoticeChanges();
    access::RequireAdministrator(RelationGetRelid(trigger->tg_relation),
                                 DraftRow(trigger).Id("organization_id"), "change the plan of an onboarding");
    return PointerGetDatum(nullptr);
}

// Argument: the column that says who speaks. Administrators speak for who holds it, or where nobody does.
LAUREL_FUNCTION(laurel_hold_words) {
    const TriggerData *trigger = CheckTrigger(fcinfo, kHoldWords);
    const DraftRow row(trigger);
    const char *speaker = trigger->tg_trigger->tgargs[0];
    access::NoticeChanges();
    const bool speaks = IsTrusted(RelationGetRelid(trigger->tg_relation)) || IsCaller(row, speaker) ||
                        (std::string_view(speaker) == "assignee_id" &&
                         access::Administers(access::CurrentCaller(), row.Id("organization_id")));
    if (!speaks)
        Refuse({.sqlstate = ERRCODE_INSUFFICIENT_PRIVILEGE,
                .message = "not allowed to speak for somebody else at a check-in",
                .hint = access::HintOr("The new hire writes new_hire_rating and new_hire_notes, who holds it "
                                       "manager_rating and manager_notes.")});
    return PointerGetDatum(nullptr);
}

// laurel.complete_onboarding_task(task, note)
LAUREL_FUNCTION(laurel_complete_onboarding_task) {
    const Datum task = Required(fcinfo, 0, "task_id");
    const SpiConnection spi;
    if (complete.Run(Access::Write, {task, Argument(fcinfo, 1)}) > 0)
        PG_RETURN_VOID();
    const bool found = find_status.Run(Access::Write, task) > 0;
    const std::string_view status = found ? ToText(Field(0, 1)) : std::string_view();
    if (status == "done")
        PG_RETURN_VOID();
    if (status == "skipped")
        Refuse({.sqlstate = kConflict,
                .message = "the task was skipped",
                .hint = "Set its status to pending first.",
                .table = "onboarding_tasks",
                .constraint = "onboarding_tasks_status_steps"});
    Refuse({.sqlstate = ERRCODE_INSUFFICIENT_PRIVILEGE,
            .message = "not allowed to complete this task",
            .hint = access::HintOr(
                "There is none with that id that is yours; ask its assignee or an org_admin.")});
}

} // namespace laurel::onboarding
