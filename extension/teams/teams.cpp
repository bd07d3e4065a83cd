// Teams: the caller's role in one, and a member's main team.

#include "access/caller.h"
#include "access/organization.h"
#include "postgres/arguments.h"
#include "postgres/bridge.h"
#include "postgres/owner.h"
#include "postgres/spi.h"

namespace laurel::teams {

namespace {

Statement find_role = Statement(R"(SELECT role FROM ONLY laurel.team_memberships
        WHERE organization_id = $1 AND team_id = $2 AND user_id = $3)",
                                UUIDOID, UUIDOID, UUIDOID)
                          .Returns(TEXTOID);

Statement choose_team =
    Statement(R"(UPDATE ONLY laurel.user_points SET team_id = $3 WHERE organization_id = $1 AND user_id = $2
        RETURNING team_id IS NOT DISTINCT FROM $3)",
              UUIDOID, UUIDOID, UUIDOID)
        .Returns(BOOLOID);

// The argument, or else the caller.
Uuid
MemberArgument(FunctionCallInfo fcinfo, int index) {
    access::NoticeChanges();
    if (PG_ARGISNULL(index) && access::CurrentCaller().known)
        return access::CurrentCaller().user;
    return ToUuid(Required(fcinfo, index, "user_id", kNameTheMember));
}

void
RequireSelfOrAdministrator(Oid table, const Uuid &organization, const Uuid &user) {
    const access::Caller &caller = access::CurrentCaller();
    const bool is_self = caller.known && caller.user == user && access::BelongsTo(caller, organization);
    if (!is_self)
        access::RequireAdministrator(table, organization, "choose another member's team");
}

[[noreturn]] void
RefuseMember(const Uuid &user) {
    Refuse({.sqlstate = ERRCODE_FOREIGN_KEY_VIOLATION,
            .message = "there is no such member",
            .detail = psprintf("User %s has no points account in the organization.", UuidText(user)),
            .table = "user_points",
            .constraint = "user_points_membership_fkey"});
}

} // namespace

// laurel.team_role(team)
LAUREL_FUNCTION(laurel_team_role) {
    access::NoticeChanges();
    const access::Caller caller = access::CurrentCaller();
    if (!caller.known || !caller.has_organization)
        PG_RETURN_NULL();
    const MemoryContext context = CurrentMemoryContext;
    const AsOwner owner(OwnerOf(TableOid("team_memberships")));
    const SpiConnection spi;
    const Datum values[] = {FromUuid(caller.organization), PG_GETARG_DATUM(0), FromUuid(caller.user)};
    if (find_role.Run(Access::Read, values) == 0)
        PG_RETURN_NULL();
    const std::string_view role = ToText(Field(0, 1));
    const MemoryContext old = MemoryContextSwitchTo(context);
    const Datum result = FromText(role);
    MemoryContextSwitchTo(old);
    return result;
}

// laurel.choose_team(team, user, organization)
LAUREL_FUNCTION(laurel_choose_team) {
    const Oid table = TableOid("user_points");
    const Uuid user = MemberArgument(fcinfo, 1);
    const Uuid organization =
        access::OrganizationArgument(fcinfo, 2, table, user, "user_points_membership_fkey");
    RequireSelfOrAdministrator(table, organization, user);
    const AsOwner owner(OwnerOf(table));
    const SpiConnection spi;
    if (choose_team.Run(Access::Write, {FromUuid(organization), FromUuid(user), Argument(fcinfo, 0)}) == 0)
        RefuseMember(user);
    if (!DatumGetBool(Field(0, 1)))
        RefuseDropped(table, "a trigger changed the team that was to be chosen");
    PG_RETURN_VOID();
}

} // namespace laurel::teams
