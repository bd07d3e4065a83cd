-- Up Migration
-- Personal data: which columns hold it, and who has had it before him. Tables say in their own migrations which of theirs do.

CREATE VIEW laurel_internal.personal_columns WITH (security_invoker = true) AS
SELECT format('%I.%I', p.schema_name, p.table_name)::regclass AS table_name, p.column_name::name AS column_name, p.encrypted
FROM laurel.pii_columns() p;

SELECT laurel_internal.protect('laurel_internal.personal_columns', 'view', commands => '{"authenticated": "", "service_role": ""}');

SELECT laurel_internal.explain('laurel_internal.personal_columns', 'Columns that hold personal data, as laurel_internal.personal() has tagged them.', '{
    "table_name": "The table.",
    "column_name": "The column.",
    "encrypted": "Whether its values are kept encrypted."}');

-- Apart from the rows: who could compare digests would find out others' values by writing guesses into a row of his own.
CREATE TABLE laurel_internal.personal_digests (
    organization_id uuid NOT NULL,
    table_name text NOT NULL,
    column_name text NOT NULL,
    row_id uuid NOT NULL,
    digest bytea NOT NULL CONSTRAINT personal_digests_digest_check CHECK (octet_length(digest) = 32),
    -- A value's.
    CONSTRAINT personal_digests_pkey PRIMARY KEY (organization_id, table_name, column_name, row_id)
);
-- Who has a value.
CREATE INDEX personal_digests_digest_idx ON laurel_internal.personal_digests (digest);

SELECT laurel_internal.set_replica_identity('laurel_internal.personal_digests'),
       laurel_internal.protect('laurel_internal.personal_digests', 'internal');

SELECT laurel_internal.explain('laurel_internal.personal_digests', 'What encrypted values that can be searched are found by, for laurel.find_personal(). Written by the tables that have them, read by nobody else.', '{
    "table_name": "The table, by the name that its values are bound to.",
    "column_name": "The column.",
    "row_id": "The row.",
    "digest": "HMAC-SHA-256 over table, column and value, by the key that has encrypted it: equal for equal values."}');

CREATE TABLE laurel.processing_log (
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    id uuid NOT NULL DEFAULT laurel.uuidv7(),
    organization_id uuid,
    user_id uuid,
    activity text NOT NULL CONSTRAINT processing_log_activity_check
        CHECK (activity IN ('read', 'announce', 'export', 'search', 'report', 'correction', 'erasure')),
    purpose text CONSTRAINT processing_log_purpose_check CHECK (char_length(purpose) <= 500),
    table_name text CONSTRAINT processing_log_table_name_check CHECK (char_length(table_name) <= 200),
    columns text[] CONSTRAINT processing_log_columns_check CHECK (cardinality(columns) <= 1600),
    row_count bigint CONSTRAINT processing_log_row_count_check CHECK (row_count >= 0),
    valid_until timestamptz,
    actor_id uuid,
    role text NOT NULL,
    login text NOT NULL,
    request_id text,
    application_name text,
    transaction_id xid8 NOT NULL,
    CONSTRAINT processing_log_pkey PRIMARY KEY (created_at, id),
    CONSTRAINT processing_log_valid_until_check CHECK ((activity = 'announce') = (valid_until IS NOT NULL))
) PARTITION BY RANGE (created_at);
-- Who has read what of a member; what an organization has seen lately; what somebody has said to be reading for.
CREATE INDEX processing_log_user_id_idx ON laurel.processing_log (user_id, organization_id, created_at) WHERE user_id IS NOT NULL;
CREATE INDEX processing_log_organization_id_idx ON laurel.processing_log (organization_id, created_at);
CREATE INDEX processing_log_announced_idx ON laurel.processing_log (actor_id, created_at) WHERE activity = 'announce';

SELECT laurel_internal.append_only('laurel.processing_log', 'What was done stays in the log.'),
       laurel_internal.create_month_partitions('laurel.processing_log'),
       laurel_internal.protect('laurel.processing_log', 'administrative', commands => '{"themselves": "SELECT", "service_role": "SELECT"}',
           others => '{"themselves": "user_id = laurel_internal.me()"}');

SELECT laurel_internal.explain('laurel.processing_log', 'Who has had whose personal data before him, and what for, by month: a line for each member, table and transaction of what was read of encrypted values (one for all where they are more than 1000), for each export by others and each report, for what laurel.find_personal() looked for in a table (never for which value), and for what laurel.reading_for() announces. Changed by nobody. Members read the lines about themselves.', '{
    "organization_id": "The organization; null where the back end announces to read in all.",
    "user_id": "Whose data it was; null where it was everybody''s.",
    "activity": "read, announce, export, search, report, correction or erasure.",
    "purpose": "What for, as it was announced or said.",
    "table_name": "The table, with its schema.",
    "columns": "The columns.",
    "row_count": "How many values were given, or rows; of a search, how many were found.",
    "valid_until": "Until when an announcement holds.",
    "actor_id": "The user whom the claims of the request name; null where they name none.",
    "role": "The role that was set, such as authenticated or service_role.",
    "login": "The role that had logged in.",
    "request_id": "The header x-request-id of the request, where it looks like an id: up to 200 letters, digits and - _ . : ; = / +, a digit at least; null where it does not.",
    "application_name": "What the session calls itself, up to 63 bytes, without e-mail addresses, passwords and what follows the host of a URL.",
    "transaction_id": "The transaction, which one line shares with others."}');

-- Down Migration
DROP TABLE laurel.processing_log, laurel_internal.personal_digests;
DROP VIEW laurel_internal.personal_columns;
