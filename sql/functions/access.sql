-- Who is calling, and whom they may see.

CREATE FUNCTION laurel.uid() RETURNS uuid
LANGUAGE c STABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'laurel_uid';
COMMENT ON FUNCTION laurel.uid() IS
'The user of the request: claim sub of request.jwt.claims, or, where that is no uuid, the user of (provider, subject) = (iss, sub) in laurel.user_identities; null without claims, and where there is no such user. Never raises.';

CREATE FUNCTION laurel_internal.me() RETURNS uuid
LANGUAGE c STABLE PARALLEL SAFE LEAKPROOF AS 'MODULE_PATHNAME', 'laurel_me';
COMMENT ON FUNCTION laurel_internal.me() IS 'laurel.uid() for policies: null where that is not an active member of any organization.';

CREATE FUNCTION laurel.org_id() RETURNS uuid
LANGUAGE c STABLE PARALLEL SAFE LEAKPROOF AS 'MODULE_PATHNAME', 'laurel_org_id';
COMMENT ON FUNCTION laurel.org_id() IS
'The caller''s active organization: the one named by header x-organization-id, else by claim org_id, if the caller is a member of it (a platform_admin may name any), and null where not; where none is named the home organization; else null. Who names one of others, or what is no organization, sees nothing and writes nothing in that request. Never raises.';

CREATE FUNCTION laurel_internal.member_of_support(internal) RETURNS internal
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'laurel_member_of_support';
COMMENT ON FUNCTION laurel_internal.member_of_support(internal) IS 'Planner support of laurel.member_of.';

CREATE FUNCTION laurel.member_of(organization_id uuid) RETURNS boolean
LANGUAGE c STABLE STRICT PARALLEL SAFE LEAKPROOF SUPPORT laurel_internal.member_of_support
AS 'MODULE_PATHNAME', 'laurel_member_of';
COMMENT ON FUNCTION laurel.member_of(uuid) IS
'True where the caller is a member of that organization, or a platform_admin. Never raises.';

CREATE FUNCTION laurel.administers(organization_id uuid) RETURNS boolean
LANGUAGE c STABLE STRICT PARALLEL SAFE LEAKPROOF AS 'MODULE_PATHNAME', 'laurel_administers';
COMMENT ON FUNCTION laurel.administers(uuid) IS
'True where the caller is an org_admin of that organization, or a platform_admin. Never raises.';

CREATE FUNCTION laurel.has_role(role text) RETURNS boolean
LANGUAGE c STABLE STRICT PARALLEL SAFE LEAKPROOF AS 'MODULE_PATHNAME', 'laurel_has_role';
COMMENT ON FUNCTION laurel.has_role(text) IS
'True where the caller holds the role in the active organization: learner (every member), trainer, manager, org_admin, platform_admin; student, user, admin and super_admin are understood. Never raises.';

CREATE FUNCTION laurel_internal.can_see_support(internal) RETURNS internal
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'laurel_can_see_support';
COMMENT ON FUNCTION laurel_internal.can_see_support(internal) IS
'Planner support of laurel_internal.can_see: index conditions and row counts for the caller who plans.';

CREATE FUNCTION laurel_internal.can_see(user_id uuid) RETURNS boolean
LANGUAGE c STABLE PARALLEL SAFE LEAKPROOF SUPPORT laurel_internal.can_see_support
AS 'MODULE_PATHNAME', 'laurel_can_see';
COMMENT ON FUNCTION laurel_internal.can_see(uuid) IS
'True where the caller may see rows about that user in the active organization: oneself; learners in one''s courses and one''s active beneficiaries (trainer); direct reports (manager); everybody (org_admin, platform_admin). Stands in policies beside organization_id = laurel.org_id(). Never raises.';

CREATE FUNCTION laurel_internal.trains(user_id uuid) RETURNS boolean
LANGUAGE c STABLE STRICT PARALLEL SAFE LEAKPROOF AS 'MODULE_PATHNAME', 'laurel_trains';
COMMENT ON FUNCTION laurel_internal.trains(uuid) IS
'True where that user is an active beneficiary of the caller, a trainer of the active organization, and for whoever sees everybody in it. For what a trainer of courses and a manager may not see. Stands in policies beside organization_id = laurel.org_id(). Never raises.';

CREATE FUNCTION laurel_internal.visible_users() RETURNS uuid[]
LANGUAGE c STABLE PARALLEL SAFE LEAKPROOF AS 'MODULE_PATHNAME', 'laurel_visible_users';
COMMENT ON FUNCTION laurel_internal.visible_users() IS
'Whom the caller may see in the active organization, as the planner''s index condition for laurel_internal.can_see.';

CREATE FUNCTION laurel_internal.organizations() RETURNS uuid[]
LANGUAGE c STABLE PARALLEL SAFE LEAKPROOF AS 'MODULE_PATHNAME', 'laurel_organizations';
COMMENT ON FUNCTION laurel_internal.organizations() IS
'The caller''s organizations, as the planner''s index condition for laurel.member_of.';

CREATE FUNCTION laurel_internal.signal_change() RETURNS trigger
LANGUAGE c AS 'MODULE_PATHNAME', 'laurel_signal_change';
COMMENT ON FUNCTION laurel_internal.signal_change() IS
'AFTER statement trigger on tables that decide who may see what: makes every session read them anew. Argument: access_changes or following_changes.';

CREATE FUNCTION laurel_internal.signal_applied_change() RETURNS trigger
LANGUAGE c AS 'MODULE_PATHNAME', 'laurel_signal_applied_change';
COMMENT ON FUNCTION laurel_internal.signal_applied_change() IS
'AFTER row trigger on the same tables, for changes that a subscription applies. Argument: access_changes or following_changes.';
