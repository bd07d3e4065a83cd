// The organization of a row: fills itself in and stays.

#include "access/caller.h"
#include "access/organization.h"
#include "guards/derived_write.h"
#include "postgres/bridge.h"
#include "postgres/draft_row.h"
#include "postgres/error.h"
#include "postgres/owner.h"
#include "postgres/trigger.h"

namespace laurel::guards {

namespace {

constexpr TriggerSpec kFill = {"fill_organization", TriggerSpec::Before, TriggerSpec::EachRow,
                               TriggerSpec::Insert};
constexpr TriggerSpec kRequire = {"require_organization", TriggerSpec::Before, TriggerSpec::EachStatement,
                                  TriggerSpec::Insert};
constexpr TriggerSpec kKeep = {"keep_organization", TriggerSpec::Before, TriggerSpec::EachRow,
                               TriggerSpec::Update};
constexpr TriggerSpec kCheck = {"check_organization", TriggerSpec::After, TriggerSpec::EachRow,
                                TriggerSpec::Update};

// The organization of a new row that names none: for who is bound by row security the active one, where the
// request acts, and nothing is learned of where others are at home; else its user's home, the active one or
// the default one.
Uuid
OrganizationFor(const TriggerData *trigger) {
    const TupleDesc tuple_desc = RelationGetDescr(trigger->tg_relation);
    access::NoticeChanges();
    const access::Caller caller = access::CurrentCaller();
    if (caller.names_foreign)
        access::RefuseForeign();
    const bool is_bound = caller.known && !IsTrusted(RelationGetRelid(trigger->tg_relation));
    Uuid organization;
    bool is_null = true;
    const Datum user = SPI_fnumber(tuple_desc, "user_id") > 0
                           ? AttributeValue(trigger->tg_trigtuple, tuple_desc, "user_id", UUIDOID, &is_null)
                           : 0;
    if (!is_bound && !is_null && access::HomeOrganization(ToUuid(user), &organization))
        return organization;
    return caller.has_organization ? caller.organization : access::DefaultOrganization();
}

// The row before and after the update is the same organization's.
void
RequireSame(const TriggerData *trigger) {
    const TupleDesc tuple_desc = RelationGetDescr(trigger->tg_relation);
    const int column = Attribute(tuple_desc, "organization_id", UUIDOID);
    bool old_null, new_null;
    const Datum old_value = heap_getattr(trigger->tg_trigtuple, column, tuple_desc, &old_null);
    const Datum new_value = heap_getattr(trigger->tg_newtuple, column, tuple_desc, &new_null);
    if (old_null == new_null && (old_null || ToUuid(old_value) == ToUuid(new_value)))
        return;
    const char *table = RelationGetRelationName(trigger->tg_relation);
    Refuse({.sqlstate = ERRCODE_RESTRICT_VIOLATION,
            .message = psprintf("a row of \"%s\" cannot move to another organization", table),
            .hint = "Insert a new row in the other organization instead.",
            .schema = get_namespace_name(RelationGetNamespace(trigger->tg_relation)),
            .table = table,
            .constraint = psprintf("%s_organization_id_immutable", table)});
}

} // namespace

LAUREL_FUNCTION(laurel_fill_organization) {
    const TriggerData *trigger = CheckTrigger(fcinfo, kFill);
    const Uuid organization = OrganizationFor(trigger);
    DraftRow row(trigger);
    row.Set("organization_id", UUIDOID, FromUuid(organization));
    return row.Done();
}

// Policies would refuse the rows too, but not say why.
LAUREL_FUNCTION(laurel_require_organization) {
    const TriggerData *trigger = CheckTrigger(fcinfo, kRequire);
    access::NoticeChanges();
    if (access::CurrentCaller().names_foreign && !IsTrusted(RelationGetRelid(trigger->tg_relation)))
        access::RefuseForeign();
    return PointerGetDatum(nullptr);
}

LAUREL_FUNCTION(laurel_keep_organization) {
    const TriggerData *trigger = CheckTrigger(fcinfo, kKeep);
    if (!DerivedWrite::Admits(fcinfo))
        RequireSame(trigger);
    return PointerGetDatum(trigger->tg_newtuple);
}

LAUREL_FUNCTION(laurel_check_organization) {
    const TriggerData *trigger = CheckTrigger(fcinfo, kCheck);
    if (!DerivedWrite::Admits(fcinfo))
        RequireSame(trigger);
    return PointerGetDatum(nullptr);
}

} // namespace laurel::guards
