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
    word_salt bytea,
    erased_words bytea[],
    -- In the order of an account's history, so that its last entry before a moment is the first one found backwards.
    CONSTRAINT points_ledger_archive_pkey PRIMARY KEY (organization_id, user_id, created_at, entry_no)
) PARTITION BY RANGE (created_at);
-- A user's entries.
CREATE INDEX points_ledger_archive_user_idx ON laurel.points_ledger_archive (user_id, organization_id, created_at);
-- An entry that is reversed; a reversal of an entry; all entries of one event, badge, course; an organization by time.
CREATE INDEX points_ledger_archive_id_idx ON laurel.points_ledger_archive (id);
CREATE INDEX points_ledger_archive_reverses_idx ON laurel.points_ledger_archive (organization_id, reverses_id) WHERE reverses_id IS NOT NULL;
CREATE INDEX points_ledger_archive_reference_idx ON laurel.points_ledger_archive (organization_id, reference_type, reference_id) WHERE reference_id IS NOT NULL;
CREATE INDEX points_ledger_archive_created_idx ON laurel.points_ledger_archive (organization_id, created_at);

SELECT laurel_internal.explain('laurel.points_ledger_archive', 'Entries of points_ledger that are older than a year, by the month of created_at (UTC). Filled by laurel.run_retention() alone, append-only, never thinned; an account''s archived entries are always its first ones.', '{
    "id": "The entry.",
    "user_id": "The member, also after the user is deleted.",
    "entry_no": "1, 2, 3 ... within the account; the ledger goes on where the archive ends.",
    "amount": "Points: positive earned, negative spent or taken.",
    "balance_after": "The account''s total after this entry.",
    "occurred_at": "Business time.",
    "created_at": "When the entry was recorded; decides the partition.",
    "transaction_type": "What happened.",
    "entry_hash": "SHA-256 over the previous entry''s hash and this entry.",
    "metadata": "Open data, an object.",
    "reference_type": "What the points were for; null for a manual adjustment.",
    "reference_id": "The row of that type.",
    "reverses_id": "The entry that this one took back.",
    "created_by": "Who recorded it, null for a service.",
    "reason": "Why.",
    "idempotency_key": "The caller''s own key.",
    "word_salt": "With it the entry''s words enter entry_hash.",
    "erased_words": "Null while the entry has its words, then what stands for them in entry_hash."}');

-- A unique index of a partitioned table holds within a month only, so the keys have a table of their own.
CREATE TABLE laurel_internal.archived_keys (
    organization_id uuid NOT NULL,
    idempotency_key text NOT NULL,
    user_id uuid NOT NULL,
    entry_no bigint NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT archived_keys_pkey PRIMARY KEY (organization_id, idempotency_key)
);
SELECT laurel_internal.explain('laurel_internal.archived_keys', 'Idempotency keys of archived entries, so that a retry finds its entry however late it comes.', '{
    "idempotency_key": "The key.",
    "user_id": "The member whose entry it is.",
    "entry_no": "The entry''s number in the account.",
    "created_at": "When the entry was recorded: its partition."}');

CREATE TABLE laurel_internal.archived_accounts (
    organization_id uuid NOT NULL,
    user_id uuid NOT NULL,
    entries bigint NOT NULL,
    CONSTRAINT archived_accounts_pkey PRIMARY KEY (organization_id, user_id)
);
SELECT laurel_internal.explain('laurel_internal.archived_accounts', 'Which accounts have archived entries: asked when a member comes back.', '{
    "user_id": "The member, also after the user is deleted.",
    "entries": "How many entries are archived: the first ones, from 1 to this number."}');

CREATE TRIGGER keep_archive BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON laurel.points_ledger_archive
    FOR EACH STATEMENT EXECUTE FUNCTION laurel_internal.keep_archive();
CREATE TRIGGER keep_archive BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON laurel_internal.archived_keys
    FOR EACH STATEMENT EXECUTE FUNCTION laurel_internal.keep_archive();

CREATE TRIGGER keep_archive BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON laurel_internal.archived_accounts
    FOR EACH STATEMENT EXECUTE FUNCTION laurel_internal.keep_archive();

SELECT laurel_internal.set_replica_identity('laurel.points_ledger_archive'),
       laurel_internal.set_replica_identity('laurel_internal.archived_keys'),
       laurel_internal.set_replica_identity('laurel_internal.archived_accounts');
SELECT laurel_internal.protect('laurel.points_ledger_archive', 'personal', commands => '{"service_role": "SELECT"}'),
       laurel_internal.protect('laurel_internal.archived_keys', 'internal'),
       laurel_internal.protect('laurel_internal.archived_accounts', 'internal');

CREATE VIEW laurel.points_history WITH (security_invoker = true) AS
    SELECT id, organization_id, user_id, entry_no, amount, balance_after, occurred_at, created_at, transaction_type,
           entry_hash, metadata, reference_type, reference_id, reverses_id, created_by, reason, idempotency_key,
           erased_words
    FROM ONLY laurel.points_ledger
    UNION ALL
    SELECT id, organization_id, user_id, entry_no, amount, balance_after, occurred_at, created_at, transaction_type,
           entry_hash, metadata, reference_type, reference_id, reverses_id, created_by, reason, idempotency_key,
           erased_words
    FROM laurel.points_ledger_archive;
SELECT laurel_internal.protect('laurel.points_history', 'view');
SELECT laurel_internal.explain('laurel.points_history', 'Every entry ever made: points_ledger and points_ledger_archive. Bounds on created_at spare the months outside them.', '{
    "entry_no": "1, 2, 3 ... within the account, without a gap.",
    "amount": "Points: positive earned, negative spent or taken.",
    "balance_after": "The account''s total after this entry.",
    "occurred_at": "Business time.",
    "created_at": "When the entry was recorded.",
    "transaction_type": "What happened.",
    "entry_hash": "SHA-256 over the previous entry''s hash and this entry.",
    "metadata": "Open data, an object.",
    "reference_type": "What the points were for; null for a manual adjustment.",
    "reference_id": "The row of that type.",
    "reverses_id": "The entry that this one took back.",
    "created_by": "Who recorded it, null for a service.",
    "reason": "Why.",
    "idempotency_key": "The caller''s own key.",
    "erased_words": "Null while the entry has its words; else they were erased."}');

SELECT laurel_internal.member('laurel.points_history'), laurel_internal.member('laurel.points_ledger_archive');

-- Down Migration
-- What was archived goes back to where it came from, numbered, dated and hashed as it is.
ALTER TABLE laurel.points_ledger DISABLE TRIGGER USER;
INSERT INTO laurel.points_ledger (id, organization_id, user_id, entry_no, amount, balance_after, occurred_at, created_at,
        transaction_type, entry_hash, metadata, reference_type, reference_id, reverses_id, created_by, reason, idempotency_key,
        word_salt, erased_words)
    SELECT id, organization_id, user_id, entry_no, amount, balance_after, occurred_at, created_at,
        transaction_type, entry_hash, metadata, reference_type, reference_id, reverses_id, created_by, reason, idempotency_key,
        word_salt, erased_words
    FROM laurel.points_ledger_archive ORDER BY created_at, entry_no;
ALTER TABLE laurel.points_ledger ENABLE TRIGGER USER;
DROP FUNCTION laurel.member(laurel.points_history), laurel.member(laurel.points_ledger_archive);
DROP VIEW laurel.points_history;
DROP TABLE laurel_internal.archived_accounts;
DROP TABLE laurel_internal.archived_keys;
DROP TABLE laurel.points_ledger_archive;
