-- Badges: defined by administrators, awarded with their points and a notification.

CREATE FUNCTION laurel_internal.award_achievement() RETURNS trigger
LANGUAGE c AS 'MODULE_PATHNAME', 'laurel_award_achievement';
COMMENT ON FUNCTION laurel_internal.award_achievement() IS
'INSTEAD OF INSERT trigger of user_achievements: inserts the award as the caller. Error 23503: no such achievement.';

CREATE FUNCTION laurel_internal.check_criteria(criteria jsonb) RETURNS boolean
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'laurel_check_criteria';
COMMENT ON FUNCTION laurel_internal.check_criteria(jsonb) IS
'The CHECK of badges.criteria: true for an object of words that criteria are written in and numbers to reach; else error 23514'
' badges_criteria_check that names the word and the one that was probably meant.';

CREATE FUNCTION laurel_internal.earn_badges() RETURNS trigger
LANGUAGE c AS 'MODULE_PATHNAME', 'laurel_earn_badges';
COMMENT ON FUNCTION laurel_internal.earn_badges() IS
'AFTER INSERT statement trigger of domain_events, with the new rows: awards badges whose criteria count events of these types and'
' are reached.';

CREATE TYPE laurel.awarded_badge AS (award_id uuid, points bigint, balance_after bigint);
ALTER TYPE laurel.awarded_badge OWNER TO laurel_owner;
COMMENT ON TYPE laurel.awarded_badge IS 'What laurel.award_badge and award_badge_named return: one object, none of whose fields is null.';
COMMENT ON COLUMN laurel.awarded_badge.award_id IS 'The award, of badge_awards.';
COMMENT ON COLUMN laurel.awarded_badge.points IS 'Points it paid; 0 where the badge has none.';
COMMENT ON COLUMN laurel.awarded_badge.balance_after IS 'The member''s balance after it.';

CREATE TYPE laurel.revoked_badge AS (award_id uuid, points bigint, balance_after bigint);
ALTER TYPE laurel.revoked_badge OWNER TO laurel_owner;
COMMENT ON TYPE laurel.revoked_badge IS 'What laurel.revoke_badge and revoke_badge_named return: one object, none of whose fields is null.';
COMMENT ON COLUMN laurel.revoked_badge.award_id IS 'The award that was.';
COMMENT ON COLUMN laurel.revoked_badge.points IS 'Points taken back; 0 where none were paid, or they are back already.';
COMMENT ON COLUMN laurel.revoked_badge.balance_after IS 'The member''s balance after it.';

CREATE FUNCTION laurel.award_badge(
    user_id uuid, badge uuid, awarded_by text DEFAULT 'system', organization_id uuid DEFAULT NULL,
    note text DEFAULT NULL
) RETURNS laurel.awarded_badge
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'laurel_award_badge';
COMMENT ON FUNCTION laurel.award_badge(uuid, uuid, text, uuid, text) IS
'Awards a badge with its points, a notification and the domain event badge_earned, all or nothing; returns the award, the'
' points it paid and the member''s balance. A plain INSERT into badge_awards does the same. Without organization_id: the'
' caller''s active organization; for service_role the badge''s. Errors: 42501 the caller is no administrator of the'
' organization, 23505 the user holds the badge already, 23503 no such badge or member, 23514 the badge is not active, 22004'
' no user or badge.';

CREATE FUNCTION laurel.award_badge_named(
    user_id uuid, slug text, awarded_by text DEFAULT 'system', organization_id uuid DEFAULT NULL,
    note text DEFAULT NULL
) RETURNS laurel.awarded_badge
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'laurel_award_badge_named';
COMMENT ON FUNCTION laurel.award_badge_named(uuid, text, text, uuid, text) IS
'laurel.award_badge for a badge known by its slug. Without organization_id: the caller''s active organization; for'
' service_role without claims the user''s home.';

CREATE FUNCTION laurel.revoke_badge(
    user_id uuid, badge uuid, reason text, organization_id uuid DEFAULT NULL
) RETURNS laurel.revoked_badge
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'laurel_revoke_badge';
COMMENT ON FUNCTION laurel.revoke_badge(uuid, uuid, text, uuid) IS
'Deletes an award and reverses the points it paid, all or nothing; returns the award that was, the points taken back (0'
' where none were paid or they are back already) and the member''s balance. What is revoked is written to badge_revocations: criteria and rules'
' award it to that member no more, award_badge does. A plain DELETE leaves the points and revokes nothing. Errors: 23514'
' badge_revocations_reason_check a reason of more than 2,000 characters, 42501 the caller is no administrator of the organization, PT409 the user does not hold the'
' badge, 23514 the points are spent, 23503 no such badge, 22004 no user or badge.';

CREATE FUNCTION laurel.revoke_badge_named(
    user_id uuid, slug text, reason text, organization_id uuid DEFAULT NULL
) RETURNS laurel.revoked_badge
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'laurel_revoke_badge_named';
COMMENT ON FUNCTION laurel.revoke_badge_named(uuid, text, text, uuid) IS
'laurel.revoke_badge for a badge known by its slug. Without organization_id: the caller''s active organization; for service_role'
' without claims the user''s home.';

CREATE FUNCTION laurel.award_earned_badges(badge uuid) RETURNS bigint
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'laurel_award_earned_badges';
COMMENT ON FUNCTION laurel.award_earned_badges(uuid) IS
'Awards a badge to every member who has reached its criteria, does not hold it and was not revoked it, and returns to how many: for a badge that is'
' newer than what earns it. What is reached later is awarded by itself. Errors: 42501 the caller is no administrator of the'
' organization, 23503 no such badge, 23514 the badge is not active, 22023 it has no criteria, 22004 no badge.';
