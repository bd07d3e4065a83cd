-- Of every column that is a person's, or may be, is said what becomes of it: who adds a table without saying so is told here.
\ir ../support/load.sql
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT no_plan();

SELECT is_empty($$ SELECT * FROM laurel_internal.missing_person_rules() $$, 'of every column of a person is said what becomes of it');
SELECT is_empty($$ SELECT k.conrelid::regclass, a.attname FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid AND NOT c.relispartition
    JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = ANY (k.conkey) AND a.attname <> 'organization_id'
    WHERE k.contype = 'f' AND k.confrelid IN ('laurel.users'::regclass, 'laurel.user_organizations'::regclass)
    AND (SELECT count(*) FROM laurel_internal.person_rules r WHERE r.table_name = k.conrelid AND r.column_name = a.attname) <> 1 $$, 'every foreign key to people has one rule');
SELECT is_empty($$ SELECT table_name, column_name FROM laurel_internal.person_rules r WHERE kind = 'mention' AND (export IS NOT NULL OR merge <> 'keep') $$,
    'where people are only named nothing is exported or merged');

-- The audit log shows no value that an erasure takes away. A state that goes on to another is none of a person's.
SELECT is_empty($$ SELECT t.tgrelid::regclass, shown FROM pg_trigger t CROSS JOIN LATERAL laurel_internal.guard_arguments(t.tgargs) a (words), unnest(words[2:1 + words[1]::int]) shown
    JOIN laurel_internal.person_rules r ON r.clears ? shown OR r.kind IN ('mention', 'address') AND r.column_name = shown
    JOIN pg_attribute b ON b.attrelid = r.table_name AND b.attname = shown AND b.atttypid IN ('text'::regtype, 'jsonb'::regtype)
    WHERE t.tgname = 'z_audit_written' AND r.table_name = t.tgrelid
        AND NOT EXISTS (SELECT FROM pg_trigger s WHERE s.tgrelid = t.tgrelid AND s.tgname = 'z_step_' || shown) $$, 'the audit log shows no value that an erasure takes away');

-- New tables, as a domain would make them.
CREATE FUNCTION pg_temp.missing() RETURNS TABLE (said text) LANGUAGE sql AS $$
    SELECT concat_ws(' ', table_name, column_name, split_part(problem, ',', 1)) FROM laurel_internal.missing_person_rules()
$$;
CREATE TABLE laurel.notes (id uuid PRIMARY KEY, organization_id uuid, user_id uuid, words text,
    FOREIGN KEY (organization_id, user_id) REFERENCES laurel.user_organizations (organization_id, user_id) ON DELETE CASCADE);
SELECT is_empty('SELECT * FROM pg_temp.missing()', 'a table that goes with its member needs no line');
ALTER TABLE laurel.notes ADD checked_by uuid;
SELECT results_eq('SELECT * FROM pg_temp.missing()', $$VALUES ('laurel.notes checked_by refers to people')$$, 'a column that names people without a foreign key does');
ALTER TABLE laurel.notes ADD FOREIGN KEY (organization_id, checked_by) REFERENCES laurel.user_organizations (organization_id, user_id) ON DELETE SET NULL (checked_by);
SELECT results_eq('SELECT * FROM pg_temp.missing()', $$VALUES ('laurel.notes words could hold something of a person whose row stays')$$, 'and text of a row that stays without the person');
SELECT laurel_internal.person('laurel.notes', 'words', NULL, 'redact', 'keep');
SELECT is_empty('SELECT * FROM pg_temp.missing()', 'until it is said of it');
ALTER TABLE laurel.notes ADD email text;
SELECT results_eq('SELECT * FROM pg_temp.missing()', $$VALUES ('laurel.notes email could hold something of a person whose row stays')$$, 'a new column is noticed');
SELECT laurel_internal.person('laurel.notes', 'email', NULL, 'delete', 'keep');
SELECT is_empty('SELECT * FROM pg_temp.missing()', 'an address is a person''s as an id is');
ALTER TABLE laurel.notes DROP COLUMN email;
CREATE TABLE laurel.leads (id uuid PRIMARY KEY, organization_id uuid, contact_email text);
SELECT results_eq($$SELECT * FROM pg_temp.missing() WHERE said LIKE '%leads%'$$, $$VALUES ('laurel.leads contact_email looks like an address')$$, 'an address in a table of nobody''s');
DROP TABLE laurel.leads;
SELECT results_eq('SELECT * FROM pg_temp.missing()', $$VALUES ('laurel.notes email has a rule')$$, 'and a rule without a column');

SELECT laurel_internal.person('laurel.notes', 'user_id', erase => 'keep', harmless => '{words}');
COMMENT ON COLUMN laurel.notes.words IS 'Words.';
DELETE FROM laurel_internal.person_columns WHERE table_name = 'laurel.notes' AND column_name IN ('words', 'email');
SELECT is_empty('SELECT * FROM pg_temp.missing()', 'words may be said to be harmless');
SELECT laurel_internal.personal('laurel.notes', '{words}', encrypted => false);
SELECT results_eq('SELECT * FROM pg_temp.missing()', $$VALUES ('laurel.notes words is personal data of rows that stay')$$, 'but not what is tagged as personal');

-- What is no rule.
SELECT is(tests.error_of($$SELECT laurel_internal.person('laurel.notes', 'nobody')$$), '42703', 'no such column');
SELECT is(tests.error_of($$SELECT laurel_internal.person(NULL, 'user_id')$$), '22004', 'no table');
SELECT is(tests.error_of($$SELECT laurel_internal.person('laurel.people', 'id')$$), '42809', 'a view');
SELECT is(tests.error_of($$SELECT laurel_internal.person('laurel.notes', 'user_id', erase => 'burn')$$), '23514 person_columns_erase_check', 'no such word');
SELECT is(tests.error_of($$SELECT laurel_internal.person('laurel.notes', 'user_id', merge => 'marry')$$), '23514 person_columns_merge_check', 'no such word');
SELECT is(tests.error_of($$SELECT laurel_internal.person('laurel.notes', 'user_id', merge => 'best')$$), '23514 person_columns_better_check', 'the better one of two is said');
SELECT is(tests.error_of($$SELECT laurel_internal.person('laurel.notes', 'user_id', gone => 'true')$$), '23514 person_columns_gone_check', 'all rows go anyway');
SELECT is(tests.error_of($$SELECT laurel_internal.person('laurel.notes', 'user_id', erase => 'redact')$$), '22023', 'an id is no text');
SELECT is(tests.error_of($$SELECT laurel_internal.person('laurel.notes', 'words', erase => 'null')$$), '22023', 'nor text an id');
SELECT is(tests.error_of($$SELECT laurel_internal.person('laurel.notes', 'user_id', erase => 'keep', clears => '{"words": "no_such_function()"}')$$), '42883', 'an expression is looked at');
SELECT is(tests.error_of($$SELECT laurel_internal.person('laurel.notes', 'user_id', erase => 'keep', clears => '{"wards": "NULL"}')$$), '42703', 'and its column');

SELECT finish();
ROLLBACK;
