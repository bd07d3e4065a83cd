// People who are named for what they are must be it then; whether they still are, access asks each time.

#include "postgres/bridge.h"
#include "postgres/draft_row.h"
#include "postgres/error.h"
#include "postgres/owner.h"
#include "postgres/spi.h"

namespace laurel::programme {

namespace {

constexpr TriggerSpec kRequire = {"require_role", TriggerSpec::After, TriggerSpec::EachRow,
                                  TriggerSpec::Insert | TriggerSpec::Update, 2};

Statement holds_role =
    Statement(
        R"(SELECT EXISTS (SELECT FROM ONLY laurel.user_roles WHERE organization_id = $1 AND user_id = $2 AND role = $3))",
        UUIDOID, UUIDOID, TEXTOID)
        .Returns(BOOLOID);

[[noreturn]] void
RefusePerson(const char *table, const char *column, const char *role) {
    Refuse({.message = psprintf("%s names somebody who is no %s", column, role),
            .hint = psprintf("Grant the role %s in laurel.user_roles first, or name somebody who holds it.",
                             role),
            .table = table,
            .constraint = psprintf("%s_%s_role", table, column)});
}

} // namespace

// laurel_internal.require_role(column, role)
LAUREL_FUNCTION(laurel_require_role) {
    const TriggerData *trigger = CheckTrigger(fcinfo, kRequire);
    const char *column = trigger->tg_trigger->tgargs[0], *role = trigger->tg_trigger->tgargs[1];
    const DraftRow row(trigger);
    if (row.IsNull(column))
        return PointerGetDatum(nullptr);
    const Uuid organization = row.Id("organization_id"), person = row.Id(column);
    const AsOwner owner(OwnerOf(RelationGetRelid(trigger->tg_relation)));
    const SpiConnection spi;
    holds_role.Run(Access::Write, {FromUuid(organization), FromUuid(person), FromText(role)});
    if (!DatumGetBool(Field(0, 1)))
        RefusePerson(RelationGetRelationName(trigger->tg_relation), column, role);
    return PointerGetDatum(nullptr);
}

} // namespace laurel::programme
