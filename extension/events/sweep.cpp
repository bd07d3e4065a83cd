// The jobs of events: they go through the organizations, of which one that fails is noted and the others go
// on.

#include "events/sweep.h"

#include "events/series.h"
#include "jobs/failures.h"
#include "jobs/sweep.h"
#include "postgres/bridge.h"
#include "postgres/owner.h"

namespace laurel::events {

namespace {

constexpr char kWaitlists[] = "waitlists";
constexpr char kSeriesJob[] = "series";

Statement organizations_waiting =
    Statement("SELECT DISTINCT organization_id FROM ONLY laurel.events WHERE waiting_count > 0 ORDER BY 1")
        .Returns(UUIDOID);

Statement organizations_over = Statement(R"(SELECT DISTINCT organization_id FROM ONLY laurel.events
        WHERE status = 'completed' AND completed_at > pg_catalog.now() - interval '1 day' ORDER BY 1)")
                                   .Returns(UUIDOID);

Statement organizations_with_series =
    Statement(
        "SELECT DISTINCT organization_id FROM ONLY laurel.event_series WHERE status = 'active' ORDER BY 1")
        .Returns(UUIDOID);

template <const char *job>
void
TellFailure(const Uuid &organization, const ErrorData &error) {
    jobs::TellFailure(job, organization, error,
                      psprintf("events of organization %s are left as they are", UuidText(organization)));
}

// Runs `sweep` for each organization that the statement finds, and adds up what it says.
template <const char *job>
int64
Sweep(Statement &find, uint64 (*sweep)(const Uuid &)) {
    const AsOwner owner(OwnerOf(TableOid("participations")));
    const SpiConnection spi;
    return jobs::SweepOrganizations(find, sweep, TellFailure<job>);
}

} // namespace

// laurel.promote_waiting()
LAUREL_FUNCTION(laurel_promote_all_waiting) {
    PG_RETURN_INT64(Sweep<kWaitlists>(organizations_waiting, PromoteWaiting));
}

// laurel_internal.note_missing(): the second half of the job, which knows what works again.
LAUREL_FUNCTION(laurel_note_missing) {
    const int64 rows = Sweep<kWaitlists>(organizations_over, MarkMissing);
    jobs::ForgetFailures(kWaitlists, GetCurrentTransactionStartTimestamp());
    PG_RETURN_INT64(rows);
}

// laurel.extend_series()
LAUREL_FUNCTION(laurel_extend_series) {
    const int64 made = Sweep<kSeriesJob>(organizations_with_series, ExtendSeries);
    jobs::ForgetFailures(kSeriesJob, GetCurrentTransactionStartTimestamp());
    PG_RETURN_INT64(made);
}

} // namespace laurel::events
