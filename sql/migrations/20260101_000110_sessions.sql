-- Up Migration
-- How people sign in: accounts elsewhere, sessions and one-time tokens.

CREATE TABLE laurel.user_identities (
    id uuid CONSTRAINT user_identities_pkey PRIMARY KEY DEFAULT laurel.uuidv7(),
    organization_id uuid NOT NULL,
    user_id uuid NOT NULL,
    provider text NOT NULL CONSTRAINT user_identities_provider_check CHECK (char_length(provider) BETWEEN 1 AND 100),
    subject text NOT NULL CONSTRAINT user_identities_subject_check CHECK (char_length(subject) BETWEEN 1 AND 255),
    created_at timestamptz NOT NULL DEFAULT now(),
    last_used_at timestamptz,
    CONSTRAINT user_identities_provider_subject_key UNIQUE (provider, subject),
    CONSTRAINT user_identities_membership_fkey FOREIGN KEY (organization_id, user_id)
        REFERENCES laurel.user_organizations ON DELETE CASCADE
);
CREATE INDEX user_identities_organization_id_user_id_idx ON laurel.user_identities (organization_id, user_id);

CREATE TABLE laurel.sessions (
    id uuid CONSTRAINT sessions_pkey PRIMARY KEY DEFAULT laurel.uuidv7(),
    organization_id uuid NOT NULL,
    user_id uuid NOT NULL,
    token_hash bytea NOT NULL CONSTRAINT sessions_token_hash_key UNIQUE
        CONSTRAINT sessions_token_hash_check CHECK (octet_length(token_hash) = 32),
    ip_address inet,
    user_agent text CONSTRAINT sessions_user_agent_check CHECK (char_length(user_agent) <= 1000),
    last_activity timestamptz NOT NULL DEFAULT clock_timestamp(),
    expires_at timestamptz NOT NULL,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT sessions_expires_at_check CHECK (expires_at > created_at),
    CONSTRAINT sessions_membership_fkey FOREIGN KEY (organization_id, user_id)
        REFERENCES laurel.user_organizations ON DELETE CASCADE
);
CREATE INDEX sessions_organization_id_user_id_idx ON laurel.sessions (organization_id, user_id);
CREATE INDEX sessions_user_id_idx ON laurel.sessions (user_id);
-- Retention looks for what has expired.
CREATE INDEX sessions_expires_at_idx ON laurel.sessions (expires_at);

CREATE TABLE laurel.one_time_tokens (
    id uuid CONSTRAINT one_time_tokens_pkey PRIMARY KEY DEFAULT laurel.uuidv7(),
    organization_id uuid NOT NULL,
    user_id uuid NOT NULL,
    purpose text NOT NULL CONSTRAINT one_time_tokens_purpose_check
        CHECK (purpose IN ('email_verification', 'password_reset', 'invitation', 'sign_in')),
    email text NOT NULL,
    token_hash bytea NOT NULL CONSTRAINT one_time_tokens_token_hash_key UNIQUE
        CONSTRAINT one_time_tokens_token_hash_check CHECK (octet_length(token_hash) = 32),
    expires_at timestamptz NOT NULL,
    used_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT one_time_tokens_expires_at_check CHECK (expires_at > created_at),
    CONSTRAINT one_time_tokens_membership_fkey FOREIGN KEY (organization_id, user_id)
        REFERENCES laurel.user_organizations ON DELETE CASCADE
);
CREATE INDEX one_time_tokens_organization_id_user_id_idx ON laurel.one_time_tokens (organization_id, user_id);
-- One open token per user and purpose: a new one takes the old one's place.
CREATE UNIQUE INDEX one_time_tokens_open_key ON laurel.one_time_tokens (user_id, purpose) WHERE used_at IS NULL;
CREATE INDEX one_time_tokens_expires_at_idx ON laurel.one_time_tokens (expires_at);

SELECT laurel_internal.add_tenant_triggers('laurel.user_identities'),
       laurel_internal.add_tenant_triggers('laurel.sessions'),
       laurel_internal.add_tenant_triggers('laurel.one_time_tokens');

SELECT laurel_internal.protect('laurel.user_identities', 'own', writer => 'nobody'),
       laurel_internal.protect('laurel.sessions', 'service'),
       laurel_internal.protect('laurel.one_time_tokens', 'service');

COMMENT ON TABLE laurel.user_identities IS 'Accounts with identity providers and the user each stands for.';
COMMENT ON COLUMN laurel.user_identities.id IS 'Time-ordered identifier.';
COMMENT ON COLUMN laurel.user_identities.organization_id IS 'The user''s home organization, unless another is given; never changed.';
COMMENT ON COLUMN laurel.user_identities.user_id IS 'Whose it is.';
COMMENT ON COLUMN laurel.user_identities.provider IS 'Name of the identity provider.';
COMMENT ON COLUMN laurel.user_identities.subject IS 'The provider''s identifier of the user.';
COMMENT ON COLUMN laurel.user_identities.created_at IS 'When the row was made.';
COMMENT ON COLUMN laurel.user_identities.last_used_at IS 'Last sign-in this way.';
COMMENT ON TABLE laurel.sessions IS 'Signed-in sessions; the token itself is known to its holder only.';
COMMENT ON COLUMN laurel.sessions.id IS 'Time-ordered identifier.';
COMMENT ON COLUMN laurel.sessions.organization_id IS 'The user''s home organization, unless another is given; never changed.';
COMMENT ON COLUMN laurel.sessions.user_id IS 'Whose it is.';
COMMENT ON COLUMN laurel.sessions.token_hash IS 'SHA-256 of the token.';
COMMENT ON COLUMN laurel.sessions.ip_address IS 'Where it was opened from.';
COMMENT ON COLUMN laurel.sessions.user_agent IS 'With what it was opened; laurel.create_session() cuts it after 1,000 characters.';
COMMENT ON COLUMN laurel.sessions.last_activity IS 'Last use, to the minute.';
COMMENT ON COLUMN laurel.sessions.expires_at IS 'From this moment on it is no session.';
COMMENT ON COLUMN laurel.sessions.created_at IS 'When it was opened.';
COMMENT ON TABLE laurel.one_time_tokens IS 'Links sent by mail: each works once, until it expires or a newer one of its purpose replaces it.';
COMMENT ON COLUMN laurel.one_time_tokens.id IS 'Time-ordered identifier.';
COMMENT ON COLUMN laurel.one_time_tokens.organization_id IS 'The user''s home organization, unless another is given; never changed.';
COMMENT ON COLUMN laurel.one_time_tokens.user_id IS 'Whose it is.';
COMMENT ON COLUMN laurel.one_time_tokens.purpose IS 'email_verification, password_reset, invitation or sign_in.';
COMMENT ON COLUMN laurel.one_time_tokens.email IS 'The address it was made for; worthless once the user has another.';
COMMENT ON COLUMN laurel.one_time_tokens.token_hash IS 'SHA-256 of the token.';
COMMENT ON COLUMN laurel.one_time_tokens.expires_at IS 'From this moment on it is worthless.';
COMMENT ON COLUMN laurel.one_time_tokens.used_at IS 'When it was used; null while open.';
COMMENT ON COLUMN laurel.one_time_tokens.created_at IS 'When it was made.';

-- Down Migration

DROP TABLE laurel.one_time_tokens, laurel.sessions, laurel.user_identities;
