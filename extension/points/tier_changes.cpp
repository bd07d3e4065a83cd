#include "points/tier_changes.h"

namespace laurel::points {

namespace {

constexpr Oid kChangedTypes[] = {UUIDOID, UUIDOID, TEXTOID, TEXTOID};
constexpr Oid kEndingTypes[] = {UUIDOID, UUIDOID, TEXTOID, DATEOID, INT8OID};

Statement tell_changed(R"(INSERT INTO laurel.domain_events (organization_id, user_id, type, data)
        SELECT c.organization_id, c.user_id, 'tier_changed', pg_catalog.jsonb_build_object('from', c.old_tier, 'to', c.new_tier)
        FROM ROWS FROM (pg_catalog.unnest($1), pg_catalog.unnest($2), pg_catalog.unnest($3),
        pg_catalog.unnest($4)) c (organization_id, user_id, old_tier, new_tier))",
                       UUIDARRAYOID, UUIDARRAYOID, TEXTARRAYOID, TEXTARRAYOID);

// Who loses a tier, wins it back and loses it again on one day is told once.
Statement tell_ending(
    R"(INSERT INTO laurel.notifications (organization_id, user_id, type, title, message, data, dedupe_key)
        SELECT e.organization_id, e.user_id, 'tier_ending', 'Your tier will change',
            'You keep ' || e.tier || ' until ' || e.kept_until || '; with ' || e.missing || ' more points by then it stays yours.',
            pg_catalog.jsonb_build_object('tier', e.tier, 'kept_until', e.kept_until, 'points_missing', e.missing), k.key
        FROM ROWS FROM (pg_catalog.unnest($1), pg_catalog.unnest($2), pg_catalog.unnest($3), pg_catalog.unnest($4),
            pg_catalog.unnest($5)) e (organization_id, user_id, tier, kept_until, missing)
        CROSS JOIN LATERAL (SELECT 'tier_ending:' || e.user_id || ':' || e.tier || ':' || e.kept_until) k (key)
        WHERE NOT EXISTS (SELECT FROM ONLY laurel.notifications n
            WHERE n.organization_id = e.organization_id AND n.dedupe_key = k.key)
        ON CONFLICT (organization_id, dedupe_key) WHERE dedupe_key IS NOT NULL DO NOTHING)",
    UUIDARRAYOID, UUIDARRAYOID, TEXTARRAYOID, DATEARRAYOID, INT8ARRAYOID);

// The points from which a tier applies.
int64
StartOf(kernel::Tier tier, const kernel::TierThresholds &tiers) {
    switch (tier) {
    case kernel::Tier::Silver:
        return tiers.silver;
    case kernel::Tier::Gold:
        return tiers.gold;
    case kernel::Tier::Platinum:
        return tiers.platinum;
    default:
        return 0;
    }
}

} // namespace

TierChanges::TierChanges(int capacity) : changed_(kChangedTypes, capacity), ending_(kEndingTypes, capacity) {}

void
TierChanges::Note(const BookedAccount &booked) {
    const OpenAccount &open = *booked.open;
    const kernel::HeldTier &before = open.held_tier, &after = booked.held_tier;
    const Datum organization = FromUuid(open.key.organization), user = FromUuid(open.key.user);
    if (after.tier != before.tier)
        changed_.Add({organization, user, FromText(kernel::TierName(before.tier)),
                      FromText(kernel::TierName(after.tier))});
    if (after.kept_until == kernel::HeldTier::kEarned || before.kept_until != kernel::HeldTier::kEarned)
        return;
    const int64 missing =
        StartOf(after.tier, open.settings->tiers) - TierPoints(*open.settings, open.account);
    ending_.Add({organization, user, FromText(kernel::TierName(after.tier)),
                 DateADTGetDatum(after.kept_until), Int64GetDatum(missing)});
}

void
TierChanges::Tell() const {
    if (changed_.count() > 0)
        tell_changed.Run(Access::Write, changed_.Arrays());
    if (ending_.count() > 0)
        tell_ending.Run(Access::Write, ending_.Arrays());
}

} // namespace laurel::points
