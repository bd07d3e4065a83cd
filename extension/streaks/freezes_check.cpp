#include "streaks/freezes_check.h"

#include "guards/check.h"
#include "postgres/owner.h"
#include "postgres/spi.h"

namespace laurel::streaks {

namespace {

// A day that says of more days before it that a freeze was used for them than were, or of fewer.
Statement find_unfrozen = Statement(R"(SELECT d.organization_id, d.id, d.freezes_used, f.used
        FROM ONLY laurel.daily_activity d CROSS JOIN LATERAL (
            SELECT pg_catalog.count(*)::pg_catalog.int4 AS used FROM ONLY laurel.streak_freezes f
            WHERE f.user_id = d.user_id AND f.organization_id = d.organization_id
                AND f.used_for >= d.date - d.freezes_used AND f.used_for < d.date) f
        WHERE d.freezes_used <> 0 AND f.used <> d.freezes_used ORDER BY 1, 2)")
                              .Returns(UUIDOID, UUIDOID, INT4OID, INT4OID);

void
CheckFreezes(const guards::Guarded &guarded, guards::Findings *findings) {
    if (!TRIGGER_FOR_INSERT(guarded.trigger.tgtype))
        return;
    const Oid table = RelationGetRelid(guarded.relation);
    guards::TellProgress(table, "freezes");
    const AsOwner owner(OwnerOf(table));
    const SpiConnection spi;
    const uint64 count = find_unfrozen.Run(Access::Write);
    for (uint64 i = 0; i < count; i++) {
        const Uuid organization = ToUuid(Field(i, 1)), day = ToUuid(Field(i, 2));
        findings->Add({table, "freezes", &organization, &day,
                       psprintf("freezes_used is %d, and freezes were used for %d of these days",
                                DatumGetInt32(Field(i, 3)), DatumGetInt32(Field(i, 4)))});
    }
}

constexpr guards::GuardKind kFollowStreaks = {"follow_streaks", guards::ReadNothing, CheckFreezes};

} // namespace

void
InitFreezesCheck() {
    guards::AddKind(&kFollowStreaks);
}

} // namespace laurel::streaks
