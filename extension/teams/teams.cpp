// Teams: the caller's role in one, and a member's main team.

#include "access/caller.h"
#include "access/organization.h"
#include "postgres/arguments.h"
#include "postgres/bridge.h"
#include "postgres/list.h"
#include "postgres/owner.h"
#include "postgres/spi.h"

namespace laurel::teams {

namespace {

Statement find_roles = Statement(R"(SELECT team_id, role FROM ONLY laurel.team_memberships
        WHERE organization_id = $1 AND user_id = $2 ORDER BY 1)",
                                 UUIDOID, UUIDOID)
                           .Returns(UUIDOID, TEXTOID);

struct TeamRole {
    Uuid team;
    Datum role; // text
};

// The teams of a member, read once for each snapshot: a policy asks for every row of a feed.
class Roles {
public:
    explicit Roles(MemoryContext memory)
        : memory_(AllocSetContextCreate(memory, "laurel team roles", ALLOCSET_SMALL_SIZES)) {}

    // The role in a team, or 0.
    Datum Find(const Uuid &organization, const Uuid &user, const Uuid &team) {
        if (!IsOf(organization, user))
            Read(organization, user);
        const TeamRole *begin = roles_, *end = begin + count_;
        const TeamRole *found =
            std::lower_bound(begin, end, team, [](const TeamRole &r, const Uuid &t) { return r.team < t; });
        return found != end && found->team == team ? found->role : 0;
    }

private:
    // An expression may live longer than a statement: what others have committed, or this transaction has
    // written since, has another snapshot.
    bool IsOf(const Uuid &organization, const Uuid &user) const {
        const SnapshotData *snapshot = GetActiveSnapshot();
        return is_read_ && organization_ == organization && user_ == user && xmin_ == snapshot->xmin &&
               xmax_ == snapshot->xmax && running_ == snapshot->xcnt && command_ == snapshot->curcid &&
               completed_ == snapshot->snapXactCompletionCount;
    }

    void Read(const Uuid &organization, const Uuid &user) {
        is_read_ = false;
        MemoryContextReset(memory_);
        const AsOwner owner(OwnerOf(TableOid("team_memberships")));
        const SpiConnection spi;
        count_ = find_roles.Run(Access::Read, {FromUuid(organization), FromUuid(user)});
        const MemoryContext old = MemoryContextSwitchTo(memory_);
        roles_ = NewList<TeamRole>(count_);
        for (uint64 i = 0; i < count_; i++)
            roles_[i] = {ToUuid(Field(i, 1)), FromText(ToText(Field(i, 2)))};
        MemoryContextSwitchTo(old);
        Remember(organization, user);
    }

    void Remember(const Uuid &organization, const Uuid &user) {
        const SnapshotData *snapshot = GetActiveSnapshot();
        organization_ = organization;
        user_ = user;
        xmin_ = snapshot->xmin;
        xmax_ = snapshot->xmax;
        running_ = snapshot->xcnt;
        command_ = snapshot->curcid;
        completed_ = snapshot->snapXactCompletionCount;
        is_read_ = true;
    }

    MemoryContext memory_;
    bool is_read_ = false;
    Uuid organization_{}, user_{};
    TransactionId xmin_ = InvalidTransactionId, xmax_ = InvalidTransactionId;
    uint32 running_ = 0;
    CommandId command_ = 0;
    uint64 completed_ = 0;
    TeamRole *roles_ = nullptr;
    uint64 count_ = 0;
};

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
    auto *roles = static_cast<Roles *>(fcinfo->flinfo->fn_extra);
    if (roles == nullptr) {
        const MemoryContext memory = fcinfo->flinfo->fn_mcxt;
        fcinfo->flinfo->fn_extra = roles = new (MemoryContextAlloc(memory, sizeof(Roles))) Roles(memory);
    }
    const Datum role = roles->Find(caller.organization, caller.user, ToUuid(PG_GETARG_DATUM(0)));
    if (role == 0)
        PG_RETURN_NULL();
    return FromText(ToText(role));
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
