// E-mail addresses change when the mail that went to the new one is answered.

#include "access/caller.h"
#include "access/organization.h"
#include "deliveries/letters.h"
#include "identity/users.h"
#include "postgres/arguments.h"
#include "postgres/bridge.h"
#include "postgres/canonical.h"
#include "postgres/error.h"
#include "postgres/owner.h"
#include "postgres/spi.h"
#include "postgres/token.h"

namespace laurel::identity {

namespace {

constexpr TimestampTz kLifetime = USECS_PER_DAY;

Statement at_home =
    Statement("SELECT FROM ONLY laurel.users WHERE id = $1 AND organization_id = $2", UUIDOID, UUIDOID);

// One code a minute for each user.
Statement open_code =
    Statement(R"(INSERT INTO laurel.one_time_tokens AS t (organization_id, user_id, purpose, email,
        token_hash, requested_by, created_at, expires_at)
        SELECT u.organization_id, u.id, 'email_change', $2, $3, $4, $5, $6 FROM ONLY laurel.users u WHERE u.id = $1
        ON CONFLICT (organization_id, user_id, purpose) WHERE used_at IS NULL DO UPDATE
        SET email = EXCLUDED.email, token_hash = EXCLUDED.token_hash, requested_by = EXCLUDED.requested_by,
            created_at = EXCLUDED.created_at, expires_at = EXCLUDED.expires_at
        WHERE NOT (t.created_at > EXCLUDED.created_at - interval '1 minute' AND t.created_at <= EXCLUDED.created_at)
        RETURNING id, organization_id)",
              UUIDOID, TEXTOID, BYTEAOID, UUIDOID, TIMESTAMPTZOID, TIMESTAMPTZOID)
        .Returns(UUIDOID, UUIDOID);

// What an administrator asked for holds as long as he may ask for it.
Statement use_code =
    Statement(R"(UPDATE ONLY laurel.one_time_tokens t SET used_at = $2 FROM ONLY laurel.users u
        WHERE t.token_hash = $1 AND t.purpose = 'email_change' AND t.used_at IS NULL AND t.expires_at > $2
        AND u.id = t.user_id AND u.is_active AND ($3 IS NULL OR u.id = $3)
        AND (t.requested_by IS NULL OR t.requested_by = u.id OR EXISTS (SELECT FROM ONLY laurel.users a
            JOIN ONLY laurel.user_roles r ON r.user_id = a.id WHERE a.id = t.requested_by AND a.is_active
            AND (r.role = 'platform_admin' OR r.role = 'org_admin' AND r.organization_id = u.organization_id
                AND NOT EXISTS (SELECT FROM ONLY laurel.user_organizations m
                    WHERE m.user_id = u.id AND m.organization_id <> u.organization_id))))
        RETURNING t.user_id, t.email)",
              BYTEAOID, TIMESTAMPTZOID, UUIDOID)
        .Returns(UUIDOID, TEXTOID);

Statement set_email("UPDATE ONLY laurel.users SET email = $2 WHERE id = $1", UUIDOID, TEXTOID);
Statement set_verified("UPDATE ONLY laurel.users SET email_verified = true WHERE id = $1", UUIDOID);

// Whether the caller keeps the home of somebody who belongs to nobody else.
bool
KeepsHomeOf(const access::Caller &caller, const Uuid &user) {
    if (!caller.has_organization || !access::Administers(caller, caller.organization))
        return false;
    const AsOwner owner(OwnerOf(TableOid("users")));
    const SpiConnection spi;
    const Datum values[] = {FromUuid(user), FromUuid(caller.organization)};
    return at_home.Run(Access::Write, values) > 0 && !BelongsElsewhere(user) &&
           !IsPlatformAdministrator(user);
}

void
RequireOwnAddress(const Uuid &user) {
    const Oid table = TableOid("users");
    if (IsCaller(user) || MayTouchPlatformAdministrators(table))
        return;
    const access::Caller caller = access::CurrentCaller();
    if (!KeepsHomeOf(caller, user))
        Refuse(
            {.sqlstate = ERRCODE_INSUFFICIENT_PRIVILEGE,
             .message = "not allowed to change the e-mail address of another user",
             .hint = access::HintOr(
                 "Users change their own, org_admins that of people who belong to their organization alone."),
             .table = "users"});
}

[[noreturn]] void
RefuseHaste() {
    Refuse({.sqlstate = kTooOften,
            .message = "a code was sent less than a minute ago",
            .hint = "Wait for it, or ask again in a minute.",
            .table = "one_time_tokens",
            .constraint = "one_time_tokens_open_key"});
}

} // namespace

// laurel.change_email(email, user)
LAUREL_FUNCTION(laurel_change_email) {
    const Datum email =
        RequireCanonical(kMailAddress, ToText(Required(fcinfo, 0, "email")), "one_time_tokens", "email");
    access::NoticeChanges();
    const access::Caller caller = access::CurrentCaller();
    if (PG_ARGISNULL(1) && !caller.known)
        Required(fcinfo, 1, "user_id", "Name the user, or call on behalf of one.");
    const Uuid user = PG_ARGISNULL(1) ? caller.user : ToUuid(PG_GETARG_DATUM(1));
    RequireOwnAddress(user);
    Uuid home;
    if (!access::HomeOrganization(user, &home))
        access::UnknownUser(user, "one_time_tokens", "one_time_tokens_membership_fkey");
    const bool is_signed = caller.known && (caller.user == user || access::Administers(caller, home));
    const TimestampTz now = GetCurrentTimestamp();
    const AsOwner owner(OwnerOf(TableOid("one_time_tokens")));
    const SpiConnection spi;
    if (open_code.Run(Access::Write, {FromUuid(user), email, TokenHash(MakeToken().View()),
                                      Nullable(FromUuid(caller.user), !is_signed), TimestampTzGetDatum(now),
                                      TimestampTzGetDatum(now + kLifetime)}) == 0)
        RefuseHaste();
    const Uuid letter = ToUuid(Field(0, 1)), organization = ToUuid(Field(0, 2));
    deliveries::SendLetter(organization, letter);
    PG_RETURN_VOID();
}

// laurel.confirm_email(token)
LAUREL_FUNCTION(laurel_confirm_email) {
    access::NoticeChanges();
    const access::Caller caller = access::CurrentCaller();
    const bool trusted = IsTrusted(TableOid("users"));
    if (!trusted && !caller.known)
        PG_RETURN_NULL();
    const Datum hash = TokenHash(ToText(PG_GETARG_DATUM(0)));
    const MemoryContext context = CurrentMemoryContext;
    const AsOwner owner(OwnerOf(TableOid("users")));
    const SpiConnection spi;
    if (use_code.Run(Access::Write, {hash, TimestampTzGetDatum(GetCurrentTimestamp()),
                                     Nullable(FromUuid(caller.user), trusted)}) == 0)
        PG_RETURN_NULL();
    const Uuid user = ToUuid(Field(0, 1));
    const std::string_view email = ToText(Field(0, 2));
    set_email.Write({FromUuid(user), FromText(email)});
    set_verified.Write({FromUuid(user)});
    const MemoryContext old = MemoryContextSwitchTo(context);
    const Datum result = FromText(email);
    MemoryContextSwitchTo(old);
    return result;
}

} // namespace laurel::identity
