-- Which columns hold personal data: said once by a migration, at the end of a comment, and kept there.
\ir ../support/load.sql
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT no_plan();
SELECT tests.make_crews();

SET LOCAL ROLE laurel_owner;
SELECT is(tests.error_of(statement), error, statement) FROM (VALUES
    ($$SELECT laurel_internal.personal('kit.crews', '{}', false)$$, '22023'),
    ($$SELECT laurel_internal.personal('kit.crews', NULL, false)$$, '22023'),
    ($$SELECT laurel_internal.personal(NULL, '{motto}', false)$$, '22023'),
    ($$SELECT laurel_internal.personal('kit.crews', '{motto}', NULL)$$, '22023'),
    ($$SELECT laurel_internal.personal('kit.crews', '{motto, nothing}', false)$$, '42703'),
    ($$SELECT laurel_internal.personal('laurel.people', '{email}', false)$$, '42809')) v (statement, error);
SELECT is_empty($$ SELECT FROM laurel.pii_columns() WHERE schema_name = 'kit' $$, 'nothing is tagged by what is refused');

COMMENT ON COLUMN kit.crews.motto IS 'What they say.';
SELECT laurel_internal.personal('kit.crews', '{motto, name}', false);
SELECT laurel_internal.personal('kit.crews', '{motto}', false);
SELECT is(col_description('kit.crews'::regclass, attnum), 'What they say. (personal data)', 'the tag ends the comment, once')
FROM pg_attribute WHERE attrelid = 'kit.crews'::regclass AND attname = 'motto';
SELECT results_eq($$ SELECT table_name, column_name, data_type, encrypted FROM laurel.pii_columns() WHERE schema_name = 'kit' ORDER BY column_name $$,
    $$ VALUES ('crews', 'motto', 'text', false), ('crews', 'name', 'text', false) $$, 'and is listed');
RESET ROLE;

ALTER TABLE kit.crews RENAME COLUMN motto TO "Our motto";
ALTER TABLE kit.crews RENAME TO groups;
SELECT results_eq($$ SELECT column_name::text FROM laurel_internal.personal_columns WHERE table_name = 'kit.groups'::regclass ORDER BY 1 $$,
    $$ VALUES ('Our motto'), ('name') $$, 'it goes with the column, whatever that is called');
SELECT laurel_internal.explain('kit.groups', 'Groups.', (SELECT jsonb_object_agg(attname, 'Words.') FROM pg_attribute
    WHERE attrelid = 'kit.groups'::regclass AND attnum > 0 AND NOT attisdropped));
SELECT is(col_description('kit.groups'::regclass, attnum), 'Words. (personal data)', 'new words leave it there')
FROM pg_attribute WHERE attrelid = 'kit.groups'::regclass AND attname = 'Our motto';
ALTER TABLE kit.groups DROP COLUMN name;
SELECT is((SELECT count(*) FROM laurel.pii_columns() WHERE schema_name = 'kit'), 1::bigint, 'what is dropped is listed no more');

SELECT set_eq($$ SELECT table_name || '.' || column_name FROM laurel.pii_columns() WHERE schema_name = 'laurel' AND column_name IN ('email', 'full_name', 'display_name') $$,
    $$ VALUES ('users.email'), ('users.full_name'), ('user_organizations.display_name'), ('profiles.display_name'), ('one_time_tokens.email'),
        ('invitations.email'), ('suppressed_addresses.email') $$, 'names and addresses of Laurel''s tables are');

SELECT tests.act_as_service();
SELECT ok((SELECT count(*) > 20 FROM laurel.pii_columns()), 'the back end asks for the list');
SELECT tests.act_as(tests.one('a', 1));
SELECT is(tests.error_of('SELECT laurel.pii_columns()'), '42501', 'members do not');
SELECT * FROM finish();
ROLLBACK;
