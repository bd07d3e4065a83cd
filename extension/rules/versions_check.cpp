#include "guards/check.h"
#include "postgres/owner.h"
#include "postgres/spi.h"
#include "rules/versions_check.h"

namespace laurel::rules {

namespace {

Statement find_changed = Statement(R"(
    SELECT r.organization_id, r.id, r.version FROM ONLY laurel.gamification_rules r
    LEFT JOIN ONLY laurel.rule_versions v ON v.organization_id = r.organization_id AND v.rule_id = r.id AND v.version = r.version
    WHERE (r.name, r.event_type, r.condition, r.actions, r.runs, r.user_cap, r.user_cap_period, r.organization_cap,
            r.organization_cap_period, r.cooldown, r.active_from, r.active_until)
        IS DISTINCT FROM (v.name, v.event_type, v.condition, v.actions, v.runs, v.user_cap, v.user_cap_period, v.organization_cap,
            v.organization_cap_period, v.cooldown, v.active_from, v.active_until)
    ORDER BY 1, 2)")
                             .Returns(UUIDOID, UUIDOID, INT4OID);

// What a rule does is read from its version.
void
CheckVersions(const guards::Guarded &guarded, guards::Findings *findings) {
    if (!TRIGGER_FOR_INSERT(guarded.trigger.tgtype))
        return;
    const Oid table = RelationGetRelid(guarded.relation);
    guards::TellProgress(table, "versions");
    const AsOwner owner(OwnerOf(table));
    const SpiConnection spi;
    const uint64 count = find_changed.Run(Access::Write);
    for (uint64 i = 0; i < count; i++) {
        const Uuid organization = ToUuid(Field(i, 1)), rule = ToUuid(Field(i, 2));
        findings->Add({table, "versions", &organization, &rule,
                       psprintf("the rule is not what version %d of it says", DatumGetInt32(Field(i, 3)))});
    }
}

constexpr guards::GuardKind kRuleVersions = {"keep_rule", guards::ReadNothing, CheckVersions};

} // namespace

void
InitVersionsCheck() {
    guards::AddKind(&kRuleVersions);
}

} // namespace laurel::rules
