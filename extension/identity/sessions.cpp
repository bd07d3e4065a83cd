#include "access/caller.h"
#include "access/organization.h"
#include "identity/users.h"
#include "postgres/arguments.h"
#include "postgres/bridge.h"
#include "postgres/error.h"
#include "postgres/owner.h"
#include "postgres/spi.h"
#include "postgres/token.h"

namespace laurel::identity {

namespace {

constexpr std::string_view kPurposes[] = {"email_verification", "password_reset", "invitation", "sign_in"};

Statement user_by_id =
    Statement(
        Sql<"SELECT u.organization_id, u.is_active, u.email, {1} FROM ONLY laurel.users u WHERE u.id = $1",
            kMaySignIn>,
        UUIDOID)
        .Returns(UUIDOID, BOOLOID, TEXTOID, BOOLOID);

Statement open_session(R"(INSERT INTO laurel.sessions (organization_id, user_id, token_hash, ip_address,
        user_agent, last_activity, expires_at, created_at)
        VALUES ($1, $2, $3, $4, pg_catalog.left($5, 1000), $6, $7, $6))",
                       UUIDOID, UUIDOID, BYTEAOID, INETOID, TEXTOID, TIMESTAMPTZOID, TIMESTAMPTZOID);

Statement live_session = Statement(Sql<R"(SELECT s.id, s.user_id, s.last_activity < $2 - interval '1 minute'
        FROM ONLY laurel.sessions s JOIN ONLY laurel.users u ON u.id = s.user_id AND {1}
        WHERE s.token_hash = $1 AND s.expires_at > $2)",
                                       kMaySignIn>,
                                   BYTEAOID, TIMESTAMPTZOID)
                             .Returns(UUIDOID, UUIDOID, BOOLOID);

Statement
    touch_session("UPDATE ONLY laurel.sessions SET last_activity = $2 WHERE id = $1 AND last_activity < $2",
                  UUIDOID, TIMESTAMPTZOID);

// A session that has ended stays for retention to delete, and opens nothing.
constexpr SqlText kClose = R"(UPDATE ONLY laurel.sessions SET token_hash = NULL,
        expires_at = GREATEST(LEAST(expires_at, pg_catalog.clock_timestamp()), created_at + '1 microsecond'::pg_catalog.interval)
        WHERE {1})";

Statement close_session = Statement(Sql<kClose, "token_hash = $1">, BYTEAOID);

Statement close_sessions = Statement(Sql<kClose, "user_id = $1 AND token_hash IS NOT NULL">, UUIDOID);

Statement open_token(R"(INSERT INTO laurel.one_time_tokens AS t (organization_id, user_id, purpose, email,
        token_hash, expires_at, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7)
        ON CONFLICT (organization_id, user_id, purpose) WHERE used_at IS NULL DO UPDATE
        SET email = EXCLUDED.email, token_hash = EXCLUDED.token_hash,
        expires_at = EXCLUDED.expires_at, created_at = EXCLUDED.created_at)",
                     UUIDOID, UUIDOID, TEXTOID, TEXTOID, BYTEAOID, TIMESTAMPTZOID, TIMESTAMPTZOID);

Statement use_token =
    Statement(Sql<R"(UPDATE ONLY laurel.one_time_tokens t SET used_at = $3 FROM ONLY laurel.users u
        WHERE t.token_hash = $1 AND t.purpose = $2 AND t.used_at IS NULL AND t.expires_at > $3
        AND u.id = t.user_id AND u.email = t.email
        AND ({1} OR t.purpose IN ('invitation', 'email_verification'))
        RETURNING t.user_id)",
                  kMaySignIn>,
              BYTEAOID, TEXTOID, TIMESTAMPTZOID)
        .Returns(UUIDOID);

Statement
    verify_email("UPDATE ONLY laurel.users SET email_verified = true WHERE id = $1 AND NOT email_verified",
                 UUIDOID);

// When something that begins now and lasts for `lifetime` ends.
TimestampTz
EndOf(TimestampTz now, Datum lifetime) {
    const TimestampTz end =
        DatumGetTimestampTz(DirectFunctionCall2(timestamptz_pl_interval, TimestampTzGetDatum(now), lifetime));
    if (end <= now)
        Refuse({.sqlstate = ERRCODE_INVALID_PARAMETER_VALUE, .message = "lifetime must be positive"});
    return end;
}

// Reads organization, activity and e-mail of a user into the current result; false where there is none.
bool
FindUser(const Uuid &user) {
    return user_by_id.Run(Access::Write, {FromUuid(user)}) > 0;
}

void
RequireActive(const Uuid &user, bool is_active, bool may_sign_in) {
    if (may_sign_in)
        return;
    Refuse({.sqlstate = kConflict,
            .message = is_active ? "the user has no active organization" : "the user is not active",
            .detail = psprintf("User %s cannot sign in.", UuidText(user)),
            .hint = is_active ? "Set organizations.is_active first." : "Set users.is_active first."});
}

void
RequirePurpose(std::string_view purpose) {
    for (const std::string_view known : kPurposes)
        if (purpose == known)
            return;
    Refuse({.sqlstate = ERRCODE_INVALID_PARAMETER_VALUE,
            .message = psprintf("there is no token purpose \"%s\"", CString(purpose)),
            .hint = "Use email_verification, password_reset, invitation or sign_in."});
}

} // namespace

// laurel.create_session(user, ip_address, user_agent, lifetime)
LAUREL_FUNCTION(laurel_create_session) {
    const Uuid user = ToUuid(Required(fcinfo, 0, "user_id"));
    const TimestampTz now = GetCurrentTimestamp();
    const TimestampTz end = EndOf(now, Required(fcinfo, 3, "lifetime"));
    const Token token = MakeToken();
    {
        const AsOwner owner(OwnerOf(TableOid("sessions")));
        const SpiConnection spi;
        if (!FindUser(user))
            access::UnknownUser(user, "sessions", "sessions_membership_fkey");
        Row row;
        const Uuid organization = ToUuid(row.Next());
        const bool is_active = DatumGetBool(row.Next());
        RequireActive(user, is_active, DatumGetBool(Field(0, 4)));
        open_session.Write({FromUuid(organization), FromUuid(user), TokenHash(token.View()),
                            Argument(fcinfo, 1), Argument(fcinfo, 2), TimestampTzGetDatum(now),
                            TimestampTzGetDatum(end)});
    }
    return FromText(token.View());
}

// laurel.session_user_id(token): reads, and notes the activity where the transaction may write.
LAUREL_FUNCTION(laurel_session_user_id) {
    const TimestampTz now = GetCurrentTimestamp();
    Uuid user;
    {
        const AsOwner owner(OwnerOf(TableOid("sessions")));
        const SpiConnection spi;
        const Datum values[] = {TokenHash(ToText(PG_GETARG_DATUM(0))), TimestampTzGetDatum(now)};
        if (live_session.Run(Access::Write, values) == 0)
            PG_RETURN_NULL();
        Row row;
        const Uuid session = ToUuid(row.Next());
        user = ToUuid(row.Next());
        if (DatumGetBool(row.Next()) && !XactReadOnly)
            touch_session.Run(Access::Write, {FromUuid(session), TimestampTzGetDatum(now)});
    }
    return CopyUuid(user);
}

// laurel.revoke_session(token): whoever holds the token may.
LAUREL_FUNCTION(laurel_revoke_session) {
    const AsOwner owner(OwnerOf(TableOid("sessions")));
    const SpiConnection spi;
    const Datum hash = TokenHash(ToText(PG_GETARG_DATUM(0)));
    PG_RETURN_BOOL(close_session.Run(Access::Write, hash) > 0);
}

// laurel.revoke_sessions(user)
LAUREL_FUNCTION(laurel_revoke_sessions) {
    const Uuid user = ToUuid(PG_GETARG_DATUM(0));
    RequireSelf(user, "end the sessions of another user");
    const AsOwner owner(OwnerOf(TableOid("sessions")));
    const SpiConnection spi;
    PG_RETURN_INT64(static_cast<int64>(close_sessions.Run(Access::Write, {FromUuid(user)})));
}

// laurel.create_one_time_token(user, purpose, lifetime)
LAUREL_FUNCTION(laurel_create_one_time_token) {
    const Uuid user = ToUuid(Required(fcinfo, 0, "user_id"));
    const Datum purpose = Required(fcinfo, 1, "purpose");
    RequirePurpose(ToText(purpose));
    const TimestampTz now = GetCurrentTimestamp();
    const TimestampTz end = EndOf(now, Required(fcinfo, 2, "lifetime"));
    const Token token = MakeToken();
    {
        const AsOwner owner(OwnerOf(TableOid("one_time_tokens")));
        const SpiConnection spi;
        if (!FindUser(user))
            access::UnknownUser(user, "one_time_tokens", "one_time_tokens_membership_fkey");
        const Datum values[] = {Field(0, 1),
                                FromUuid(user),
                                purpose,
                                Field(0, 3),
                                TokenHash(token.View()),
                                TimestampTzGetDatum(end),
                                TimestampTzGetDatum(now)};
        open_token.Write(values);
    }
    return FromText(token.View());
}

// laurel.consume_one_time_token(token, purpose): the row lock of one UPDATE lets one caller win.
LAUREL_FUNCTION(laurel_consume_one_time_token) {
    const std::string_view purpose = ToText(PG_GETARG_DATUM(1));
    RequirePurpose(purpose);
    Uuid user;
    {
        const AsOwner owner(OwnerOf(TableOid("one_time_tokens")));
        const SpiConnection spi;
        const Datum values[] = {TokenHash(ToText(PG_GETARG_DATUM(0))), PG_GETARG_DATUM(1),
                                TimestampTzGetDatum(GetCurrentTimestamp())};
        if (use_token.Run(Access::Write, values) == 0)
            PG_RETURN_NULL();
        user = ToUuid(Field(0, 1));
        if (purpose == "email_verification")
            verify_email.Run(Access::Write, {FromUuid(user)});
    }
    return CopyUuid(user);
}

} // namespace laurel::identity
