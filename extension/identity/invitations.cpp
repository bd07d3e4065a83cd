// Invitations are made, withdrawn and forgotten. Nothing here looks at whom they are for.

#include "identity/invitations.h"

#include "access/caller.h"
#include "access/roles.h"
#include "deliveries/letters.h"
#include "identity/users.h"
#include "postgres/arguments.h"
#include "postgres/bridge.h"
#include "postgres/canonical.h"
#include "postgres/column.h"
#include "postgres/draft_row.h"
#include "postgres/error.h"
#include "postgres/owner.h"
#include "postgres/spi.h"
#include "postgres/sql.h"
#include "postgres/token.h"
#include "postgres/trigger.h"

namespace laurel::identity {

namespace {

constexpr TriggerSpec kForget = {"forget_invitations", TriggerSpec::Before, TriggerSpec::EachRow,
                                 TriggerSpec::Delete};
constexpr TriggerSpec kGuardDomain = {"guard_domain", TriggerSpec::Before, TriggerSpec::EachRow,
                                      TriggerSpec::Update};

// What whoever keeps invitations does next.
constexpr const char *kLookThemUp = "laurel.invitations lists those of the organization.";
constexpr const char *kInviteAnew = "Invite anew with laurel.invite_member().";

// By token or id, with what locks it in {1}.
constexpr SqlText kFind =
    R"(SELECT i.id, i.organization_id, i.email IS NOT NULL, i.user_id, i.status, i.expires_at <= $3,
        i.invited_by, 'platform_admin' = ANY (i.roles), o.is_active FROM ONLY laurel.invitations i
        JOIN ONLY laurel.organizations o ON o.id = i.organization_id
        WHERE i.token_hash = $1 OR i.id = $2 {1})";

template <SqlText lock>
constexpr Statement
FindBy() {
    return Statement(Sql<kFind, lock>, BYTEAOID, UUIDOID, TIMESTAMPTZOID)
        .Returns(UUIDOID, UUIDOID, BOOLOID, UUIDOID, TEXTOID, BOOLOID, UUIDOID, BOOLOID, BOOLOID);
}

Statement find_invitation = FindBy<"">();
Statement lock_invitation = FindBy<"FOR NO KEY UPDATE OF i">();

Statement withdraw_waiting(R"(UPDATE ONLY laurel.invitations SET status = 'withdrawn'
        WHERE organization_id = $1 AND status = 'pending'
        AND mailbox = pg_catalog.md5(coalesce($2, $3::pg_catalog.text))::pg_catalog.uuid)",
                           UUIDOID, TEXTOID, UUIDOID);

Statement insert_invitation =
    Statement(R"(INSERT INTO laurel.invitations
        (organization_id, email, user_id, roles, token_hash, invited_by, created_at, expires_at)
        SELECT $1, $2, $3, $4, $5, $6, $7, $7 + coalesce($8, o.invitation_lifetime, '7 days')
        FROM (SELECT) nothing LEFT JOIN ONLY laurel.organizations o ON o.id = $1 RETURNING id)",
              UUIDOID, TEXTOID, UUIDOID, TEXTARRAYOID, BYTEAOID, UUIDOID, TIMESTAMPTZOID, INTERVALOID)
        .Returns(UUIDOID);

Statement withdraw("UPDATE ONLY laurel.invitations SET status = 'withdrawn' WHERE id = $1", UUIDOID);

Statement set_token("UPDATE ONLY laurel.invitations SET token_hash = $2 WHERE id = $1", UUIDOID, BYTEAOID);

Statement forget(R"(UPDATE ONLY laurel.invitations SET email = NULL, user_id = NULL,
        status = CASE status WHEN 'pending' THEN 'withdrawn' ELSE status END WHERE email = $2 OR user_id = $1)",
                 UUIDOID, TEXTOID);

Oid
Invitations() {
    return TableOid("invitations");
}

// The organization named, else the active one; one that nobody administers where there is none.
Uuid
InvitingOrganization(FunctionCallInfo fcinfo) {
    access::NoticeChanges();
    const access::Caller &caller = access::CurrentCaller();
    if (PG_ARGISNULL(3) && !caller.has_organization && !caller.names_foreign && IsTrusted(Invitations()))
        Required(fcinfo, 3, "organization_id",
                 "Name the organization, or call on behalf of an administrator.");
    return PG_ARGISNULL(3) ? caller.organization : ToUuid(PG_GETARG_DATUM(3));
}

[[noreturn]] void
BadRoles(const char *message) {
    Refuse({.sqlstate = ERRCODE_INVALID_PARAMETER_VALUE,
            .message = message,
            .hint = "Roles are learner, trainer, manager, org_admin and platform_admin."});
}

void
RequireGrantable(std::string_view role) {
    if (role != "platform_admin" || MayTouchPlatformAdministrators(Invitations()))
        return;
    Refuse({.sqlstate = ERRCODE_INSUFFICIENT_PRIVILEGE,
            .message = "not allowed to invite somebody as platform_admin",
            .hint = "Ask a platform_admin, or call as service_role.",
            .table = "invitations"});
}

// The roles under the names by which they are stored.
Datum
RolesArgument(FunctionCallInfo fcinfo) {
    Datum *names = nullptr;
    bool *nulls = nullptr;
    int count = 0;
    if (!PG_ARGISNULL(2))
        deconstruct_array(PG_GETARG_ARRAYTYPE_P(2), TEXTOID, -1, false, TYPALIGN_INT, &names, &nulls, &count);
    Column roles(TEXTOID, std::max(count, 1));
    for (int i = 0; i < count; i++) {
        const char *stored = nulls[i] ? nullptr : access::StoredRole(ToText(names[i]));
        if (stored == nullptr)
            BadRoles(nulls[i] ? "a role must not be null"
                              : psprintf("there is no role \"%s\"", CString(ToText(names[i]))));
        RequireGrantable(stored);
        roles.Add(CStringGetTextDatum(stored));
    }
    if (count == 0)
        roles.Add(CStringGetTextDatum("learner"));
    return roles.Array();
}

bool
IsLifetime(const Interval &lifetime) {
    constexpr int64 most = 30 * USECS_PER_DAY;
    if (lifetime.month != 0 || lifetime.day < 0 || lifetime.day > 30 || lifetime.time < -most ||
        lifetime.time > most)
        return false;
    const int64 all = lifetime.day * USECS_PER_DAY + lifetime.time;
    return all >= USECS_PER_HOUR && all <= most;
}

void
RequireOneAddressee(FunctionCallInfo fcinfo) {
    if (PG_ARGISNULL(0) == PG_ARGISNULL(1))
        Refuse({.sqlstate = ERRCODE_INVALID_PARAMETER_VALUE,
                .message = "an invitation is for an e-mail address or for a user",
                .hint = "Give either email or user_id."});
}

void
RequireLifetime(FunctionCallInfo fcinfo) {
    if (PG_ARGISNULL(4) || IsLifetime(*PG_GETARG_INTERVAL_P(4)))
        return;
    Refuse({.sqlstate = ERRCODE_INVALID_PARAMETER_VALUE,
            .message = "lifetime is out of range",
            .detail = "An invitation holds for an hour to 30 days."});
}

const char *
SayStatus(const Invitation &invitation) {
    if (invitation.is_pending || strcmp(invitation.status, "expired") == 0)
        return "the invitation has expired";
    return psprintf("the invitation was %s", invitation.status);
}

} // namespace

bool
FindInvitation(const Datum *token_hash, const Uuid *id, bool lock, Invitation *invitation) {
    const Nullable hash = token_hash == nullptr ? Nullable() : Nullable(*token_hash);
    if ((lock ? lock_invitation : find_invitation)
            .Run(Access::Write, {hash, UuidOrNull(id), TimestampTzGetDatum(GetCurrentTimestamp())}) == 0)
        return false;
    Row row;
    bool is_null;
    invitation->id = ToUuid(row.Next());
    invitation->organization = ToUuid(row.Next());
    invitation->by_address = DatumGetBool(row.Next());
    const Datum user = row.Next(&is_null);
    invitation->has_user = !is_null;
    invitation->user = is_null ? Uuid{} : ToUuid(user);
    invitation->status = CString(ToText(row.Next()));
    invitation->is_pending = strcmp(invitation->status, "pending") == 0;
    invitation->is_over = DatumGetBool(row.Next());
    const Datum inviter = row.Next(&is_null);
    invitation->by_back_end = is_null;
    invitation->invited_by = is_null ? Uuid{} : ToUuid(inviter);
    invitation->makes_platform_admin = DatumGetBool(row.Next());
    invitation->organization_is_active = DatumGetBool(row.Next());
    return true;
}

void
RefuseUnknownInvitation(const char *hint) {
    Refuse({.sqlstate = ERRCODE_FOREIGN_KEY_VIOLATION,
            .message = "there is no such invitation",
            .hint = hint,
            .table = "invitations",
            .constraint = "invitations_pkey"});
}

void
RequireOpen(const Invitation &invitation, const char *hint) {
    if (invitation.is_pending && !invitation.is_over)
        return;
    Refuse({.sqlstate = kConflict,
            .message = SayStatus(invitation),
            .hint = hint,
            .table = "invitations",
            .constraint = "invitations_status_steps"});
}

// laurel_internal.is_invitation_lifetime(lifetime)
LAUREL_FUNCTION(laurel_is_invitation_lifetime) {
    PG_RETURN_BOOL(IsLifetime(*PG_GETARG_INTERVAL_P(0)));
}

// laurel.invite_member(email, user, roles, organization, lifetime, by_mail)
LAUREL_FUNCTION(laurel_invite_member) {
    const Uuid organization = InvitingOrganization(fcinfo);
    access::RequireAdministrator(Invitations(), organization, "invite members");
    RequireOneAddressee(fcinfo);
    const Datum roles = RolesArgument(fcinfo);
    RequireLifetime(fcinfo);
    const access::Caller &caller = access::CurrentCaller();
    const bool is_signed = caller.known && access::Administers(caller, organization);
    const Nullable email =
        PG_ARGISNULL(0)
            ? Nullable()
            : Nullable(RequireCanonical(kMailAddress, ToText(PG_GETARG_DATUM(0)), "invitations", "email"));
    const Nullable user = Argument(fcinfo, 1), inviter = {CopyUuid(caller.user), !is_signed};
    Uuid invitation;
    {
        const AsOwner owner(OwnerOf(Invitations()));
        const SpiConnection spi;
        withdraw_waiting.Run(Access::Write, {FromUuid(organization), email, user});
        insert_invitation.Write({FromUuid(organization), email, user, roles, TokenHash(MakeToken().View()),
                                 inviter, TimestampTzGetDatum(GetCurrentTimestamp()), Argument(fcinfo, 4)});
        invitation = ToUuid(Field(0, 1));
        if (PG_ARGISNULL(5) || PG_GETARG_BOOL(5))
            deliveries::SendLetter(organization, invitation);
    }
    return CopyUuid(invitation);
}

// laurel.withdraw_invitation(invitation)
LAUREL_FUNCTION(laurel_withdraw_invitation) {
    const Uuid id = ToUuid(PG_GETARG_DATUM(0));
    access::NoticeChanges();
    const access::Caller caller = access::CurrentCaller();
    const bool trusted = IsTrusted(Invitations());
    const AsOwner owner(OwnerOf(Invitations()));
    const SpiConnection spi;
    Invitation invitation;
    if (!FindInvitation(nullptr, &id, true, &invitation) ||
        (!trusted && !access::Administers(caller, invitation.organization)))
        RefuseUnknownInvitation(kLookThemUp);
    RequireOpen(invitation, kInviteAnew);
    withdraw.Write({FromUuid(id)});
    PG_RETURN_VOID();
}

// laurel.create_invitation_token(invitation)
LAUREL_FUNCTION(laurel_create_invitation_token) {
    const Uuid id = ToUuid(PG_GETARG_DATUM(0));
    const Token token = MakeToken();
    {
        const AsOwner owner(OwnerOf(Invitations()));
        const SpiConnection spi;
        Invitation invitation;
        if (!FindInvitation(nullptr, &id, true, &invitation))
            RefuseUnknownInvitation(kLookThemUp);
        RequireOpen(invitation, kInviteAnew);
        set_token.Write({FromUuid(id), TokenHash(token.View())});
    }
    return FromText(token.View());
}

// Whoever is gone is in no invitation any more.
LAUREL_FUNCTION(laurel_forget_invitations) {
    const TriggerData *trigger = CheckTrigger(fcinfo, kForget);
    const DraftRow row(trigger->tg_trigtuple, RelationGetDescr(trigger->tg_relation));
    const Uuid user = row.Id("id");
    const Datum values[] = {FromUuid(user), FromText(row.Text("email"))};
    const AsOwner owner(OwnerOf(Invitations()));
    const SpiConnection spi;
    forget.Run(Access::Write, values);
    return row.Done();
}

// Whether another organization has a domain is not told.
LAUREL_FUNCTION(laurel_guard_domain) {
    const TriggerData *trigger = CheckTrigger(fcinfo, kGuardDomain);
    if (!MayTouchPlatformAdministrators(RelationGetRelid(trigger->tg_relation)))
        Refuse({.sqlstate = ERRCODE_INSUFFICIENT_PRIVILEGE,
                .message = "not allowed to write the domain of an organization",
                .hint = "Ask a platform_admin, or call as service_role, once it was proven.",
                .table = "organizations"});
    return PointerGetDatum(trigger->tg_newtuple);
}

} // namespace laurel::identity
