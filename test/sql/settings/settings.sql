-- Settings: values that are what their type says, an organization's before the platform's, and who reads which.
\ir ../support/load.sql
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT no_plan();

SELECT tests.cast();
CREATE FUNCTION pg_temp.refused(type text, value text) RETURNS text LANGUAGE sql AS $$
    SELECT tests.error_of(format('INSERT INTO laurel.settings (organization_id, key, type, value) VALUES (tests.acme(), %L, %L, %L)', 'k' || (SELECT count(*) FROM laurel.settings), type, value))
$$;

-- What a value is.
SELECT is(pg_temp.refused(type, value), 'none', format('%s %s', type, value)) FROM (VALUES ('string', ''), ('string', 'maybe'), ('integer', '0'), ('integer', '-12'), ('integer', '123456789012345678'),
    ('number', '1.5'), ('number', '-0.1'), ('number', '1e-3'), ('boolean', 'true'), ('boolean', 'false'), ('duration', 'P7D'), ('duration', 'PT15M'), ('duration', 'P1Y2M3DT4H5M6.5S'), ('duration', 'P2W'),
    ('json', '{"a": [1, null]}'), ('json', 'null'), ('json', '" "'), ('json', '[]'), ('json', '12')) v (type, value);
SELECT is(pg_temp.refused(type, value), '23514 settings_value_check', format('no %s: %s', type, left(value, 30))) FROM (VALUES ('integer', ''), ('integer', '1.5'), ('integer', '01'), ('integer', ' 1'), ('integer', E'1\n'), ('integer', '1234567890123456789'),
    ('number', 'NaN'), ('number', '.5'), ('number', '1.'), ('number', 'Infinity'), ('number', '0x1'), ('boolean', 'maybe'), ('boolean', 'TRUE'), ('boolean', 't'), ('boolean', ''), ('boolean', '1'),
    ('duration', 'P'), ('duration', 'PT'), ('duration', '1 day'), ('duration', 'P1DT'), ('duration', '-P1D'), ('duration', 'P1S'), ('json', ''), ('json', '{'), ('json', '{"a":}'), ('json', 'maybe'), ('json', '{} {}'), ('json', '"\u0000"'),
    ('json', repeat('[', 40) || repeat(']', 40)), ('json', repeat('[', 4000) || repeat(']', 4000))) v (type, value);
SELECT is(tests.error_of($$ INSERT INTO laurel.settings (organization_id, key, type, value) SELECT tests.acme(), 'a', 'json', '1e99999' $$) IN ('none', '23514 settings_value_check'), true, 'a huge number is one or none');
SELECT is(pg_temp.refused('no such type', 'x'), '23514 settings_type_check', 'types are these');
SELECT is(tests.error_of(format('INSERT INTO laurel.settings (organization_id, key, value) VALUES (tests.acme(), %L, %L)', key, '1')), e, 'key ' || left(key, 20)) FROM (VALUES
    (repeat('x', 100), 'none'), (repeat('x', 101), '23514 settings_key_check'), ('Upper', '23514 settings_key_form_check'), ('', '23514 settings_key_form_check'), ('a b', '23514 settings_key_form_check'), ('a..b', '23514 settings_key_form_check'),
    ('mail.from-name_1', 'none'), ('mail.from-name_1', '23505 settings_key_key')) v (key, e);
SELECT is(tests.error_of(format('INSERT INTO laurel.settings (organization_id, key, value, %I) VALUES (tests.acme(), ''other'', ''1'', %L)', c, v)), e, c) FROM (VALUES
    ('category', '', '23514 settings_category_check'), ('category', repeat('x', 51), '23514 settings_category_check'), ('description', repeat('x', 1001), '23514 settings_description_check')) v (c, v, e);
SELECT is(pg_temp.refused('string', repeat('x', 10001)), '23514 settings_value_length_check', 'a value has bounds');
SELECT is(pg_temp.refused('string', NULL), '23502', 'and is there');
SELECT is(tests.error_of($$ UPDATE laurel.settings SET type = 'boolean' WHERE key = 'mail.from-name_1' $$), '23514 settings_value_check', 'a type does not change without its value');
SELECT is(tests.error_of($$ UPDATE laurel.settings SET key = 'x' WHERE key = 'mail.from-name_1' $$), '23001 settings_key_immutable', 'a key stays');
SELECT is(tests.error_of($$ UPDATE laurel.settings SET organization_id = tests.bolt() WHERE key = 'mail.from-name_1' $$), '23001 settings_organization_id_immutable', 'and whose it is');
SELECT is(tests.error_of($$ UPDATE laurel.settings SET organization_id = NULL WHERE key = 'mail.from-name_1' $$), '23001 settings_organization_id_immutable', 'also for the platform');
DELETE FROM laurel.settings;

-- An organization's before the platform's.
INSERT INTO laurel.settings (organization_id, key, type, value, is_public) VALUES
    (NULL, 'theme', 'string', 'plain', true), (tests.acme(), 'theme', 'string', 'blue "sky"', true), (NULL, 'limit', 'integer', '5', true), (NULL, 'secret', 'string', 'platform', false),
    (tests.acme(), 'token', 'string', 'acme', false), (tests.bolt(), 'token', 'string', 'bolt', false), (tests.acme(), 'limits', 'json', '{"a": 1}', true), (tests.acme(), 'on', 'boolean', 'true', true), (tests.acme(), 'pause', 'duration', 'PT5M', true),
    (NULL, 'hidden', 'string', 'platform', true), (tests.acme(), 'hidden', 'string', 'acme', false);
SELECT is(tests.error_of($$ INSERT INTO laurel.settings (organization_id, key, value) VALUES (NULL, 'theme', 'x') $$), '23505 settings_key_key', 'the platform has each key once, too');
CREATE FUNCTION pg_temp.read() RETURNS text LANGUAGE sql AS $$
    SELECT concat_ws(' / ', coalesce(laurel.setting('theme'), '-'), coalesce(laurel.setting('limit'), '-'), coalesce(laurel.setting('secret'), '-'), coalesce(laurel.setting('token'), '-'), coalesce(laurel.setting('hidden'), '-'))
$$;
CREATE FUNCTION pg_temp.rows() RETURNS text LANGUAGE sql AS $$ SELECT string_agg(key || '=' || value, ', ' ORDER BY key, value) FROM laurel.settings WHERE key IN ('theme', 'secret', 'token', 'hidden') $$;
SELECT tests.act_as_learner();
SELECT is(pg_temp.read(), 'blue "sky" / 5 / - / - / -', 'a member reads what is public, the organization''s first');
SELECT is(pg_temp.rows(), 'hidden=platform, theme=blue "sky", theme=plain', 'in the table too');
SELECT is(jsonb_build_array(laurel.setting_json('theme'), laurel.setting_json('limit'), laurel.setting_json('limits'), laurel.setting_json('on'), laurel.setting_json('pause'), laurel.setting_json('none')), '["blue \"sky\"", 5, {"a": 1}, true, "PT5M", null]', 'and as its type');
SELECT is(laurel.setting(key), NULL, 'there is no ' || coalesce(left(key, 10), 'null')) FROM unnest(ARRAY[NULL, '', 'none', repeat('x', 101), repeat('x', 100000), '''; DROP TABLE x', 'theme' || chr(1)]) key;
SELECT is(laurel.setting('token', tests.bolt()), NULL, 'nor of another organization');
SELECT is(laurel.setting('theme', NULL) || laurel.setting('theme', tests.bolt()), 'plainplain', 'but what is public');
SELECT tests.act_as_admin();
SELECT is(pg_temp.read(), 'blue "sky" / 5 / - / acme / acme', 'an administrator reads all of the organization, and no secret of the platform');
SELECT is(pg_temp.rows(), 'hidden=acme, hidden=platform, theme=blue "sky", theme=plain, token=acme', 'in the table too');
SELECT tests.act_as_bolt_admin();
SELECT is(pg_temp.read(), 'plain / 5 / - / bolt / platform', 'and so does that of another');
SELECT tests.act_as_anon();
SELECT is(pg_temp.read(), 'plain / 5 / - / - / platform', 'who has not signed in reads what is public');
SELECT is(pg_temp.rows(), 'hidden=platform, theme=blue "sky", theme=plain', 'and nothing else');
SELECT is(laurel.setting('theme', tests.acme()) || coalesce(laurel.setting('token', tests.acme()), '-'), 'blue "sky"-', 'also of an organization that he names');
SELECT tests.act_as(tests.person('root'));
SELECT is(laurel.setting('secret', NULL) || (SELECT count(*) FROM laurel.settings WHERE key = 'secret'), 'platform1', 'the administrator of the platform reads its secrets');
SELECT tests.act_as_service();
SELECT is(laurel.setting('secret') || laurel.setting('token', tests.acme()), 'platformacme', 'and the back end all');

-- Who writes.
SELECT is(tests.error_of(s), e, s) FROM (SELECT tests.act_as_learner()) a, (VALUES ($$ INSERT INTO laurel.settings (key, value) VALUES ('x', 'y') $$, '42501'), ($$ INSERT INTO laurel.settings (organization_id, key, value) VALUES (NULL, 'x', 'y') $$, '42501')) v (s, e);
UPDATE laurel.settings SET value = 'changed' WHERE key = 'theme';
DELETE FROM laurel.settings WHERE key = 'theme';
SELECT is(pg_temp.read(), 'blue "sky" / 5 / - / - / -', 'a member changes and deletes nothing');
SELECT tests.act_as_anon();
SELECT is(tests.error_of(s), '42501', s) FROM unnest(ARRAY[$$ INSERT INTO laurel.settings (key, value) VALUES ('x', 'y') $$, $$ UPDATE laurel.settings SET value = 'x' $$, $$ DELETE FROM laurel.settings $$]) s;
SELECT tests.act_as_admin();
INSERT INTO laurel.settings (key, value, type) VALUES ('mine', '7', 'integer');
SELECT is((SELECT organization_id FROM laurel.settings WHERE key = 'mine'), tests.acme(), 'an administrator makes one of the organization');
SELECT is(tests.error_of(s), '42501', s) FROM unnest(ARRAY[$$ INSERT INTO laurel.settings (organization_id, key, value) VALUES (NULL, 'x', 'y') $$, $$ INSERT INTO laurel.settings (organization_id, key, value) VALUES (tests.bolt(), 'x', 'y') $$,
    $$ UPDATE laurel.settings SET key = 'x' $$, $$ UPDATE laurel.settings SET organization_id = NULL $$]) s;
UPDATE laurel.settings SET value = 'changed' WHERE key IN ('theme', 'secret');
SELECT is(laurel.setting('theme') || laurel.setting('theme', NULL), 'changedplain', 'and changes its own, at once');
DELETE FROM laurel.settings WHERE key = 'theme';
SELECT is(laurel.setting('theme'), 'plain', 'or goes back to the platform''s');
SELECT tests.act_as(tests.person('root'));
UPDATE laurel.settings SET value = 'dark' WHERE key = 'theme' AND organization_id IS NULL;
SELECT tests.act_as_learner();
SELECT is(laurel.setting('theme'), 'dark', 'which the administrator of the platform changes');
SELECT tests.act_as_owner();
SELECT is((SELECT count(*) FROM laurel.audit_log WHERE table_name LIKE '%settings' AND after ->> 'key' = 'mine'), 1::bigint, 'changes are audited');
SELECT is((SELECT count(*) FROM laurel.audit_log WHERE table_name LIKE '%.settings' AND (before::text ~ 'acme|changed' OR after::text ~ 'acme|changed')), 0::bigint, 'without the value');
SAVEPOINT before_change;
UPDATE laurel.settings SET value = 'other' WHERE key = 'limits' AND false;
UPDATE laurel.settings SET value = '{"a": 2}' WHERE key = 'limits';
SELECT is(laurel.setting('limits', tests.acme()), '{"a": 2}', 'a change is seen');
ROLLBACK TO before_change;
SELECT is(laurel.setting('limits', tests.acme()), '{"a": 1}', 'and so is that it was taken back');
INSERT INTO laurel.organizations (id, name, slug) VALUES (tests.person('org'), 'Gone', 'gone');
INSERT INTO laurel.settings (organization_id, key, value) VALUES (tests.person('org'), 'x', 'gone');
DELETE FROM laurel.organizations WHERE id = tests.person('org');
SELECT is((SELECT count(*) FROM laurel.settings WHERE value = 'gone'), 0::bigint, 'settings go with their organization');

SELECT * FROM finish();
ROLLBACK;
