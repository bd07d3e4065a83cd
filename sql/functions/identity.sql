-- People: what comes with a new user, who may be what, passwords, sessions and one-time tokens.

CREATE FUNCTION laurel_internal.normalize_user() RETURNS trigger
LANGUAGE c AS 'MODULE_PATHNAME', 'laurel_normalize_user';
COMMENT ON FUNCTION laurel_internal.normalize_user() IS
'BEFORE INSERT OR UPDATE row trigger of users: full_name made of first_name and last_name where it is null, a changed address unverified. Error 42501 where a caller bound by row security makes a user or changes an address, whosever it is (platform_admins may), or changes whether a platform administrator, or somebody who belongs to another organization too, is active.';

CREATE FUNCTION laurel_internal.open_user() RETURNS trigger
LANGUAGE c AS 'MODULE_PATHNAME', 'laurel_open_user';
COMMENT ON FUNCTION laurel_internal.open_user() IS
'AFTER INSERT statement trigger of users with transition table new_users: membership at home, profile and preferences for all of them.';

CREATE FUNCTION laurel_internal.keep_home_membership() RETURNS trigger
LANGUAGE c AS 'MODULE_PATHNAME', 'laurel_keep_home_membership';
COMMENT ON FUNCTION laurel_internal.keep_home_membership() IS
'AFTER UPDATE, DELETE or TRUNCATE statement trigger of user_organizations with transition table old_members: who loses the membership at home has another one by then, where the account has moved (laurel_internal.move_home), or is deleted (23001 user_organizations_home_kept).';

CREATE FUNCTION laurel_internal.guard_platform_admin() RETURNS trigger
LANGUAGE c AS 'MODULE_PATHNAME', 'laurel_guard_platform_admin';
COMMENT ON FUNCTION laurel_internal.guard_platform_admin() IS
'BEFORE DELETE row trigger of users and user_organizations: error 42501 when somebody else than a platform_admin deletes one, or the membership with which one holds the role; also when an org_admin deletes a user who belongs to another organization too.';

CREATE FUNCTION laurel_internal.guard_role() RETURNS trigger
LANGUAGE c AS 'MODULE_PATHNAME', 'laurel_guard_role';
COMMENT ON FUNCTION laurel_internal.guard_role() IS
'BEFORE INSERT, UPDATE or DELETE row trigger of user_roles: student and user become learner, admin org_admin, super_admin platform_admin; signs who granted. Error 42501 when somebody else than a platform_admin grants or revokes platform_admin.';

CREATE FUNCTION laurel_internal.guard_membership() RETURNS trigger
LANGUAGE c AS 'MODULE_PATHNAME', 'laurel_guard_membership';
COMMENT ON FUNCTION laurel_internal.guard_membership() IS
'BEFORE INSERT row trigger of user_organizations: error 42501 where a caller bound by row security makes a member (platform_admins may); the hint is to invite.';

CREATE FUNCTION laurel_internal.move_home() RETURNS trigger
LANGUAGE c AS 'MODULE_PATHNAME', 'laurel_move_home';
COMMENT ON FUNCTION laurel_internal.move_home() IS
'AFTER DELETE row trigger of user_organizations, of a name before that of foreign keys'' triggers: where the membership was the home and there is another one, the account moves to the organization, an active one where there is one, that the user has belonged to for longest, with profile, preferences, identities, sessions and tokens.';

CREATE FUNCTION laurel_internal.guard_domain() RETURNS trigger
LANGUAGE c AS 'MODULE_PATHNAME', 'laurel_guard_domain';
COMMENT ON FUNCTION laurel_internal.guard_domain() IS
'BEFORE UPDATE row trigger of organizations, when the domain changes: error 42501 for a caller bound by row security (platform_admins may), whether another organization has it or not.';

CREATE FUNCTION laurel_internal.forget_invitations() RETURNS trigger
LANGUAGE c AS 'MODULE_PATHNAME', 'laurel_forget_invitations';
COMMENT ON FUNCTION laurel_internal.forget_invitations() IS
'BEFORE DELETE row trigger of users: takes address and id out of the invitations that were for the user; those that wait are withdrawn.';

CREATE FUNCTION laurel_internal.is_invitation_lifetime(lifetime interval) RETURNS boolean
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'laurel_is_invitation_lifetime';
COMMENT ON FUNCTION laurel_internal.is_invitation_lifetime(interval) IS 'True for an hour to 30 days.';

CREATE FUNCTION laurel.invite_member(
    email text DEFAULT NULL, user_id uuid DEFAULT NULL, roles text[] DEFAULT '{learner}', organization_id uuid DEFAULT NULL,
    lifetime interval DEFAULT NULL, by_mail boolean DEFAULT true
) RETURNS uuid
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'laurel_invite_member';
COMMENT ON FUNCTION laurel.invite_member(text, uuid, text[], uuid, interval, boolean) IS
'Invites whoever has that e-mail address, or that id, to the organization (without one: the active one) and returns the id of the invitation. Whether the address or the id is anybody''s is neither looked at nor told. roles: what the person becomes; lifetime: an hour to 30 days, else the organization''s invitation_lifetime. by_mail: the worker sends a letter with the token; without it only who is signed in finds the invitation, by laurel.my_invitations(). One that waits for the same address or id is withdrawn. Errors: 42501 the caller is no org_admin of the organization, or grants platform_admin without being one; 22023 neither or both of address and id, no such role, lifetime out of range; 23514 invitations_email_check: it cannot be sent to; PT429 invitations_invitations_quota, invitations_invitations_to_one_quota: daily_invitations of the organization, or three a week to one address; 23505 invitations_pending_key: invited by two at once.';

CREATE FUNCTION laurel.withdraw_invitation(invitation_id uuid) RETURNS void
LANGUAGE c VOLATILE STRICT PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'laurel_withdraw_invitation';
COMMENT ON FUNCTION laurel.withdraw_invitation(uuid) IS
'Takes an invitation back that waits for an answer. Errors: 23503 the caller administers no organization with such an invitation, PT409 invitations_status_steps: it was answered.';

CREATE FUNCTION laurel.create_invitation_token(invitation_id uuid) RETURNS text
LANGUAGE c VOLATILE STRICT PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'laurel_create_invitation_token';
COMMENT ON FUNCTION laurel.create_invitation_token(uuid) IS
'A new token for an invitation, for a back end that sends its letters itself: 43 characters of base64url, 256 random bits, never to be had again; earlier ones are void. Errors: 23503 no such invitation, PT409 invitations_status_steps: it was answered or has expired. For service_role.';

CREATE FUNCTION laurel.accept_invitation(token text DEFAULT NULL, invitation_id uuid DEFAULT NULL, display_name text DEFAULT NULL) RETURNS uuid
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'laurel_accept_invitation';
COMMENT ON FUNCTION laurel.accept_invitation(text, uuid, text) IS
'Makes who calls a member of the organization that has invited, with the roles of the invitation, and returns the organization. By the token of the letter; or by the id of the invitation, for who was invited by id or has verified the address. display_name: the name to show there. service_role, on behalf of nobody, accepts by token for an address that nobody has: an account is made, at home in that organization, its address not yet verified. Errors: 42501 nobody is signed in, or the invitation is for somebody else, or on behalf of nobody for somebody who has an account; 23503 no such invitation, or a newer letter has another token; PT409 invitations_status_steps: it was accepted, declined, withdrawn or has expired; PT409 invitations_invited_by: who has invited may not grant the roles any more; PT409 the organization or the user is not active; 22023 neither or both of token and id.';

CREATE FUNCTION laurel.decline_invitation(token text DEFAULT NULL, invitation_id uuid DEFAULT NULL) RETURNS void
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'laurel_decline_invitation';
COMMENT ON FUNCTION laurel.decline_invitation(text, uuid) IS
'Declines an invitation: by its token whoever holds that, by its id who could accept it by that. Errors as of laurel.accept_invitation.';

CREATE FUNCTION laurel.my_invitations() RETURNS TABLE (
    invitation_id uuid, organization_id uuid, organization_name text, roles text[], expires_at timestamptz
)
LANGUAGE c VOLATILE PARALLEL UNSAFE ROWS 5 AS 'MODULE_PATHNAME', 'laurel_my_invitations';
COMMENT ON FUNCTION laurel.my_invitations() IS
'The invitations that wait for the caller, by id or verified address, whatever organization is active; those that can be accepted by id.';

CREATE FUNCTION laurel.change_email(email text, user_id uuid DEFAULT NULL) RETURNS void
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'laurel_change_email';
COMMENT ON FUNCTION laurel.change_email(text, uuid) IS
'Sends a code to a new e-mail address, which the account gets by laurel.confirm_email(); an earlier code is void. For oneself, and for org_admins of the home of who belongs to no other organization. Whether somebody has the address already is not told here. The code holds for a day, and one that an administrator asked for as long as he may. Errors: 42501 another user''s, 23514 one_time_tokens_email_check: it cannot be sent to, 22004 null, PT429 one_time_tokens_open_key: a code was sent less than a minute ago, 23503 no such user.';

CREATE FUNCTION laurel.confirm_email(token text) RETURNS text
LANGUAGE c VOLATILE STRICT PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'laurel_confirm_email';
COMMENT ON FUNCTION laurel.confirm_email(text) IS
'Gives the account the address to which the code was sent, as a verified one, and returns it; null for a code that is unknown, used, expired or void. For the user whose account it is, and for service_role. Error 23505 users_email_key: somebody has the address meanwhile.';

CREATE FUNCTION laurel.deactivate_account() RETURNS void
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'laurel_deactivate_account';
COMMENT ON FUNCTION laurel.deactivate_account() IS
'Sets users.is_active of the caller to false. Error 42501: the caller belongs to one organization only, whose administrators decide, or nobody is signed in.';

CREATE FUNCTION laurel.delete_account() RETURNS void
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'laurel_delete_account';
COMMENT ON FUNCTION laurel.delete_account() IS
'Deletes the caller''s user, and with it all that is personal. Errors: 42501 as of laurel.deactivate_account, 23001 legal_holds_keep.';

CREATE FUNCTION laurel.set_password(user_id uuid, password text, current_password text DEFAULT NULL) RETURNS void
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'laurel_set_password';
COMMENT ON FUNCTION laurel.set_password(uuid, text, text) IS
'Stores the bcrypt hash (cost 10) of a password of 8 to 72 bytes, prepared as laurel.verify_password prepares what it is given (RFC 8265, OpaqueString: blanks of all kinds are one, normal form C, capitals stay). Who is not service_role sets the own password only, and gives the current one where there is one. Sessions stay open: see revoke_sessions. Errors: 22023 length, or what cannot be seen in it, 22004 null, 42501 another user''s, 28P01 wrong current password, 23503 no such user.';

CREATE FUNCTION laurel.verify_password(email text, password text) RETURNS uuid
LANGUAGE c VOLATILE STRICT PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'laurel_verify_password';
COMMENT ON FUNCTION laurel.verify_password(text, text) IS
'The active user of an active organization with that e-mail address and password, however the address is written, else null. Takes the time of one bcrypt hash whoever is named; writes nothing. Hashes marked $2a$, $2b$ and $2y$ are understood.';

CREATE FUNCTION laurel.record_login(user_id uuid) RETURNS void
LANGUAGE c VOLATILE STRICT PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'laurel_record_login';
COMMENT ON FUNCTION laurel.record_login(uuid) IS 'Sets last_login_at to now. Error 23503: no such user.';

CREATE FUNCTION laurel.create_session(
    user_id uuid, ip_address inet DEFAULT NULL, user_agent text DEFAULT NULL, lifetime interval DEFAULT '30 days'
) RETURNS text
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'laurel_create_session';
COMMENT ON FUNCTION laurel.create_session(uuid, inet, text, interval) IS
'Opens a session and returns its token: 43 characters of base64url, 256 random bits, never to be had again. Errors: 23503 no such user, PT409 inactive user or none of the user''s organizations active, 22023 lifetime not positive, 22004 null.';

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
