-- Who a test speaks as; each change lasts until the next one or the end of the transaction.

CREATE SCHEMA IF NOT EXISTS tests;
COMMENT ON SCHEMA tests IS 'Fixtures of the pgTAP tests; never part of an installation.';
GRANT USAGE ON SCHEMA tests TO PUBLIC;

CREATE OR REPLACE FUNCTION tests.act(client text, claims text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM set_config('role', client, true), set_config('request.jwt.claims', claims, true),
            set_config('request.headers', '', true);
END
$$;
COMMENT ON FUNCTION tests.act(text, text) IS 'Takes on a role and claims; headers are forgotten.';

CREATE OR REPLACE FUNCTION tests.act_as(user_id uuid, org uuid DEFAULT NULL) RETURNS void LANGUAGE sql AS $$
    SELECT tests.act('authenticated', json_strip_nulls(json_build_object('sub', user_id, 'org_id', org,
                                                                         'role', 'authenticated'))::text)
$$;
COMMENT ON FUNCTION tests.act_as(uuid, uuid) IS 'Speaks as a signed-in user, in that organization if it is given.';

CREATE OR REPLACE FUNCTION tests.act_as_anon() RETURNS void LANGUAGE sql AS $$
    SELECT tests.act('anon', '{"role": "anon"}')
$$;
COMMENT ON FUNCTION tests.act_as_anon() IS 'Speaks as somebody who has not signed in.';

CREATE OR REPLACE FUNCTION tests.act_as_service() RETURNS void LANGUAGE sql AS $$
    SELECT tests.act('service_role', '{"role": "service_role"}')
$$;
COMMENT ON FUNCTION tests.act_as_service() IS 'Speaks as the back end''s service role.';

CREATE OR REPLACE FUNCTION tests.act_as_owner() RETURNS void LANGUAGE sql AS $$
    SELECT tests.act('none', '')
$$;
COMMENT ON FUNCTION tests.act_as_owner() IS 'Speaks as the user of the connection again, without claims.';

CREATE OR REPLACE FUNCTION tests.error_of(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    state text;
    constraint_name text;
BEGIN
    EXECUTE statement;
    RETURN 'none';
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, constraint_name = CONSTRAINT_NAME;
    RETURN concat_ws(' ', state, nullif(constraint_name, ''));
END
$$;
COMMENT ON FUNCTION tests.error_of(text) IS 'SQLSTATE and constraint name of the error a statement raises; none without one.';

CREATE OR REPLACE FUNCTION tests.told(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    m text; d text; h text; c text;
BEGIN
    EXECUTE statement;
    RETURN 'none';
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS m = MESSAGE_TEXT, d = PG_EXCEPTION_DETAIL, h = PG_EXCEPTION_HINT, c = CONSTRAINT_NAME;
    RETURN concat_ws(' | ', SQLSTATE, m, nullif(d, ''), nullif(h, ''), nullif(c, ''));
END
$$;
COMMENT ON FUNCTION tests.told(text) IS 'All that the error says which a statement raises: SQLSTATE, message, detail, hint and constraint; none without one.';
