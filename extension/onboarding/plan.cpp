// What an onboarding consists of: made of its template when it begins, and given to others when those who
// look after a new member change.

#include "postgres/bridge.h"
#include "postgres/draft_row.h"
#include "postgres/owner.h"
#include "postgres/sized_statement.h"
#include "postgres/trigger.h"

namespace laurel::onboarding {

namespace {

constexpr TriggerSpec kFillOnboarding = {"fill_onboarding", TriggerSpec::Before, TriggerSpec::EachRow,
                                         TriggerSpec::Insert};
constexpr TriggerSpec kPlanOnboarding = {"plan_onboarding", TriggerSpec::After, TriggerSpec::EachStatement,
                                         TriggerSpec::Insert};
constexpr TriggerSpec kReassignTasks = {"reassign_tasks", TriggerSpec::After, TriggerSpec::EachRow,
                                        TriggerSpec::Update};
constexpr TriggerSpec kFollowManager = {"follow_manager", TriggerSpec::After, TriggerSpec::EachRow,
                                        TriggerSpec::Update};

Statement find_today = Statement("SELECT pg_catalog.timezone(time_zone, pg_catalog.now())::pg_catalog.date"
                                 " FROM ONLY laurel.organizations WHERE id = $1",
                                 UUIDOID)
                           .Returns(DATEOID);

// The user's manager, who is a member too.
Statement find_manager = Statement(R"(SELECT m.user_id FROM ONLY laurel.users u
        JOIN ONLY laurel.user_organizations m ON m.organization_id = $1 AND m.user_id = u.manager_id
        WHERE u.id = $2 AND u.organization_id = $1)",
                                   UUIDOID, UUIDOID)
                             .Returns(UUIDOID);

// Each due date is counted once for all who begin on the same day.
SizedStatement plan_tasks(R"(WITH due AS MATERIALIZED (
            SELECT d.*, laurel.add_working_days(d.organization_id, d.start_date, d.due_after_working_days) AS due_on
            FROM (SELECT DISTINCT n.organization_id, n.start_date, t.due_after_working_days FROM new_rows n
                JOIN ONLY laurel.onboarding_template_tasks t
                    ON t.organization_id = n.organization_id AND t.template_id = n.template_id
                WHERE n.status = 'active') d
        ), planned AS MATERIALIZED (
            SELECT laurel.uuidv7() AS id, n.id AS onboarding_id, n.organization_id, n.user_id, t.id AS task_id,
                t.position, t.title, t.description, t.owner_role, t.is_required, d.due_on,
                CASE t.owner_role WHEN 'new_hire' THEN n.user_id WHEN 'manager' THEN n.manager_id
                    WHEN 'buddy' THEN n.assigned_buddy_id ELSE p.it_member_id END AS assignee_id
            FROM new_rows n
            JOIN ONLY laurel.onboarding_templates p ON p.organization_id = n.organization_id AND p.id = n.template_id
            JOIN ONLY laurel.onboarding_template_tasks t
                ON t.organization_id = n.organization_id AND t.template_id = n.template_id
            JOIN due d ON d.organization_id = n.organization_id AND d.start_date = n.start_date
                AND d.due_after_working_days = t.due_after_working_days
            WHERE n.status = 'active'
        ), waiting AS (
            SELECT p.id, pg_catalog.array_agg(r.id ORDER BY r.position) AS requires_ids FROM planned p
            JOIN ONLY laurel.onboarding_task_dependencies d
                ON d.organization_id = p.organization_id AND d.task_id = p.task_id
            JOIN planned r ON r.onboarding_id = p.onboarding_id AND r.task_id = d.requires_id GROUP BY p.id
        ) INSERT INTO laurel.onboarding_tasks (id, organization_id, onboarding_id, template_task_id, position, title,
            description, owner_role, is_required, due_on, assignee_id, requires_ids)
        SELECT p.id, p.organization_id, p.onboarding_id, p.task_id, p.position, p.title, p.description, p.owner_role,
            p.is_required, p.due_on, p.assignee_id, coalesce(w.requires_ids, '{}')
        FROM planned p LEFT JOIN waiting w ON w.id = p.id ORDER BY p.organization_id, p.onboarding_id, p.position)");

SizedStatement plan_check_ins(R"(WITH due AS MATERIALIZED (
            SELECT d.*, laurel.add_working_days(d.organization_id, d.start_date + d.day, 0) AS scheduled_on
            FROM (SELECT DISTINCT n.organization_id, n.template_id, n.start_date, c.day FROM new_rows n
                JOIN ONLY laurel.onboarding_templates t ON t.organization_id = n.organization_id AND t.id = n.template_id
                CROSS JOIN LATERAL pg_catalog.unnest(t.check_in_days) c (day) WHERE n.status = 'active') d
        ) INSERT INTO laurel.onboarding_check_ins (organization_id, onboarding_id, assignee_id, day, scheduled_on)
        SELECT n.organization_id, n.id, n.manager_id, d.day, d.scheduled_on FROM new_rows n
        JOIN due d ON d.organization_id = n.organization_id AND d.template_id = n.template_id
            AND d.start_date = n.start_date
        WHERE n.status = 'active' ORDER BY n.organization_id, n.id, d.day)");

// What is left of an onboarding goes from one member to another, but what somebody else does by now. Where
// several members leave at once, foreign keys look at the rows when all of them are gone.
Statement reassign_tasks(R"(UPDATE ONLY laurel.onboarding_tasks SET assignee_id = $5
        WHERE organization_id = $1 AND onboarding_id = $2 AND owner_role = $3 AND status = 'pending'
            AND assignee_id IS NOT DISTINCT FROM $4)",
                         UUIDOID, UUIDOID, TEXTOID, UUIDOID, UUIDOID);
Statement reassign_check_ins(R"(UPDATE ONLY laurel.onboarding_check_ins SET assignee_id = $4
        WHERE organization_id = $1 AND onboarding_id = $2 AND status = 'scheduled'
            AND assignee_id IS NOT DISTINCT FROM $3)",
                             UUIDOID, UUIDOID, UUIDOID, UUIDOID);

// A manager who was chosen for the onboarding stays.
Statement follow_manager(R"(UPDATE ONLY laurel.user_onboardings SET manager_id = (
            SELECT m.user_id FROM ONLY laurel.user_organizations m WHERE m.organization_id = $1 AND m.user_id = $4)
        WHERE organization_id = $1 AND user_id = $2 AND status = 'active' AND manager_id IS NOT DISTINCT FROM $3)",
                         UUIDOID, UUIDOID, UUIDOID, UUIDOID);

// A field as it was before the update.
Nullable
FieldBefore(const TriggerData *trigger, const char *column) {
    return DraftRow(trigger->tg_trigtuple, RelationGetDescr(trigger->tg_relation)).Get(column, UUIDOID);
}

bool
IsSame(const Nullable &a, const Nullable &b) {
    return a.is_null || b.is_null ? a.is_null == b.is_null : ToUuid(a.value) == ToUuid(b.value);
}

void
FillStart(DraftRow *row, const Uuid &organization) {
    if (row->IsNull("start_date") && find_today.Run(Access::Read, FromUuid(organization)) > 0)
        row->Set("start_date", DATEOID, Field(0, 1));
}

void
FillManager(DraftRow *row, const Uuid &organization, const Uuid &user) {
    if (row->IsNull("manager_id") &&
        find_manager.Run(Access::Write, {FromUuid(organization), FromUuid(user)}) > 0)
        row->Set("manager_id", UUIDOID, Field(0, 1));
}

} // namespace

LAUREL_FUNCTION(laurel_fill_onboarding) {
    const TriggerData *trigger = CheckTrigger(fcinfo, kFillOnboarding);
    DraftRow row(trigger);
    const Uuid organization = row.Id("organization_id"), user = row.Id("user_id");
    const AsOwner owner(OwnerOf(RelationGetRelid(trigger->tg_relation)));
    const SpiConnection spi;
    FillStart(&row, organization);
    FillManager(&row, organization, user);
    return row.Done();
}

LAUREL_FUNCTION(laurel_plan_onboarding) {
    TriggerData *trigger = CheckTrigger(fcinfo, kPlanOnboarding);
    const int64 rows = RowsOf(trigger->tg_newtable);
    if (rows == 0)
        return PointerGetDatum(nullptr);
    const AsOwner owner(OwnerOf(RelationGetRelid(trigger->tg_relation)));
    const SpiConnection spi;
    ShareTransitionTables(trigger);
    plan_tasks.Run(rows);
    plan_check_ins.Run(rows);
    return PointerGetDatum(nullptr);
}

LAUREL_FUNCTION(laurel_reassign_tasks) {
    const TriggerData *trigger = CheckTrigger(fcinfo, kReassignTasks);
    const DraftRow row(trigger);
    const Uuid organization = row.Id("organization_id"), id = row.Id("id");
    const AsOwner owner(OwnerOf(RelationGetRelid(trigger->tg_relation)));
    const SpiConnection spi;
    constexpr std::pair<const char *, const char *> kCompanions[] = {{"manager_id", "manager"},
                                                                     {"assigned_buddy_id", "buddy"}};
    for (const auto &[column, role] : kCompanions) {
        const Nullable before = FieldBefore(trigger, column), after = row.Get(column, UUIDOID);
        if (IsSame(before, after))
            continue;
        reassign_tasks.Run(Access::Write,
                           {FromUuid(organization), FromUuid(id), CStringGetTextDatum(role), before, after});
        if (std::string_view(role) == "manager")
            reassign_check_ins.RunLater({FromUuid(organization), FromUuid(id), before, after});
    }
    return PointerGetDatum(nullptr);
}

LAUREL_FUNCTION(laurel_follow_manager) {
    const TriggerData *trigger = CheckTrigger(fcinfo, kFollowManager);
    const DraftRow row(trigger);
    const Uuid organization = row.Id("organization_id"), user = row.Id("id");
    const AsOwner owner(OwnerOf(TableOid("user_onboardings")));
    const SpiConnection spi;
    follow_manager.RunLater({FromUuid(organization), FromUuid(user), FieldBefore(trigger, "manager_id"),
                             row.Get("manager_id", UUIDOID)});
    return PointerGetDatum(nullptr);
}

} // namespace laurel::onboarding
