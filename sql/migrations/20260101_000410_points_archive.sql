-- Up Migration
-- The ledger's archive: entries older than a year, by month, still part of every history.

CREATE TABLE laurel.points_ledger_archive (
    id uuid NOT NULL,
    organization_id uuid NOT NULL,
    user_id uuid NOT NULL,
    entry_no bigint NOT NULL,
    amount bigint NOT NULL,
    balance_after bigint NOT NULL,
    occurred_at timestamptz NOT NULL,
    created_at timestamptz NOT NULL,
    transaction_type text NOT NULL,
    entry_hash bytea NOT NULL,
    metadata jsonb NOT NULL DEFAULT '{}',
    reference_type text,
    reference_id uuid,
    reverses_id uuid,
    created_by uuid,
    reason text,
    idempotency_key text,
    -- In the order of an account's history, so that its last entry before a moment is the first one found backwards.
    CONSTRAINT points_ledger_archive_pkey PRIMARY KEY (organization_id, user_id, created_at, entry_no)
) PARTITION BY RANGE (created_at);
-- An entry that is reversed; a reversal of an entry; all entries of one event, badge, course; an organization by time.
CREATE INDEX points_ledger_archive_id_idx ON laurel.points_ledger_archive (id);
CREATE INDEX points_ledger_archive_reverses_idx ON laurel.points_ledger_archive (organization_id, reverses_id) WHERE reverses_id IS NOT NULL;
CREATE INDEX points_ledger_archive_reference_idx ON laurel.points_ledger_archive (organization_id, reference_type, reference_id) WHERE reference_id IS NOT NULL;
CREATE INDEX points_ledger_archive_created_idx ON laurel.points_ledger_archive (organization_id, created_at);

COMMENT ON TABLE laurel.points_ledger_archive IS 'Entries of points_ledger that are older than a year, by the month of created_at (UTC). Filled by laurel.run_retention() alone, append-only, never thinned; an account''s archived entries are always its first ones.';
COMMENT ON COLUMN laurel.points_ledger_archive.id IS 'The entry.';
COMMENT ON COLUMN laurel.points_ledger_archive.organization_id IS 'The organization.';
COMMENT ON COLUMN laurel.points_ledger_archive.user_id IS 'The member, also after the user is deleted.';
COMMENT ON COLUMN laurel.points_ledger_archive.entry_no IS '1, 2, 3 ... within the account; the ledger goes on where the archive ends.';
COMMENT ON COLUMN laurel.points_ledger_archive.amount IS 'Points: positive earned, negative spent or taken.';
COMMENT ON COLUMN laurel.points_ledger_archive.balance_after IS 'The account''s total after this entry.';
COMMENT ON COLUMN laurel.points_ledger_archive.occurred_at IS 'Business time.';
COMMENT ON COLUMN laurel.points_ledger_archive.created_at IS 'When the entry was recorded; decides the partition.';
COMMENT ON COLUMN laurel.points_ledger_archive.transaction_type IS 'What happened.';
COMMENT ON COLUMN laurel.points_ledger_archive.entry_hash IS 'SHA-256 over the previous entry''s hash and this entry.';
COMMENT ON COLUMN laurel.points_ledger_archive.metadata IS 'Open data, an object.';
COMMENT ON COLUMN laurel.points_ledger_archive.reference_type IS 'What the points were for; null for a manual adjustment.';
COMMENT ON COLUMN laurel.points_ledger_archive.reference_id IS 'The row of that type.';
COMMENT ON COLUMN laurel.points_ledger_archive.reverses_id IS 'The entry that this one took back.';
COMMENT ON COLUMN laurel.points_ledger_archive.created_by IS 'Who recorded it, null for a service.';
COMMENT ON COLUMN laurel.points_ledger_archive.reason IS 'Why.';
COMMENT ON COLUMN laurel.points_ledger_archive.idempotency_key IS 'The caller''s own key.';

-- A unique index of a partitioned table holds within a month only, so the keys have a table of their own.
CREATE TABLE laurel_internal.archived_keys (
    organization_id uuid NOT NULL,
    idempotency_key text NOT NULL,
    user_id uuid NOT NULL,
    entry_no bigint NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT archived_keys_pkey PRIMARY KEY (organization_id, idempotency_key)
);
COMMENT ON TABLE laurel_internal.archived_keys IS 'Idempotency keys of archived entries, so that a retry finds its entry however late it comes.';
COMMENT ON COLUMN laurel_internal.archived_keys.organization_id IS 'The organization.';
COMMENT ON COLUMN laurel_internal.archived_keys.idempotency_key IS 'The key.';
COMMENT ON COLUMN laurel_internal.archived_keys.user_id IS 'The member whose entry it is.';
COMMENT ON COLUMN laurel_internal.archived_keys.entry_no IS 'The entry''s number in the account.';
COMMENT ON COLUMN laurel_internal.archived_keys.created_at IS 'When the entry was recorded: its partition.';

CREATE TABLE laurel_internal.archived_accounts (
    organization_id uuid NOT NULL,
    user_id uuid NOT NULL,
    entries bigint NOT NULL,
    CONSTRAINT archived_accounts_pkey PRIMARY KEY (organization_id, user_id)
);
COMMENT ON TABLE laurel_internal.archived_accounts IS 'Which accounts have archived entries: asked when a member comes back.';
COMMENT ON COLUMN laurel_internal.archived_accounts.organization_id IS 'The organization.';
COMMENT ON COLUMN laurel_internal.archived_accounts.user_id IS 'The member, also after the user is deleted.';
COMMENT ON COLUMN laurel_internal.archived_accounts.entries IS 'How many entries are archived: the first ones, from 1 to this number.';

CREATE TRIGGER keep_archive BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON laurel.points_ledger_archive
    FOR EACH STATEMENT EXECUTE FUNCTION laurel_internal.keep_archive();
CREATE TRIGGER keep_archive BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON laurel_internal.archived_keys
    FOR EACH STATEMENT EXECUTE FUNCTION laurel_internal.keep_archive();

CREATE TRIGGER keep_archive BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON laurel_internal.archived_accounts
    FOR EACH STATEMENT EXECUTE FUNCTION laurel_internal.keep_archive();

ALTER TABLE laurel_internal.archived_keys ENABLE ROW LEVEL SECURITY;
ALTER TABLE laurel_internal.archived_accounts ENABLE ROW LEVEL SECURITY;
SELECT laurel_internal.protect('laurel.points_ledger_archive', 'personal', writer => 'nobody');
REVOKE INSERT, UPDATE, DELETE ON laurel.points_ledger_archive FROM service_role;

CREATE VIEW laurel.points_history WITH (security_invoker = true) AS
    SELECT id, organization_id, user_id, entry_no, amount, balance_after, occurred_at, created_at, transaction_type,
           entry_hash, metadata, reference_type, reference_id, reverses_id, created_by, reason, idempotency_key
    FROM laurel.points_ledger
    UNION ALL
    SELECT id, organization_id, user_id, entry_no, amount, balance_after, occurred_at, created_at, transaction_type,
           entry_hash, metadata, reference_type, reference_id, reverses_id, created_by, reason, idempotency_key
    FROM laurel.points_ledger_archive;
GRANT SELECT ON laurel.points_history TO authenticated, service_role;
COMMENT ON VIEW laurel.points_history IS 'Every entry ever made: points_ledger and points_ledger_archive. Bounds on created_at spare the months outside them.';
COMMENT ON COLUMN laurel.points_history.id IS 'The entry.';
COMMENT ON COLUMN laurel.points_history.organization_id IS 'The organization.';
COMMENT ON COLUMN laurel.points_history.user_id IS 'The member, also after the user is deleted.';
COMMENT ON COLUMN laurel.points_history.entry_no IS '1, 2, 3 ... within the account, without a gap.';
COMMENT ON COLUMN laurel.points_history.amount IS 'Points: positive earned, negative spent or taken.';
COMMENT ON COLUMN laurel.points_history.balance_after IS 'The account''s total after this entry.';
COMMENT ON COLUMN laurel.points_history.occurred_at IS 'Business time.';
COMMENT ON COLUMN laurel.points_history.created_at IS 'When the entry was recorded.';
COMMENT ON COLUMN laurel.points_history.transaction_type IS 'What happened.';
COMMENT ON COLUMN laurel.points_history.entry_hash IS 'SHA-256 over the previous entry''s hash and this entry.';
COMMENT ON COLUMN laurel.points_history.metadata IS 'Open data, an object.';
COMMENT ON COLUMN laurel.points_history.reference_type IS 'What the points were for; null for a manual adjustment.';
COMMENT ON COLUMN laurel.points_history.reference_id IS 'The row of that type.';
COMMENT ON COLUMN laurel.points_history.reverses_id IS 'The entry that this one took back.';
COMMENT ON COLUMN laurel.points_history.created_by IS 'Who recorded it, null for a service.';
COMMENT ON COLUMN laurel.points_history.reason IS 'Why.';
COMMENT ON COLUMN laurel.points_history.idempotency_key IS 'The caller''s own key.';

-- Down Migration
-- What was archived goes back to where it came from, numbered, dated and hashed as it is.
ALTER TABLE laurel.points_ledger DISABLE TRIGGER USER;
INSERT INTO laurel.points_ledger (id, organization_id, user_id, entry_no, amount, balance_after, occurred_at, created_at,
        transaction_type, entry_hash, metadata, reference_type, reference_id, reverses_id, created_by, reason, idempotency_key)
    SELECT id, organization_id, user_id, entry_no, amount, balance_after, occurred_at, created_at,
        transaction_type, entry_hash, metadata, reference_type, reference_id, reverses_id, created_by, reason, idempotency_key
    FROM laurel.points_ledger_archive ORDER BY created_at, entry_no;
ALTER TABLE laurel.points_ledger ENABLE TRIGGER USER;
DROP VIEW laurel.points_history;
DROP TABLE laurel_internal.archived_accounts;
DROP TABLE laurel_internal.archived_keys;
DROP TABLE laurel.points_ledger_archive;
