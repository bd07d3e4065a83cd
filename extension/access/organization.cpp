#include "access/organization.h"

#include "access/caller.h"
#include "postgres/arguments.h"
#include "postgres/error.h"
#include "postgres/owner.h"
#include "postgres/spi.h"

namespace laurel::access {

namespace {

Statement home_of =
    Statement("SELECT organization_id FROM ONLY laurel.users WHERE id = $1", UUIDOID).Returns(UUIDOID);
Statement default_organization =
    Statement("SELECT id FROM ONLY laurel.organizations WHERE is_default").Returns(UUIDOID);

} // namespace

bool
HomeOrganization(const Uuid &user, Uuid *organization) {
    const AsOwner owner(OwnerOf(TableOid("users")));
    const SpiConnection spi;
    if (home_of.Run(Access::Write, {FromUuid(user)}) == 0)
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

void
UnknownUser(const Uuid &user, const char *table, const char *constraint) {
    Refuse({.sqlstate = ERRCODE_FOREIGN_KEY_VIOLATION,
            .message = "there is no such user",
            .detail = psprintf("Key (user_id)=(%s) is not present in table \"users\".", UuidText(user)),
            .table = table,
            .constraint = constraint});
}

Uuid
ActingOrganization(Oid table, const Uuid &user, const char *constraint) {
    NoticeChanges();
    const Caller &caller = CurrentCaller();
    if (caller.names_foreign)
        RefuseForeign();
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

Uuid
ActiveOrganization(FunctionCallInfo fcinfo, int index) {
    NoticeChanges();
    const Caller &caller = CurrentCaller();
    if (PG_ARGISNULL(index) && caller.names_foreign)
        RefuseForeign();
    if (PG_ARGISNULL(index) && caller.has_organization)
        return caller.organization;
    return ToUuid(
        Required(fcinfo, index, "organization_id", "Name the organization, or call on behalf of a member."));
}

} // namespace laurel::access
