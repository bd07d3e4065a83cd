-- People: what comes with a new user, who may be what, passwords, sessions and one-time tokens.

CREATE FUNCTION laurel_internal.normalize_user() RETURNS trigger
LANGUAGE c AS 'MODULE_PATHNAME', 'laurel_normalize_user';
COMMENT ON FUNCTION laurel_internal.normalize_user() IS
'BEFORE INSERT OR UPDATE row trigger of users: email trimmed and in lower case, full_name made of first_name and last_name where it is null, a changed address unverified. Error 42501 when somebody else than a platform_admin changes the address of one, or whether one is active.';

CREATE FUNCTION laurel_internal.open_user() RETURNS trigger
LANGUAGE c AS 'MODULE_PATHNAME', 'laurel_open_user';
COMMENT ON FUNCTION laurel_internal.open_user() IS
'AFTER INSERT statement trigger of users with transition table new_users: membership at home, profile and preferences for all of them.';

CREATE FUNCTION laurel_internal.keep_home_membership() RETURNS trigger
LANGUAGE c AS 'MODULE_PATHNAME', 'laurel_keep_home_membership';
COMMENT ON FUNCTION laurel_internal.keep_home_membership() IS
'AFTER UPDATE, DELETE or TRUNCATE statement trigger of user_organizations with transition table old_members: a user keeps the membership at home (23001 user_organizations_home_kept) until the user is deleted.';

CREATE FUNCTION laurel_internal.guard_platform_admin() RETURNS trigger
LANGUAGE c AS 'MODULE_PATHNAME', 'laurel_guard_platform_admin';
COMMENT ON FUNCTION laurel_internal.guard_platform_admin() IS
'BEFORE DELETE row trigger of users and user_organizations: error 42501 when somebody else than a platform_admin deletes one, or the membership with which one holds the role.';

CREATE FUNCTION laurel_internal.guard_role() RETURNS trigger
LANGUAGE c AS 'MODULE_PATHNAME', 'laurel_guard_role';
COMMENT ON FUNCTION laurel_internal.guard_role() IS
'BEFORE INSERT, UPDATE or DELETE row trigger of user_roles: student and user become learner, admin org_admin, super_admin platform_admin; signs who granted. Error 42501 when somebody else than a platform_admin grants or revokes platform_admin.';

CREATE FUNCTION laurel.set_password(user_id uuid, password text, current_password text DEFAULT NULL) RETURNS void
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'laurel_set_password';
COMMENT ON FUNCTION laurel.set_password(uuid, text, text) IS
'Stores the bcrypt hash (cost 10) of a password of 8 to 72 bytes. Who is not service_role sets the own password only, and gives the current one where there is one. Sessions stay open: see revoke_sessions. Errors: 22023 length, 22004 null, 42501 another user''s, 28P01 wrong current password, 23503 no such user.';

CREATE FUNCTION laurel.verify_password(email text, password text) RETURNS uuid
LANGUAGE c VOLATILE STRICT PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'laurel_verify_password';
COMMENT ON FUNCTION laurel.verify_password(text, text) IS
'The active user of an active organization with that e-mail address and password, else null. Takes the time of one bcrypt hash whoever is named; writes nothing. Hashes marked $2a$, $2b$ and $2y$ are understood.';

CREATE FUNCTION laurel.record_login(user_id uuid) RETURNS void
LANGUAGE c VOLATILE STRICT PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'laurel_record_login';
COMMENT ON FUNCTION laurel.record_login(uuid) IS 'Sets last_login_at to now. Error 23503: no such user.';

CREATE FUNCTION laurel.create_session(
    user_id uuid, ip_address inet DEFAULT NULL, user_agent text DEFAULT NULL, lifetime interval DEFAULT '30 days'
) RETURNS text
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'laurel_create_session';
COMMENT ON FUNCTION laurel.create_session(uuid, inet, text, interval) IS
'Opens a session and returns its token: 43 characters of base64url, 256 random bits, never to be had again. Errors: 23503 no such user, 55000 inactive user or none of the user''s organizations active, 22023 lifetime not positive, 22004 null.';

CREATE FUNCTION laurel.session_user_id(token text) RETURNS uuid
LANGUAGE c VOLATILE STRICT PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'laurel_session_user_id';
COMMENT ON FUNCTION laurel.session_user_id(text) IS
'Whose session the token opens; null when it is unknown, has expired, or its user or all of the user''s organizations are inactive; it opens again when they are active again. Notes the activity at most once a minute, and not in a read-only transaction.';

CREATE FUNCTION laurel.revoke_session(token text) RETURNS boolean
LANGUAGE c VOLATILE STRICT PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'laurel_revoke_session';
COMMENT ON FUNCTION laurel.revoke_session(text) IS
'Ends the session of that token; false when there was none. Holding the token is the right to do it.';

CREATE FUNCTION laurel.revoke_sessions(user_id uuid) RETURNS bigint
LANGUAGE c VOLATILE STRICT PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'laurel_revoke_sessions';
COMMENT ON FUNCTION laurel.revoke_sessions(uuid) IS
'Ends all sessions of a user and returns how many there were. Who is not service_role ends the own ones only (42501).';

CREATE FUNCTION laurel.create_one_time_token(user_id uuid, purpose text, lifetime interval DEFAULT '1 hour')
RETURNS text
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'laurel_create_one_time_token';
COMMENT ON FUNCTION laurel.create_one_time_token(uuid, text, interval) IS
'A token for a link in a mail: 43 characters of base64url, 256 random bits. purpose: email_verification, password_reset, invitation, sign_in. The user''s older token of that purpose is void from then on, and so is this one when the e-mail address changes. Errors: 23503 no such user, 22023 purpose or lifetime, 22004 null.';

CREATE FUNCTION laurel.consume_one_time_token(token text, purpose text) RETURNS uuid
LANGUAGE c VOLATILE STRICT PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'laurel_consume_one_time_token';
COMMENT ON FUNCTION laurel.consume_one_time_token(text, text) IS
'Whose token it is, exactly once; null when it is unknown, used, expired or of another purpose, and for a user who is inactive or without an active organization unless it invites or verifies. email_verification also sets users.email_verified. Error 22023: unknown purpose.';

CREATE FUNCTION laurel.set_context(user_id uuid, organization_id uuid DEFAULT NULL) RETURNS void
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'laurel_set_context';
COMMENT ON FUNCTION laurel.set_context(uuid, uuid) IS
'For psql, ORMs and pg_cron: speaks as that user, in the home organization or the one given, until the transaction ends. SET LOCAL ROLE authenticated afterwards puts row security in force. Errors: 42501 the caller is bound by row security, 23503 no such user or membership.';
