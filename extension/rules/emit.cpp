// Events of the application's own.

#include "access/caller.h"
#include "access/organization.h"
#include "postgres/arguments.h"
#include "postgres/bounded_json.h"
#include "postgres/bridge.h"
#include "postgres/owner.h"
#include "postgres/spi.h"

namespace laurel::rules {

namespace {

Statement write = Statement(R"(
    INSERT INTO laurel.domain_events (id, organization_id, user_id, type, data)
    VALUES (coalesce($1, laurel.uuidv7()), $2, $3, $4, coalesce($5, '{}'))
    ON CONFLICT (id) DO NOTHING RETURNING id)",
                            UUIDOID, UUIDOID, UUIDOID, TEXTOID, JSONBOID)
                      .Returns(UUIDOID);

Statement find_same = Statement(R"(
    SELECT organization_id = $2 AND user_id = $3 AND type = $4 AND data = coalesce($5, '{}')
    FROM ONLY laurel.domain_events WHERE id = $1)",
                                UUIDOID, UUIDOID, UUIDOID, TEXTOID, JSONBOID)
                          .Returns(BOOLOID);

// Whether the event of that id says what this one does.
void
RequireSame(const Parameters &parameters) {
    if (find_same.Run(Access::Write, parameters) == 0)
        RefuseDropped(TableOid("domain_events"), "a trigger dropped the event");
    if (!DatumGetBool(Field(0, 1)))
        Refuse({.sqlstate = kConflict,
                .message = "the id of the event was used for another event",
                .hint = "Repeat an event with the same id, user, type and payload; give another one an id of "
                        "its own.",
                .table = "domain_events",
                .constraint = "domain_events_pkey"});
}

} // namespace

// laurel.emit(type, user, payload, event_id, organization)
LAUREL_FUNCTION(laurel_emit) {
    const Datum type = Required(fcinfo, 0, "type");
    const Uuid user = ToUuid(Required(fcinfo, 1, "user_id", kNameTheMember));
    if (!PG_ARGISNULL(2))
        RequireBoundedJson(PG_GETARG_DATUM(2), "domain_events", "data");
    const Oid table = TableOid("domain_events");
    const Uuid organization =
        access::OrganizationArgument(fcinfo, 4, table, user, "domain_events_membership_fkey");
    access::RequireAdministrator(table, organization, "emit events");
    const AsOwner owner(OwnerOf(table));
    const MemoryContext memory = CurrentMemoryContext;
    const SpiConnection spi;
    const Parameters parameters = {Argument(fcinfo, 3), FromUuid(organization), FromUuid(user), type,
                                   Argument(fcinfo, 2)};
    Uuid id;
    if (write.Run(Access::Write, parameters) > 0) {
        id = ToUuid(Field(0, 1));
        // Under another id it would be written again at every repetition.
        if (!PG_ARGISNULL(3) && !(id == ToUuid(PG_GETARG_DATUM(3))))
            RefuseDropped(table, "a trigger changed the id of the event");
    } else {
        RequireSame(parameters);
        id = ToUuid(PG_GETARG_DATUM(3));
    }
    MemoryContextSwitchTo(memory);
    return CopyUuid(id);
}

} // namespace laurel::rules
