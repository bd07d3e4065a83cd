// Badges: their names in addresses, and that retired ones are awarded to nobody.

#include "badges/badges.h"

#include "kernel/slug.h"
#include "postgres/bridge.h"
#include "postgres/draft_row.h"
#include "postgres/error.h"
#include "postgres/owner.h"
#include "postgres/sized_statement.h"
#include "postgres/spi.h"
#include "postgres/trigger.h"

namespace laurel::badges {

namespace {

constexpr TriggerSpec kFillSlug = {"fill_slug", TriggerSpec::Before, TriggerSpec::EachRow,
                                   TriggerSpec::Insert};
constexpr TriggerSpec kRequireActive = {"require_active", TriggerSpec::After, TriggerSpec::EachStatement,
                                        TriggerSpec::Insert};

Statement find_named =
    Statement("SELECT id FROM ONLY laurel.badges WHERE organization_id = $1 AND slug = $2", UUIDOID, TEXTOID)
        .Returns(UUIDOID);

SizedStatement find_retired = SizedStatement(R"(SELECT b.badge_name FROM new_rows n
        JOIN ONLY laurel.badges b ON b.organization_id = n.organization_id AND b.id = n.badge_id
        WHERE NOT b.is_active LIMIT 1)")
                                  .Returns(TEXTOID);

// A slug for the badge's name; where it is taken, the end of the badge's id tells them apart.
Datum
SlugFor(const Uuid &organization, const Uuid &id, std::string_view name) {
    constexpr size_t kEnding = 8, kUuidText = 36;
    char slug[kernel::kMaxSlug + 1];
    size_t length = kernel::MakeSlug(name, slug);
    if (length == 0)
        length = strlcpy(slug, "badge", sizeof(slug));
    const Datum plain = FromText({slug, length});
    const AsOwner owner(OwnerOf(TableOid("badges")));
    Uuid taken;
    if (!FindNamed(organization, plain, &taken))
        return plain;
    length = std::min(length, kernel::kMaxSlug - kEnding - 1);
    slug[length] = '\0';
    return CStringGetTextDatum(psprintf("%s-%s", slug, UuidText(id) + kUuidText - kEnding));
}

} // namespace

bool
FindNamed(const Uuid &organization, Datum slug, Uuid *badge) {
    const SpiConnection spi;
    const Datum values[] = {FromUuid(organization), slug};
    if (find_named.Run(Access::Write, values) == 0)
        return false;
    *badge = ToUuid(Field(0, 1));
    return true;
}

// Makes the slug of a badge that comes without one. A restore brings all slugs with it, before the trigger is
// there.
LAUREL_FUNCTION(laurel_fill_slug) {
    DraftRow row(CheckTrigger(fcinfo, kFillSlug));
    bool no_organization, no_id;
    const Datum organization = row.Get("organization_id", UUIDOID, &no_organization);
    const Datum id = row.Get("id", UUIDOID, &no_id);
    if (!no_organization && !no_id && !row.IsNull("badge_name"))
        row.Set("slug", TEXTOID, SlugFor(ToUuid(organization), ToUuid(id), row.Text("badge_name")));
    return row.Done();
}

// Comes after the awards are counted, so that whoever retires a badge has done so or waits: both lock it.
LAUREL_FUNCTION(laurel_require_active) {
    TriggerData *trigger = CheckTrigger(fcinfo, kRequireActive);
    const AsOwner owner(trigger->tg_relation->rd_rel->relowner);
    const SpiConnection spi;
    ShareTransitionTables(trigger);
    if (find_retired.Run(RowsOf(trigger->tg_newtable)) == 0)
        return PointerGetDatum(nullptr);
    Refuse({.message = psprintf("badge \"%s\" is not active", CString(ToText(Field(0, 1)))),
            .hint = "Set is_active on the badge before awarding it.",
            .table = "badge_awards",
            .constraint = "badge_awards_badge_active_check"});
}

} // namespace laurel::badges
