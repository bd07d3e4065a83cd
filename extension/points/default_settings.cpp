// The tiers and levels that a new organization starts with.

#include "kernel/level.h"
#include "kernel/tier.h"
#include "postgres/bridge.h"
#include "postgres/owner.h"
#include "postgres/spi.h"
#include "postgres/trigger.h"

namespace laurel::points {

namespace {

constexpr TriggerSpec kOpenOrganizations = {"open_organizations", TriggerSpec::After,
                                            TriggerSpec::EachStatement, TriggerSpec::Insert};

constexpr const char *kOpenTiers =
    R"(INSERT INTO laurel.tiers (organization_id, tier, min_points)
        SELECT n.id, d.tier, d.min_points FROM new_rows n CROSS JOIN laurel_internal.default_tiers() d)";

constexpr const char *kOpenLevels =
    R"(INSERT INTO laurel.levels (organization_id, level, min_points)
        SELECT n.id, d.level, d.min_points FROM new_rows n CROSS JOIN laurel_internal.default_levels() d)";

} // namespace

LAUREL_FUNCTION(laurel_open_organizations) {
    TriggerData *trigger = CheckTrigger(fcinfo, kOpenOrganizations);
    const AsOwner owner(OwnerOf(TableOid("tiers")));
    const SpiConnection spi;
    ShareTransitionTables(trigger);
    RunScript(kOpenTiers);
    RunScript(kOpenLevels);
    return PointerGetDatum(nullptr);
}

// laurel_internal.default_tiers(): what a new organization starts with.
LAUREL_FUNCTION(laurel_default_tiers) {
    InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
    auto *result = reinterpret_cast<ReturnSetInfo *>(fcinfo->resultinfo);
    constexpr kernel::TierThresholds usual;
    constexpr int64 starts[] = {0, usual.silver, usual.gold, usual.platinum};
    for (int tier = 0; tier < 4; tier++) {
        const Datum values[] = {FromText(kernel::TierName(static_cast<kernel::Tier>(tier))),
                                Int64GetDatum(starts[tier])};
        const bool nulls[] = {false, false};
        tuplestore_putvalues(result->setResult, result->setDesc, const_cast<Datum *>(values),
                             const_cast<bool *>(nulls));
    }
    PG_RETURN_NULL();
}

// laurel_internal.default_levels(): what a new organization starts with.
LAUREL_FUNCTION(laurel_default_levels) {
    InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
    auto *result = reinterpret_cast<ReturnSetInfo *>(fcinfo->resultinfo);
    for (int level = 1; level <= kernel::kDefaultLevels; level++) {
        const Datum values[] = {Int32GetDatum(level), Int64GetDatum(kernel::DefaultLevelStart(level))};
        const bool nulls[] = {false, false};
        tuplestore_putvalues(result->setResult, result->setDesc, const_cast<Datum *>(values),
                             const_cast<bool *>(nulls));
    }
    PG_RETURN_NULL();
}

} // namespace laurel::points
