-- Schemas, the three client roles and what every domain leans on.

CREATE SCHEMA laurel_internal;
COMMENT ON SCHEMA laurel IS 'Laurel: points, badges, learning and engagement rules kept by the database.';
COMMENT ON SCHEMA laurel_internal IS 'Trigger functions and helpers of Laurel; nothing here is meant to be called.';

DO $roles$
DECLARE
    client text;
BEGIN
    FOREACH client IN ARRAY ARRAY['anon', 'authenticated', 'service_role'] LOOP
        IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = client) THEN
            EXECUTE pg_catalog.format('CREATE ROLE %I NOLOGIN %s', client,
                CASE client WHEN 'service_role' THEN 'BYPASSRLS' ELSE '' END);
        END IF;
    END LOOP;
END
$roles$;

GRANT USAGE ON SCHEMA laurel, laurel_internal TO anon, authenticated, service_role;

-- Where Supabase is absent, its three functions are here with its meaning.
DO $auth$
BEGIN
    IF EXISTS (SELECT FROM pg_catalog.pg_namespace WHERE nspname = 'auth') THEN
        RETURN;
    END IF;
    CREATE SCHEMA auth;
    GRANT USAGE ON SCHEMA auth TO anon, authenticated, service_role;
    CREATE FUNCTION auth.jwt() RETURNS jsonb LANGUAGE sql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp
    AS $$ SELECT coalesce(nullif(current_setting('request.jwt.claim', true), ''),
                          nullif(current_setting('request.jwt.claims', true), ''))::jsonb $$;
    CREATE FUNCTION auth.uid() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp
    AS $$ SELECT coalesce(nullif(current_setting('request.jwt.claim.sub', true), ''),
                          nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub')::uuid $$;
    CREATE FUNCTION auth.role() RETURNS text LANGUAGE sql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp
    AS $$ SELECT coalesce(nullif(current_setting('request.jwt.claim.role', true), ''),
                          nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'role') $$;
    COMMENT ON FUNCTION auth.jwt() IS 'The claims of the request, as on Supabase; null without any.';
    COMMENT ON FUNCTION auth.uid() IS 'The claim sub of the request, as on Supabase; null without claims.';
    COMMENT ON FUNCTION auth.role() IS 'The claim role of the request, as on Supabase; null without claims.';
END
$auth$;

CREATE FUNCTION laurel.uuidv7() RETURNS uuid
LANGUAGE c VOLATILE PARALLEL SAFE AS 'MODULE_PATHNAME', 'laurel_uuidv7';
COMMENT ON FUNCTION laurel.uuidv7() IS
'A new UUID version 7 (RFC 9562): ordered by time, to a quarter microsecond, and strictly within one session.';

CREATE FUNCTION laurel_internal.is_canonical(value text, kind text) RETURNS boolean
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'laurel_is_canonical';
COMMENT ON FUNCTION laurel_internal.is_canonical(text, text) IS
'Whether a text that identifies is in the one form of its kind, to which laurel_internal.canonical brings it; kind as there. For checks of columns. Error 22023: there is no such kind.';

CREATE FUNCTION laurel.mail_address(address text) RETURNS text
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'laurel_mail_address';
COMMENT ON FUNCTION laurel.mail_address(text) IS
'An e-mail address as laurel.users has it, however it was written: without blanks and what nobody sees at its ends, in Unicode''s normal form C, with ASCII letters in lower case (others stay), the domain as DNS has it (xn--). To look for somebody by address. Error 23514 users_email_check: it cannot be sent to.';

CREATE FUNCTION laurel_internal.check_json(value jsonb, place text, name text, takes_arrays boolean DEFAULT false)
RETURNS boolean
LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'laurel_check_json';
COMMENT ON FUNCTION laurel_internal.check_json(jsonb, text, text, boolean) IS
'True for an object (or array, where it takes those) of at most 64 kB as it is stored, 32 levels and numbers of 65,536 digits together, and for null; else error 23514 of constraint <place>_<name>_check that says what is too much. For checks of jsonb columns.';

CREATE FUNCTION laurel_internal.touch_updated_at() RETURNS trigger
LANGUAGE c AS 'MODULE_PATHNAME', 'laurel_touch_updated_at';
COMMENT ON FUNCTION laurel_internal.touch_updated_at() IS 'BEFORE UPDATE row trigger: sets updated_at to now.';

CREATE FUNCTION laurel_internal.stamp_created_at() RETURNS trigger
LANGUAGE c AS 'MODULE_PATHNAME', 'laurel_stamp_created_at';
COMMENT ON FUNCTION laurel_internal.stamp_created_at() IS 'BEFORE INSERT row trigger: sets created_at to the clock, whatever a client says.';

CREATE FUNCTION laurel_internal.fill_organization() RETURNS trigger
LANGUAGE c AS 'MODULE_PATHNAME', 'laurel_fill_organization';
COMMENT ON FUNCTION laurel_internal.fill_organization() IS
'BEFORE INSERT row trigger: a row without organization_id gets the organization in which the request acts, where the caller is bound by row security; else the home organization of its user_id, the caller''s active organization or the default one. Error 42501: the request names an organization that its user does not belong to, or is made by a user who has no access.';

CREATE FUNCTION laurel_internal.require_organization() RETURNS trigger
LANGUAGE c AS 'MODULE_PATHNAME', 'laurel_require_organization';
COMMENT ON FUNCTION laurel_internal.require_organization() IS
'BEFORE INSERT statement trigger of tables that clients insert into: error 42501, with the hint what to do, where the request names an organization that its user does not belong to, or is made by a user who has no access.';

CREATE FUNCTION laurel_internal.keep_organization() RETURNS trigger
LANGUAGE c AS 'MODULE_PATHNAME', 'laurel_keep_organization';
COMMENT ON FUNCTION laurel_internal.keep_organization() IS
'BEFORE UPDATE OF organization_id row trigger of laurel_internal.hold_organization: a row never moves to another organization (23001).';

CREATE FUNCTION laurel_internal.check_organization() RETURNS trigger
LANGUAGE c AS 'MODULE_PATHNAME', 'laurel_check_organization';
COMMENT ON FUNCTION laurel_internal.check_organization() IS
'AFTER UPDATE row trigger of laurel_internal.hold_organization: the same, whatever triggers of the application have made of the row.';

CREATE FUNCTION laurel_internal.before_cascade() RETURNS trigger
LANGUAGE c AS 'MODULE_PATHNAME', 'laurel_before_cascade';
COMMENT ON FUNCTION laurel_internal.before_cascade() IS
'BEFORE UPDATE or DELETE statement trigger of a table whose changes cascade: loads the library, which keeps the triggers of others from running with the owner''s rights.';
