// How far somebody is, for those who see the onboarding: as the policies of user_onboardings say, the rest is
// read as the owner.

#include "postgres/arguments.h"
#include "postgres/array.h"
#include "postgres/bridge.h"
#include "postgres/error.h"
#include "postgres/list.h"
#include "postgres/owner.h"
#include "postgres/spi.h"

#include "access/caller.h"

namespace laurel::onboarding {

namespace {

// As the caller, whom policies bind.
Statement find_seen = Statement("SELECT id FROM ONLY laurel.user_onboardings WHERE user_id = $1 ORDER BY "
                                "created_at DESC, id DESC LIMIT 100",
                                UUIDOID)
                          .Returns(UUIDOID);
Statement is_seen = Statement("SELECT FROM ONLY laurel.user_onboardings WHERE id = $1", UUIDOID);

Statement progress =
    Statement(R"(SELECT u.id, u.organization_id, u.template_id, u.status, u.start_date, u.duration_days,
        greatest(least(d.today - u.start_date + 1, u.duration_days), 0), u.progress_percentage, u.tasks_done,
        u.tasks_open, t.overdue, t.next_due_on, c.scheduled_on,
        u.status = 'completed' OR u.status = 'active' AND t.late = 0
        FROM ONLY laurel.user_onboardings u JOIN ONLY laurel.organizations o ON o.id = u.organization_id
        CROSS JOIN LATERAL (SELECT coalesce(pg_catalog.timezone(o.time_zone, coalesce(u.completed_at, u.cancelled_at,
            pg_catalog.now()))::pg_catalog.date) AS today) d
        CROSS JOIN LATERAL (SELECT pg_catalog.count(*) FILTER (WHERE k.due_on < d.today) AS overdue,
                pg_catalog.count(*) FILTER (WHERE k.due_on < d.today AND k.is_required) AS late,
                pg_catalog.min(k.due_on) AS next_due_on
            FROM ONLY laurel.onboarding_tasks k
            WHERE k.organization_id = u.organization_id AND k.onboarding_id = u.id AND k.status = 'pending') t
        CROSS JOIN LATERAL (SELECT pg_catalog.min(i.scheduled_on) AS scheduled_on FROM ONLY laurel.onboarding_check_ins i
            WHERE i.organization_id = u.organization_id AND i.onboarding_id = u.id AND i.status = 'scheduled') c
        WHERE u.id = ANY ($1) ORDER BY u.created_at DESC, u.id DESC)",
              UUIDARRAYOID)
        .Returns(UUIDOID, UUIDOID, UUIDOID, TEXTOID, DATEOID, INT4OID, INT4OID, NUMERICOID, INT8OID, INT8OID,
                 INT8OID, DATEOID, DATEOID, BOOLOID);

Statement plan =
    Statement(R"(SELECT k.id, k.position, k.title, k.description, k.owner_role, k.assignee_id, k.due_on,
        k.is_required, k.status, k.status = 'pending' AND k.due_on < pg_catalog.timezone(o.time_zone, pg_catalog.now())::pg_catalog.date,
        ARRAY(SELECT r.id FROM pg_catalog.unnest(k.requires_ids) q CROSS JOIN LATERAL (
                SELECT t.id, t.position FROM ONLY laurel.onboarding_tasks t WHERE t.organization_id = k.organization_id
                    AND t.onboarding_id = k.onboarding_id AND t.id = q AND t.status = 'pending' OFFSET 0) r
            ORDER BY r.position, r.id), k.note, k.completed_by, k.completed_at
        FROM ONLY laurel.onboarding_tasks k JOIN ONLY laurel.organizations o ON o.id = k.organization_id
        WHERE k.organization_id = (SELECT u.organization_id FROM ONLY laurel.user_onboardings u WHERE u.id = $1)
            AND k.onboarding_id = $1 ORDER BY k.position, k.due_on, k.id)",
              UUIDOID)
        .Returns(UUIDOID, INT4OID, TEXTOID, TEXTOID, TEXTOID, UUIDOID, DATEOID, BOOLOID, TEXTOID, BOOLOID,
                 UUIDARRAYOID, TEXTOID, UUIDOID, TIMESTAMPTZOID);

// The onboardings of a member that the caller sees, in memory that outlives SPI.
Datum
SeenOnboardings(const Uuid &user) {
    const MemoryContext memory = CurrentMemoryContext;
    const SpiConnection spi;
    const uint64 count = find_seen.Run(Access::Read, FromUuid(user));
    const MemoryContext old = MemoryContextSwitchTo(memory);
    auto *ids = NewList<Datum>(count);
    for (uint64 i = 0; i < count; i++)
        ids[i] = CopyUuid(ToUuid(Field(i, 1)));
    const Datum result = ArrayOf(ids, static_cast<int>(count), UUIDOID);
    MemoryContextSwitchTo(old);
    return result;
}

Uuid
MemberOrCaller(FunctionCallInfo fcinfo) {
    access::NoticeChanges();
    if (PG_ARGISNULL(0) && access::CurrentCaller().known)
        return access::CurrentCaller().user;
    return ToUuid(Required(fcinfo, 0, "user_id", kNameTheMember));
}

} // namespace

// laurel.onboarding_progress(user)
LAUREL_FUNCTION(laurel_onboarding_progress) {
    InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
    const Datum seen = SeenOnboardings(MemberOrCaller(fcinfo));
    const AsOwner owner(OwnerOf(TableOid("user_onboardings")));
    const SpiConnection spi;
    ReturnRows(fcinfo, progress.Run(Access::Read, seen));
    PG_RETURN_NULL();
}

// laurel.onboarding_plan(onboarding)
LAUREL_FUNCTION(laurel_onboarding_plan) {
    InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
    const Datum onboarding = Required(fcinfo, 0, "onboarding_id");
    {
        const SpiConnection spi;
        if (is_seen.Run(Access::Read, onboarding) == 0)
            PG_RETURN_NULL();
    }
    const AsOwner owner(OwnerOf(TableOid("onboarding_tasks")));
    const SpiConnection spi;
    ReturnRows(fcinfo, plan.Run(Access::Read, onboarding));
    PG_RETURN_NULL();
}

} // namespace laurel::onboarding
