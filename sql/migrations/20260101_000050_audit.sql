-- Up Migration
-- The audit log: who has changed what. Tables say in their own migrations what of them is written down.

CREATE TABLE laurel.audit_log (
    created_at timestamptz NOT NULL,
    id uuid NOT NULL DEFAULT laurel.uuidv7(),
    organization_id uuid,
    table_name text NOT NULL,
    row_id uuid,
    user_id uuid,
    operation text NOT NULL CONSTRAINT audit_log_operation_check CHECK (operation IN ('INSERT', 'UPDATE', 'DELETE', 'TRUNCATE')),
    before jsonb,
    after jsonb,
    hidden jsonb,
    actor_id uuid,
    role text NOT NULL,
    login text NOT NULL,
    request_id text,
    application_name text,
    transaction_id xid8 NOT NULL,
    -- In the order in which lines are sealed.
    CONSTRAINT audit_log_pkey PRIMARY KEY (created_at, id)
) PARTITION BY RANGE (created_at);
-- A row's history; what an organization has seen lately; what was done to a member.
CREATE INDEX audit_log_row_id_idx ON laurel.audit_log (row_id, created_at) WHERE row_id IS NOT NULL;
CREATE INDEX audit_log_organization_id_idx ON laurel.audit_log (organization_id, created_at);
CREATE INDEX audit_log_user_id_idx ON laurel.audit_log (user_id, organization_id, created_at) WHERE user_id IS NOT NULL;

CREATE TABLE laurel_internal.audit_seals (
    seal_no bigint CONSTRAINT audit_seals_pkey PRIMARY KEY CONSTRAINT audit_seals_seal_no_check CHECK (seal_no >= 1),
    sealed_at timestamptz NOT NULL,
    open_from timestamptz NOT NULL,
    lines bigint NOT NULL CONSTRAINT audit_seals_lines_check CHECK (lines >= 1),
    total bigint NOT NULL CONSTRAINT audit_seals_total_check CHECK (total >= lines),
    root bytea NOT NULL CONSTRAINT audit_seals_root_check CHECK (octet_length(root) = 32),
    seal_hash bytea NOT NULL CONSTRAINT audit_seals_seal_hash_check CHECK (octet_length(seal_hash) = 32)
);
-- Which seals cover a time; the seal that somebody has kept elsewhere.
CREATE INDEX audit_seals_open_from_idx ON laurel_internal.audit_seals (open_from);
CREATE INDEX audit_seals_seal_hash_idx ON laurel_internal.audit_seals (seal_hash);

CREATE TRIGGER keep_audit_seals BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON laurel_internal.audit_seals
    FOR EACH STATEMENT EXECUTE FUNCTION laurel_internal.keep_audit_seals();

SELECT laurel_internal.append_only('laurel.audit_log', 'What was done stays in the log.'),
       laurel_internal.create_month_partitions('laurel.audit_log'),
       laurel_internal.protect('laurel.audit_log', 'administrative', commands => '{"service_role": "SELECT"}'),
       laurel_internal.protect('laurel_internal.audit_seals', 'internal');

SELECT laurel_internal.explain('laurel.audit_log', 'Who has changed what, line by line, by month: written by the tables that laurel_internal.audited() is attached to, changed by nobody, sealed every minute (laurel.seal_audit(), laurel.verify_audit()). Holds no secret and no personal value. Outlives what it tells of.', '{
    "organization_id": "The organization of the row; null where it is the platform''s.",
    "table_name": "The table, with its schema.",
    "row_id": "The row''s id; null where it has none.",
    "user_id": "The member whom the row is about; null where it is about nobody.",
    "operation": "INSERT, UPDATE, DELETE or TRUNCATE.",
    "before": "Columns that differ, as they were; of a row that is gone all that are shown. Times in UTC; a value over 8 kB as its length and SHA-256.",
    "after": "The same as they have become; of a new row all that are shown.",
    "hidden": "A list of the other columns that differ: secrets and personal values.",
    "actor_id": "The user whom the claims of the request name; null where they name none.",
    "role": "The role that was set, such as authenticated or service_role.",
    "login": "The role that had logged in.",
    "request_id": "The header x-request-id of the request, where it looks like an id: up to 200 letters, digits and - _ . : ; = / +, a digit at least; null where it does not.",
    "application_name": "What the session calls itself, up to 63 bytes, without e-mail addresses, passwords and what follows the host of a URL.",
    "transaction_id": "The transaction, which one line shares with others."}');
SELECT laurel_internal.explain('laurel_internal.audit_seals', 'Seals of audit_log, made by laurel.seal_audit(): append-only, numbered and hash-chained.', '{
    "seal_no": "1, 2, 3 ...",
    "sealed_at": "When the seal was made.",
    "open_from": "Lines made from then on are not covered; those made from the open_from of the seal before are.",
    "lines": "How many lines it covers.",
    "total": "How many this and all seals before cover.",
    "root": "Root of the Merkle tree (RFC 6962) over the lines, in the order of created_at and id.",
    "seal_hash": "SHA-256 over the hash of the seal before and this one."}');

-- Down Migration
DROP TABLE laurel_internal.audit_seals, laurel.audit_log;
