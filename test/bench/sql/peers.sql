-- The peers: laurel's own columns, checks and indexes by LIKE, without its triggers.
\set ON_ERROR_STOP on

CREATE SCHEMA bare;
CREATE SCHEMA cte;
CREATE SCHEMA chain;
CREATE SCHEMA rowwise;
GRANT USAGE ON SCHEMA bare, cte, chain, rowwise TO service_role;

SELECT format('CREATE TABLE %I.points_ledger (LIKE laurel.points_ledger INCLUDING ALL)', peer),
       format('GRANT SELECT, INSERT ON %I.points_ledger TO service_role', peer)
FROM unnest(ARRAY['bare', 'cte', 'chain', 'rowwise']) peer \gexec

SELECT format('CREATE TABLE %I.user_points (LIKE laurel.user_points INCLUDING ALL)', peer),
       format('ALTER TABLE %I.user_points SET (fillfactor = 80)', peer),
       format('INSERT INTO %I.user_points SELECT * FROM laurel.user_points', peer),
       format('GRANT SELECT, UPDATE ON %I.user_points TO service_role', peer)
FROM unnest(ARRAY['cte', 'chain', 'rowwise']) peer \gexec

-- The rules of an award as a PL/pgSQL programmer would write them: a row trigger that updates the account once.
CREATE FUNCTION rowwise.post_entry() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    week constant date := date_trunc('week', now() AT TIME ZONE 'UTC')::date;
    month constant date := date_trunc('month', now() AT TIME ZONE 'UTC')::date;
    at constant timestamptz := clock_timestamp();
BEGIN
    UPDATE rowwise.user_points SET
        total_points = total_points + NEW.amount,
        lifetime_points = lifetime_points + greatest(NEW.amount, 0),
        points_this_week = CASE WHEN week_start = week THEN points_this_week ELSE 0 END + NEW.amount,
        points_this_month = CASE WHEN month_start = month THEN points_this_month ELSE 0 END + NEW.amount,
        week_start = week,
        month_start = month,
        tier = CASE WHEN total_points + NEW.amount < 500 THEN 'bronze'
                    WHEN total_points + NEW.amount < 1500 THEN 'silver'
                    WHEN total_points + NEW.amount < 3000 THEN 'gold' ELSE 'platinum' END,
        current_level = least(50, floor((1 + sqrt(1 + 0.08::float8 * (lifetime_points + greatest(NEW.amount, 0)))) / 2)),
        reached_at = at,
        week_reached_at = at,
        month_reached_at = at,
        last_entry_no = last_entry_no + 1,
        last_entry_at = at,
        last_entry_hash = '\x00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff',
        updated_at = at
    WHERE organization_id = NEW.organization_id AND user_id = NEW.user_id
    RETURNING last_entry_no, total_points INTO NEW.entry_no, NEW.balance_after;
    IF NOT FOUND THEN
        RAISE foreign_key_violation USING MESSAGE = 'there is no account';
    END IF;
    NEW.occurred_at := coalesce(NEW.occurred_at, at);
    NEW.created_at := at;
    NEW.entry_hash := '\x00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff';
    RETURN NEW;
END
$$;
CREATE TRIGGER post_entry BEFORE INSERT ON rowwise.points_ledger
    FOR EACH ROW EXECUTE FUNCTION rowwise.post_entry();

-- The least that pays a member once: a balance, a ledger with two indexes, a key. Neither weeks nor tiers, levels, ranks, chain or policies.
CREATE SCHEMA lean;
GRANT USAGE ON SCHEMA lean TO service_role;
CREATE TABLE lean.accounts (
    organization_id uuid NOT NULL, user_id uuid NOT NULL, total_points bigint NOT NULL DEFAULT 0 CHECK (total_points >= 0),
    updated_at timestamptz NOT NULL DEFAULT now(), PRIMARY KEY (organization_id, user_id)
) WITH (fillfactor = 80);
CREATE INDEX ON lean.accounts (user_id);
CREATE TABLE lean.ledger (
    id uuid PRIMARY KEY DEFAULT laurel.uuidv7(), organization_id uuid NOT NULL, user_id uuid NOT NULL, amount bigint NOT NULL, balance_after bigint NOT NULL,
    transaction_type text NOT NULL, reason text, idempotency_key text UNIQUE, created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX ON lean.ledger (user_id, created_at);
INSERT INTO lean.accounts (organization_id, user_id) SELECT organization_id, user_id FROM laurel.user_points;
GRANT SELECT, UPDATE ON lean.accounts TO service_role;
GRANT SELECT, INSERT ON lean.ledger TO service_role;

-- Autovacuum would meet one contender and not the next.
SELECT format('ALTER TABLE %s SET (autovacuum_enabled = off)', c.oid::regclass)
FROM pg_class c
WHERE c.relname IN ('points_ledger', 'user_points', 'accounts', 'ledger') AND c.relkind = 'r' \gexec
VACUUM ANALYZE;
