-- Teams: who looks after one, and which is a member's main one.

CREATE FUNCTION laurel_internal.keep_leader() RETURNS trigger LANGUAGE c AS 'MODULE_PATHNAME', 'laurel_keep_leader';
COMMENT ON FUNCTION laurel_internal.keep_leader() IS
'AFTER UPDATE or DELETE statement trigger of team_memberships, with the old rows: the last leader of a team that others are in'
' stays (23514), unless he or she leaves the organization.';

CREATE FUNCTION laurel.team_role(team_id uuid) RETURNS text
LANGUAGE c STABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'laurel_team_role';
COMMENT ON FUNCTION laurel.team_role(uuid) IS
'The caller''s role in a team of the active organization: member, moderator or leader; null for who is not in it.';

CREATE FUNCTION laurel.choose_team(team_id uuid, user_id uuid DEFAULT NULL, organization_id uuid DEFAULT NULL) RETURNS void
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'laurel_choose_team';
COMMENT ON FUNCTION laurel.choose_team(uuid, uuid, uuid) IS
'Makes a team the member''s main one, user_points.team_id; null takes it away. Without user_id: the caller; without'
' organization_id: the active organization, for service_role the user''s home. Errors: 42501 it is neither one''s own nor'
' is the caller an administrator, 23503 the member has no account or is not in the team.';

CREATE FUNCTION laurel_internal.count_challenge_events() RETURNS trigger LANGUAGE c AS 'MODULE_PATHNAME', 'laurel_count_challenge_events';
COMMENT ON FUNCTION laurel_internal.count_challenge_events() IS
'AFTER INSERT statement trigger of domain_events, with the new rows: adds events to the challenges that count them.';

CREATE FUNCTION laurel_internal.follow_challenges() RETURNS trigger LANGUAGE c AS 'MODULE_PATHNAME', 'laurel_follow_challenges';
COMMENT ON FUNCTION laurel_internal.follow_challenges() IS
'AFTER INSERT or UPDATE statement trigger of personal_challenges and team_challenges, with their rows: counts those from history that'
' begin, or whose goal or time is another, and completes what has reached its goal.';

CREATE FUNCTION laurel_internal.guard_progress() RETURNS trigger LANGUAGE c AS 'MODULE_PATHNAME', 'laurel_guard_progress';
COMMENT ON FUNCTION laurel_internal.guard_progress() IS
'AFTER UPDATE row trigger of challenges whose progress is another: only what counts it writes it (23001).';
