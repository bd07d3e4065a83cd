-- Up Migration
-- Invitations: how somebody from elsewhere becomes a member.

-- Who is invited is looked up when the letter is sent and when it is answered, never before: whoever invites is not told
-- whether an address or an id is anybody's.
CREATE TABLE laurel.invitations (
    id uuid CONSTRAINT invitations_pkey PRIMARY KEY DEFAULT laurel.uuidv7(),
    organization_id uuid NOT NULL CONSTRAINT invitations_organization_id_fkey REFERENCES laurel.organizations (id) ON DELETE CASCADE,
    email text CONSTRAINT invitations_email_check CHECK (laurel_internal.is_canonical(email, 'mail_address')),
    user_id uuid,
    mailbox uuid GENERATED ALWAYS AS (md5(coalesce(email, user_id::text))::uuid) STORED,
    roles text[] NOT NULL DEFAULT '{learner}' CONSTRAINT invitations_roles_check
        CHECK (roles <@ '{learner, trainer, manager, org_admin, platform_admin}' AND cardinality(roles) BETWEEN 1 AND 5),
    status text NOT NULL DEFAULT 'pending',
    token_hash bytea NOT NULL CONSTRAINT invitations_token_hash_key UNIQUE
        CONSTRAINT invitations_token_hash_check CHECK (octet_length(token_hash) = 32),
    invited_by uuid,
    expires_at timestamptz NOT NULL CONSTRAINT invitations_expires_at_check CHECK (isfinite(expires_at)),
    answered_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp() CONSTRAINT invitations_created_at_check CHECK (isfinite(created_at)),
    CONSTRAINT invitations_organization_id_id_key UNIQUE (organization_id, id),
    CONSTRAINT invitations_answered_at_check CHECK ((status = 'pending') = (answered_at IS NULL))
);
-- One that waits for each address or id.
CREATE UNIQUE INDEX invitations_pending_key ON laurel.invitations (organization_id, mailbox) WHERE status = 'pending';
-- Those of an address; of somebody with that id; those that end, and what is old enough to go.
CREATE INDEX invitations_email_idx ON laurel.invitations (email);
CREATE INDEX invitations_user_id_idx ON laurel.invitations (user_id, organization_id);
CREATE INDEX invitations_expires_at_idx ON laurel.invitations (expires_at);

-- How many letters an address got in the last day, whoever wrote them.
CREATE TABLE laurel_internal.letters_sent (
    id uuid CONSTRAINT letters_sent_pkey PRIMARY KEY DEFAULT laurel.uuidv7(),
    mailbox bytea NOT NULL,
    sent_at timestamptz NOT NULL
);
CREATE INDEX letters_sent_mailbox_idx ON laurel_internal.letters_sent (mailbox, sent_at);
CREATE INDEX letters_sent_sent_at_idx ON laurel_internal.letters_sent (sent_at);

SELECT laurel_internal.add_tenant_triggers('laurel.invitations'),
       laurel_internal.canonical('laurel.invitations', 'email', 'mail_address'),
       laurel_internal.keep('laurel.invitations', 'roles', 'invited_by', 'created_at', 'expires_at'),
       laurel_internal.states('laurel.invitations', 'status',
           '{"pending": ["accepted", "declined", "withdrawn", "expired"], "accepted": [], "declined": [], "withdrawn": [], "expired": []}',
           '{"accepted": "answered_at", "declined": "answered_at", "withdrawn": "answered_at", "expired": "answered_at"}'),
       laurel_internal.quota('laurel.invitations', 'invitations', '{}', '1', 'day',
           'SELECT o.daily_invitations FROM ONLY laurel.organizations o WHERE o.id = organization_id'),
       laurel_internal.quota('laurel.invitations', 'invitations_to_one', '{mailbox}', '1', 'week', '3'),
       laurel_internal.tell('laurel.invitations', $$
           SELECT n.organization_id, n.user_id, 'member_joined' AS type, NULL AS title,
                  pg_catalog.jsonb_build_object('invitation_id', n.id, 'roles', n.roles) AS data
           FROM new_rows n JOIN old_rows o ON o.id = n.id AND o.status = 'pending' WHERE n.status = 'accepted'
           UNION ALL SELECT n.organization_id, n.invited_by, 'invitation_accepted', 'An invitation was accepted',
                  pg_catalog.jsonb_build_object('invitation_id', n.id, 'user_id', n.user_id)
           FROM new_rows n JOIN old_rows o ON o.id = n.id AND o.status = 'pending'
           JOIN ONLY laurel.user_organizations m ON m.organization_id = n.organization_id AND m.user_id = n.invited_by
           WHERE n.status = 'accepted' $$, 'UPDATE', changed => '{status}');
CREATE TRIGGER forget_invitations BEFORE DELETE ON laurel.users
    FOR EACH ROW EXECUTE FUNCTION laurel_internal.forget_invitations();

SELECT laurel_internal.protect('laurel.invitations', 'administrative', commands => '{"service_role": "SELECT, DELETE"}',
           reads => 'id, organization_id, email, user_id, roles, status, invited_by, expires_at, answered_at, created_at'),
       laurel_internal.protect('laurel_internal.letters_sent', 'internal'),
       laurel_internal.member('laurel.invitations');

INSERT INTO laurel.retention_policies (name, table_name, keep, action, time_column, condition, assignments, user_columns, source) VALUES
    ('invitations_expired', 'invitations', '0', 'anonymise', 'expires_at', 'status = ''pending''', 'status = ''expired''', '{user_id}',
     'An invitation that nobody answered in time has expired.');
INSERT INTO laurel.retention_policies (name, table_name, keep, action, time_column, condition, user_columns, source) VALUES
    ('invitations_answered', 'invitations', '90 days', 'delete', 'answered_at', NULL, '{user_id}', 'Invitations: 90 days after they ended.');

SELECT laurel_internal.explain('laurel.invitations', 'Who was asked to become a member, by laurel.invite_member(). Administrators read them; who is invited asks laurel.my_invitations().', '{
    "organization_id": "The organization that invites.",
    "email": "The address that was invited; null where an id was, or where the person is gone whose address it was.",
    "user_id": "The person who was invited by id or who has accepted; null while nobody is known.",
    "mailbox": "Address or id as a number, for quotas.",
    "roles": "What the person becomes: learner, trainer, manager, org_admin, platform_admin.",
    "status": "pending, accepted, declined, withdrawn or expired; all but the first are final. One whose time is over accepts no answer, and is called expired when the retention next runs.",
    "token_hash": "SHA-256 of the token in the last letter.",
    "invited_by": "The administrator who invited; null for the back end. Who may not grant the roles any more when it is answered has invited in vain.",
    "expires_at": "Until when it can be answered.",
    "answered_at": "When it came to its end."}');
SELECT laurel_internal.explain('laurel_internal.letters_sent', 'Letters to addresses that need not be a member''s, in the last day: ten go to one address.', '{
    "mailbox": "SHA-256 of the address.",
    "sent_at": "When it was handed out to be sent."}');

-- What of it is audited.
SELECT laurel_internal.audited('laurel.invitations', '{user_id, roles, status, invited_by, expires_at}', '{email}');

-- Personal data.
SELECT laurel_internal.personal('laurel.invitations', '{email}', encrypted => false);

-- Down Migration

DELETE FROM ONLY laurel.retention_policies WHERE table_name = 'invitations';
DROP TRIGGER forget_invitations ON laurel.users;
DROP FUNCTION laurel.member(laurel.invitations);
DROP TABLE laurel_internal.letters_sent, laurel.invitations;
DELETE FROM ONLY laurel.quota_usage WHERE kind IN ('invitations', 'invitations_to_one');
