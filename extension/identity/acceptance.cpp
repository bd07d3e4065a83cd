// Invitations are answered by whom they are for.

#include "access/caller.h"
#include "identity/invitations.h"
#include "identity/users.h"
#include "postgres/arguments.h"
#include "postgres/bridge.h"
#include "postgres/error.h"
#include "postgres/fresh.h"
#include "postgres/token.h"

namespace laurel::identity {

namespace {

// The person who answers, and whether the invitation is for the person: by id, or by the address that is
// proven or comes with the token of the letter.
Statement lock_person = Statement(R"(SELECT u.id, u.is_active, i.user_id IS NOT DISTINCT FROM u.id
            OR (i.email = u.email AND ($3 OR u.email_verified))
        FROM ONLY laurel.users u, ONLY laurel.invitations i WHERE u.id = $1 AND i.id = $2 FOR NO KEY UPDATE OF u)",
                                  UUIDOID, UUIDOID, BOOLOID)
                            .Returns(UUIDOID, BOOLOID, BOOLOID);

Statement find_addressee = Statement(R"(SELECT u.id FROM ONLY laurel.invitations i
        JOIN ONLY laurel.users u ON u.id = i.user_id OR u.email = i.email WHERE i.id = $1)",
                                     UUIDOID)
                               .Returns(UUIDOID);

Statement make_account = Statement(R"(INSERT INTO laurel.users (organization_id, email, full_name)
        SELECT i.organization_id, i.email, $2 FROM ONLY laurel.invitations i WHERE i.id = $1 AND i.email IS NOT NULL RETURNING id)",
                                   UUIDOID, TEXTOID)
                             .Returns(UUIDOID);

Statement may_grant =
    Statement(R"(SELECT FROM ONLY laurel.users u JOIN ONLY laurel.user_roles r ON r.user_id = u.id
        WHERE u.id = $1 AND u.is_active
        AND (r.role = 'platform_admin' OR r.role = 'org_admin' AND r.organization_id = $2 AND NOT $3) LIMIT 1)",
              UUIDOID, UUIDOID, BOOLOID);

Statement join(R"(INSERT INTO laurel.user_organizations AS m (organization_id, user_id, display_name)
        VALUES ($1, $2, $3) ON CONFLICT (organization_id, user_id) DO UPDATE
        SET display_name = coalesce(EXCLUDED.display_name, m.display_name))",
               UUIDOID, UUIDOID, TEXTOID);

Statement grant_roles(R"(INSERT INTO laurel.user_roles (organization_id, user_id, role, granted_by)
        SELECT i.organization_id, $2, r, i.invited_by FROM ONLY laurel.invitations i, pg_catalog.unnest(i.roles) r
        WHERE i.id = $1 AND r <> 'learner' ON CONFLICT (organization_id, user_id, role) DO NOTHING)",
                      UUIDOID, UUIDOID);

Statement accept("UPDATE ONLY laurel.invitations SET status = 'accepted', user_id = $2 WHERE id = $1",
                 UUIDOID, UUIDOID);
Statement decline("UPDATE ONLY laurel.invitations SET status = 'declined' WHERE id = $1", UUIDOID);

Statement waiting = Statement(R"(SELECT i.id, i.organization_id, o.name, i.roles, i.expires_at
        FROM ONLY laurel.users u JOIN ONLY laurel.invitations i
        ON i.user_id = u.id OR (i.email = u.email AND u.email_verified)
        JOIN ONLY laurel.organizations o ON o.id = i.organization_id AND o.is_active
        WHERE u.id = $1 AND u.is_active AND i.status = 'pending' AND i.expires_at > $2 ORDER BY i.created_at, i.id)",
                              UUIDOID, TIMESTAMPTZOID)
                        .Returns(UUIDOID, UUIDOID, TEXTOID, TEXTARRAYOID, TIMESTAMPTZOID);

// What whoever answers does next.
constexpr const char *kAskForAnother = "An invitation is answered once. Ask for another one.";
constexpr const char *kNewerToken = "A newer letter has another token. Else ask for another invitation.";
constexpr const char *kUseToken =
    "Answer with the token of the letter. The id suffices where you were invited by your own, "
    "or by an address that is verified.";

// How the invitation was named: by its token, or by its id.
struct Named {
    bool by_token;
    Datum hash;
    Uuid id;

    bool Find(bool lock, Invitation *invitation) const {
        return FindInvitation(by_token ? &hash : nullptr, by_token ? nullptr : &id, lock, invitation);
    }

    [[noreturn]] void RefuseUnknown() const { RefuseUnknownInvitation(by_token ? kNewerToken : kUseToken); }
};

Named
NamedInvitation(FunctionCallInfo fcinfo) {
    if (PG_ARGISNULL(0) == PG_ARGISNULL(1))
        Refuse({.sqlstate = ERRCODE_INVALID_PARAMETER_VALUE,
                .message = "an invitation is named by its token or its id",
                .hint = "Give either token or invitation_id."});
    Named named = {!PG_ARGISNULL(0), 0, {}};
    if (named.by_token)
        named.hash = TokenHash(ToText(PG_GETARG_DATUM(0)));
    else
        named.id = ToUuid(PG_GETARG_DATUM(1));
    return named;
}

[[noreturn]] void
RefuseStranger() {
    Refuse({.sqlstate = ERRCODE_INSUFFICIENT_PRIVILEGE,
            .message = "the invitation is for somebody else",
            .hint = "Sign in as the user whose address or id was invited.",
            .table = "invitations"});
}

[[noreturn]] void
RefuseNobody() {
    Refuse({.sqlstate = ERRCODE_INSUFFICIENT_PRIVILEGE,
            .message = "nobody is signed in who could answer the invitation",
            .hint = "Sign in, or call as service_role with the token.",
            .table = "invitations"});
}

[[noreturn]] void
RefuseInactive(const char *message, const char *hint) {
    Refuse({.sqlstate = kConflict, .message = message, .hint = hint, .table = "invitations"});
}

// Locks the person, before the invitation as whoever deletes the person does. Somebody else's invitation is
// not there for who has no token.
void
RequireAddressee(const Named &named, const Invitation &invitation, const Uuid &person) {
    const Datum values[] = {FromUuid(person), FromUuid(invitation.id), BoolGetDatum(named.by_token)};
    if (lock_person.Run(Access::Write, values) == 0)
        RefuseInactive("the user is gone", "Ask for another invitation, for an account that is there.");
    const bool is_active = DatumGetBool(Field(0, 2));
    bool unknown;
    const bool is_mine = DatumGetBool(Field(0, 3, &unknown));
    if ((unknown || !is_mine) && !named.by_token)
        named.RefuseUnknown();
    if (unknown || !is_mine)
        RefuseStranger();
    if (!is_active)
        RefuseInactive("the user is not active", "It can be answered once users.is_active is set again.");
}

// Whoever has an account joins nowhere by somebody else's word: a token may have been seen on its way.
void
RequireNoAccount(const Invitation &invitation) {
    if (find_addressee.Run(Access::Write, {FromUuid(invitation.id)}) == 0)
        return;
    Refuse({.sqlstate = ERRCODE_INSUFFICIENT_PRIVILEGE,
            .message = "the invitation is for somebody who has an account",
            .hint = "Accept it on behalf of that user, who signs in first.",
            .table = "invitations"});
}

// Whoever has invited may do so still.
void
RequireInviter(const Invitation &invitation) {
    if (invitation.by_back_end)
        return;
    const FreshRead fresh(OwnerOf(TableOid("user_roles")));
    const Datum values[] = {FromUuid(invitation.invited_by), FromUuid(invitation.organization),
                            BoolGetDatum(invitation.makes_platform_admin)};
    if (may_grant.Run(Access::Read, values) > 0)
        return;
    Refuse({.sqlstate = kConflict,
            .message = "the invitation does not hold any more",
            .detail = "Who has invited may not grant its roles now.",
            .hint = "Ask for another invitation.",
            .table = "invitations",
            .constraint = "invitations_invited_by"});
}

// What the letter asks for, locked and open.
void
RequireAnswerable(const Named &named, Invitation *invitation) {
    if (!named.Find(true, invitation))
        named.RefuseUnknown();
    RequireOpen(*invitation, kAskForAnother);
}

Uuid
NewAccount(const Invitation &invitation, const Nullable &name) {
    RequireNoAccount(invitation);
    if (!invitation.by_address)
        RefuseUnknownInvitation(kNewerToken);
    make_account.Write({FromUuid(invitation.id), name});
    return ToUuid(Field(0, 1));
}

void
Join(const Invitation &invitation, const Uuid &person, const Nullable &name) {
    const Datum answer[] = {FromUuid(invitation.id), FromUuid(person)};
    join.Write({FromUuid(invitation.organization), FromUuid(person), name});
    grant_roles.Run(Access::Write, answer);
    accept.Write(answer);
}

access::Caller
Answerer(const Named &named) {
    access::NoticeChanges();
    const access::Caller caller = access::CurrentCaller();
    if (!caller.known && !(named.by_token && IsTrusted(TableOid("invitations"))))
        RefuseNobody();
    return caller;
}

} // namespace

// laurel.accept_invitation(token, invitation, display_name)
LAUREL_FUNCTION(laurel_accept_invitation) {
    const Named named = NamedInvitation(fcinfo);
    const access::Caller caller = Answerer(named);
    const Nullable name = Argument(fcinfo, 2);
    Invitation invitation;
    {
        const AsOwner owner(OwnerOf(TableOid("invitations")));
        const SpiConnection spi;
        if (!named.Find(false, &invitation))
            named.RefuseUnknown();
        if (caller.known)
            RequireAddressee(named, invitation, caller.user);
        RequireAnswerable(named, &invitation);
        if (!invitation.organization_is_active)
            RefuseInactive("the organization is not active",
                           "It can be accepted once organizations.is_active is set again.");
        RequireInviter(invitation);
        Join(invitation, caller.known ? caller.user : NewAccount(invitation, name), name);
    }
    return CopyUuid(invitation.organization);
}

// laurel.decline_invitation(token, invitation)
LAUREL_FUNCTION(laurel_decline_invitation) {
    const Named named = NamedInvitation(fcinfo);
    access::NoticeChanges();
    const access::Caller caller = access::CurrentCaller();
    if (!named.by_token && !caller.known)
        RefuseNobody();
    const AsOwner owner(OwnerOf(TableOid("invitations")));
    const SpiConnection spi;
    Invitation invitation;
    if (!named.Find(false, &invitation))
        named.RefuseUnknown();
    if (!named.by_token)
        RequireAddressee(named, invitation, caller.user);
    RequireAnswerable(named, &invitation);
    decline.Write({FromUuid(invitation.id)});
    PG_RETURN_VOID();
}

// laurel.my_invitations()
LAUREL_FUNCTION(laurel_my_invitations) {
    InitMaterializedSRF(fcinfo, 0);
    const auto *result = reinterpret_cast<ReturnSetInfo *>(fcinfo->resultinfo);
    access::NoticeChanges();
    const access::Caller caller = access::CurrentCaller();
    if (!caller.known)
        return static_cast<Datum>(0);
    const AsOwner owner(OwnerOf(TableOid("invitations")));
    const SpiConnection spi;
    const Datum values[] = {FromUuid(caller.user), TimestampTzGetDatum(GetCurrentTimestamp())};
    const uint64 count = waiting.Run(Access::Write, values);
    for (uint64 row = 0; row < count; row++) {
        Datum columns[5];
        bool nulls[5];
        Fields(row, 5, columns, nulls);
        tuplestore_putvalues(result->setResult, result->setDesc, columns, nulls);
    }
    return static_cast<Datum>(0);
}

} // namespace laurel::identity
