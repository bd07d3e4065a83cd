-- Up Migration
-- Exports: who was given what is there about whom.

CREATE TABLE laurel.user_exports (
    id uuid CONSTRAINT user_exports_pkey PRIMARY KEY DEFAULT laurel.uuidv7(),
    organization_id uuid NOT NULL CONSTRAINT user_exports_organization_id_fkey REFERENCES laurel.organizations (id) ON DELETE CASCADE,
    user_id uuid NOT NULL,
    exported_by uuid,
    exported_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    is_whole boolean NOT NULL,
    way text NOT NULL CONSTRAINT user_exports_way_check CHECK (way IN ('document', 'rows')),
    row_count bigint NOT NULL,
    CONSTRAINT user_exports_organization_id_id_key UNIQUE (organization_id, id)
);
-- A person's; an organization's latest.
CREATE INDEX user_exports_user_id_idx ON laurel.user_exports (user_id, organization_id);
CREATE INDEX user_exports_organization_id_idx ON laurel.user_exports (organization_id, exported_at);

-- An export reads every table: the person does not need many a day, and who exports others is no way to copy the organization.
SELECT laurel_internal.quota('laurel.user_exports', 'exports_of_oneself', '{exported_by}', '1', 'day', '50', counted => 'exported_by = user_id', at => 'exported_at', member => 'exported_by'),
       laurel_internal.quota('laurel.user_exports', 'exports_of_others', '{exported_by}', '1', 'day', '200', counted => 'exported_by <> user_id', at => 'exported_at', member => 'exported_by');

SELECT laurel_internal.append_only('laurel.user_exports', 'What somebody was given stays given.'),
       laurel_internal.set_replica_identity('laurel.user_exports'),
       laurel_internal.protect('laurel.user_exports', 'administrative', others => '{"own": "user_id = laurel_internal.me()"}',
           commands => '{"own": "SELECT", "service_role": "SELECT"}');
SELECT laurel_internal.member('laurel.user_exports');

SELECT laurel_internal.explain('laurel.user_exports', 'Who was given what is there about whom, by laurel.export_user() and laurel.export_user_rows(). Members see their own.', '{
    "organization_id": "The organization whose data it was; for the whole person the home.",
    "user_id": "Whose data.",
    "exported_by": "Who asked; null for the back end.",
    "exported_at": "When.",
    "is_whole": "The whole person, of every organization; false: what one organization has.",
    "way": "document (laurel.export_user) or rows (laurel.export_user_rows).",
    "row_count": "How many rows of all tables."}');

SELECT laurel_internal.audited('laurel.user_exports', '{user_id, exported_by, is_whole, row_count}', commands => 'INSERT');

SELECT laurel_internal.person('laurel.user_exports', 'user_id', '', 'keep', 'keep', harmless => '{way}'),
       laurel_internal.person('laurel.user_exports', 'exported_by', NULL, 'keep', 'keep');

-- Rows that their person is not shown yet, and what tells of others or how somebody else came in. Whoever is under a hold is not told by it.
ALTER TABLE laurel_internal.person_columns ADD COLUMN exported_where text;
SELECT laurel_internal.explain('laurel_internal.person_columns', NULL, '{"exported_where": "SQL over f: only such rows are exported; null: all."}');
SELECT laurel_internal.person('laurel.buddy_matches', c) FROM unnest('{user_id, buddy_id}'::name[]) c;
UPDATE ONLY laurel_internal.person_columns c SET exported_where = w.condition
FROM (VALUES ('laurel.buddy_matches', 'user_id', 'f.status IN (''proposed'', ''accepted'') OR f.status = ''ended'' AND f.accepted_at IS NOT NULL'), ('laurel.buddy_matches', 'buddy_id', 'f.status IN (''proposed'', ''accepted'') OR f.status = ''ended'' AND f.accepted_at IS NOT NULL'),
    ('laurel.recognitions', 'recipient_id', 'f.status = ''approved''')) w (table_name, column_name, condition)
WHERE c.table_name = w.table_name AND c.column_name = w.column_name;
UPDATE ONLY laurel_internal.person_columns SET secret = '{actor_id, role, login, request_id, application_name, transaction_id}' WHERE table_name = 'laurel.audit_log' AND column_name = 'user_id';
UPDATE ONLY laurel_internal.person_columns SET export = NULL WHERE table_name = 'laurel.legal_holds';

-- Parts of the document that have a name of their own.
UPDATE ONLY laurel_internal.person_columns c SET export = p.part
FROM (VALUES ('laurel.profiles', 'profile'), ('laurel.user_points', 'points'), ('laurel.points_ledger', 'ledger'), ('laurel.points_ledger_archive', 'ledger'),
    ('laurel.badge_awards', 'badges'), ('laurel.learning_path_progress', 'learning')) p (table_name, part)
WHERE c.table_name = p.table_name AND c.column_name = 'user_id';

-- Down Migration
DROP FUNCTION laurel.member(laurel.user_exports);
DROP TABLE laurel.user_exports;
ALTER TABLE laurel_internal.person_columns DROP COLUMN exported_where;
