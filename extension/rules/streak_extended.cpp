// A day that continues a streak is no event by itself, but where somebody in the organization looks at
// streak_extended.

#include "rules/streak_extended.h"

#include "postgres/column.h"
#include "postgres/owner.h"
#include "postgres/spi.h"
#include "rules/asked_events.h"
#include "streaks/streaks.h"

namespace laurel::rules {

namespace {

constexpr std::string_view kStreakExtended = "streak_extended";
constexpr Oid kGrownTypes[] = {UUIDOID, UUIDOID, INT4OID, INT4OID};

Statement tell_streaks(R"(
    INSERT INTO laurel.domain_events (organization_id, user_id, type, data)
    SELECT s.organization_id, s.user_id, 'streak_extended',
        pg_catalog.jsonb_build_object('days', s.days, 'longest', s.longest)
    FROM ROWS FROM (pg_catalog.unnest($1), pg_catalog.unnest($2), pg_catalog.unnest($3), pg_catalog.unnest($4))
        s (organization_id, user_id, days, longest) ORDER BY 1, 2)",
                       UUIDARRAYOID, UUIDARRAYOID, INT4ARRAYOID, INT4ARRAYOID);

void
TellStreaks(const streaks::Moved *moved, int count) {
    Columns grown(kGrownTypes, count);
    for (int i = 0; i < count; i++)
        if (moved[i].days > moved[i].days_before && IsAskedFor(moved[i].member.organization, kStreakExtended))
            grown.Add({FromUuid(moved[i].member.organization), FromUuid(moved[i].member.user),
                       Int32GetDatum(moved[i].days), Int32GetDatum(moved[i].longest)});
    if (grown.count() == 0)
        return;
    const AsOwner owner(OwnerOf(TableOid("domain_events")));
    const SpiConnection spi;
    tell_streaks.Run(Access::Write, grown.Arrays());
}

} // namespace

void
InitStreakExtended() {
    streaks::ListenToStreaks(TellStreaks);
}

} // namespace laurel::rules
