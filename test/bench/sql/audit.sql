-- Three tables of one kind: one leaves lines in the audit log, one the same lines by a trigger in PL/pgSQL in a log with the same
-- indexes, one none.
CREATE SCHEMA auditing AUTHORIZATION laurel_owner;
SET ROLE laurel_owner;
CREATE TABLE auditing.bare (
    id uuid CONSTRAINT bare_pkey PRIMARY KEY DEFAULT laurel.uuidv7(),
    organization_id uuid NOT NULL,
    user_id uuid NOT NULL,
    no integer NOT NULL,
    name text NOT NULL,
    status text NOT NULL DEFAULT 'open',
    rank bigint NOT NULL DEFAULT 0,
    secret text,
    CONSTRAINT bare_no_key UNIQUE (no)
) WITH (fillfactor = 50);
INSERT INTO auditing.bare (organization_id, user_id, no, name)
SELECT '0190b000-0000-7000-8000-000000000001', ('0190a000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid, n, 'Thing ' || n FROM generate_series(1, 1000) n;
CREATE TABLE auditing.audited (LIKE auditing.bare INCLUDING ALL) WITH (fillfactor = 50);
INSERT INTO auditing.audited SELECT * FROM auditing.bare;
CREATE TABLE auditing.written (LIKE auditing.bare INCLUDING ALL) WITH (fillfactor = 50);
INSERT INTO auditing.written SELECT * FROM auditing.bare;
CREATE TABLE auditing.log (LIKE laurel.audit_log INCLUDING ALL) PARTITION BY RANGE (created_at);
CREATE TABLE auditing.log_now PARTITION OF auditing.log DEFAULT;

SELECT laurel_internal.audited('auditing.audited', '{name, status, rank}', '{secret}');

CREATE FUNCTION auditing.write() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    was jsonb := CASE WHEN TG_OP <> 'INSERT' THEN to_jsonb(OLD) END;
    is_now jsonb := CASE WHEN TG_OP <> 'DELETE' THEN to_jsonb(NEW) END;
    changed text[] := ARRAY(SELECT key FROM jsonb_object_keys(coalesce(is_now, was)) key WHERE was -> key IS DISTINCT FROM is_now -> key);
BEGIN
    INSERT INTO auditing.log (created_at, table_name, operation, organization_id, row_id, user_id, before, after, hidden, actor_id, role, login,
        request_id, application_name, transaction_id)
    VALUES (clock_timestamp(), TG_TABLE_SCHEMA || '.' || TG_TABLE_NAME, TG_OP, coalesce(NEW.organization_id, OLD.organization_id), coalesce(NEW.id, OLD.id),
        coalesce(NEW.user_id, OLD.user_id),
        (SELECT jsonb_object_agg(key, was -> key) FROM unnest(changed) key WHERE key IN ('name', 'status', 'rank')),
        (SELECT jsonb_object_agg(key, is_now -> key) FROM unnest(changed) key WHERE key IN ('name', 'status', 'rank')),
        (SELECT jsonb_agg(key) FROM unnest(changed) key WHERE key = 'secret'),
        (nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub')::uuid, current_setting('role'), session_user,
        nullif(current_setting('request.headers', true), '')::jsonb ->> 'x-request-id', current_setting('application_name'), pg_current_xact_id());
    RETURN NULL;
END
$$;
CREATE TRIGGER write AFTER INSERT OR UPDATE OR DELETE ON auditing.written FOR EACH ROW EXECUTE FUNCTION auditing.write();
RESET ROLE;
GRANT USAGE ON SCHEMA auditing TO service_role;
GRANT ALL ON auditing.bare, auditing.audited, auditing.written TO service_role;
ANALYZE auditing.bare, auditing.audited, auditing.written;
