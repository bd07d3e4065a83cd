// How an onboarding begins: for a member by a function, for who joins by itself.
//
// Lock order: the membership, then the onboarding by its key.

#include "access/caller.h"
#include "jobs/failures.h"
#include "jobs/sweep.h"
#include "onboarding/joining.h"
#include "postgres/arguments.h"
#include "postgres/bridge.h"
#include "postgres/error.h"
#include "postgres/owner.h"
#include "postgres/sized_statement.h"
#include "postgres/trigger.h"

namespace laurel::onboarding {

namespace {

constexpr TriggerSpec kStartOnboardings = {"start_onboardings", TriggerSpec::After,
                                           TriggerSpec::EachStatement, TriggerSpec::Insert};

// Members n who are new, each with the template of the own department, else that of all.
constexpr SqlText kBegin =
    R"(INSERT INTO laurel.user_onboardings (organization_id, user_id, template_id, start_date)
        SELECT DISTINCT ON (n.user_id) n.organization_id, n.user_id, t.id,
            pg_catalog.timezone(o.time_zone, n.joined_at)::pg_catalog.date
        FROM {1} JOIN ONLY laurel.users u ON u.id = n.user_id
        JOIN ONLY laurel.organizations o ON o.id = n.organization_id
        JOIN ONLY laurel.onboarding_templates t ON t.organization_id = n.organization_id AND t.is_automatic
            AND t.status = 'active' AND (t.department IS NULL
                OR u.organization_id = n.organization_id AND t.department = u.department)
        WHERE n.organization_id = $1 AND n.joined_at > pg_catalog.now() - pg_catalog.make_interval(days => t.duration_days)
            AND n.joined_at < '2199-12-31 00:00Z'
        ORDER BY n.user_id, t.department NULLS LAST
        ON CONFLICT (organization_id, user_id) DO NOTHING)";

SizedStatement begin_for_joiners(Sql<kBegin, "new_rows n">, UUIDOID);

Statement begin_for_missed(Sql<kBegin, R"(ONLY laurel.user_organizations n JOIN ONLY laurel.job_failures f
        ON f.organization_id = n.organization_id AND f.job = 'onboarding on joining'
            AND n.joined_at > f.first_failed_at - interval '1 day')">,
                           UUIDOID);

SizedStatement find_organizations = SizedStatement(R"(SELECT DISTINCT n.organization_id FROM new_rows n
        JOIN ONLY laurel.onboarding_templates t ON t.organization_id = n.organization_id AND t.is_automatic
            AND t.status = 'active' ORDER BY 1)")
                                        .Returns(UUIDOID);

Statement find_missed =
    Statement(
        "SELECT organization_id FROM ONLY laurel.job_failures WHERE job = 'onboarding on joining' ORDER BY 1")
        .Returns(UUIDOID);

Statement find_template =
    Statement("SELECT organization_id FROM ONLY laurel.onboarding_templates WHERE id = $1", UUIDOID)
        .Returns(UUIDOID);

Statement is_member =
    Statement("SELECT FROM ONLY laurel.user_organizations WHERE organization_id = $1 AND user_id = $2",
              UUIDOID, UUIDOID);

// What was cancelled makes room.
Statement forget_cancelled(R"(DELETE FROM ONLY laurel.user_onboardings
        WHERE organization_id = $1 AND user_id = $2 AND status = 'cancelled')",
                           UUIDOID, UUIDOID);

Statement begin_one =
    Statement(R"(INSERT INTO laurel.user_onboardings (organization_id, user_id, template_id, start_date,
        assigned_buddy_id, manager_id) VALUES ($1, $2, $3, $4, $5, $6)
        ON CONFLICT (organization_id, user_id) DO NOTHING RETURNING id)",
              UUIDOID, UUIDOID, UUIDOID, DATEOID, UUIDOID, UUIDOID)
        .Returns(UUIDOID);

// The onboarding there is, and whether it is the one that was to begin.
Statement find_onboarding = Statement(R"(SELECT id, status, status = 'active' AND template_id = $3
        AND start_date = coalesce($4, start_date) FROM ONLY laurel.user_onboardings
        WHERE organization_id = $1 AND user_id = $2)",
                                      UUIDOID, UUIDOID, UUIDOID, DATEOID)
                                .Returns(UUIDOID, TEXTOID, BOOLOID);

// The organization of a template that administrators of it, or trusted callers, may start.
Uuid
RequireTemplate(const Uuid &id) {
    access::NoticeChanges();
    const Oid table = TableOid("user_onboardings");
    const bool trusted = IsTrusted(table);
    const AsOwner owner(OwnerOf(table));
    const SpiConnection spi;
    const bool found = find_template.Run(Access::Write, FromUuid(id)) > 0;
    const Uuid organization = found ? ToUuid(Field(0, 1)) : Uuid{};
    if (!trusted && !(found && access::Administers(access::CurrentCaller(), organization)))
        Refuse({.sqlstate = ERRCODE_INSUFFICIENT_PRIVILEGE,
                .message = "not allowed to start this onboarding",
                .hint = access::HintOr("Ask an org_admin; the template must be one of the organization.")});
    if (!found)
        Refuse({.sqlstate = ERRCODE_FOREIGN_KEY_VIOLATION,
                .message = "there is no such onboarding template",
                .detail = psprintf("Its id would be %s.", UuidText(id)),
                .table = "user_onboardings",
                .constraint = "user_onboardings_template_id_fkey"});
    return organization;
}

void
RequireMembership(const Uuid &organization, const Uuid &user) {
    if (is_member.Run(Access::Write, {FromUuid(organization), FromUuid(user)}) > 0)
        return;
    Refuse({.sqlstate = ERRCODE_FOREIGN_KEY_VIOLATION,
            .message = "there is no such member",
            .detail = psprintf("User %s is not in the organization of the template.", UuidText(user)),
            .hint = "Add the member first.",
            .table = "user_onboardings",
            .constraint = "user_onboardings_membership_fkey"});
}

// Begins an onboarding where there is none, or one that was cancelled.
bool
Begin(const Uuid &organization, const Uuid &user, const Parameters &onboarding) {
    forget_cancelled.Run(Access::Write, {FromUuid(organization), FromUuid(user)});
    return begin_one.Run(Access::Write, onboarding) > 0;
}

// The onboarding that was there already, where it is the same.
Uuid
SameOnboarding() {
    Row row;
    const Uuid id = ToUuid(row.Next());
    const char *status = CString(ToText(row.Next()));
    if (!DatumGetBool(row.Next()))
        Refuse(
            {.sqlstate = kConflict,
             .message = "the member has an onboarding already",
             .detail = psprintf("It is %s, and has another template, another start, or has ended.", status),
             .hint = "Go on with that one, or cancel it first: a cancelled one makes room.",
             .table = "user_onboardings",
             .constraint = "user_onboardings_user_id_key"});
    return id;
}

// The new onboarding, or the same that was there. One that was being cancelled may be gone when others have
// ended.
Uuid
BeginOrFind(const Uuid &organization, const Uuid &user, const Parameters &onboarding, const Parameters &key) {
    constexpr int kTries = 3;
    for (int i = 0; i < kTries; i++) {
        if (Begin(organization, user, onboarding))
            return ToUuid(Field(0, 1));
        if (find_onboarding.Run(Access::Write, key) > 0 && ToText(Field(0, 2)) != "cancelled")
            return SameOnboarding();
    }
    RefuseDropped(TableOid("user_onboardings"), "a trigger dropped the onboarding");
}

void
TellUnstarted(const Uuid &organization, const ErrorData &error) {
    jobs::NoteFailure(kJoiningJob, organization, error);
    ereport(WARNING,
            (errcode(error.sqlerrcode),
             errmsg("no onboarding began in organization %s: %s", UuidText(organization), error.message),
             errhint("Whoever joined is a member. laurel.remind_onboarding() tries again; see"
                     " laurel.job_failures.")));
}

} // namespace

void
StartMissed() {
    const auto sweep = [](const Uuid &organization) {
        return begin_for_missed.Run(Access::Write, FromUuid(organization));
    };
    jobs::SweepOrganizations(find_missed, sweep, TellUnstarted);
    jobs::ForgetFailures(kJoiningJob, GetCurrentTransactionStartTimestamp());
}

// Joining never fails because of an onboarding.
LAUREL_FUNCTION(laurel_start_onboardings) {
    TriggerData *trigger = CheckTrigger(fcinfo, kStartOnboardings);
    const int64 rows = RowsOf(trigger->tg_newtable);
    if (rows == 0)
        return PointerGetDatum(nullptr);
    const AsOwner owner(OwnerOf(TableOid("user_onboardings")));
    const SpiConnection spi;
    ShareTransitionTables(trigger);
    const auto sweep = [rows](const Uuid &organization) {
        return begin_for_joiners.Run(rows, FromUuid(organization));
    };
    jobs::SweepOrganizations(find_organizations.For(rows), sweep, TellUnstarted);
    return PointerGetDatum(nullptr);
}

// laurel.start_onboarding(user, template, start, buddy, manager)
LAUREL_FUNCTION(laurel_start_onboarding) {
    const Uuid user = ToUuid(Required(fcinfo, 0, "user_id"));
    const Uuid template_id = ToUuid(Required(fcinfo, 1, "template_id"));
    const Uuid organization = RequireTemplate(template_id);
    const Nullable start = Argument(fcinfo, 2);
    const MemoryContext memory = CurrentMemoryContext;
    const AsOwner owner(OwnerOf(TableOid("user_onboardings")));
    const SpiConnection spi;
    RequireMembership(organization, user);
    const Uuid id = BeginOrFind(organization, user,
                                {FromUuid(organization), FromUuid(user), FromUuid(template_id), start,
                                 Argument(fcinfo, 3), Argument(fcinfo, 4)},
                                {FromUuid(organization), FromUuid(user), FromUuid(template_id), start});
    MemoryContextSwitchTo(memory);
    return CopyUuid(id);
}

} // namespace laurel::onboarding
