-- Up Migration
-- Tiers: what a tier is good for, and when accounts were looked through last.

CREATE TABLE laurel.tier_benefits (
    id uuid CONSTRAINT tier_benefits_pkey PRIMARY KEY DEFAULT laurel.uuidv7(),
    organization_id uuid NOT NULL CONSTRAINT tier_benefits_organization_id_fkey REFERENCES laurel.organizations (id) ON DELETE CASCADE,
    name text NOT NULL CONSTRAINT tier_benefits_name_check CHECK (char_length(name) BETWEEN 1 AND 255),
    description text CONSTRAINT tier_benefits_description_check CHECK (char_length(description) <= 5000),
    tier text NOT NULL CONSTRAINT tier_benefits_tier_check CHECK (tier IN ('bronze', 'silver', 'gold', 'platinum')),
    locked_in_grace boolean NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT tier_benefits_organization_id_id_key UNIQUE (organization_id, id),
    CONSTRAINT tier_benefits_name_key UNIQUE (organization_id, name)
);

CREATE TABLE laurel_internal.tier_runs (
    organization_id uuid CONSTRAINT tier_runs_pkey PRIMARY KEY CONSTRAINT tier_runs_organization_id_fkey REFERENCES laurel.organizations (id) ON DELETE CASCADE,
    done_for date NOT NULL,
    done_at timestamptz NOT NULL DEFAULT now()
);

SELECT laurel_internal.add_tenant_triggers('laurel.tier_benefits'), laurel_internal.add_tenant_triggers('laurel_internal.tier_runs');

SELECT laurel_internal.protect('laurel.tier_benefits', 'catalogue'), laurel_internal.protect('laurel_internal.tier_runs', 'internal');

SELECT laurel_internal.explain('laurel.tier_benefits', 'What members of a tier and of those above it may have, by name: members see all of it, and member_benefits says what is locked for whom.', '{
    "id": "The benefit.",
    "name": "What it is called; unique in the organization.",
    "description": "What it is.",
    "tier": "The lowest tier that has it.",
    "locked_in_grace": "True: locked for those who keep the tier for a grace only. False: they have it until the tier ends."}'),
       laurel_internal.explain('laurel_internal.tier_runs', 'For which day an organization''s tiers were looked through last.', '{
    "done_for": "The day, by the organization''s clock.",
    "done_at": "When."}');

-- What decides each member's tier, as user_points has it.
CREATE VIEW laurel.tier_status WITH (security_invoker = true) AS
    SELECT p.organization_id, p.user_id, p.tier, c.points AS counted_points, p.rolling_from AS counted_from,
           p.tier_kept_until AS kept_until,
           CASE WHEN p.tier_kept_until IS NULL THEN 0 ELSE greatest(0, h.min_points - c.points) END AS points_to_keep,
           n.tier AS next_tier, n.min_points - c.points AS points_to_next
    FROM ONLY laurel.user_points p
    JOIN ONLY laurel.organizations o ON o.id = p.organization_id
    JOIN ONLY laurel.tiers h ON h.organization_id = p.organization_id AND h.tier = p.tier
    CROSS JOIN LATERAL (SELECT CASE o.tier_basis WHEN 'rolling' THEN coalesce(p.rolling_points, 0) WHEN 'lifetime' THEN p.lifetime_points
        ELSE p.total_points END AS points) c
    LEFT JOIN LATERAL (SELECT t.tier, t.min_points FROM ONLY laurel.tiers t
        WHERE t.organization_id = p.organization_id AND t.min_points > h.min_points ORDER BY t.min_points LIMIT 1) n ON true;

CREATE VIEW laurel.member_benefits WITH (security_invoker = true) AS
    SELECT s.organization_id, s.user_id, b.id AS benefit_id, b.name, b.tier,
           f.min_points > h.min_points OR (f.min_points > s.counted_points AND b.locked_in_grace) AS is_locked,
           greatest(0, f.min_points - s.counted_points) AS points_missing
    FROM laurel.tier_status s
    JOIN ONLY laurel.tier_benefits b ON b.organization_id = s.organization_id
    JOIN ONLY laurel.tiers f ON f.organization_id = b.organization_id AND f.tier = b.tier
    JOIN ONLY laurel.tiers h ON h.organization_id = s.organization_id AND h.tier = s.tier;

SELECT laurel_internal.protect('laurel.tier_status', 'view'), laurel_internal.protect('laurel.member_benefits', 'view');
SELECT laurel_internal.explain('laurel.tier_status', 'The tier of each member whose points the caller may see, what decides it, and what is missing.', '{
    "tier": "The tier that holds; user_points.tier.",
    "counted_points": "The points that decide it: the balance, lifetime points or those of the window, by organizations.tier_basis.",
    "counted_from": "The first day of the window; null where there is none.",
    "kept_until": "The last day on which the member keeps the tier without having the points for it; null: has them.",
    "points_to_keep": "Points that are missing for it by then; 0 where none are.",
    "next_tier": "The tier above; null for the highest.",
    "points_to_next": "Points that are missing for that one."}'),
       laurel_internal.explain('laurel.member_benefits', 'Each benefit of the organization for each member whose points the caller may see, and whether it is locked.', '{
    "benefit_id": "The benefit, of tier_benefits.",
    "name": "What it is called.",
    "tier": "The lowest tier that has it.",
    "is_locked": "True: the member''s tier is below, or the tier is only kept for a grace and the benefit is locked meanwhile.",
    "points_missing": "Points that are missing to have the benefit by one''s own points."}');
SELECT laurel_internal.member('laurel.tier_status'), laurel_internal.member('laurel.member_benefits');

-- What of it is audited.
SELECT laurel_internal.audited('laurel.tier_benefits', '{tier, locked_in_grace}', '{name, description}');

INSERT INTO laurel.jobs (name, description, schedule, command, timeout) VALUES
    ('tiers', 'Ends tiers whose points have left the window or whose grace is over, once a day by each organization''s clock.', '*/5 * * * *', 'CALL laurel.end_tiers()', '6 hours');

-- Down Migration
DELETE FROM ONLY laurel.jobs WHERE name = 'tiers';
DROP FUNCTION laurel.member(laurel.tier_status), laurel.member(laurel.member_benefits);
DROP VIEW laurel.member_benefits, laurel.tier_status;
DROP TABLE laurel_internal.tier_runs, laurel.tier_benefits;
