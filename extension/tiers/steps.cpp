// The job that ends tiers: a step looks through some accounts of an organization whose window stands on an
// earlier day or whose tier was kept until then. An account that fails is noted and keeps no other.
//
// Lock order: accounts by user.

#include "jobs/failures.h"
#include "jobs/sweep.h"
#include "points/following.h"
#include "postgres/arguments.h"
#include "postgres/bridge.h"
#include "postgres/halving.h"
#include "postgres/list.h"
#include "postgres/owner.h"
#include "postgres/result_row.h"

namespace laurel::tiers {

namespace {

constexpr const char *kJob = "tiers";
constexpr int kUsersAtOnce = 5000;

Statement find_organizations = Statement(R"(SELECT pg_catalog.array_agg(o.id)
        FROM ONLY laurel.organizations o LEFT JOIN ONLY laurel_internal.tier_runs r ON r.organization_id = o.id
        WHERE (o.tier_basis = 'rolling' OR o.tier_grace_days > 0) AND (o.id = $1 OR ($1 IS NULL
            AND r.done_for IS DISTINCT FROM pg_catalog.timezone(o.time_zone, pg_catalog.now())::pg_catalog.date)))",
                                         UUIDOID)
                                   .Returns(UUIDARRAYOID);

Statement next_users = Statement(R"(SELECT m.user_id FROM ONLY laurel.user_organizations m
        JOIN ONLY laurel.user_points p ON p.user_id = m.user_id AND p.organization_id = m.organization_id
        WHERE m.organization_id = $1 AND m.user_id > $2 AND (p.rolling_from < $3 OR p.tier_kept_until < $4)
        ORDER BY m.user_id LIMIT $5)",
                                 UUIDOID, UUIDOID, DATEOID, DATEOID, INT4OID)
                           .Returns(UUIDOID);

Statement forget_failure("DELETE FROM ONLY laurel.job_failures WHERE organization_id = $1 AND job = $2",
                         UUIDOID, TEXTOID);

// The day is the one on which the run began: what a later one brings is not done.
Statement note_done(R"(INSERT INTO laurel_internal.tier_runs (organization_id, done_for) VALUES ($1, $2)
        ON CONFLICT (organization_id) DO UPDATE SET done_for = EXCLUDED.done_for, done_at = EXCLUDED.done_at)",
                    UUIDOID, DATEOID);

// The users after that one, or of all, whose accounts wait for today.
uint64
NextUsers(const points::Settings &settings, const Uuid &after, Uuid **users) {
    const uint64 count =
        next_users.Run(Access::Write, {FromUuid(settings.organization), FromUuid(after),
                                       DateADTGetDatum(settings.window_from), DateADTGetDatum(settings.today),
                                       Int32GetDatum(kUsersAtOnce)});
    *users = NewList<Uuid>(count);
    for (uint64 i = 0; i < count; i++)
        (*users)[i] = ToUuid(Field(i, 1));
    return count;
}

// Returns how many accounts have changed.
uint64
FollowSome(const Uuid &organization, const Uuid *users, uint64 count) {
    uint64 changed = 0;
    const auto follow = [&](int64 first, int64 some) {
        const SpiConnection spi;
        changed += points::FollowRules(organization, users + first, static_cast<uint64>(some));
    };
    RunHalving(0, static_cast<int64>(count), follow, [&](int64 failed, ErrorData *error) {
        jobs::NoteFailure(kJob, organization, *error);
        ereport(WARNING, (errcode(error->sqlerrcode),
                          errmsg("the tier of user %s in organization %s does not follow: %s",
                                 UuidText(users[failed]), UuidText(organization), error->message),
                          errhint("The other accounts are done. This one is tried again at the next call.")));
    });
    return changed;
}

} // namespace

// laurel_internal.organizations_to_tier(organization)
LAUREL_FUNCTION(laurel_organizations_to_tier) {
    return jobs::FindOrganizations(TableOid("organizations"), find_organizations, Argument(fcinfo, 0),
                                   fcinfo);
}

// laurel_internal.tier_some_accounts(organization, run_day, after)
LAUREL_FUNCTION(laurel_tier_some_accounts) {
    const Uuid organization = ToUuid(Required(fcinfo, 0, "organization"));
    const Nullable run_day = Argument(fcinfo, 1), after = Argument(fcinfo, 2);
    Uuid last = {};
    if (!after.is_null)
        last = ToUuid(after.value);
    DateADT day = run_day.is_null ? 0 : DatumGetDateADT(run_day.value);
    uint64 count = 0, changed = 0;
    {
        const AsOwner owner(OwnerOf(TableOid("user_points")));
        const SpiConnection spi;
        if (points::Settings *settings = points::FindSettings(organization)) {
            const int32 today = points::Today(*settings, GetCurrentTimestamp());
            if (run_day.is_null) {
                day = today;
                forget_failure.Run(Access::Write, {FromUuid(organization), CStringGetTextDatum(kJob)});
            }
            Uuid *users;
            count = NextUsers(*settings, last, &users);
            if (count > 0) {
                changed = FollowSome(organization, users, count);
                last = users[count - 1];
            } else {
                note_done.Run(Access::Write, {FromUuid(organization), DateADTGetDatum(day)});
            }
        }
    }
    const bool nulls[] = {false, count == 0, false};
    const Datum values[] = {DateADTGetDatum(day), FromUuid(last), UInt64GetDatum(changed)};
    return ResultRow(fcinfo, values, nulls);
}

} // namespace laurel::tiers
