-- Who is calling, whom they may see, and the policies made of it.

CREATE FUNCTION laurel.uid() RETURNS uuid
LANGUAGE c STABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'laurel_uid';
COMMENT ON FUNCTION laurel.uid() IS
'The user of the request: claim sub of request.jwt.claims; null without claims. Error 22P02 when sub is not a uuid.';

CREATE FUNCTION laurel_internal.me() RETURNS uuid
LANGUAGE c STABLE PARALLEL SAFE LEAKPROOF AS 'MODULE_PATHNAME', 'laurel_me';
COMMENT ON FUNCTION laurel_internal.me() IS 'laurel.uid() for policies: null where sub is not a uuid or not an active member of any organization.';

CREATE FUNCTION laurel.org_id() RETURNS uuid
LANGUAGE c STABLE PARALLEL SAFE LEAKPROOF AS 'MODULE_PATHNAME', 'laurel_org_id';
COMMENT ON FUNCTION laurel.org_id() IS
'The caller''s active organization: the one named by header x-organization-id, else by claim org_id, if the caller is a member of it (a platform_admin may name any); else the home organization; else null. Never raises.';

CREATE FUNCTION laurel_internal.member_of_support(internal) RETURNS internal
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'laurel_member_of_support';
COMMENT ON FUNCTION laurel_internal.member_of_support(internal) IS 'Planner support of laurel.member_of.';

CREATE FUNCTION laurel.member_of(organization_id uuid) RETURNS boolean
LANGUAGE c STABLE STRICT PARALLEL SAFE LEAKPROOF SUPPORT laurel_internal.member_of_support
AS 'MODULE_PATHNAME', 'laurel_member_of';
COMMENT ON FUNCTION laurel.member_of(uuid) IS
'True where the caller is a member of that organization, or a platform_admin. Never raises.';

CREATE FUNCTION laurel.administers(organization_id uuid) RETURNS boolean
LANGUAGE c STABLE STRICT PARALLEL SAFE LEAKPROOF AS 'MODULE_PATHNAME', 'laurel_administers';
COMMENT ON FUNCTION laurel.administers(uuid) IS
'True where the caller is an org_admin of that organization, or a platform_admin. Never raises.';

CREATE FUNCTION laurel.has_role(role text) RETURNS boolean
LANGUAGE c STABLE STRICT PARALLEL SAFE LEAKPROOF AS 'MODULE_PATHNAME', 'laurel_has_role';
COMMENT ON FUNCTION laurel.has_role(text) IS
'True where the caller holds the role in the active organization: learner (every member), trainer, manager, org_admin, platform_admin; student, user, admin and super_admin are understood. Never raises.';

CREATE FUNCTION laurel_internal.can_see_support(internal) RETURNS internal
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'laurel_can_see_support';
COMMENT ON FUNCTION laurel_internal.can_see_support(internal) IS
'Planner support of laurel_internal.can_see: index conditions and row counts for the caller who plans.';

CREATE FUNCTION laurel_internal.can_see(user_id uuid) RETURNS boolean
LANGUAGE c STABLE PARALLEL SAFE LEAKPROOF SUPPORT laurel_internal.can_see_support
AS 'MODULE_PATHNAME', 'laurel_can_see';
COMMENT ON FUNCTION laurel_internal.can_see(uuid) IS
'True where the caller may see rows about that user in the active organization: oneself; learners in one''s courses (trainer); direct reports (manager); everybody (org_admin, platform_admin). Stands in policies beside organization_id = laurel.org_id(). Never raises.';

CREATE FUNCTION laurel_internal.visible_users() RETURNS uuid[]
LANGUAGE c STABLE PARALLEL SAFE LEAKPROOF AS 'MODULE_PATHNAME', 'laurel_visible_users';
COMMENT ON FUNCTION laurel_internal.visible_users() IS
'Whom the caller may see in the active organization, as the planner''s index condition for laurel_internal.can_see.';

CREATE FUNCTION laurel_internal.organizations() RETURNS uuid[]
LANGUAGE c STABLE PARALLEL SAFE LEAKPROOF AS 'MODULE_PATHNAME', 'laurel_organizations';
COMMENT ON FUNCTION laurel_internal.organizations() IS
'The caller''s organizations, as the planner''s index condition for laurel.member_of.';

CREATE FUNCTION laurel_internal.signal_change() RETURNS trigger
LANGUAGE c AS 'MODULE_PATHNAME', 'laurel_signal_change';
COMMENT ON FUNCTION laurel_internal.signal_change() IS
'AFTER statement trigger on tables that decide who may see what: makes every session read them anew. Argument: access_changes or following_changes.';

-- Who may update, delete from or truncate a table as a whole may lock it for everybody; who may update columns may not.
CREATE FUNCTION laurel_internal.allow_update(table_name regclass, client text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    EXECUTE format('GRANT UPDATE (%s) ON %s TO %I', (
        SELECT string_agg(quote_ident(a.attname), ', ') FROM pg_attribute a
        WHERE a.attrelid = table_name AND a.attnum > 0 AND NOT a.attisdropped), table_name, client);
END
$$;
COMMENT ON FUNCTION laurel_internal.allow_update(regclass, text) IS
'Grants UPDATE of every column there is, so that the client may not lock the table; a later column needs a grant of its own.';

-- One permissive policy for a command and a role, named after what it allows.
CREATE FUNCTION laurel_internal.allow(
    table_name regclass, command text, client text, name text, visible text, written text DEFAULT NULL
) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    EXECUTE format('CREATE POLICY %I ON %s FOR %s TO %I%s%s', name, table_name, command, client,
        CASE WHEN command <> 'INSERT' THEN format(' USING (%s)', visible) END,
        CASE WHEN written IS NOT NULL THEN format(' WITH CHECK (%s)', written) END);
    IF command = 'UPDATE' THEN
        PERFORM laurel_internal.allow_update(table_name, client);
        RETURN;
    END IF;
    EXECUTE format('GRANT %s ON %s TO %I',
        CASE command WHEN 'ALL' THEN 'SELECT, INSERT, UPDATE, DELETE' ELSE command END, table_name, client);
END
$$;
COMMENT ON FUNCTION laurel_internal.allow(regclass, text, text, text, text, text) IS
'Creates one policy and the grant that goes with it: UPDATE column by column.';

CREATE FUNCTION laurel_internal.protect(
    table_name regclass, class text, user_column name DEFAULT 'user_id', writer text DEFAULT NULL,
    other_column name DEFAULT NULL
) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    here constant text := 'organization_id = laurel.org_id()';
    administered constant text := here || ' AND laurel.administers(organization_id)';
    mine constant text := format('%I = laurel_internal.me()', user_column);
    own text := here || ' AND ' || mine;
    shared text;
    writable text;
BEGIN
    IF (class = 'pair') <> (other_column IS NOT NULL) THEN
        RAISE invalid_parameter_value USING MESSAGE = 'other_column belongs to the policy class "pair"';
    END IF;
    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', table_name);
    EXECUTE format('REVOKE ALL ON %s FROM PUBLIC, anon, authenticated, service_role', table_name);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %s TO service_role', table_name);
    CASE class
    WHEN 'personal' THEN
        PERFORM laurel_internal.allow(table_name, 'SELECT', 'authenticated', 'read own and entrusted rows',
            here || format(' AND laurel_internal.can_see(%I)', user_column));
        writer := coalesce(writer, 'self');
    WHEN 'own' THEN
        own := mine;
        PERFORM laurel_internal.allow(table_name, 'SELECT', 'authenticated', 'read own and entrusted rows',
            format('%s OR %s AND laurel_internal.can_see(%I)', mine, here, user_column));
        writer := coalesce(writer, 'self');
    WHEN 'catalogue' THEN
        PERFORM laurel_internal.allow(table_name, 'SELECT', 'authenticated', 'members read', here);
        writer := coalesce(writer, 'administrators');
    WHEN 'pair' THEN
        shared := format('%s AND (%s OR %I = laurel_internal.me())', here, mine, other_column);
        PERFORM laurel_internal.allow(table_name, 'SELECT', 'authenticated', 'both read', shared);
        PERFORM laurel_internal.allow(table_name, 'INSERT', 'authenticated', 'self insert', NULL, own);
        PERFORM laurel_internal.allow(table_name, 'UPDATE', 'authenticated', 'both update', shared, shared);
        PERFORM laurel_internal.allow(table_name, 'DELETE', 'authenticated', 'self delete', own);
        -- Who wrote to whom stays: the recipient could else put another name under it.
        EXECUTE format('REVOKE UPDATE ON %s FROM authenticated', table_name);
        EXECUTE format('GRANT UPDATE (%s) ON %s TO authenticated', (
            SELECT string_agg(quote_ident(a.attname), ', ') FROM pg_attribute a
            WHERE a.attrelid = table_name AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
                AND a.attname <> ALL (ARRAY['organization_id', user_column, other_column])), table_name);
        writer := 'nobody';
    WHEN 'administrative' THEN
        PERFORM laurel_internal.allow(table_name, 'SELECT', 'authenticated', 'administrators read', administered);
        writer := coalesce(writer, 'administrators');
    WHEN 'public' THEN
        PERFORM laurel_internal.allow(table_name, 'SELECT', 'anon', 'everybody reads', 'true');
        PERFORM laurel_internal.allow(table_name, 'SELECT', 'authenticated', 'everybody reads when signed in', 'true');
        writer := coalesce(writer, 'nobody');
    WHEN 'service' THEN
        PERFORM laurel_internal.allow(table_name, 'ALL', 'service_role', 'service only', 'true', 'true');
        writer := 'nobody';
    ELSE
        RAISE invalid_parameter_value USING MESSAGE = format('there is no policy class "%s"', class),
            HINT = 'Use personal, own, catalogue, pair, administrative, public or service.';
    END CASE;
    writable := CASE writer WHEN 'self' THEN own WHEN 'administrators' THEN administered END;
    IF writable IS NOT NULL THEN
        PERFORM laurel_internal.allow(table_name, 'INSERT', 'authenticated', writer || ' insert', NULL, writable);
        PERFORM laurel_internal.allow(table_name, 'UPDATE', 'authenticated', writer || ' update', writable, writable);
        PERFORM laurel_internal.allow(table_name, 'DELETE', 'authenticated', writer || ' delete', writable);
    END IF;
END
$$;
COMMENT ON FUNCTION laurel_internal.protect(regclass, text, name, text, name) IS
'Puts a tenant table under row security. class: personal (own rows of the active organization and those entrusted to trainer, manager, admin are read), own (the same, but own rows whatever organization is active: profiles), catalogue (members read), pair (user_column, the sender, inserts and deletes; both he and other_column, the recipient, read, and update all but who it is from and to: revoke more where the text is to stay), administrative (admins read), public (everybody reads), service (service_role only). user_column: whose row it is. writer: self, administrators or nobody; the class has a default.';

REVOKE ALL ON FUNCTION laurel.uid(), laurel.org_id(), laurel.member_of(uuid), laurel.administers(uuid),
    laurel.has_role(text), laurel_internal.me(), laurel_internal.can_see(uuid), laurel_internal.can_see_support(internal),
    laurel_internal.member_of_support(internal), laurel_internal.visible_users(), laurel_internal.organizations(),
    laurel_internal.signal_change(), laurel_internal.allow_update(regclass, text),
    laurel_internal.allow(regclass, text, text, text, text, text),
    laurel_internal.protect(regclass, text, name, text, name) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION laurel.uid(), laurel.org_id(), laurel.member_of(uuid), laurel.administers(uuid),
    laurel.has_role(text), laurel_internal.organizations() TO anon, authenticated, service_role;
-- Policies are for the signed in: the service role is above them, and for others they say true.
GRANT EXECUTE ON FUNCTION laurel_internal.me(), laurel_internal.can_see(uuid), laurel_internal.visible_users()
    TO authenticated;
