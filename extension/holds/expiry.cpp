// The job that gives points free whose hold has expired. Until then they count as held: the account alone
// says what is available.

#include "holds/holds.h"
#include "jobs/failures.h"
#include "jobs/sweep.h"
#include "postgres/bridge.h"
#include "postgres/owner.h"

namespace laurel::holds {

namespace {

constexpr char kJob[] = "holds";

Statement organizations_expired = Statement(R"(SELECT DISTINCT organization_id FROM ONLY laurel.point_holds
        WHERE status = 'held' AND expires_at <= pg_catalog.clock_timestamp() ORDER BY 1)")
                                      .Returns(UUIDOID);

// The accounts first, as whoever holds, takes or releases has them; who has one now is not waited for.
Statement expire = Statement(R"(WITH due AS (
            SELECT DISTINCT organization_id, user_id FROM ONLY laurel.point_holds
            WHERE organization_id = $1 AND status = 'held' AND expires_at <= pg_catalog.clock_timestamp()
        ), accounts AS MATERIALIZED (
            SELECT p.organization_id, p.user_id FROM ONLY laurel.user_points p JOIN due USING (organization_id, user_id)
            ORDER BY p.user_id FOR NO KEY UPDATE OF p SKIP LOCKED
        ), held AS MATERIALIZED (
            SELECT h.id FROM ONLY laurel.point_holds h JOIN accounts USING (organization_id, user_id)
            WHERE h.status = 'held' AND h.expires_at <= pg_catalog.clock_timestamp()
            ORDER BY h.id FOR NO KEY UPDATE OF h SKIP LOCKED
        ) UPDATE ONLY laurel.point_holds h SET status = 'expired' FROM held WHERE h.id = held.id)",
                             UUIDOID);

uint64
Expire(const Uuid &organization) {
    return expire.Run(Access::Write, FromUuid(organization));
}

void
TellFailure(const Uuid &organization, const ErrorData &error) {
    jobs::TellFailure(kJob, organization, error,
                      psprintf("holds of organization %s are left as they are", UuidText(organization)));
}

} // namespace

// laurel.expire_holds()
LAUREL_FUNCTION(laurel_expire_holds) {
    int64 expired;
    {
        const AsOwner owner(OwnerOf(TableOid("point_holds")));
        const SpiConnection spi;
        expired = jobs::SweepOrganizations(organizations_expired, Expire, TellFailure);
    }
    jobs::ForgetFailures(kJob, GetCurrentTransactionStartTimestamp());
    PG_RETURN_INT64(expired);
}

} // namespace laurel::holds
