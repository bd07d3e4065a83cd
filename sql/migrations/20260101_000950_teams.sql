-- Up Migration
-- Teams, who is in them, what they try together, and where they talk.

CREATE TABLE laurel.teams (
    id uuid CONSTRAINT teams_pkey PRIMARY KEY DEFAULT laurel.uuidv7(),
    organization_id uuid NOT NULL CONSTRAINT teams_organization_id_fkey REFERENCES laurel.organizations (id) ON DELETE CASCADE,
    name text NOT NULL CONSTRAINT teams_name_check CHECK (char_length(name) BETWEEN 1 AND 200),
    description text CONSTRAINT teams_description_check CHECK (char_length(description) <= 20000),
    member_count bigint NOT NULL DEFAULT 0 CONSTRAINT teams_member_count_check CHECK (member_count >= 0),
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT teams_organization_id_id_key UNIQUE (organization_id, id),
    CONSTRAINT teams_name_key UNIQUE (organization_id, name)
) WITH (fillfactor = 80);

CREATE TABLE laurel.team_memberships (
    id uuid CONSTRAINT team_memberships_pkey PRIMARY KEY DEFAULT laurel.uuidv7(),
    organization_id uuid NOT NULL,
    team_id uuid NOT NULL,
    user_id uuid NOT NULL,
    role text NOT NULL DEFAULT 'member' CONSTRAINT team_memberships_role_check CHECK (role IN ('member', 'moderator', 'leader')),
    joined_at timestamptz NOT NULL DEFAULT now() CONSTRAINT team_memberships_joined_at_check CHECK (isfinite(joined_at)),
    CONSTRAINT team_memberships_organization_id_id_key UNIQUE (organization_id, id),
    CONSTRAINT team_memberships_team_id_user_id_key UNIQUE (organization_id, team_id, user_id),
    CONSTRAINT team_memberships_team_id_fkey FOREIGN KEY (organization_id, team_id) REFERENCES laurel.teams (organization_id, id) ON DELETE CASCADE,
    CONSTRAINT team_memberships_membership_fkey FOREIGN KEY (organization_id, user_id)
        REFERENCES laurel.user_organizations (organization_id, user_id) ON DELETE CASCADE
);
-- A member's teams.
CREATE INDEX team_memberships_user_id_idx ON laurel.team_memberships (user_id, organization_id);

CREATE TABLE laurel.team_challenges (
    id uuid CONSTRAINT team_challenges_pkey PRIMARY KEY DEFAULT laurel.uuidv7(),
    organization_id uuid NOT NULL,
    team_id uuid NOT NULL,
    title text NOT NULL CONSTRAINT team_challenges_title_check CHECK (char_length(title) BETWEEN 1 AND 200),
    description text CONSTRAINT team_challenges_description_check CHECK (char_length(description) <= 20000),
    kind text NOT NULL DEFAULT 'points' CONSTRAINT team_challenges_kind_check CHECK (kind IN ('points', 'events')),
    event_type text CONSTRAINT team_challenges_event_type_check CHECK (char_length(event_type) >= 1 AND char_length(event_type) <= 100
            AND event_type NOT IN ('challenge_completed', 'own_challenge_completed', 'team_challenge_completed')),
    goal bigint NOT NULL CONSTRAINT team_challenges_goal_check CHECK (goal > 0),
    progress bigint NOT NULL DEFAULT 0 CONSTRAINT team_challenges_progress_check CHECK (progress >= 0),
    given bigint NOT NULL DEFAULT 0 CONSTRAINT team_challenges_given_check CHECK (given >= 0),
    status text NOT NULL DEFAULT 'draft',
    starts_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,
    completed_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT team_challenges_organization_id_id_key UNIQUE (organization_id, id),
    CONSTRAINT team_challenges_ends_at_check CHECK (ends_at > starts_at AND isfinite(starts_at) AND isfinite(ends_at)),
    CONSTRAINT team_challenges_counted_check CHECK ((kind = 'events') = (event_type IS NOT NULL)),
    CONSTRAINT team_challenges_completed_at_check CHECK ((status = 'completed') = (completed_at IS NOT NULL)),
    CONSTRAINT team_challenges_team_id_fkey FOREIGN KEY (organization_id, team_id) REFERENCES laurel.teams (organization_id, id) ON DELETE CASCADE
);
-- A team's challenges that are under way, and what an organization's count.
CREATE INDEX team_challenges_team_id_idx ON laurel.team_challenges (organization_id, team_id, status);
CREATE INDEX team_challenges_counted_idx ON laurel.team_challenges (organization_id, kind, event_type) WHERE status = 'active';

CREATE TABLE laurel.personal_challenges (
    id uuid CONSTRAINT personal_challenges_pkey PRIMARY KEY DEFAULT laurel.uuidv7(),
    organization_id uuid NOT NULL,
    user_id uuid NOT NULL,
    title text NOT NULL CONSTRAINT personal_challenges_title_check CHECK (char_length(title) BETWEEN 1 AND 200),
    description text CONSTRAINT personal_challenges_description_check CHECK (char_length(description) <= 20000),
    kind text NOT NULL DEFAULT 'points' CONSTRAINT personal_challenges_kind_check CHECK (kind IN ('points', 'events')),
    event_type text CONSTRAINT personal_challenges_event_type_check CHECK (char_length(event_type) >= 1 AND char_length(event_type) <= 100
            AND event_type NOT IN ('challenge_completed', 'own_challenge_completed', 'team_challenge_completed')),
    goal bigint NOT NULL CONSTRAINT personal_challenges_goal_check CHECK (goal > 0),
    progress bigint NOT NULL DEFAULT 0 CONSTRAINT personal_challenges_progress_check CHECK (progress >= 0),
    given bigint NOT NULL DEFAULT 0 CONSTRAINT personal_challenges_given_check CHECK (given >= 0),
    status text NOT NULL DEFAULT 'active',
    set_by uuid DEFAULT laurel.uid(),
    starts_at timestamptz NOT NULL DEFAULT now(),
    ends_at timestamptz,
    completed_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT personal_challenges_organization_id_id_key UNIQUE (organization_id, id),
    -- Who sets one for himself begins now: what is done already is no challenge.
    CONSTRAINT personal_challenges_starts_at_check CHECK (set_by IS DISTINCT FROM user_id OR starts_at >= created_at),
    CONSTRAINT personal_challenges_ends_at_check CHECK (ends_at > starts_at AND isfinite(starts_at) AND isfinite(ends_at)),
    CONSTRAINT personal_challenges_counted_check CHECK ((kind = 'events') = (event_type IS NOT NULL)),
    CONSTRAINT personal_challenges_completed_at_check CHECK ((status = 'completed') = (completed_at IS NOT NULL)),
    CONSTRAINT personal_challenges_membership_fkey FOREIGN KEY (organization_id, user_id)
        REFERENCES laurel.user_organizations (organization_id, user_id) ON DELETE CASCADE
);
-- A member's challenges that are under way, and what an organization's count.
CREATE INDEX personal_challenges_user_id_idx ON laurel.personal_challenges (user_id, organization_id, status);
CREATE INDEX personal_challenges_counted_idx ON laurel.personal_challenges (organization_id, kind, event_type) WHERE status = 'active';

CREATE TABLE laurel_internal.challenge_changes (nothing boolean);

CREATE TABLE laurel.channels (
    id uuid CONSTRAINT channels_pkey PRIMARY KEY DEFAULT laurel.uuidv7(),
    organization_id uuid NOT NULL CONSTRAINT channels_organization_id_fkey REFERENCES laurel.organizations (id) ON DELETE CASCADE,
    team_id uuid,
    name text NOT NULL CONSTRAINT channels_name_check CHECK (char_length(name) BETWEEN 1 AND 200),
    description text CONSTRAINT channels_description_check CHECK (char_length(description) <= 20000),
    member_count bigint NOT NULL DEFAULT 0 CONSTRAINT channels_member_count_check CHECK (member_count >= 0),
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT channels_organization_id_id_key UNIQUE (organization_id, id),
    CONSTRAINT channels_team_id_fkey FOREIGN KEY (organization_id, team_id) REFERENCES laurel.teams (organization_id, id) ON DELETE CASCADE
) WITH (fillfactor = 80);
-- A name is there once in a team, and once among the channels of nobody's team; a team's channels.
CREATE UNIQUE INDEX channels_team_id_name_key ON laurel.channels (organization_id, team_id, name) WHERE team_id IS NOT NULL;
CREATE UNIQUE INDEX channels_name_key ON laurel.channels (organization_id, name) WHERE team_id IS NULL;

CREATE TABLE laurel.channel_members (
    id uuid CONSTRAINT channel_members_pkey PRIMARY KEY DEFAULT laurel.uuidv7(),
    organization_id uuid NOT NULL,
    channel_id uuid NOT NULL,
    team_id uuid,
    user_id uuid NOT NULL,
    joined_at timestamptz NOT NULL DEFAULT now() CONSTRAINT channel_members_joined_at_check CHECK (isfinite(joined_at)),
    CONSTRAINT channel_members_organization_id_id_key UNIQUE (organization_id, id),
    CONSTRAINT channel_members_channel_id_user_id_key UNIQUE (organization_id, channel_id, user_id),
    CONSTRAINT channel_members_channel_id_fkey FOREIGN KEY (organization_id, channel_id) REFERENCES laurel.channels (organization_id, id) ON DELETE CASCADE,
    -- Whoever leaves a team leaves its channels.
    CONSTRAINT channel_members_team_membership_fkey FOREIGN KEY (organization_id, team_id, user_id)
        REFERENCES laurel.team_memberships (organization_id, team_id, user_id) ON DELETE CASCADE,
    CONSTRAINT channel_members_membership_fkey FOREIGN KEY (organization_id, user_id)
        REFERENCES laurel.user_organizations (organization_id, user_id) ON DELETE CASCADE
);
-- A member's channels, and those of one team.
CREATE INDEX channel_members_user_id_idx ON laurel.channel_members (user_id, organization_id, team_id);

-- A member's main team is one he or she is in: it goes with the membership.
ALTER TABLE laurel.user_points
    ADD CONSTRAINT user_points_team_id_fkey FOREIGN KEY (organization_id, team_id) REFERENCES laurel.teams (organization_id, id) ON DELETE SET NULL (team_id),
    ADD CONSTRAINT user_points_team_membership_fkey FOREIGN KEY (organization_id, team_id, user_id)
        REFERENCES laurel.team_memberships (organization_id, team_id, user_id) ON DELETE SET NULL (team_id);
INSERT INTO laurel.reference_types (name, table_name) VALUES ('Challenge', 'laurel.personal_challenges');

SELECT laurel_internal.belongs('laurel.team_memberships', 'team_id', 'laurel.teams'), laurel_internal.belongs('laurel.team_challenges', 'team_id', 'laurel.teams'),
       laurel_internal.belongs('laurel.channels', 'team_id', 'laurel.teams'), laurel_internal.belongs('laurel.channel_members', 'channel_id', 'laurel.channels', copies => '{team_id}'),
       laurel_internal.add_tenant_triggers('laurel.teams'), laurel_internal.add_tenant_triggers('laurel.team_memberships'),
       laurel_internal.add_tenant_triggers('laurel.team_challenges'), laurel_internal.add_tenant_triggers('laurel.personal_challenges'),
       laurel_internal.add_tenant_triggers('laurel.channels'), laurel_internal.add_tenant_triggers('laurel.channel_members'),
       laurel_internal.keep('laurel.team_memberships', 'team_id', 'user_id', 'joined_at'),
       laurel_internal.keep('laurel.team_challenges', 'team_id'), laurel_internal.keep('laurel.personal_challenges', 'user_id', 'set_by', 'created_at'),
       laurel_internal.keep('laurel.channels', 'team_id'), laurel_internal.keep('laurel.channel_members', 'channel_id', 'team_id', 'user_id', 'joined_at'),
       laurel_internal.counts('laurel.teams', 'member_count', 'laurel.team_memberships', 'team_id'),
       laurel_internal.counts('laurel.channels', 'member_count', 'laurel.channel_members', 'channel_id'),
       laurel_internal.states('laurel.team_challenges', 'status',
           '{"draft": ["active", "cancelled"], "active": ["completed", "cancelled"], "completed": [], "cancelled": []}', '{"completed": "completed_at"}'),
       laurel_internal.states('laurel.personal_challenges', 'status',
           '{"active": ["completed", "cancelled"], "completed": [], "cancelled": []}', '{"completed": "completed_at"}'),
       laurel_internal.tell('laurel.team_memberships', $$
           SELECT n.organization_id, n.user_id, 'team_joined' AS type, pg_catalog.jsonb_build_object('team_id', t.id, 'role', n.role) AS data, n.joined_at AS occurred_at,
                  CASE WHEN laurel.uid() IS DISTINCT FROM n.user_id THEN 'You are in the team ' || pg_catalog.left(t.name, 150) END AS title, '/teams/' || t.id AS link
           FROM new_rows n JOIN ONLY laurel.teams t ON t.organization_id = n.organization_id AND t.id = n.team_id $$);

SELECT laurel_internal.tell('laurel.personal_challenges', $$
           SELECT n.organization_id, n.user_id, CASE WHEN n.set_by = n.user_id THEN 'own_challenge_completed' ELSE 'challenge_completed' END AS type, n.id, n.completed_at AS occurred_at, 'You completed the challenge ' || pg_catalog.left(n.title, 150) AS title,
                  '/challenges/' || n.id AS link, pg_catalog.jsonb_build_object('challenge_id', n.id, 'goal', n.goal, 'kind', n.kind) AS data
           FROM new_rows n JOIN old_rows o ON o.id = n.id WHERE n.status = 'completed' AND o.status = 'active' $$, 'UPDATE',
           telling => $$ status = 'completed' $$, changed => '{status}'),
       laurel_internal.tell('laurel.team_challenges', $$
           SELECT n.organization_id, m.user_id, 'team_challenge_completed' AS type, n.id, n.completed_at AS occurred_at, 'Your team completed the challenge ' || pg_catalog.left(n.title, 150) AS title,
                  '/teams/' || n.team_id AS link, pg_catalog.jsonb_build_object('challenge_id', n.id, 'team_id', n.team_id, 'goal', n.goal, 'kind', n.kind) AS data
           FROM new_rows n JOIN old_rows o ON o.id = n.id
           JOIN ONLY laurel.team_memberships m ON m.organization_id = n.organization_id AND m.team_id = n.team_id
           WHERE n.status = 'completed' AND o.status = 'active' $$, 'UPDATE', telling => $$ status = 'completed' $$, changed => '{status}'),
       -- Progress is written without it: sessions remember what is counted, not how far it is.
       laurel_internal.add_signal('laurel.personal_challenges', 'challenge_changes', 'INSERT', 'UPDATE OF organization_id, status, kind, event_type', 'DELETE', 'TRUNCATE'),
       laurel_internal.add_signal('laurel.team_challenges', 'challenge_changes', 'INSERT', 'UPDATE OF organization_id, status, kind, event_type', 'DELETE', 'TRUNCATE');

-- Progress follows from points and events. A restore makes the triggers after the rows, so that nothing is counted twice.
CREATE TRIGGER guard_progress AFTER UPDATE ON laurel.personal_challenges FOR EACH ROW WHEN (OLD.progress <> NEW.progress OR OLD.given <> NEW.given) EXECUTE FUNCTION laurel_internal.guard_progress();
CREATE TRIGGER guard_progress AFTER UPDATE ON laurel.team_challenges FOR EACH ROW WHEN (OLD.progress <> NEW.progress OR OLD.given <> NEW.given) EXECUTE FUNCTION laurel_internal.guard_progress();
CREATE TRIGGER follow_inserted AFTER INSERT ON laurel.personal_challenges REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION laurel_internal.follow_challenges();
CREATE TRIGGER follow_updated AFTER UPDATE ON laurel.personal_challenges REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION laurel_internal.follow_challenges();
CREATE TRIGGER follow_inserted AFTER INSERT ON laurel.team_challenges REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION laurel_internal.follow_challenges();
CREATE TRIGGER follow_updated AFTER UPDATE ON laurel.team_challenges REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION laurel_internal.follow_challenges();
CREATE TRIGGER count_challenge_events AFTER INSERT ON laurel.domain_events REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION laurel_internal.count_challenge_events();

-- Whoever leads a team does not leave it to nobody.
CREATE TRIGGER keep_leader_updated AFTER UPDATE ON laurel.team_memberships REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION laurel_internal.keep_leader();
CREATE TRIGGER keep_leader_deleted AFTER DELETE ON laurel.team_memberships REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION laurel_internal.keep_leader();

-- A challenge of a member is set by himself, or by who looks after him; it is changed by who has set it, or by an administrator.
-- Everybody of the organization sees teams and channels. A leader looks after the team, a moderator after its plain members.
SELECT laurel_internal.protect('laurel.teams', 'catalogue'),
       laurel_internal.protect('laurel.channels', 'catalogue', others => '{"leaders": "laurel.team_role(team_id) = ''leader''"}', commands => '{"administrators": "ALL", "leaders": "ALL"}'),
       laurel_internal.protect('laurel.team_challenges', 'catalogue', others => '{"leaders": "laurel.team_role(team_id) = ''leader''"}', commands => '{"administrators": "ALL", "leaders": "ALL"}'),
       laurel_internal.protect('laurel.team_memberships', 'catalogue', others => '{
               "leaders": "laurel.team_role(team_id) = ''leader''",
               "moderators": "role = ''member'' AND laurel.team_role(team_id) = ''moderator''"}',
           commands => '{"self": "DELETE", "administrators": "ALL", "leaders": "ALL", "moderators": "INSERT, DELETE"}', writes => '{
               "INSERT": "id, organization_id, team_id, user_id, role", "UPDATE": "role"}'),
       laurel_internal.protect('laurel.channel_members', 'catalogue', commands => '{"self": "INSERT, DELETE", "administrators": "INSERT, DELETE"}',
           writes => '{"INSERT": "id, organization_id, channel_id, team_id, user_id"}'),
       laurel_internal.protect('laurel.personal_challenges', 'personal', commands => '{"setters": "INSERT, UPDATE, DELETE", "administrators": "UPDATE, DELETE"}',
           others => '{"setters": "laurel_internal.can_see(user_id) AND set_by = laurel_internal.me()"}', writes =>
           '{"INSERT": "id, organization_id, user_id, title, description, kind, event_type, goal, starts_at, ends_at", "UPDATE": "title, description, kind, event_type, goal, starts_at, ends_at"}'),
       laurel_internal.member('laurel.team_memberships'), laurel_internal.member('laurel.channel_members'), laurel_internal.member('laurel.personal_challenges');

SELECT laurel_internal.explain('laurel.teams', 'Teams of an organization. Deleting one deletes its memberships, challenges and channels; its members stay, without it as their main team.', '{
    "name": "Its name, unique in the organization; 1 to 200 characters.",
    "description": "What it is for.",
    "member_count": "How many are in it: exactly the rows of team_memberships, which alone write it."}');
SELECT laurel_internal.explain('laurel.team_memberships', 'Who is in which team, once each. A new row tells domain_events, and the member where somebody else made it.', '{
    "team_id": "The team, of the same organization; never changed.",
    "role": "member, moderator (adds and removes plain members) or leader (looks after members, challenges and channels). The last leader stays one while anybody is in the team, or leaves the organization.",
    "joined_at": "Since when; never changed."}');
SELECT laurel_internal.explain('laurel.team_challenges', 'Points or events that a team tries to reach in a time. Completed by itself: each member is told, and domain_events.', '{
    "team_id": "The team; never changed.",
    "title": "What it is called; 1 to 200 characters.",
    "description": "What it is about.",
    "kind": "What counts: points that members earn, or events of a type.",
    "event_type": "Which events count, a type of domain_events, but for those that challenges tell themselves; null where points do.",
    "goal": "How many points or events the members are to reach together; more than 0.",
    "progress": "How many there are, written by the database alone: what those have earned who were in the team then, what is spent left out, what is reversed taken back until it is completed. What somebody has earned who leaves stays.",
    "given": "How many of these rules have given, by their actions of the kind challenge.",
    "status": "draft, active, completed or cancelled; the last two are final.",
    "starts_at": "From when points count.",
    "ends_at": "Until when they count.",
    "completed_at": "When it was completed; set then and only then."}');
SELECT laurel_internal.explain('laurel.personal_challenges', 'Points or events that a member tries to reach in a time. Completed by itself: the member is told, and domain_events, which tells those that a member has set himself apart.', '{
    "set_by": "Who has set it: the caller, null for the organization or the system. What a member has set himself begins no earlier than it is made, and counts for no criteria. Never changed.",
    "title": "What it is called; 1 to 200 characters.",
    "description": "What it is about.",
    "kind": "What counts: points that the member earns, or events of a type.",
    "event_type": "Which events count, a type of domain_events, but for those that challenges tell themselves; null where points do.",
    "goal": "How many points or events the member is to reach; more than 0.",
    "progress": "How many there are, written by the database alone: what was earned from starts_at to before ends_at, what is spent left out, what is reversed taken back until it is completed.",
    "given": "How many of these rules have given, by their actions of the kind challenge.",
    "status": "active, completed or cancelled; the last two are final.",
    "starts_at": "From when points count.",
    "ends_at": "Until when they count; null for as long as it takes.",
    "completed_at": "When it was completed; set then and only then."}');
SELECT laurel_internal.explain('laurel.channels', 'Where members talk: those of a team, or of the organization.', '{
    "team_id": "The team whose channel it is; null for one of the organization. Never changed.",
    "name": "Its name, unique in the team or among the channels of the organization; 1 to 200 characters.",
    "description": "What it is for.",
    "member_count": "How many are in it: exactly the rows of channel_members, which alone write it."}');
SELECT laurel_internal.explain('laurel.channel_members', 'Who is in which channel, once each. Only members of a team are in its channels.', '{
    "channel_id": "The channel, of the same organization; never changed.",
    "team_id": "The channel''s team, from which it is filled in.",
    "joined_at": "Since when; never changed."}');

SELECT laurel_internal.explain('laurel_internal.challenge_changes', 'Stores nothing: its relation-cache invalidation tells every session that challenges have changed.', '{
    "nothing": "Never filled."}');

-- Down Migration

DROP TRIGGER count_challenge_events ON laurel.domain_events;
ALTER TABLE laurel.user_points DROP CONSTRAINT user_points_team_membership_fkey, DROP CONSTRAINT user_points_team_id_fkey;
DROP FUNCTION laurel.member(laurel.team_memberships), laurel.member(laurel.channel_members), laurel.member(laurel.personal_challenges);
DROP TABLE laurel_internal.challenge_changes, laurel.channel_members, laurel.channels, laurel.personal_challenges, laurel.team_challenges, laurel.team_memberships, laurel.teams;
DELETE FROM ONLY laurel.reference_types WHERE name = 'Challenge';
