-- Up Migration
-- Credentials: badges that their holders show elsewhere, signed, and how they are taken back.

CREATE TABLE laurel.credential_issuers (
    organization_id uuid CONSTRAINT credential_issuers_pkey PRIMARY KEY CONSTRAINT credential_issuers_organization_id_fkey REFERENCES laurel.organizations (id) ON DELETE CASCADE,
    issuer_id text NOT NULL CONSTRAINT credential_issuers_issuer_id_check CHECK (char_length(issuer_id) <= 500
            AND issuer_id ~ '^(did:web:[A-Za-z0-9.-]+(%3A[0-9]+)?(:[A-Za-z0-9._~-]+)*|https://[]!$%&''()*+,./0-9:;=?@A-Z[_a-z~-]+)$'),
    name text NOT NULL CONSTRAINT credential_issuers_name_check CHECK (char_length(name) BETWEEN 1 AND 255),
    description text CONSTRAINT credential_issuers_description_check CHECK (char_length(description) BETWEEN 1 AND 2000),
    url text CONSTRAINT credential_issuers_url_check CHECK (url ~ '^https://[]!#$%&''()*+,./0-9:;=?@A-Z[_a-z~-]+$' AND char_length(url) <= 2000),
    contact text CONSTRAINT credential_issuers_contact_check CHECK (laurel_internal.is_canonical(contact, 'mail_address')),
    image text CONSTRAINT credential_issuers_image_check CHECK (image ~ '^https://[]!#$%&''()*+,./0-9:;=?@A-Z[_a-z~-]+$' AND char_length(image) <= 2000),
    base_url text NOT NULL CONSTRAINT credential_issuers_base_url_check
        CHECK (base_url ~ '^https://[]!$%&''()*+,./0-9:;=@A-Z[_a-z~-]+[^/]$' AND char_length(base_url) <= 500),
    recipient text NOT NULL DEFAULT 'email' CONSTRAINT credential_issuers_recipient_check CHECK (recipient IN ('email', 'did', 'urn')),
    color text NOT NULL DEFAULT '#1f5f4a' CONSTRAINT credential_issuers_color_check CHECK (color ~ '^#[0-9a-f]{6}$' AND char_length(color) = 7),
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
);

-- Public keys outlive their private ones, so that what they have signed can be verified.
CREATE TABLE laurel.credential_keys (
    organization_id uuid NOT NULL CONSTRAINT credential_keys_organization_id_fkey REFERENCES laurel.organizations (id) ON DELETE CASCADE,
    key_id text NOT NULL CONSTRAINT credential_keys_key_id_check CHECK (key_id ~ '^z6Mk[1-9A-HJ-NP-Za-km-z]{44}$'),
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    revoked_at timestamptz,
    reason text CONSTRAINT credential_keys_reason_check CHECK (char_length(reason) BETWEEN 1 AND 500),
    CONSTRAINT credential_keys_pkey PRIMARY KEY (organization_id, key_id),
    CONSTRAINT credential_keys_revoked_at_check CHECK ((revoked_at IS NULL) = (reason IS NULL))
);

-- Half of a list is used, so that a place is found at random and says nothing of its neighbours. Credentials refer to it without a
-- foreign key, which clients that read the schema could not follow out of it.
CREATE TABLE laurel_internal.credential_lists (
    organization_id uuid NOT NULL CONSTRAINT credential_lists_organization_id_fkey REFERENCES laurel.organizations (id) ON DELETE CASCADE,
    list_no integer NOT NULL CONSTRAINT credential_lists_list_no_check CHECK (list_no >= 1),
    issuer_id text NOT NULL,
    base_url text NOT NULL,
    issued_count integer NOT NULL DEFAULT 0 CONSTRAINT credential_lists_issued_count_check CHECK (issued_count BETWEEN 0 AND 65536),
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT credential_lists_pkey PRIMARY KEY (organization_id, list_no)
);

-- A credential outlives its award and its person: its place in the list of those that were revoked is taken for ever.
CREATE TABLE laurel.credentials (
    id uuid CONSTRAINT credentials_pkey PRIMARY KEY,
    organization_id uuid NOT NULL,
    user_id uuid NOT NULL,
    award_id uuid NOT NULL,
    key_id text NOT NULL,
    list_no integer NOT NULL,
    status_index integer NOT NULL CONSTRAINT credentials_status_index_check CHECK (status_index BETWEEN 0 AND 131071),
    issued_at timestamptz NOT NULL,
    valid_until timestamptz,
    revoked_at timestamptz,
    reason text CONSTRAINT credentials_reason_check CHECK (char_length(reason) BETWEEN 1 AND 500),
    document jsonb,
    jwt text,
    CONSTRAINT credentials_organization_id_id_key UNIQUE (organization_id, id),
    CONSTRAINT credentials_award_key UNIQUE NULLS NOT DISTINCT (organization_id, award_id, revoked_at),
    CONSTRAINT credentials_status_key UNIQUE (organization_id, list_no, status_index),
    CONSTRAINT credentials_key_id_fkey FOREIGN KEY (organization_id, key_id) REFERENCES laurel.credential_keys (organization_id, key_id) ON DELETE CASCADE,
    CONSTRAINT credentials_reason_revoked_check CHECK ((revoked_at IS NULL) = (reason IS NULL)),
    CONSTRAINT credentials_document_check CHECK (num_nulls(document, jwt) = 0 OR revoked_at IS NOT NULL)
);
-- A member's; that of an award that is gone; those that a key has signed; what a status list says.
CREATE INDEX credentials_user_id_idx ON laurel.credentials (user_id, organization_id);
CREATE INDEX credentials_award_id_idx ON laurel.credentials (award_id);
CREATE INDEX credentials_key_id_idx ON laurel.credentials (organization_id, key_id);
CREATE INDEX credentials_revoked_idx ON laurel.credentials (organization_id, list_no, status_index) WHERE revoked_at IS NOT NULL;

SELECT laurel_internal.add_tenant_triggers('laurel.credential_issuers'), laurel_internal.canonical('laurel.credential_issuers', 'contact', 'mail_address'),
       laurel_internal.set_replica_identity('laurel.credential_keys'), laurel_internal.set_replica_identity('laurel.credentials'),
       laurel_internal.set_replica_identity('laurel_internal.credential_lists'),
       laurel_internal.keep('laurel.credentials', 'id', 'organization_id', 'award_id', 'key_id', 'list_no', 'status_index', 'issued_at', 'valid_until'),
       laurel_internal.protect('laurel.credential_issuers', 'catalogue'),
       laurel_internal.protect('laurel.credential_keys', 'catalogue', commands => '{"administrators": "SELECT", "service_role": "SELECT"}'),
       laurel_internal.protect('laurel.credentials', 'administrative', others => '{"own": "user_id = laurel_internal.me()"}',
           commands => '{"own": "SELECT", "service_role": "SELECT"}'),
       laurel_internal.protect('laurel_internal.credential_lists', 'internal'),
       laurel_internal.member('laurel.credentials');

-- What was taken away, or ends at another time, is revoked in the same statement.
CREATE TRIGGER revoke_credentials AFTER DELETE ON laurel.badge_awards REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION laurel_internal.revoke_credentials();
CREATE TRIGGER revoke_credentials_updated AFTER UPDATE ON laurel.badge_awards REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION laurel_internal.revoke_credentials();

SELECT laurel_internal.explain('laurel.credential_issuers', 'Who issues the credentials of an organization, as credentials say it. Without a row none are issued. What was issued keeps what it says.', '{
    "issuer_id": "Who issues: did:web:example.org, whose document laurel.issuer_document() gives, or an https address; at most 500 characters. Credentials issued before say what it was then.",
    "name": "Its name, for people.",
    "description": "What it is.",
    "url": "Its home page: an https address.",
    "contact": "The e-mail address of the office that answers questions.",
    "image": "Its logo: an https address.",
    "base_url": "Where the worker''s pages below /credentials/ are seen from outside: an https address without / at its end. Status lists and certificates name it.",
    "recipient": "How credentials name their holder: email (a salted hash of the address), did (the identity in user_identities whose subject is a DID), urn (urn:uuid: and the id of the user).",
    "color": "The colour of certificates, as #rrggbb."}');
SELECT laurel_internal.explain('laurel.credential_keys', 'The public keys that have signed credentials of an organization. The private ones are in no table.', '{
    "key_id": "The public key: a Multikey of Ed25519.",
    "created_at": "When it first signed.",
    "revoked_at": "When it was given up, because others may have it; null: it is good. What it has signed is revoked.",
    "reason": "Why."}');
SELECT laurel_internal.explain('laurel_internal.credential_lists', 'Status lists, each of 131,072 places of which half are taken at most.', '{
    "list_no": "1, 2, 3 ... within the organization.",
    "issuer_id": "Who issued what is in it, as its credentials say it: after a change there is another list.",
    "base_url": "Where it is seen, as its credentials say it.",
    "issued_count": "How many places are taken."}');
SELECT laurel_internal.explain('laurel.credentials', 'Open Badges 3.0 credentials as they were issued, by laurel.credential(). Stays when its award, its person or its badge goes; it is revoked then. Members see their own.', '{
    "id": "The credential: its id in the document after urn:uuid:.",
    "user_id": "Who held the award.",
    "award_id": "The award, of badge_awards; there may be none any more.",
    "key_id": "The key that has signed it.",
    "list_no": "The status list that says whether it is revoked.",
    "status_index": "Its place there, at random.",
    "issued_at": "When it was signed.",
    "valid_until": "When it ends; null: never.",
    "revoked_at": "When it was revoked; null: it stands.",
    "reason": "Why it was revoked.",
    "document": "The credential with its proof, as it was given away; null where its person was erased.",
    "jwt": "The same as a signed JWT."}');

SELECT laurel_internal.audited('laurel.credential_issuers', '{issuer_id, name, url, contact, base_url, recipient}'),
       laurel_internal.audited('laurel.credential_keys', '{key_id, revoked_at, reason}'),
       laurel_internal.audited('laurel.credentials', '{user_id, award_id, key_id, revoked_at}', '{reason}');

-- Whoever is erased has no credentials: they are revoked, and what they say is gone.
SELECT laurel_internal.person('laurel.credentials', 'user_id', '', 'keep', 'move', harmless => '{key_id}', clears => '{
           "document": "NULL", "jwt": "NULL", "revoked_at": "coalesce(t.revoked_at, clock_timestamp())", "reason": "''its holder was erased''"}'),
       laurel_internal.personal('laurel.credentials', '{document, jwt}', encrypted => false);

-- Down Migration
DROP FUNCTION laurel.member(laurel.credentials);
DROP TRIGGER revoke_credentials ON laurel.badge_awards;
DROP TRIGGER revoke_credentials_updated ON laurel.badge_awards;
DROP TABLE laurel.credentials, laurel_internal.credential_lists, laurel.credential_keys, laurel.credential_issuers;
