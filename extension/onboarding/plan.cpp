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

// The tasks of a template have numbers, and an onboarding an id for each, so that what a task requires is
// found without looking for it among all that is planned.
SizedStatement plan_tasks(R"(WITH numbered AS MATERIALIZED (
            SELECT t.*, pg_catalog.row_number() OVER (PARTITION BY t.organization_id, t.template_id ORDER BY t.position) AS number
            FROM ONLY laurel.onboarding_template_tasks t WHERE (t.organization_id, t.template_id) IN (
                SELECT n.organization_id, n.template_id FROM new_rows n WHERE n.status = 'active')
        ), ordered AS MATERIALIZED (
            SELECT t.*, ARRAY(SELECT r.number FROM ONLY laurel.onboarding_task_dependencies d
                JOIN numbered r ON r.id = d.requires_id
                WHERE d.organization_id = t.organization_id AND d.task_id = t.id ORDER BY r.number) AS requires
            FROM numbered t
        ), begun AS MATERIALIZED (
            SELECT n.*, p.it_member_id, ARRAY(SELECT laurel.uuidv7() FROM numbered t
                WHERE t.organization_id = n.organization_id AND t.template_id = n.template_id) AS ids
            FROM new_rows n JOIN ONLY laurel.onboarding_templates p ON p.organization_id = n.organization_id AND p.id = n.template_id
            WHERE n.status = 'active'
        ) INSERT INTO laurel.onboarding_tasks (id, organization_id, onboarding_id, template_task_id, position, title,
            description, owner_role, is_required, due_on, assignee_id, requires_ids)
        SELECT n.ids[t.number], n.organization_id, n.id, t.id, t.position, t.title, t.description, t.owner_role,
            t.is_required, laurel.add_working_days(n.organization_id, n.start_date, t.due_after_working_days),
            CASE t.owner_role WHEN 'new_hire' THEN n.user_id WHEN 'manager' THEN n.manager_id
                WHEN 'buddy' THEN n.assigned_buddy_id ELSE n.it_member_id END,
            ARRAY(SELECT n.ids[r] FROM pg_catalog.unnest(t.requires) r)
        FROM begun n JOIN ordered t ON t.organization_id = n.organization_id AND t.template_id = n.template_id
        ORDER BY n.organization_id, n.id, t.position)");

SizedStatement plan_check_ins(
    R"(INSERT INTO laurel.onboarding_check_ins (organization_id, onboarding_id, assignee_id, day,
            scheduled_on)
        SELECT n.organization_id, n.id, n.manager_id, c.day,
            laurel.add_working_days(n.organization_id, n.start_date + c.day, 0)
        FROM new_rows n
        JOIN ONLY laurel.onboarding_templates t ON t.organization_id = n.organization_id AND t.id = n.template_id
        CROSS JOIN LATERAL (SELECT DISTINCT d AS day FROM pg_catalog.unnest(t.check_in_days) d) c
        WHERE n.status = 'active' ORDER BY n.organization_id, n.id, c.day)");

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
    if (row.IsNull("user_id")) // as the table refuses
        return row.Done();
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
