// The job that books what has expired: a step looks through some accounts of an organization. An account that
// fails is noted and keeps no other.

#include "expiry/due.h"
#include "jobs/failures.h"
#include "jobs/sweep.h"
#include "postgres/arguments.h"
#include "postgres/bridge.h"
#include "postgres/halving.h"
#include "postgres/owner.h"
#include "postgres/result_row.h"

namespace laurel::expiry {

namespace {

constexpr const char *kJob = "point_expiry";

Statement find_organizations = Statement(R"(SELECT pg_catalog.array_agg(DISTINCT p.organization_id)
        FROM ONLY laurel.point_expiry_policies p JOIN ONLY laurel.organizations o ON o.id = p.organization_id
        LEFT JOIN ONLY laurel_internal.point_expiry_runs r ON r.organization_id = p.organization_id
        WHERE p.organization_id = $1 OR $1 IS NULL
            AND r.done_for IS DISTINCT FROM pg_catalog.timezone(o.time_zone, pg_catalog.now())::pg_catalog.date)",
                                         UUIDOID)
                                   .Returns(UUIDARRAYOID);

Statement forget_failure("DELETE FROM ONLY laurel.job_failures WHERE organization_id = $1 AND job = $2",
                         UUIDOID, TEXTOID);

Statement
    note_done(R"(INSERT INTO laurel_internal.point_expiry_runs (organization_id, done_for) VALUES ($1, $2)
        ON CONFLICT (organization_id) DO UPDATE SET done_for = EXCLUDED.done_for, done_at = EXCLUDED.done_at)",
              UUIDOID, DATEOID);

// Books what is due of some accounts, and tells. Returns of how many something has expired.
uint64
BookSome(const Uuid &organization, const Limits &limits, const Uuid *users, uint64 count) {
    Due *due;
    const uint64 found = FindDue(organization, limits, users, count, &due);
    uint64 booked = 0;
    const auto book = [&](int64 first, int64 some) {
        const SpiConnection spi;
        const uint64 accounts = BookExpired(organization, limits, due + first, some);
        TellExpiring(organization, limits, due + first, some);
        booked += accounts;
    };
    RunHalving(0, static_cast<int64>(found), book, [&](int64 failed, ErrorData *error) {
        jobs::NoteFailure(kJob, organization, *error);
        ereport(WARNING, (errcode(error->sqlerrcode),
                          errmsg("points of user %s in organization %s do not expire: %s",
                                 UuidText(due[failed].user), UuidText(organization), error->message),
                          errhint("The other accounts are done. This one is tried again at the next call.")));
    });
    return booked;
}

} // namespace

// laurel_internal.organizations_to_expire(organization)
LAUREL_FUNCTION(laurel_organizations_to_expire) {
    return jobs::FindOrganizations(TableOid("point_expiry_policies"), find_organizations, Argument(fcinfo, 0),
                                   fcinfo);
}

// laurel_internal.expire_some_points(organization, after, began_on)
LAUREL_FUNCTION(laurel_expire_some_points) {
    const Uuid organization = ToUuid(Required(fcinfo, 0, "organization"));
    const Nullable after = Argument(fcinfo, 1);
    Nullable began_on = Argument(fcinfo, 2);
    Uuid last;
    uint64 count = 0, booked = 0;
    {
        const AsOwner owner(OwnerOf(TableOid("points_ledger")));
        const SpiConnection spi;
        if (after.is_null)
            forget_failure.Run(Access::Write, {FromUuid(organization), CStringGetTextDatum(kJob)});
        Limits limits;
        Uuid *users = nullptr;
        if (ReadLimits(organization, &limits)) {
            if (began_on.is_null)
                began_on = DateADTGetDatum(limits.today);
            count = NextUsers(organization, after, &users);
            booked = BookSome(organization, limits, users, count);
            if (count == 0)
                note_done.Run(Access::Write, {FromUuid(organization), began_on});
            else
                last = users[count - 1];
        }
    }
    const bool nulls[] = {count == 0, false, began_on.is_null};
    const Datum values[] = {FromUuid(last), UInt64GetDatum(booked), began_on.value};
    return ResultRow(fcinfo, values, nulls);
}

} // namespace laurel::expiry
