-- Columns that triggers fill have a default that is null, so that typed clients may leave them out; nothing else comes of it.
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT plan(9);

CREATE TEMP VIEW columns AS SELECT c.oid, c.oid::regclass::text AS relation, a.attname::text AS name, pg_get_expr(d.adbin, d.adrelid) AS given, a.attnotnull
    FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
    WHERE c.relnamespace = 'laurel'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition;
SELECT is_empty($$ SELECT relation FROM columns c WHERE name = 'organization_id' AND given IS DISTINCT FROM '(laurel_internal.assigned())::uuid'
    AND EXISTS (SELECT FROM pg_trigger t WHERE t.tgrelid = c.oid AND t.tgname = 'a_fill_organization') $$, 'the organization that is filled in');
SELECT is((SELECT string_agg(relation || '.' || name, ' ' ORDER BY relation COLLATE "C", name COLLATE "C") FROM columns WHERE given ~ 'assigned' AND name <> 'organization_id'),
    'laurel.badge_awards.points_awarded laurel.badges.slug laurel.daily_activity.date laurel.points_ledger.balance_after laurel.points_ledger.created_at '
    'laurel.points_ledger.entry_hash laurel.points_ledger.entry_no laurel.points_ledger.occurred_at', 'and what else triggers fill');
SELECT is_empty($$ SELECT relation, name FROM columns WHERE given ~ 'assigned' AND NOT attnotnull $$, 'all of which must be there in the end');
SELECT is(laurel_internal.assigned(), NULL, 'it is null');

SELECT tests.cast('admin', 'learner');
SELECT tests.act_as_admin();
SELECT is(tests.error_of($$ INSERT INTO laurel.badges (badge_name) VALUES ('A') $$), 'none', 'left out, columns are filled');
SELECT is(tests.error_of($$ INSERT INTO laurel.badges (badge_name, slug, organization_id) VALUES ('B', DEFAULT, DEFAULT) $$), 'none', 'by their default too');
SELECT is(tests.error_of($$ INSERT INTO laurel.points_ledger (user_id, amount, transaction_type, reason, entry_no, balance_after, occurred_at, created_at, entry_hash, organization_id)
    VALUES (tests.person('learner'), 5, 't', 'r', NULL, NULL, NULL, NULL, NULL, NULL) $$), 'none', 'and where a client sends nulls');
SELECT tests.act_as_owner();
SELECT is((SELECT string_agg(concat_ws(' ', slug, organization_id = tests.acme()), ', ' ORDER BY slug) FROM laurel.badges), 'a t, b t', 'with what belongs there');
CREATE TABLE laurel.cards (id uuid PRIMARY KEY, organization_id uuid NOT NULL, user_id uuid, UNIQUE (organization_id, id));
SELECT laurel_internal.add_tenant_triggers('laurel.cards');
ALTER TABLE laurel.cards DISABLE TRIGGER a_fill_organization;
SELECT is(tests.error_of($$ INSERT INTO laurel.cards (id) VALUES (laurel.uuidv7()) $$), '23502', 'what nothing fills, is missed as before');

SELECT * FROM finish();
ROLLBACK;
