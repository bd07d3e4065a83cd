-- Up Migration
-- How people sign in: accounts elsewhere, sessions and one-time tokens.

CREATE TABLE laurel.user_identities (
    id uuid CONSTRAINT user_identities_pkey PRIMARY KEY DEFAULT laurel.uuidv7(),
    organization_id uuid NOT NULL,
    user_id uuid NOT NULL,
    provider text NOT NULL CONSTRAINT user_identities_provider_check CHECK (char_length(provider) BETWEEN 1 AND 255),
    subject text NOT NULL CONSTRAINT user_identities_subject_check CHECK (char_length(subject) BETWEEN 1 AND 255),
    created_at timestamptz NOT NULL DEFAULT now(),
    last_used_at timestamptz,
    CONSTRAINT user_identities_organization_id_id_key UNIQUE (organization_id, id),
    CONSTRAINT user_identities_provider_subject_key UNIQUE (provider, subject),
    CONSTRAINT user_identities_membership_fkey FOREIGN KEY (organization_id, user_id)
        REFERENCES laurel.user_organizations (organization_id, user_id) ON DELETE CASCADE
);
-- A user's ways to sign in.
CREATE INDEX user_identities_user_id_idx ON laurel.user_identities (user_id, organization_id);

CREATE TABLE laurel.sessions (
    id uuid CONSTRAINT sessions_pkey PRIMARY KEY DEFAULT laurel.uuidv7(),
    organization_id uuid NOT NULL,
    user_id uuid NOT NULL,
    token_hash bytea CONSTRAINT sessions_token_hash_key UNIQUE
        CONSTRAINT sessions_token_hash_check CHECK (octet_length(token_hash) = 32),
    ip_address inet,
    user_agent text CONSTRAINT sessions_user_agent_check CHECK (char_length(user_agent) <= 1000),
    last_activity timestamptz NOT NULL DEFAULT clock_timestamp(),
    expires_at timestamptz NOT NULL,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT sessions_organization_id_id_key UNIQUE (organization_id, id),
    CONSTRAINT sessions_expires_at_check CHECK (expires_at > created_at),
    CONSTRAINT sessions_membership_fkey FOREIGN KEY (organization_id, user_id)
        REFERENCES laurel.user_organizations (organization_id, user_id) ON DELETE CASCADE
);
-- A user's sessions.
CREATE INDEX sessions_user_id_idx ON laurel.sessions (user_id, organization_id);
-- Retention looks for what has expired.
CREATE INDEX sessions_expires_at_idx ON laurel.sessions (expires_at);

CREATE TABLE laurel.one_time_tokens (
    id uuid CONSTRAINT one_time_tokens_pkey PRIMARY KEY DEFAULT laurel.uuidv7(),
    organization_id uuid NOT NULL,
    user_id uuid NOT NULL,
    purpose text NOT NULL CONSTRAINT one_time_tokens_purpose_check
        CHECK (purpose IN ('email_verification', 'password_reset', 'invitation', 'sign_in', 'email_change')),
    email text NOT NULL,
    token_hash bytea NOT NULL CONSTRAINT one_time_tokens_token_hash_key UNIQUE
        CONSTRAINT one_time_tokens_token_hash_check CHECK (octet_length(token_hash) = 32),
    expires_at timestamptz NOT NULL,
    used_at timestamptz,
    requested_by uuid,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT one_time_tokens_organization_id_id_key UNIQUE (organization_id, id),
    CONSTRAINT one_time_tokens_expires_at_check CHECK (expires_at > created_at),
    CONSTRAINT one_time_tokens_email_check CHECK (laurel_internal.is_canonical(email, 'mail_address')),
    CONSTRAINT one_time_tokens_membership_fkey FOREIGN KEY (organization_id, user_id)
        REFERENCES laurel.user_organizations (organization_id, user_id) ON DELETE CASCADE
);
-- A user's tokens.
CREATE INDEX one_time_tokens_user_id_idx ON laurel.one_time_tokens (user_id, organization_id);
-- One open token per user and purpose: a new one takes the old one's place.
CREATE UNIQUE INDEX one_time_tokens_open_key ON laurel.one_time_tokens (organization_id, user_id, purpose) WHERE used_at IS NULL;
CREATE INDEX one_time_tokens_expires_at_idx ON laurel.one_time_tokens (expires_at);

SELECT laurel_internal.add_tenant_triggers('laurel.user_identities'),
       laurel_internal.add_tenant_triggers('laurel.sessions'),
       laurel_internal.add_tenant_triggers('laurel.one_time_tokens');
SELECT laurel_internal.add_signal('laurel.user_identities', 'access_changes', 'INSERT', 'UPDATE OF provider, subject, user_id', 'DELETE', 'TRUNCATE');

SELECT laurel_internal.canonical('laurel.one_time_tokens', 'email', 'mail_address');

SELECT laurel_internal.protect('laurel.user_identities', 'own', commands => '{}'),
       laurel_internal.protect('laurel.sessions', 'service'),
       laurel_internal.protect('laurel.one_time_tokens', 'service');

SELECT laurel_internal.member('laurel.user_identities'), laurel_internal.member('laurel.sessions'), laurel_internal.member('laurel.one_time_tokens');

SELECT laurel_internal.explain('laurel.user_identities', 'Accounts with identity providers and the user each stands for: where a request''s claim sub is no uuid, laurel.uid() is the user whose provider is its claim iss and whose subject is its claim sub. Written by service_role.', '{
    "organization_id": "The user''s home organization, unless another is given; never changed.",
    "user_id": "Whose it is.",
    "provider": "The identity provider, as its tokens say in the claim iss, such as https://securetoken.google.com/my-project.",
    "subject": "The provider''s identifier of the user, as its tokens say in the claim sub.",
    "last_used_at": "Last sign-in this way."}');
SELECT laurel_internal.explain('laurel.sessions', 'Signed-in sessions; the token itself is known to its holder only. One that is over stays without its token for 90 days, so that it can be told who was there, from where and when.', '{
    "organization_id": "The user''s home organization, unless another is given; never changed.",
    "user_id": "Whose it is.",
    "token_hash": "SHA-256 of the token; null once the session was ended, or has been over for an hour.",
    "ip_address": "Where it was opened from.",
    "user_agent": "With what it was opened; laurel.create_session() cuts it after 1,000 characters.",
    "last_activity": "Last use, to the minute.",
    "expires_at": "From this moment on it is no session; when it was ended.",
    "created_at": "When it was opened."}');
SELECT laurel_internal.explain('laurel.one_time_tokens', 'Links sent by mail: each works once, until it expires or a newer one of its purpose replaces it.', '{
    "organization_id": "The user''s home organization, unless another is given; never changed.",
    "user_id": "Whose it is.",
    "purpose": "email_verification, password_reset, invitation, sign_in or email_change.",
    "email": "The address it was made for; worthless once the user has another. For email_change the address that the user is to get.",
    "token_hash": "SHA-256 of the token.",
    "expires_at": "From this moment on it is worthless.",
    "used_at": "When it was used; null while open.",
    "requested_by": "Who asked for email_change; null for the back end.",
    "created_at": "When it was made."}');

-- What of it is audited.
SELECT laurel_internal.audited('laurel.user_identities', '{user_id, provider}', '{subject}');

-- Personal data.
SELECT laurel_internal.personal('laurel.user_identities', '{subject}', encrypted => false),
       laurel_internal.personal('laurel.sessions', '{ip_address, user_agent}', encrypted => false),
       laurel_internal.personal('laurel.one_time_tokens', '{email}', encrypted => false);

-- Down Migration

DROP FUNCTION laurel.member(laurel.user_identities), laurel.member(laurel.sessions), laurel.member(laurel.one_time_tokens);
DROP TABLE laurel.one_time_tokens, laurel.sessions, laurel.user_identities;
