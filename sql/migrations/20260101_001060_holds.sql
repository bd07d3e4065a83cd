-- Up Migration
-- Holds: points that stay in their account and are kept for something, until they are taken or free again.

CREATE TABLE laurel.point_holds (
    id uuid CONSTRAINT point_holds_pkey PRIMARY KEY DEFAULT laurel.uuidv7(),
    organization_id uuid NOT NULL,
    user_id uuid NOT NULL,
    amount bigint NOT NULL CONSTRAINT point_holds_amount_check CHECK (amount >= 1),
    captured_amount bigint,
    status text NOT NULL DEFAULT 'held',
    transaction_type text NOT NULL DEFAULT 'hold_captured' CONSTRAINT point_holds_transaction_type_check CHECK (char_length(transaction_type) BETWEEN 1 AND 100),
    reference_type text CONSTRAINT point_holds_reference_type_fkey REFERENCES laurel.reference_types (name) ON UPDATE CASCADE,
    reference_id uuid,
    reason text CONSTRAINT point_holds_reason_check CHECK (char_length(reason) BETWEEN 1 AND 2000),
    metadata jsonb NOT NULL DEFAULT '{}' CONSTRAINT point_holds_metadata_check CHECK (laurel_internal.check_json(metadata, 'point_holds', 'metadata')),
    idempotency_key text CONSTRAINT point_holds_idempotency_key_check CHECK (char_length(idempotency_key) BETWEEN 1 AND 255),
    created_by uuid,
    expires_at timestamptz,
    settled_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT point_holds_organization_id_id_key UNIQUE (organization_id, id),
    CONSTRAINT point_holds_captured_amount_check CHECK ((captured_amount IS NOT NULL) = (status = 'captured') AND captured_amount BETWEEN 1 AND amount),
    CONSTRAINT point_holds_reference_check CHECK ((reference_type IS NULL) = (reference_id IS NULL)),
    CONSTRAINT point_holds_purpose_check CHECK (reason IS NOT NULL OR reference_type IS NOT NULL OR status <> 'held'),
    CONSTRAINT point_holds_expires_at_check CHECK (expires_at > created_at AND isfinite(expires_at)),
    CONSTRAINT point_holds_settled_at_check CHECK ((settled_at IS NULL) = (status = 'held')),
    CONSTRAINT point_holds_account_fkey FOREIGN KEY (organization_id, user_id)
        REFERENCES laurel.user_points (organization_id, user_id) ON DELETE CASCADE
);
-- A member's holds, newest first; what is held of an account; a retry finds the hold it made; what a hold is for; what expires next.
CREATE INDEX point_holds_user_id_idx ON laurel.point_holds (user_id, organization_id, created_at DESC);
CREATE INDEX point_holds_held_idx ON laurel.point_holds (user_id, organization_id) INCLUDE (amount) WHERE status = 'held';
CREATE UNIQUE INDEX point_holds_idempotency_key ON laurel.point_holds (organization_id, idempotency_key) WHERE idempotency_key IS NOT NULL;
CREATE INDEX point_holds_reference_idx ON laurel.point_holds (organization_id, reference_type, reference_id) WHERE reference_id IS NOT NULL;
CREATE INDEX point_holds_reference_type_idx ON laurel.point_holds (reference_type) WHERE reference_type IS NOT NULL;
CREATE INDEX point_holds_expires_at_idx ON laurel.point_holds (organization_id, expires_at) WHERE status = 'held' AND expires_at IS NOT NULL;

SELECT laurel_internal.explain('laurel.point_holds', 'Points that stay in their account and are kept for something: taken by laurel.capture_hold(), given free by laurel.release_hold(), or by themselves after expires_at. user_points.points_held adds up what is held.', '{
    "amount": "Points that are kept.",
    "captured_amount": "Points that were taken, at most amount; the rest became free. Null unless captured.",
    "status": "held; then captured, released or expired, once and for all.",
    "transaction_type": "transaction_type of the entry that takes the points, and the type of the domain event then.",
    "reference_type": "What the points are for, a name of laurel.reference_types; the entry refers to it.",
    "reference_id": "The row of that type; it must be there when the points are taken.",
    "reason": "Why; needed where there is no reference.",
    "metadata": "Open data, an object of at most 64 kB; what the domain event says when the points are taken.",
    "idempotency_key": "The caller''s own key: a retry with the same key holds nothing again.",
    "created_by": "Who held them; null for a service.",
    "expires_at": "From when on they cannot be taken any more, and become free within a minute; null: never.",
    "settled_at": "When they were taken or became free."}');

INSERT INTO laurel.reference_types (name, table_name) VALUES ('Hold', 'laurel.point_holds');
INSERT INTO laurel.jobs (name, description, schedule, command, timeout) VALUES
    ('holds', 'Frees points whose hold has expired.', '* * * * *', 'SELECT laurel.expire_holds()', '10 minutes');

SELECT laurel_internal.add_tenant_triggers('laurel.point_holds'),
       laurel_internal.keep('laurel.point_holds', 'id', 'user_id', 'amount', 'reference_type', 'reference_id', 'transaction_type', 'created_at'),
       laurel_internal.states('laurel.point_holds', 'status', '{"held": ["captured", "released", "expired"], "captured": [], "released": [], "expired": []}',
           '{"captured": "settled_at", "released": "settled_at", "expired": "settled_at"}'),
       laurel_internal.counts('laurel.user_points', 'points_held', 'laurel.point_holds', 'user_id', $$ status = 'held' $$, 'amount'),
       -- What is taken is free by then: counting comes first.
       laurel_internal.tell('laurel.point_holds', $$
           SELECT n.organization_id, n.user_id, n.transaction_type AS type, n.id,
                  n.metadata || pg_catalog.jsonb_build_object('hold_id', n.id, 'points', n.captured_amount) AS data,
                  -n.captured_amount AS points, n.reason,
                  coalesce(n.reference_type, 'Hold') AS reference_type, coalesce(n.reference_id, n.id) AS reference_id
           FROM new_rows n JOIN old_rows o ON o.id = n.id WHERE n.status = 'captured' AND o.status = 'held'
           UNION ALL
           SELECT n.organization_id, n.user_id, 'hold_expired', n.id, pg_catalog.jsonb_build_object('hold_id', n.id, 'points', n.amount),
                  0, NULL, NULL, NULL
           FROM new_rows n JOIN old_rows o ON o.id = n.id WHERE n.status = 'expired' AND o.status = 'held' $$, 'UPDATE',
           telling => $$ status IN ('captured', 'expired') $$, changed => '{status}');

SELECT laurel_internal.protect('laurel.point_holds', 'personal', commands => '{"service_role": "SELECT"}'),
       laurel_internal.member('laurel.point_holds'),
       -- Who is erased leaves nothing that is kept; the account itself stays.
       laurel_internal.person('laurel.point_holds', 'user_id', '', 'keep', 'own', harmless => '{transaction_type, reference_type}',
           clears => '{"reason": "NULL", "metadata": "''{}''", "idempotency_key": "NULL", "status": "CASE t.status WHEN ''held'' THEN ''released'' ELSE t.status END"}'),
       laurel_internal.person('laurel.point_holds', 'created_by', NULL, 'keep', 'keep');

-- Down Migration
DROP FUNCTION laurel.member(laurel.point_holds);
DELETE FROM ONLY laurel.jobs WHERE name = 'holds';
DELETE FROM ONLY laurel.reference_types WHERE name = 'Hold';
DROP TRIGGER guard_points_held ON laurel.user_points;
DROP TRIGGER guard_new_points_held ON laurel.user_points;
DROP TABLE laurel.point_holds;
