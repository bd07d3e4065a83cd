-- Up Migration
-- Merges: which accounts became one.

CREATE TABLE laurel.user_merges (
    id uuid CONSTRAINT user_merges_pkey PRIMARY KEY DEFAULT laurel.uuidv7(),
    organization_id uuid NOT NULL CONSTRAINT user_merges_organization_id_fkey REFERENCES laurel.organizations (id) ON DELETE CASCADE,
    from_id uuid NOT NULL,
    into_id uuid NOT NULL,
    reason text CONSTRAINT user_merges_reason_check CHECK (char_length(reason) <= 2000),
    merged_by uuid,
    merged_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    points bigint NOT NULL,
    moved jsonb NOT NULL CONSTRAINT user_merges_moved_check CHECK (laurel_internal.check_json(moved, 'user_merges', 'moved')),
    CONSTRAINT user_merges_organization_id_id_key UNIQUE (organization_id, id),
    CONSTRAINT user_merges_from_id_key UNIQUE (organization_id, from_id),
    CONSTRAINT user_merges_into_id_check CHECK (into_id <> from_id)
);
-- What an account became part of; what became part of it.
CREATE INDEX user_merges_from_id_idx ON laurel.user_merges (from_id, organization_id);
CREATE INDEX user_merges_into_id_idx ON laurel.user_merges (into_id, organization_id);

SELECT laurel_internal.append_only('laurel.user_merges', 'Accounts that became one stay one.'),
       laurel_internal.set_replica_identity('laurel.user_merges'),
       laurel_internal.protect('laurel.user_merges', 'administrative', commands => '{"service_role": "SELECT"}');

SELECT laurel_internal.explain('laurel.user_merges', 'Accounts that became part of another one, by laurel.merge_users(). What says from_id in the ledger, the audit log and other history was done by into_id.', '{
    "organization_id": "Where both were at home.",
    "from_id": "The account that is no more.",
    "into_id": "The account that got everything.",
    "reason": "Why, as who merged them said.",
    "merged_by": "Who merged them; null for the back end.",
    "merged_at": "When.",
    "points": "Balance that went over, in all organizations together.",
    "moved": "An object, by table: rows that moved, and rows left behind because the other account had one of the same key."}');

SELECT laurel_internal.audited('laurel.user_merges', '{from_id, into_id, points, merged_by}', '{reason}', commands => 'INSERT');

SELECT laurel_internal.person('laurel.user_merges', 'from_id', '', 'keep', 'keep', clears => '{"reason": "NULL"}', harmless => '{moved}'),
       laurel_internal.person('laurel.user_merges', 'into_id', '', 'keep', 'keep'),
       laurel_internal.person('laurel.user_merges', 'reason', NULL, 'redact', 'keep'),
       laurel_internal.person('laurel.user_merges', 'merged_by', NULL, 'keep', 'keep');

-- What would go with the account, or lose it, if it stayed as it is.
UPDATE ONLY laurel_internal.person_columns SET merge = 'move' WHERE (table_name, column_name) IN (('laurel.leaderboard_standings', 'user_id'),
    ('laurel.user_roles', 'granted_by'), ('laurel.learning_assignments', 'assigned_by'), ('laurel.recognitions', 'decided_by'));

-- Down Migration
DROP TABLE laurel.user_merges;
