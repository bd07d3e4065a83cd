// Names in addresses, made of names for people where a row comes without one. A restore brings them with it,
// before the triggers are there.

#include "guards/slugs.h"

#include "kernel/slug.h"
#include "postgres/draft_row.h"
#include "postgres/owner.h"
#include "postgres/unicode.h"

namespace laurel::guards {

namespace {

constexpr TriggerSpec kFillSlugSpec = {"fill_slug", TriggerSpec::Before, TriggerSpec::EachRow,
                                       TriggerSpec::Insert, 2};

// The arguments column and name of a table whose rows have an id and an organization.
struct Slugs {
    explicit Slugs(Arguments &arguments)
        : owner(arguments.owner()), slug(arguments.Column(0, arguments.table(), TEXTOID)),
          name(arguments.Column(1, arguments.table(), TEXTOID)),
          find(psprintf("SELECT FROM %s WHERE organization_id = $1 AND %s = $2", OnlyName(arguments.root()),
                        quote_identifier(slug.name)),
               UUIDOID, TEXTOID) {
        for (const char *column : {"id", "organization_id"})
            arguments.ColumnNamed(column, arguments.table(), UUIDOID);
        arguments.Keep(&find);
    }

    Oid owner;
    GuardedColumn slug;
    GuardedColumn name;
    Statement find;
};

bool
IsTaken(Slugs *slugs, const Uuid &organization, Datum slug) {
    const AsOwner owner(slugs->owner);
    const SpiConnection spi;
    const Datum values[] = {FromUuid(organization), slug};
    return slugs->find.Run(Access::Write, values) > 0;
}

// A slug for a name; where it is taken, the end of the row's id tells them apart.
Datum
SlugFor(Slugs *slugs, const Uuid &organization, const Uuid &id, std::string_view name) {
    constexpr size_t kEnding = 8, kUuidText = 36;
    char slug[kernel::kMaxSlug + 1];
    const size_t length = kernel::MakeSlug(Normalized(name), slug);
    slug[length] = '\0';
    const char *const ending = UuidText(id) + kUuidText - kEnding;
    if (length == 0)
        return CStringGetTextDatum(ending);
    const Datum plain = CStringGetTextDatum(slug);
    if (!IsTaken(slugs, organization, plain))
        return plain;
    size_t kept = std::min(length, kernel::kMaxSlug - kEnding - 1);
    if (slug[kept - 1] == '-')
        kept--;
    return CStringGetTextDatum(psprintf("%.*s-%s", static_cast<int>(kept), slug, ending));
}

} // namespace

constinit const GuardKind kFillSlug = {"fill_slug", ReadRule<Slugs>};

LAUREL_FUNCTION(laurel_fill_slug) {
    const TriggerData *trigger = CheckTrigger(fcinfo, kFillSlugSpec);
    Slugs &slugs = RuleOf<Slugs>(trigger);
    DraftRow row(trigger);
    bool no_organization, no_id;
    const Datum organization = row.Get("organization_id", UUIDOID, &no_organization);
    const Datum id = row.Get("id", UUIDOID, &no_id);
    if (!no_organization && !no_id && !row.IsNull(slugs.name.name))
        row.Set(slugs.slug.name, TEXTOID,
                SlugFor(&slugs, ToUuid(organization), ToUuid(id), row.Text(slugs.name.name)));
    return row.Done();
}

} // namespace laurel::guards
