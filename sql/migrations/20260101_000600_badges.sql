-- Up Migration
-- Badges and who holds them.

CREATE TABLE laurel.badges (
    id uuid CONSTRAINT badges_pkey PRIMARY KEY DEFAULT laurel.uuidv7(),
    organization_id uuid NOT NULL
        CONSTRAINT badges_organization_id_fkey REFERENCES laurel.organizations (id) ON DELETE CASCADE,
    slug text NOT NULL DEFAULT laurel_internal.assigned()
        CONSTRAINT badges_slug_check CHECK (slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$' AND char_length(slug) <= 100),
    badge_name text NOT NULL CONSTRAINT badges_badge_name_check CHECK (char_length(badge_name) BETWEEN 1 AND 200),
    description text CONSTRAINT badges_description_check CHECK (char_length(description) <= 20000),
    icon text CONSTRAINT badges_icon_check CHECK (char_length(icon) <= 2000),
    tier text NOT NULL DEFAULT 'beginner'
        CONSTRAINT badges_tier_check CHECK (tier IN ('beginner', 'intermediate', 'advanced', 'elite')),
    category text CONSTRAINT badges_category_check CHECK (char_length(category) BETWEEN 1 AND 100),
    rarity text NOT NULL DEFAULT 'common'
        CONSTRAINT badges_rarity_check CHECK (rarity IN ('common', 'uncommon', 'rare', 'epic', 'legendary')),
    points_value bigint NOT NULL DEFAULT 0 CONSTRAINT badges_points_value_check CHECK (points_value >= 0),
    criteria jsonb NOT NULL DEFAULT '{}' CONSTRAINT badges_criteria_check CHECK (laurel_internal.check_criteria(criteria)),
    criteria_narrative text CONSTRAINT badges_criteria_narrative_check CHECK (char_length(criteria_narrative) BETWEEN 1 AND 20000),
    times_awarded bigint NOT NULL DEFAULT 0 CONSTRAINT badges_times_awarded_check CHECK (times_awarded >= 0),
    is_active boolean NOT NULL DEFAULT true,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT badges_organization_id_id_key UNIQUE (organization_id, id),
    CONSTRAINT badges_slug_key UNIQUE (organization_id, slug)
) WITH (fillfactor = 80);
-- The catalogue by category and rarity.
CREATE INDEX badges_category_idx ON laurel.badges (organization_id, category, rarity);

CREATE TABLE laurel.badge_awards (
    id uuid CONSTRAINT badge_awards_pkey PRIMARY KEY DEFAULT laurel.uuidv7(),
    organization_id uuid NOT NULL,
    user_id uuid NOT NULL,
    badge_id uuid NOT NULL,
    awarded_by text NOT NULL DEFAULT 'system'
        CONSTRAINT badge_awards_awarded_by_check CHECK (char_length(awarded_by) BETWEEN 1 AND 255),
    awarded_date timestamptz NOT NULL DEFAULT now(),
    points_awarded bigint NOT NULL DEFAULT laurel_internal.assigned()::bigint CONSTRAINT badge_awards_points_awarded_check CHECK (points_awarded >= 0),
    note text CONSTRAINT badge_awards_note_check CHECK (char_length(note) <= 2000),
    valid_until timestamptz,
    evidence text CONSTRAINT badge_awards_evidence_check CHECK (char_length(evidence) BETWEEN 1 AND 2000),
    evidence_url text CONSTRAINT badge_awards_evidence_url_check
        CHECK (evidence_url ~ '^https://[]!#$%&''()*+,./0-9:;=?@A-Z[_a-z~-]+$' AND char_length(evidence_url) <= 2000),
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT badge_awards_organization_id_id_key UNIQUE (organization_id, id),
    CONSTRAINT badge_awards_user_badge_key UNIQUE (organization_id, user_id, badge_id),
    CONSTRAINT badge_awards_awarded_date_check CHECK (awarded_date <= created_at AND isfinite(awarded_date)),
    CONSTRAINT badge_awards_valid_until_check CHECK (valid_until > awarded_date AND valid_until < '10000-01-01 00:00:00+00'),
    CONSTRAINT badge_awards_membership_fkey FOREIGN KEY (organization_id, user_id)
        REFERENCES laurel.user_organizations (organization_id, user_id) ON DELETE CASCADE,
    CONSTRAINT badge_awards_badge_id_fkey FOREIGN KEY (organization_id, badge_id)
        REFERENCES laurel.badges (organization_id, id) ON DELETE CASCADE
);
-- A member's badges, newest first; everybody who holds a badge.
CREATE INDEX badge_awards_user_idx ON laurel.badge_awards (user_id, organization_id, awarded_date DESC);
CREATE INDEX badge_awards_badge_idx ON laurel.badge_awards (organization_id, badge_id);

CREATE TABLE laurel.badge_revocations (
    organization_id uuid NOT NULL,
    user_id uuid NOT NULL,
    badge_id uuid NOT NULL,
    revoked_by uuid DEFAULT laurel.uid(),
    reason text CONSTRAINT badge_revocations_reason_check CHECK (char_length(reason) <= 2000),
    revoked_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    -- Whether somebody may earn a badge; who was taken it.
    CONSTRAINT badge_revocations_pkey PRIMARY KEY (organization_id, badge_id, user_id),
    CONSTRAINT badge_revocations_membership_fkey FOREIGN KEY (organization_id, user_id)
        REFERENCES laurel.user_organizations (organization_id, user_id) ON DELETE CASCADE,
    CONSTRAINT badge_revocations_badge_id_fkey FOREIGN KEY (organization_id, badge_id)
        REFERENCES laurel.badges (organization_id, id) ON DELETE CASCADE
);
-- What was taken from a member.
CREATE INDEX badge_revocations_user_idx ON laurel.badge_revocations (user_id, organization_id);

CREATE TABLE laurel_internal.badge_changes (nothing boolean);

INSERT INTO laurel.reference_types (name, table_name) VALUES ('Badge', 'laurel.badges');

-- Triggers. A restore makes them after the data, so nothing is counted, paid or told twice.
SELECT laurel_internal.belongs('laurel.badge_awards', 'badge_id', 'laurel.badges', copies => '{points_awarded=points_value}', required => 'is_active'),
       laurel_internal.slugs('laurel.badges', 'slug', of => 'badge_name'), laurel_internal.canonical('laurel.badges', 'slug', 'slug'),
       laurel_internal.add_tenant_triggers('laurel.badges'), laurel_internal.add_tenant_triggers('laurel.badge_awards'),
       laurel_internal.keep('laurel.badge_awards', 'id', 'user_id', 'badge_id', 'awarded_date', 'points_awarded', 'created_at'),
       laurel_internal.keep('laurel.badge_revocations', 'user_id', 'badge_id'),
       laurel_internal.set_replica_identity('laurel.badge_revocations'), laurel_internal.hold_organization('laurel.badge_revocations'),
       laurel_internal.counts('laurel.badges', 'times_awarded', 'laurel.badge_awards', 'badge_id'),
       -- A title has room for a name of 187 characters. An award of the past, as an import brings it, sends nothing.
       laurel_internal.tell('laurel.badge_awards', $$
           SELECT n.organization_id, n.user_id, 'badge_earned' AS type, n.awarded_date AS occurred_at, '/badges/' || b.slug AS link, b.description AS message,
                  pg_catalog.jsonb_build_object('badge_id', b.id, 'slug', b.slug, 'points', n.points_awarded) AS data, 'You earned: ' || CASE
                      WHEN pg_catalog.char_length(b.badge_name) <= 187 THEN b.badge_name ELSE pg_catalog.left(b.badge_name, 184) || '...' END || '!' AS title,
                  n.points_awarded AS points, b.badge_name AS reason, 'Badge' AS reference_type, b.id AS reference_id, 'badge_award:' || n.id AS key
           FROM new_rows n JOIN ONLY laurel.badges b ON b.organization_id = n.organization_id AND b.id = n.badge_id $$);

-- What courses tell, which are older than events.
SELECT laurel_internal.tell('laurel.enrollments', $$
           SELECT n.organization_id, n.user_id, 'course_completed' AS type, n.completed_at AS occurred_at, pg_catalog.jsonb_build_object('course_id', n.course_id) AS data
           FROM new_rows n WHERE n.completed_at IS NOT NULL $$, telling => $$ completed_at IS NOT NULL $$),
       laurel_internal.tell('laurel.enrollments', $$
           SELECT n.organization_id, n.user_id, 'course_completed' AS type, n.completed_at AS occurred_at, pg_catalog.jsonb_build_object('course_id', n.course_id) AS data
           FROM new_rows n JOIN old_rows o ON o.id = n.id WHERE n.completed_at IS NOT NULL AND o.completed_at IS NULL $$, 'UPDATE',
           telling => $$ completed_at IS NOT NULL $$, changed => '{completed_at}');

-- Sessions remember which criteria look at what. A restore makes the trigger after the rows.
SELECT laurel_internal.add_signal('laurel.badges', 'badge_changes', 'INSERT', 'UPDATE OF organization_id, criteria, is_active', 'DELETE', 'TRUNCATE');
CREATE TRIGGER earn_badges AFTER INSERT ON laurel.domain_events REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION laurel_internal.earn_badges();

CREATE TRIGGER b_stamp_created_at BEFORE INSERT ON laurel.badge_awards
    FOR EACH ROW EXECUTE FUNCTION laurel_internal.stamp_created_at();

SELECT laurel_internal.protect('laurel.badges', 'catalogue'),
       laurel_internal.protect('laurel.badge_awards', 'personal', commands => '{"administrators": "ALL"}', writes => '{"UPDATE": "note, valid_until, evidence, evidence_url"}'),
       -- What was revoked is for administrators, who let it be earned again by deleting the row.
       laurel_internal.protect('laurel.badge_revocations', 'administrative', commands => '{"administrators": "DELETE", "service_role": "SELECT, DELETE"}');

CREATE VIEW laurel.achievements WITH (security_invoker = true) AS
SELECT b.slug AS id, b.badge_name AS name, b.description, b.icon, b.tier, b.criteria, b.organization_id
FROM ONLY laurel.badges b;

CREATE VIEW laurel.user_achievements WITH (security_invoker = true) AS
SELECT a.id, a.user_id, b.slug AS achievement_id, a.awarded_date AS earned_at, a.organization_id
FROM ONLY laurel.badge_awards a
JOIN ONLY laurel.badges b ON b.organization_id = a.organization_id AND b.id = a.badge_id;

CREATE TRIGGER award_achievement INSTEAD OF INSERT ON laurel.user_achievements
    FOR EACH ROW EXECUTE FUNCTION laurel_internal.award_achievement();

SELECT laurel_internal.protect('laurel.achievements', 'view', commands => '{"authenticated": "ALL"}'),
       laurel_internal.protect('laurel.user_achievements', 'view', commands => '{"authenticated": "SELECT, INSERT"}');

SELECT laurel_internal.member('laurel.badge_awards'), laurel_internal.member('laurel.badge_revocations'),
       laurel_internal.member('laurel.user_achievements');

SELECT laurel_internal.explain('laurel.badges', 'What members can earn in an organization. Deleting a badge deletes its awards; the points they paid stay. To retire one, set is_active to false.', '{
    "organization_id": "The organization; the caller''s active one where none is given, never changed.",
    "slug": "Its name in addresses and programs: lower-case words joined by hyphens, at most 100 characters, unique in the organization. Made of badge_name where none is given.",
    "badge_name": "Its name; 1 to 200 characters.",
    "description": "What it is for; the message of the notification.",
    "icon": "A picture: a character, a name or an address.",
    "tier": "How far along its holder is: beginner, intermediate, advanced or elite.",
    "category": "The application''s grouping.",
    "rarity": "common, uncommon, rare, epic or legendary.",
    "points_value": "Points an award pays; 0 for none. A change applies to awards to come.",
    "criteria": "What earns it, an object of words and numbers to reach, all of them: {\"coursesCompleted\": 1, \"events\": {\"mentoring_held\": 3}}. Awarded by itself to who reaches them, once; empty for one that is awarded by hand. The words stand in the guide.",
    "criteria_narrative": "What earns it, in words for people (Markdown): what a credential says. 1 to 20,000 characters.",
    "times_awarded": "How many hold it: exactly the rows of badge_awards, which alone write it.",
    "is_active": "False: kept by its holders, awarded to nobody.",
    "updated_at": "When the row was last written, by an award too."}');
SELECT laurel_internal.explain('laurel.badge_awards', 'Who holds which badge, once each. A new row counts on its badge, pays its points, notifies the member and tells domain_events, in the same statement. A member who is not active may be awarded too: what was earned counts.', '{
    "organization_id": "The organization of the badge, from which it is filled in; never changed.",
    "user_id": "Who holds it; never changed.",
    "badge_id": "The badge, of the same organization; never changed.",
    "awarded_by": "Who or what awarded it, in the application''s words; 1 to 255 characters.",
    "awarded_date": "Since when; not in the future. Decides the week and month its points count for, and the time of the notification: one of more than a day ago is in the application alone.",
    "points_awarded": "Points it paid: points_value of the badge at that time. A value that comes with the row is checked.",
    "note": "Why, in the words of who awarded it.",
    "valid_until": "When it ends, for credentials; null: never. The award itself stays.",
    "evidence": "What the holder has done for it, in words for outsiders: credentials say it.",
    "evidence_url": "Where outsiders see what the holder has done: an https address.",
    "created_at": "When the row was made, by the clock."}');
SELECT laurel_internal.explain('laurel.badge_revocations', 'Which badges were revoked from whom, by laurel.revoke_badge: neither criteria nor rules award them again to that member. By hand it may be awarded again, and laurel.award_badge takes the row away; deleting the row lets it be earned again.', '{
    "badge_id": "The badge.",
    "revoked_by": "Who revoked it: the caller, null for a service.",
    "reason": "Why, as revoke_badge was told.",
    "revoked_at": "When, by the clock."}');
SELECT laurel_internal.explain('laurel.achievements', 'badges, with slug named id and badge_name named name.', '{
    "id": "The badge''s slug.",
    "name": "The badge''s name.",
    "description": "What it is for.",
    "icon": "A picture.",
    "tier": "beginner, intermediate, advanced or elite.",
    "criteria": "What earns it, an object.",
    "organization_id": "The organization; the caller''s active one where none is given."}');
SELECT laurel_internal.explain('laurel.user_achievements', 'badge_awards, with the badge''s slug named achievement_id. Takes SELECT and INSERT.', '{
    "id": "The award.",
    "user_id": "Who holds it.",
    "achievement_id": "The badge''s slug.",
    "earned_at": "Since when; now where none is given.",
    "organization_id": "The organization; where none is given the caller''s active one, for service_role without claims the user''s home."}');

SELECT laurel_internal.explain('laurel_internal.badge_changes', 'Stores nothing: its relation-cache invalidation tells every session that badges have changed.', '{
    "nothing": "Never filled."}');

-- What of it is audited.
SELECT laurel_internal.audited('laurel.badges', '{slug, badge_name, tier, category, rarity, points_value, criteria, is_active}');

-- Personal data.
SELECT laurel_internal.personal('laurel.badge_awards', '{note, evidence, evidence_url}', encrypted => false),
       laurel_internal.personal('laurel.badge_revocations', '{reason}', encrypted => false);

-- Down Migration

DROP FUNCTION laurel.member(laurel.badge_awards), laurel.member(laurel.badge_revocations), laurel.member(laurel.user_achievements);
DROP VIEW laurel.user_achievements, laurel.achievements;
DROP TRIGGER earn_badges ON laurel.domain_events;
DROP TRIGGER tell_insert ON laurel.enrollments;
DROP TRIGGER tell_update ON laurel.enrollments;
DROP TABLE laurel_internal.badge_changes, laurel.badge_revocations, laurel.badge_awards, laurel.badges;
DELETE FROM ONLY laurel.reference_types WHERE name = 'Badge';
