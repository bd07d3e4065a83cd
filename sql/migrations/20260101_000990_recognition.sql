-- Up Migration
-- Recognition: members thank each other, with points from an allowance of their own.

CREATE TABLE laurel.recognition_settings (
    organization_id uuid CONSTRAINT recognition_settings_pkey PRIMARY KEY CONSTRAINT recognition_settings_organization_id_fkey REFERENCES laurel.organizations (id) ON DELETE CASCADE,
    monthly_allowance bigint NOT NULL DEFAULT 100 CONSTRAINT recognition_settings_monthly_allowance_check CHECK (monthly_allowance BETWEEN 0 AND 1000000000),
    daily_limit bigint CONSTRAINT recognition_settings_daily_limit_check CHECK (daily_limit >= 1),
    approval text NOT NULL DEFAULT 'none' CONSTRAINT recognition_settings_approval_check CHECK (approval IN ('none', 'manager', 'admin')),
    approval_from bigint NOT NULL DEFAULT 0 CONSTRAINT recognition_settings_approval_from_check CHECK (approval_from >= 0),
    updated_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE laurel.recognition_allowances (
    organization_id uuid NOT NULL CONSTRAINT recognition_allowances_organization_id_fkey REFERENCES laurel.organizations (id) ON DELETE CASCADE,
    role text NOT NULL CONSTRAINT recognition_allowances_role_fkey REFERENCES laurel.roles (name) ON UPDATE CASCADE,
    monthly_points bigint NOT NULL CONSTRAINT recognition_allowances_monthly_points_check CHECK (monthly_points BETWEEN 0 AND 1000000000),
    CONSTRAINT recognition_allowances_pkey PRIMARY KEY (organization_id, role)
);
-- A role that gets another name.
CREATE INDEX recognition_allowances_role_idx ON laurel.recognition_allowances (role);

CREATE TABLE laurel.company_values (
    id uuid CONSTRAINT company_values_pkey PRIMARY KEY DEFAULT laurel.uuidv7(),
    organization_id uuid NOT NULL CONSTRAINT company_values_organization_id_fkey REFERENCES laurel.organizations (id) ON DELETE CASCADE,
    name text NOT NULL CONSTRAINT company_values_name_check CHECK (char_length(name) BETWEEN 1 AND 100),
    description text CONSTRAINT company_values_description_check CHECK (char_length(description) <= 2000),
    status text NOT NULL DEFAULT 'active',
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT company_values_organization_id_id_key UNIQUE (organization_id, id),
    CONSTRAINT company_values_name_key UNIQUE (organization_id, name)
);

CREATE TABLE laurel.recognitions (
    id uuid CONSTRAINT recognitions_pkey PRIMARY KEY DEFAULT laurel.uuidv7(),
    organization_id uuid NOT NULL,
    sender_id uuid,
    recipient_id uuid,
    message text NOT NULL CONSTRAINT recognitions_message_check CHECK (char_length(message) BETWEEN 1 AND 2000),
    points_awarded bigint NOT NULL DEFAULT 0 CONSTRAINT recognitions_points_awarded_check CHECK (points_awarded BETWEEN 0 AND 1000000),
    company_value_id uuid,
    visibility text NOT NULL DEFAULT laurel_internal.assigned()::text CONSTRAINT recognitions_visibility_check CHECK (visibility IN ('public', 'team', 'private')),
    team_id uuid,
    adds_to uuid,
    status text NOT NULL DEFAULT laurel_internal.assigned()::text,
    decided_by uuid,
    decision_note text CONSTRAINT recognitions_decision_note_check CHECK (char_length(decision_note) <= 2000),
    approved_at timestamptz,
    comments_count bigint NOT NULL DEFAULT 0 CONSTRAINT recognitions_comments_count_check CHECK (comments_count >= 0),
    reactions_count bigint NOT NULL DEFAULT 0 CONSTRAINT recognitions_reactions_count_check CHECK (reactions_count >= 0),
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT recognitions_organization_id_id_key UNIQUE (organization_id, id),
    CONSTRAINT recognitions_recipient_id_check CHECK (recipient_id <> sender_id),
    CONSTRAINT recognitions_team_id_check CHECK (team_id IS NULL OR visibility = 'team'),
    CONSTRAINT recognitions_approved_at_check CHECK ((status = 'approved') = (approved_at IS NOT NULL)),
    CONSTRAINT recognitions_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES laurel.organizations (id) ON DELETE CASCADE,
    CONSTRAINT recognitions_sender_id_fkey FOREIGN KEY (organization_id, sender_id)
        REFERENCES laurel.user_organizations (organization_id, user_id) ON DELETE SET NULL (sender_id),
    CONSTRAINT recognitions_recipient_id_fkey FOREIGN KEY (organization_id, recipient_id)
        REFERENCES laurel.user_organizations (organization_id, user_id) ON DELETE SET NULL (recipient_id),
    CONSTRAINT recognitions_decided_by_fkey FOREIGN KEY (organization_id, decided_by)
        REFERENCES laurel.user_organizations (organization_id, user_id) ON DELETE SET NULL (decided_by),
    CONSTRAINT recognitions_company_value_id_fkey FOREIGN KEY (organization_id, company_value_id) REFERENCES laurel.company_values (organization_id, id),
    CONSTRAINT recognitions_team_id_fkey FOREIGN KEY (organization_id, team_id) REFERENCES laurel.teams (organization_id, id) ON DELETE SET NULL (team_id),
    CONSTRAINT recognitions_adds_to_fkey FOREIGN KEY (organization_id, adds_to) REFERENCES laurel.recognitions (organization_id, id) ON DELETE CASCADE
) WITH (fillfactor = 90);
-- The feed; by status and who sees it; what one has received and given, newest first; what hangs on another.
CREATE INDEX recognitions_feed_idx ON laurel.recognitions (organization_id, created_at DESC, id DESC);
CREATE INDEX recognitions_status_idx ON laurel.recognitions (organization_id, status, visibility, created_at DESC);
CREATE INDEX recognitions_recipient_id_idx ON laurel.recognitions (recipient_id, organization_id, created_at DESC);
CREATE INDEX recognitions_sender_id_idx ON laurel.recognitions (sender_id, organization_id, created_at DESC);
CREATE INDEX recognitions_adds_to_idx ON laurel.recognitions (organization_id, adds_to) WHERE adds_to IS NOT NULL;
CREATE INDEX recognitions_company_value_id_idx ON laurel.recognitions (organization_id, company_value_id) WHERE company_value_id IS NOT NULL;
CREATE INDEX recognitions_decided_by_idx ON laurel.recognitions (organization_id, decided_by) WHERE decided_by IS NOT NULL;
CREATE INDEX recognitions_team_id_idx ON laurel.recognitions (organization_id, team_id) WHERE team_id IS NOT NULL;
-- What waits for approval, newest first. There is none by time alone: it would tempt whoever asks for the newest of somebody.
CREATE INDEX recognitions_waiting_idx ON laurel.recognitions (organization_id, created_at DESC) WHERE status = 'pending';

CREATE TABLE laurel.recognition_comments (
    id uuid CONSTRAINT recognition_comments_pkey PRIMARY KEY DEFAULT laurel.uuidv7(),
    organization_id uuid NOT NULL,
    recognition_id uuid NOT NULL,
    user_id uuid NOT NULL,
    comment text NOT NULL CONSTRAINT recognition_comments_comment_check CHECK (char_length(comment) BETWEEN 1 AND 2000),
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT recognition_comments_organization_id_id_key UNIQUE (organization_id, id),
    CONSTRAINT recognition_comments_recognition_id_fkey FOREIGN KEY (organization_id, recognition_id) REFERENCES laurel.recognitions (organization_id, id) ON DELETE CASCADE,
    CONSTRAINT recognition_comments_membership_fkey FOREIGN KEY (organization_id, user_id)
        REFERENCES laurel.user_organizations (organization_id, user_id) ON DELETE CASCADE
);
CREATE INDEX recognition_comments_recognition_id_idx ON laurel.recognition_comments (organization_id, recognition_id, created_at);
CREATE INDEX recognition_comments_user_id_idx ON laurel.recognition_comments (user_id, organization_id);

CREATE TABLE laurel.recognition_reactions (
    id uuid CONSTRAINT recognition_reactions_pkey PRIMARY KEY DEFAULT laurel.uuidv7(),
    organization_id uuid NOT NULL,
    recognition_id uuid NOT NULL,
    user_id uuid NOT NULL,
    reaction text NOT NULL DEFAULT 'like' CONSTRAINT recognition_reactions_reaction_check CHECK (char_length(reaction) BETWEEN 1 AND 32),
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT recognition_reactions_organization_id_id_key UNIQUE (organization_id, id),
    CONSTRAINT recognition_reactions_reaction_key UNIQUE (organization_id, recognition_id, user_id, reaction),
    CONSTRAINT recognition_reactions_recognition_id_fkey FOREIGN KEY (organization_id, recognition_id) REFERENCES laurel.recognitions (organization_id, id) ON DELETE CASCADE,
    CONSTRAINT recognition_reactions_membership_fkey FOREIGN KEY (organization_id, user_id)
        REFERENCES laurel.user_organizations (organization_id, user_id) ON DELETE CASCADE
);
CREATE INDEX recognition_reactions_user_id_idx ON laurel.recognition_reactions (user_id, organization_id);

INSERT INTO laurel.reference_types (name, table_name) VALUES ('Recognition', 'laurel.recognitions');

SELECT laurel_internal.belongs('laurel.recognitions', 'company_value_id', 'laurel.company_values', required => $$ status = 'active' $$),
       laurel_internal.belongs('laurel.recognitions', 'adds_to', 'laurel.recognitions', copies => '{recipient_id, visibility, team_id}', required => $$ status = 'approved' AND adds_to IS NULL $$),
       laurel_internal.belongs('laurel.recognition_comments', 'recognition_id', 'laurel.recognitions', required => $$ status = 'approved' $$),
       laurel_internal.belongs('laurel.recognition_reactions', 'recognition_id', 'laurel.recognitions', required => $$ status = 'approved' $$),
       laurel_internal.add_tenant_triggers('laurel.recognition_settings'), laurel_internal.add_tenant_triggers('laurel.recognition_allowances'),
       laurel_internal.add_tenant_triggers('laurel.company_values'), laurel_internal.add_tenant_triggers('laurel.recognitions'),
       laurel_internal.add_tenant_triggers('laurel.recognition_comments'), laurel_internal.add_tenant_triggers('laurel.recognition_reactions'),
       laurel_internal.keep('laurel.recognitions', 'sender_id', 'recipient_id', 'points_awarded', 'adds_to', 'created_at'),
       laurel_internal.keep('laurel.recognition_comments', 'recognition_id', 'user_id', 'created_at'),
       laurel_internal.keep('laurel.recognition_reactions', 'recognition_id', 'user_id', 'created_at'),
       laurel_internal.counts('laurel.recognitions', 'comments_count', 'laurel.recognition_comments', 'recognition_id'),
       laurel_internal.counts('laurel.recognitions', 'reactions_count', 'laurel.recognition_reactions', 'recognition_id'),
       laurel_internal.states('laurel.company_values', 'status', '{"active": ["archived"], "archived": ["active"]}'),
       laurel_internal.archive_instead('laurel.company_values', 'status', 'archived'),
       laurel_internal.states('laurel.recognitions', 'status', '{"pending": ["approved", "rejected", "withdrawn"], "approved": [], "rejected": [], "withdrawn": []}',
           '{"approved": "approved_at"}'),
       laurel_internal.quota('laurel.recognitions', 'recognition_allowance', owner => '{sender_id}', amount => 'points_awarded', period => 'month', member => 'sender_id',
           counted => $$ status IN ('pending', 'approved') $$, allowed => $$
               (SELECT coalesce(
                   (SELECT pg_catalog.max(a.monthly_points) FROM ONLY laurel.recognition_allowances a JOIN ONLY laurel.user_roles r ON r.organization_id = a.organization_id AND r.role = a.role
                    WHERE a.organization_id = recognitions.organization_id AND r.user_id = recognitions.sender_id),
                   (SELECT s.monthly_allowance FROM ONLY laurel.recognition_settings s WHERE s.organization_id = recognitions.organization_id), 100)) $$),
       laurel_internal.quota('laurel.recognitions', 'recognitions_daily', owner => '{sender_id}', amount => '1', period => 'day', member => 'sender_id',
           counted => $$ status IN ('pending', 'approved') $$, allowed => $$
               (SELECT s.daily_limit FROM ONLY laurel.recognition_settings s WHERE s.organization_id = recognitions.organization_id) $$);

CREATE TRIGGER c_decide_recognition BEFORE INSERT ON laurel.recognitions
    FOR EACH ROW EXECUTE FUNCTION laurel_internal.decide_recognition();

SELECT laurel_internal.tell('laurel.recognitions', $$
           SELECT n.organization_id, n.recipient_id AS user_id, 'recognition_received' AS type, n.id, pg_catalog.jsonb_build_object('recognition_id', n.id) AS data,
                  'You were recognized' AS title, n.message, '/recognitions/' || n.id AS link,
                  n.points_awarded AS points, 'Recognition' AS reference_type, n.id AS reference_id, 'Recognition' AS reason
           FROM new_rows n WHERE n.status = 'approved'
           UNION ALL
           SELECT n.organization_id, n.sender_id, 'recognition_given', n.id, pg_catalog.jsonb_build_object('recognition_id', n.id), NULL, NULL, NULL, 0, NULL, NULL, NULL
           FROM new_rows n WHERE n.status = 'approved' $$, telling => $$ status = 'approved' $$),
       -- Who approves is told when the first of a day waits, however many come after it.
       laurel_internal.tell('laurel.recognitions', $$
           SELECT n.organization_id, a.approver AS user_id, 'recognition_waiting' AS type, pg_catalog.jsonb_build_object('recognition_id', n.id) AS data,
                  'Recognitions wait for your approval' AS title, '/recognitions?status=pending' AS link,
                  pg_catalog.concat_ws(':', 'recognition_waiting', a.approver, (pg_catalog.now() AT TIME ZONE 'UTC')::pg_catalog.date) AS key
           FROM new_rows n CROSS JOIN LATERAL laurel_internal.recognition_approvers(n.organization_id, n.sender_id, n.recipient_id) a (approver)
           WHERE n.status = 'pending' $$, telling => $$ status = 'pending' $$),
       laurel_internal.tell('laurel.recognitions', $$
           SELECT n.organization_id, n.recipient_id AS user_id, 'recognition_received' AS type, n.id, pg_catalog.jsonb_build_object('recognition_id', n.id) AS data,
                  'You were recognized' AS title, n.message, '/recognitions/' || n.id AS link,
                  n.points_awarded AS points, 'Recognition' AS reference_type, n.id AS reference_id, 'Recognition' AS reason
           FROM new_rows n JOIN old_rows o ON o.id = n.id WHERE n.status = 'approved' AND o.status = 'pending'
           UNION ALL
           SELECT n.organization_id, n.sender_id, 'recognition_given', n.id, pg_catalog.jsonb_build_object('recognition_id', n.id), NULL, NULL, NULL, 0, NULL, NULL, NULL
           FROM new_rows n JOIN old_rows o ON o.id = n.id WHERE n.status = 'approved' AND o.status = 'pending'
           UNION ALL
           SELECT n.organization_id, n.sender_id, 'recognition_rejected', n.id, pg_catalog.jsonb_build_object('recognition_id', n.id),
                  'Your recognition was not approved', n.decision_note, '/recognitions/' || n.id, 0, NULL, NULL, NULL
           FROM new_rows n JOIN old_rows o ON o.id = n.id WHERE n.status = 'rejected' AND o.status = 'pending' $$, 'UPDATE', changed => '{status}');

-- What was approved is seen as its sender chose; what waits or was rejected, by its sender and who may approve it. What hangs on one
-- is seen by who sees it, whoever wrote it: being entrusted with somebody opens no private thanks.
SELECT laurel_internal.protect('laurel.recognition_settings', 'catalogue'), laurel_internal.protect('laurel.recognition_allowances', 'catalogue'),
       laurel_internal.protect('laurel.company_values', 'catalogue'),
       laurel_internal.protect('laurel.recognitions', 'private', user_column => 'sender_id', others => '{
               "own": "sender_id = laurel_internal.me() AND (adds_to IS NULL OR laurel_internal.sees_recognition(adds_to))",
               "recipients": "status = ''approved'' AND recipient_id = laurel_internal.me()",
               "colleagues": "status = ''approved'' AND (visibility = ''public'' OR visibility = ''team'' AND laurel.team_role(team_id) IS NOT NULL)",
               "approvers": "status IN (''pending'', ''rejected'') AND recipient_id IS DISTINCT FROM laurel_internal.me() AND laurel_internal.approves(sender_id) OR laurel.administers(organization_id)"}',
           commands => '{"own": "INSERT", "recipients": "SELECT", "colleagues": "SELECT", "approvers": "SELECT"}',
           writes => '{"INSERT": "id, organization_id, sender_id, recipient_id, message, points_awarded, company_value_id, visibility, team_id, adds_to"}'),
       laurel_internal.protect('laurel.recognition_comments', 'private', others => '{"colleagues": "laurel_internal.sees_recognition(recognition_id)", "own": "user_id = laurel_internal.me() AND laurel_internal.sees_recognition(recognition_id)"}',
           commands => '{"self": "UPDATE, DELETE", "colleagues": "SELECT", "own": "INSERT", "administrators": "DELETE"}',
           writes => '{"INSERT": "id, organization_id, recognition_id, user_id, comment", "UPDATE": "comment"}'),
       laurel_internal.protect('laurel.recognition_reactions', 'private', others => '{"colleagues": "laurel_internal.sees_recognition(recognition_id)", "own": "user_id = laurel_internal.me() AND laurel_internal.sees_recognition(recognition_id)"}',
           commands => '{"self": "DELETE", "colleagues": "SELECT", "own": "INSERT", "administrators": "DELETE"}',
           writes => '{"INSERT": "id, organization_id, recognition_id, user_id, reaction"}'),
       laurel_internal.member('laurel.recognition_comments'), laurel_internal.member('laurel.recognition_reactions');

SELECT laurel_internal.explain('laurel.recognition_settings', 'How an organization recognizes: without a row by the defaults.', '{
    "monthly_allowance": "Points that each member may give in a month, where no role has more or less; 100 without a row.",
    "daily_limit": "How many recognitions each may give in a day; null for any number.",
    "approval": "Who approves: none, the sender''s manager (or an administrator), or an administrator.",
    "approval_from": "From how many points on."}'),
       laurel_internal.explain('laurel.recognition_allowances', 'What members with a role may give in a month instead; with several roles the most.', '{
    "role": "The role.",
    "monthly_points": "Points a month. What is left at its end is gone."}'),
       laurel_internal.explain('laurel.company_values', 'What an organization holds dear, and recognizes. Deleting one archives it.', '{
    "name": "What it is called, unique in the organization; 1 to 100 characters.",
    "description": "What is meant.",
    "status": "active, or archived: then it is not chosen any more."}'),
       laurel_internal.explain('laurel.recognitions', 'Members who thank each other. Points come from what the sender may give in a month, and go to the recipient when it is approved; what is rejected or withdrawn may be given again. History outlives who wrote it.', '{
    "sender_id": "Who thanks; null once he or she is gone.",
    "recipient_id": "Who is thanked, never the sender; null once he or she is gone.",
    "message": "For what, 1 to 2,000 characters.",
    "points_awarded": "Points for the recipient, 0 to 1,000,000.",
    "company_value_id": "The value that was lived.",
    "visibility": "public (the organization), team (who is in it) or private (the two); administrators see all. public where it is left out, or that of adds_to.",
    "team_id": "The team that sees it, to be named where visibility is team; null once the team is deleted.",
    "adds_to": "The recognition to which this one adds: the same recipient, seen by the same people; one must see it.",
    "status": "pending, approved, rejected or withdrawn; decided when it is made where nobody has to approve it.",
    "decided_by": "Who approved or rejected it.",
    "decision_note": "Why, up to 2,000 characters.",
    "approved_at": "When it was approved; set then and only then.",
    "comments_count": "Exactly the rows of recognition_comments.",
    "reactions_count": "Exactly the rows of recognition_reactions."}'),
       laurel_internal.explain('laurel.recognition_comments', 'What others say to a recognition; who sees it sees them.', '{
    "recognition_id": "The recognition; never changed.",
    "comment": "1 to 2,000 characters."}'),
       laurel_internal.explain('laurel.recognition_reactions', 'Signs under a recognition, each once a member.', '{
    "recognition_id": "The recognition; never changed.",
    "reaction": "The sign or its name, 1 to 32 characters."}');

-- What of it is audited.
SELECT laurel_internal.audited('laurel.recognition_settings', '{monthly_allowance, daily_limit, approval, approval_from}'),
       laurel_internal.audited('laurel.recognitions', '{status, points_awarded, decided_by}', commands => 'UPDATE', condition => $$ OLD.status IS DISTINCT FROM NEW.status $$);

-- Personal data.
SELECT laurel_internal.personal('laurel.recognitions', '{message, decision_note}', encrypted => false),
       laurel_internal.personal('laurel.recognition_comments', '{comment}', encrypted => false);

-- Down Migration

DROP FUNCTION laurel.member(laurel.recognition_comments), laurel.member(laurel.recognition_reactions);
DROP TABLE laurel.recognition_reactions, laurel.recognition_comments, laurel.recognitions, laurel.company_values, laurel.recognition_allowances, laurel.recognition_settings;
DELETE FROM ONLY laurel.quota_usage WHERE kind IN ('recognition_allowance', 'recognitions_daily');
DELETE FROM ONLY laurel.reference_types WHERE name = 'Recognition';
