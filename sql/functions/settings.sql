-- Settings of the application.

CREATE FUNCTION laurel_internal.is_json(value text) RETURNS boolean
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'laurel_is_json';
COMMENT ON FUNCTION laurel_internal.is_json(text) IS 'Whether a text is JSON of at most 64 kB and 31 levels. For the check of settings.';

CREATE FUNCTION laurel.setting(key text, organization_id uuid DEFAULT laurel.org_id()) RETURNS text
LANGUAGE c STABLE PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'laurel_setting';
COMMENT ON FUNCTION laurel.setting(text, uuid) IS
'The value of a setting as it was given: the organization''s, else the platform''s. organization_id: the active one unless it is said; null for the platform.'
' Null where there is none, or where it is not public and the caller does not administer the organization, or, of the platform''s, the platform; the back end reads all. Asks no table while no setting changes. Never raises.';

CREATE FUNCTION laurel.setting_json(key text, organization_id uuid DEFAULT laurel.org_id()) RETURNS jsonb
LANGUAGE c STABLE PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'laurel_setting_json';
COMMENT ON FUNCTION laurel.setting_json(text, uuid) IS
'The same as JSON of the setting''s type: a number, true or false, a document; a string for string and duration.';
