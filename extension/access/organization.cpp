// What every table leans on: ids, organizations that fill themselves in and stay, timestamps.

#include "access/organization.h"
#include "access/caller.h"
#include "identity/users.h"
#include "kernel/uuid7.h"
#include "postgres/bridge.h"
#include "postgres/draft_row.h"
#include "postgres/error.h"
#include "postgres/local_time.h"
#include "postgres/owner.h"
#include "postgres/spi.h"
#include "postgres/trigger.h"

namespace laurel {

namespace {

constinit kernel::Uuid7State uuid_state = {};

// Random bytes fetched ahead: asking for many at once costs about as much as asking for eight.
constexpr size_t kRandomPerUuid = 8;
constinit unsigned char random_pool[kRandomPerUuid * 256] = {};
constinit size_t random_left = 0;

Statement home_of =
    Statement("SELECT organization_id FROM ONLY laurel.users WHERE id = $1", UUIDOID).Returns(UUIDOID);
Statement default_organization =
    Statement("SELECT id FROM ONLY laurel.organizations WHERE is_default").Returns(UUIDOID);

constexpr TriggerSpec kFill = {"fill_organization", TriggerSpec::Before, TriggerSpec::EachRow,
                               TriggerSpec::Insert};
constexpr TriggerSpec kKeep = {"keep_organization", TriggerSpec::Before, TriggerSpec::EachRow,
                               TriggerSpec::Update};
constexpr TriggerSpec kTouch = {"touch_updated_at", TriggerSpec::Before, TriggerSpec::EachRow,
                                TriggerSpec::Update};

// Eight random bytes that nobody was given before.
const unsigned char *
NextRandom() {
    if (random_left == 0) {
        if (!pg_strong_random(random_pool, sizeof(random_pool)))
            ereport(ERROR, (errcode(ERRCODE_INTERNAL_ERROR), errmsg("could not generate random values")));
        random_left = sizeof(random_pool);
    }
    random_left -= kRandomPerUuid;
    return random_pool + random_left;
}

} // namespace

bool
HomeOrganization(const Uuid &user, Uuid *organization) {
    const AsOwner owner(OwnerOf(TableOid("users")));
    const SpiConnection spi;
    if (home_of.Run(Access::Write, std::array{FromUuid(user)}.data()) == 0)
        return false;
    *organization = ToUuid(Field(0, 1));
    return true;
}

Uuid
DefaultOrganization() {
    const AsOwner owner(OwnerOf(TableOid("organizations")));
    const SpiConnection spi;
    if (default_organization.Run(Access::Write) == 0)
        Refuse({.sqlstate = ERRCODE_NOT_NULL_VIOLATION,
                .message = "organization_id is missing and there is no default organization",
                .hint = "Give organization_id, or set is_default on one organization.",
                .table = "organizations"});
    return ToUuid(Field(0, 1));
}

Uuid
ActingOrganization(Oid table, const Uuid &user, const char *constraint) {
    NoticeChanges();
    const Caller &caller = CurrentCaller();
    if (caller.has_organization || !IsTrusted(table))
        return caller.organization;
    Uuid home;
    if (!HomeOrganization(user, &home))
        UnknownUser(user, get_rel_name(table), constraint);
    return home;
}

Uuid
OrganizationArgument(FunctionCallInfo fcinfo, int index, Oid table, const Uuid &user,
                     const char *constraint) {
    return PG_ARGISNULL(index) ? ActingOrganization(table, user, constraint) : ToUuid(PG_GETARG_DATUM(index));
}

// The organization of a new row that names none: its user's home, else the caller's active one, else the
// default one.
static Uuid
OrganizationFor(HeapTuple row, TupleDesc tuple_desc) {
    Uuid organization;
    bool is_null = true;
    const Datum user = SPI_fnumber(tuple_desc, "user_id") > 0
                           ? AttributeValue(row, tuple_desc, "user_id", UUIDOID, &is_null)
                           : 0;
    if (!is_null && HomeOrganization(ToUuid(user), &organization))
        return organization;
    NoticeChanges();
    const Caller &caller = CurrentCaller();
    return caller.has_organization ? caller.organization : DefaultOrganization();
}

} // namespace laurel

using namespace laurel;

// laurel.uuidv7()
LAUREL_FUNCTION(laurel_uuidv7) {
    constexpr int64 unix_epoch = (POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE) * USECS_PER_DAY;
    auto *uuid = static_cast<pg_uuid_t *>(palloc(sizeof(pg_uuid_t)));
    kernel::NextUuid7(uuid_state, static_cast<uint64_t>(GetCurrentTimestamp() + unix_epoch), NextRandom(),
                      uuid->data);
    PG_RETURN_UUID_P(uuid);
}

// laurel_internal.is_time_zone(name)
LAUREL_FUNCTION(laurel_is_time_zone) {
    PG_RETURN_BOOL(IsZoneName(ToText(PG_GETARG_DATUM(0))));
}

LAUREL_FUNCTION(laurel_fill_organization) {
    const TriggerData *trigger = CheckTrigger(fcinfo, kFill);
    const Uuid organization = OrganizationFor(trigger->tg_trigtuple, RelationGetDescr(trigger->tg_relation));
    DraftRow row(trigger);
    row.Set("organization_id", UUIDOID, FromUuid(organization));
    return row.Done();
}

LAUREL_FUNCTION(laurel_keep_organization) {
    const TriggerData *trigger = CheckTrigger(fcinfo, kKeep);
    const TupleDesc tuple_desc = RelationGetDescr(trigger->tg_relation);
    const int column = Attribute(tuple_desc, "organization_id", UUIDOID);
    bool old_null, new_null;
    const Datum old_value = heap_getattr(trigger->tg_trigtuple, column, tuple_desc, &old_null);
    const Datum new_value = heap_getattr(trigger->tg_newtuple, column, tuple_desc, &new_null);
    if (old_null == new_null && (old_null || ToUuid(old_value) == ToUuid(new_value)))
        return PointerGetDatum(trigger->tg_newtuple);
    const char *table = RelationGetRelationName(trigger->tg_relation);
    Refuse({.sqlstate = ERRCODE_RESTRICT_VIOLATION,
            .message = psprintf("a row of \"%s\" cannot move to another organization", table),
            .hint = "Insert a new row in the other organization instead.",
            .table = table,
            .constraint = psprintf("%s_organization_id_immutable", table)});
}

LAUREL_FUNCTION(laurel_touch_updated_at) {
    DraftRow row(CheckTrigger(fcinfo, kTouch));
    row.Set("updated_at", TIMESTAMPTZOID, TimestampTzGetDatum(GetCurrentTimestamp()));
    return row.Done();
}
