-- Up Migration
-- Settings of the application: text with a type, an organization's or the platform's.

CREATE TABLE laurel.settings (
    id uuid CONSTRAINT settings_pkey PRIMARY KEY DEFAULT laurel.uuidv7(),
    organization_id uuid DEFAULT laurel.org_id() CONSTRAINT settings_organization_id_fkey REFERENCES laurel.organizations (id) ON DELETE CASCADE,
    key text NOT NULL CONSTRAINT settings_key_check CHECK (char_length(key) <= 100) CONSTRAINT settings_key_form_check CHECK (key ~ '^[a-z0-9]+([._-][a-z0-9]+)*$'),
    value text NOT NULL CONSTRAINT settings_value_length_check CHECK (char_length(value) <= 10000),
    type text NOT NULL DEFAULT 'string' CONSTRAINT settings_type_check CHECK (type IN ('string', 'integer', 'number', 'boolean', 'duration', 'json')),
    category text CONSTRAINT settings_category_check CHECK (char_length(category) BETWEEN 1 AND 50),
    description text CONSTRAINT settings_description_check CHECK (char_length(description) <= 1000),
    is_public boolean NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT settings_key_key UNIQUE NULLS NOT DISTINCT (organization_id, key),
    CONSTRAINT settings_value_check CHECK (CASE type
        WHEN 'integer' THEN value ~ '^-?(0|[1-9][0-9]{0,17})$'
        WHEN 'number' THEN value ~ '^-?(0|[1-9][0-9]{0,17})(\.[0-9]{1,18})?([eE][+-]?[0-9]{1,2})?$'
        WHEN 'boolean' THEN value IN ('true', 'false')
        WHEN 'duration' THEN value ~ '^P(?=[0-9T])([0-9]{1,5}Y)?([0-9]{1,5}M)?([0-9]{1,5}W)?([0-9]{1,6}D)?(T(?=[0-9])([0-9]{1,6}H)?([0-9]{1,6}M)?([0-9]{1,9}(\.[0-9]{1,6})?S)?)?$'
        WHEN 'json' THEN laurel_internal.is_json(value)
        ELSE true END)
);
-- What has a key, of whichever organization; those of a kind.
CREATE INDEX settings_key_idx ON laurel.settings (key);
CREATE INDEX settings_category_idx ON laurel.settings (organization_id, category);

CREATE TABLE laurel_internal.settings_changes (nothing boolean);

CREATE TRIGGER touch_updated_at BEFORE UPDATE ON laurel.settings
    FOR EACH ROW EXECUTE FUNCTION laurel_internal.touch_updated_at();

SELECT laurel_internal.hold_organization('laurel.settings'),
       laurel_internal.keep('laurel.settings', 'key', 'created_at'),
       laurel_internal.set_replica_identity('laurel.settings'),
       laurel_internal.add_signal('laurel.settings', 'settings_changes', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE');

-- Public ones of whatever organization are on its front page; the rest is for who administers what it belongs to.
SELECT laurel_internal.protect('laurel.settings', 'service'),
       laurel_internal.allow('laurel.settings', 'SELECT', 'anon', 'everybody reads what is_public', 'is_public'),
       laurel_internal.allow('laurel.settings', 'SELECT', 'authenticated', 'members read what is_public, administrators all',
           'organization_id = laurel.org_id() AND (is_public OR laurel.administers(organization_id)) OR organization_id IS NULL AND (is_public OR laurel.has_role(''platform_admin''))'),
       laurel_internal.allow_writers('laurel.settings', '{"always": "", "administrators": "(organization_id = laurel.org_id() AND laurel.administers(organization_id))",
               "platform": "(organization_id IS NULL AND laurel.has_role(''platform_admin''))"}', '{administrators, platform}',
           '{"administrators": "INSERT, UPDATE, DELETE", "platform": "INSERT, UPDATE, DELETE"}',
           '{"INSERT": "id, organization_id, key, value, type, category, description, is_public", "UPDATE": "value, type, category, description, is_public"}'),
       laurel_internal.protect('laurel_internal.settings_changes', 'internal');

SELECT laurel_internal.explain('laurel.settings', 'Settings of the application, by organization and for the platform; what Laurel itself does is set in tables of its own, such as messaging_settings. Read by laurel.setting().', '{
    "organization_id": "Whose it is, the active one unless it is said; null for the platform, which holds where an organization has none of that key. Never changed.",
    "key": "Its name, unique in the organization: up to 100 small letters and digits, with single . _ - between them; never changed.",
    "value": "What it says, as its type is written; up to 10,000 characters.",
    "type": "string, integer (18 digits), number, boolean (true, false), duration (as ISO 8601 has it, such as P7D or PT15M) or json.",
    "category": "What it belongs to, 1 to 50 characters.",
    "description": "What it is for, up to 1,000 characters.",
    "is_public": "Whether everybody reads it, signed in or not; others are for administrators of the organization, or of the platform."}'),
       laurel_internal.explain('laurel_internal.settings_changes', 'Stores nothing: its relation-cache invalidation tells every session that a setting has changed.', '{
    "nothing": "Never filled."}');

-- What of it is audited; a value may be a secret.
SELECT laurel_internal.audited('laurel.settings', '{key, type, category, is_public}', '{value}');

-- Down Migration

DROP TABLE laurel.settings, laurel_internal.settings_changes;
