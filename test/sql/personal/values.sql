-- Encrypted values: what is written, what is stored, who reads it, and what the log says. Lines of a transaction are written
-- when it commits, and announcements hold when theirs has: both are tried in test/personal/run-personal.sh.
\ir ../support/load.sql
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT no_plan();
SELECT tests.cast('ann', 'ben', 'admin', 'manager');
INSERT INTO laurel.user_roles (organization_id, user_id, role) SELECT tests.acme(), tests.person('admin'), 'org_admin' ON CONFLICT DO NOTHING;
INSERT INTO laurel.user_roles (organization_id, user_id, role) SELECT tests.acme(), tests.person('manager'), 'manager' ON CONFLICT DO NOTHING;
UPDATE laurel.users SET manager_id = tests.person('manager') WHERE id = tests.person('ann');
CREATE FUNCTION pg_temp.stored(who text) RETURNS laurel.profiles LANGUAGE sql AS $$ SELECT p FROM laurel.profiles p WHERE user_id = tests.person(who) $$;
CREATE FUNCTION pg_temp.shown(who text) RETURNS text LANGUAGE sql SECURITY INVOKER AS $$
    SELECT concat_ws('|', phone, address, date_of_birth, emergency_contact, emergency_phone) FROM laurel.user_profiles WHERE user_id = tests.person(who) $$;

-- Writing.
SELECT tests.act_as(tests.person('ann'));
SELECT lives_ok($$ UPDATE laurel.profiles SET phone = '+41 44 123', address = 'Sonnweg 1', date_of_birth = '1990-02-28', emergency_contact = 'Zoë', emergency_phone = '117' WHERE user_id = laurel.uid() $$, 'one writes the column');
SELECT is(pg_temp.shown('ann'), '+41 44 123|Sonnweg 1|1990-02-28|Zoë|117', 'and reads the view');
SET LOCAL DateStyle = 'German, DMY';
SELECT is((SELECT date_of_birth FROM laurel.user_profiles WHERE user_id = laurel.uid()), date '28.02.1990', 'a date is one under any style');
SET LOCAL DateStyle = 'ISO, MDY';
SELECT is((SELECT num_nonnulls(phone, address, date_of_birth, emergency_contact, emergency_phone) FROM laurel.profiles WHERE user_id = laurel.uid()), 0, 'the column shows nothing');
SELECT tests.act_as_owner();
SELECT ok(position('44 123' IN encode((pg_temp.stored('ann')).phone_sealed, 'escape')) = 0 AND octet_length((pg_temp.stored('ann')).phone_sealed) > 80, 'what is stored says nothing');
CREATE FUNCTION pg_temp.digest(who text) RETURNS bytea LANGUAGE sql AS $$ SELECT digest FROM laurel_internal.personal_digests WHERE row_id = tests.person(who) $$;
SELECT is(octet_length(pg_temp.digest('ann')), 32, 'what can be searched has a digest');
UPDATE laurel.profiles SET phone = '+41 44 123' WHERE user_id = tests.person('ben');
SELECT isnt((pg_temp.stored('ann')).phone_sealed, (pg_temp.stored('ben')).phone_sealed, 'equal values look different');
SELECT is(pg_temp.digest('ann'), pg_temp.digest('ben'), 'and their digests the same');

-- Rules of the columns.
SELECT is(tests.error_of(format('UPDATE laurel.profiles SET %s', change)), '23514 profiles_' || rule, change) FROM (VALUES
    ($$phone = repeat('5', 21)$$, 'phone_check'), ($$address = repeat('é', 501)$$, 'address_check'), ($$date_of_birth = '1849-12-31'$$, 'date_of_birth_check'),
    ($$date_of_birth = '-infinity'$$, 'date_of_birth_check'), ($$emergency_contact = repeat('x', 101)$$, 'emergency_contact_check'), ($$emergency_phone = repeat('5', 21)$$, 'emergency_phone_check'),
    ($$phone_sealed = '\x00'$$, 'phone_sealed'), ($$phone_sealed = NULL$$, 'phone_sealed'), ($$phone_sealed = address_sealed$$, 'phone_sealed'),
    ($$phone_sealed = (SELECT b.phone_sealed FROM laurel.profiles b WHERE b.user_id <> profiles.user_id AND b.phone_sealed IS NOT NULL LIMIT 1)$$, 'phone_sealed'),
    ($$phone_sealed = set_byte(phone_sealed, 99, 255 - get_byte(phone_sealed, 99))$$, 'phone_sealed')) v (change, rule);
SELECT ok(tests.told($$ UPDATE laurel.profiles SET phone = repeat('5', 21) $$)::text NOT LIKE '%555%', 'a refusal does not repeat the value');
SELECT is(tests.error_of(format('UPDATE laurel.profiles SET %s WHERE user_id = tests.person(''ben'')', change)), 'none', change) FROM (VALUES
    ($$address = repeat('é', 500)$$), ($$phone = repeat('5', 20)$$), ($$date_of_birth = '1850-01-01'$$), ($$date_of_birth = 'infinity'$$), ($$emergency_contact = repeat('x', 100)$$), ($$emergency_phone = ''$$)) v (change);
SELECT is(pg_temp.shown('ben'), repeat('5', 20) || '|' || repeat('é', 500) || '|infinity|' || repeat('x', 100) || '|', 'to the last character');

-- Changing, keeping, clearing.
UPDATE laurel.profiles SET bio = 'Hi' WHERE user_id = tests.person('ann');
UPDATE laurel.profiles SET phone = '1' WHERE user_id = tests.person('ann');
SELECT is(pg_temp.shown('ann'), '1|Sonnweg 1|1990-02-28|Zoë|117', 'what is not named stays');
UPDATE laurel.profiles SET phone = phone, phone_sealed = phone_sealed, address = address, address_sealed = address_sealed WHERE user_id = tests.person('ann');
SELECT is(pg_temp.shown('ann'), '1|Sonnweg 1|1990-02-28|Zoë|117', 'so does what a client writes as it has read it');
UPDATE laurel.profiles SET emergency_contact = NULL, phone = NULL WHERE user_id = tests.person('ann');
SELECT is(pg_temp.shown('ann'), 'Sonnweg 1|1990-02-28|117', 'null clears');
SELECT is(pg_temp.digest('ann'), NULL, 'with the digest');
INSERT INTO laurel.profiles (organization_id, user_id, phone, address) VALUES (tests.acme(), tests.person('ann'), '2', 'elsewhere') ON CONFLICT (user_id) DO UPDATE SET phone = EXCLUDED.phone;
INSERT INTO laurel.profiles (organization_id, user_id, phone) VALUES (tests.acme(), tests.person('ann'), '3') ON CONFLICT DO NOTHING;
SELECT is(pg_temp.shown('ann'), '2|Sonnweg 1|1990-02-28|117', 'an upsert writes what it says');
INSERT INTO laurel.profiles (organization_id, user_id, phone, address) VALUES (tests.acme(), tests.person('ben'), '4', 'Here'), (tests.acme(), tests.person('ann'), NULL, NULL)
ON CONFLICT (user_id) DO UPDATE SET phone = EXCLUDED.phone, address = EXCLUDED.address;
SELECT is(pg_temp.shown('ann') || ' ' || pg_temp.shown('ben'), '1990-02-28|117 4|Here|infinity|' || repeat('x', 100) || '|', 'of several rows too');
MERGE INTO laurel.profiles p USING (VALUES (tests.person('ann'), 'merged')) v (id, address) ON p.user_id = v.id WHEN MATCHED THEN UPDATE SET address = v.address;
SELECT is(pg_temp.shown('ann'), 'merged|1990-02-28|117', 'and MERGE');
DELETE FROM laurel.profiles WHERE user_id = tests.person('ben');
INSERT INTO laurel.profiles (organization_id, user_id, phone) VALUES (tests.acme(), tests.person('ben'), '44');
SELECT is(pg_temp.shown('ben'), '44', 'a new row has its values');

-- Nothing stays in clear, whoever writes.
CREATE FUNCTION public.zzz() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.phone := '5'; RETURN NEW; END $$;
CREATE TRIGGER zzz BEFORE UPDATE ON laurel.profiles FOR EACH ROW EXECUTE FUNCTION public.zzz();
SELECT is(tests.error_of($$ UPDATE laurel.profiles SET bio = 'x' $$), '23514 profiles_personal_check', 'a trigger that is fired later');
DROP FUNCTION public.zzz() CASCADE;
SET LOCAL session_replication_role = replica;
SELECT is(tests.error_of($$ UPDATE laurel.profiles SET phone = '5' $$), '23514 profiles_personal_check', 'and who writes without triggers');
CREATE TEMP TABLE moved AS SELECT phone_sealed FROM laurel.profiles WHERE user_id = tests.person('ben');
UPDATE laurel.profiles SET phone_sealed = (SELECT phone_sealed FROM moved) WHERE user_id = tests.person('ann');
SET LOCAL session_replication_role = origin;
SELECT is(tests.error_of($$ SELECT pg_temp.shown('ann') $$), 'XX001', 'a value is good in its own row only');
UPDATE laurel.profiles SET phone = NULL WHERE user_id = tests.person('ann');

-- Searching.
SELECT tests.act_as_service();
SELECT results_eq($$ SELECT laurel.find_personal('laurel.profiles', 'phone', '44') $$, $$ SELECT tests.person('ben') $$, 'the back end finds a value');
SELECT is_empty($$ SELECT laurel.find_personal('laurel.profiles', 'phone', value) FROM unnest('{4, "44 ", 444, ""}'::text[]) value $$, 'to the letter');
SELECT is(tests.error_of(statement), error, statement) FROM (VALUES ($$SELECT laurel.find_personal('laurel.profiles', 'address', 'x')$$, '42704'), ($$SELECT laurel.find_personal('laurel.users', 'email', 'x')$$, '42704'),
    ($$SELECT laurel.find_personal('laurel.profiles', 'phone', NULL)$$, '22004'), ($$SELECT laurel.find_personal(NULL, 'phone', '44')$$, '22004'), ($$SELECT FROM laurel_internal.personal_digests$$, '42501')) v (statement, error);
SELECT matches(tests.told($$SELECT laurel.find_personal('laurel.profiles', 'phon', 'x')$$), 'values of column "phon" cannot be searched \|.* Those of phone can\. laurel_internal\.personal\(\) has searchable', 'those that can are named');
SELECT matches(tests.told($$SELECT laurel.find_personal('laurel.users', 'email', 'x')$$), 'No column of the table can\.', 'or that there are none');

-- Reading: the back end, others, administrators.
SELECT is(pg_temp.shown('ben'), '44', 'the back end reads');
SELECT tests.act_as(tests.person('manager'));
SELECT is((SELECT num_nonnulls(address, date_of_birth) FROM laurel.user_profiles WHERE user_id = tests.person('ann')), 0, 'a manager sees the row, not the values');
SELECT tests.act_as(tests.person('admin'));
SELECT is(tests.told($$ SELECT address FROM laurel.user_profiles WHERE user_id = tests.person('ann') $$)::text ~ 'reading_for', true, 'an administrator is told to say what for');
SELECT is(tests.error_of($$ SELECT address FROM laurel.user_profiles WHERE user_id = tests.person('ann') $$), '42501', 'and refused until then');
SELECT is(tests.error_of($$ SELECT bio, city FROM laurel.user_profiles $$), 'none', 'other columns need no purpose');
SELECT is(tests.error_of($$ SELECT phone FROM laurel.user_profiles WHERE user_id = laurel.uid() $$), 'none', 'nor do one''s own');
SELECT is(tests.error_of(statement), error, statement) FROM (VALUES
    ($$SELECT laurel.reading_for('  x ')$$, '22023'), ($$SELECT laurel.reading_for(NULL)$$, '22004'), ($$SELECT laurel.reading_for(repeat('x', 501))$$, '22023'),
    ($$SELECT laurel.reading_for('a test', valid_for => '0')$$, '22023'), ($$SELECT laurel.reading_for('a test', valid_for => '61 minutes')$$, '22023'), ($$SELECT laurel.reading_for('a test', valid_for => NULL)$$, '22004'),
    ($$SELECT laurel.reading_for('a test', gen_random_uuid())$$, '23503 processing_log_user_id_member'), ($$SELECT laurel.reading_for('a test', organization_id => tests.bolt())$$, '42501'),
    ($$SELECT laurel.reading_for('a test')$$, 'none')) v (statement, error);
SELECT is(tests.error_of($$ SELECT address FROM laurel.user_profiles WHERE user_id = tests.person('ann') $$), '42501', 'what this transaction says does not hold in it');
SELECT is((SELECT activity || purpose || (valid_until > now())::text FROM laurel.processing_log WHERE actor_id = laurel.uid() LIMIT 1), 'announcea testtrue', 'it is in the log');
SELECT tests.act_as(tests.person('ann'));
SELECT is(tests.error_of($$ SELECT laurel.reading_for('curiosity') $$), '42501', 'members have no purposes');
SELECT is(tests.error_of(statement), '42501', statement) FROM (VALUES ($$SELECT laurel.find_personal('laurel.profiles', 'phone', '1')$$), ($$SELECT FROM laurel_internal.personal_digests$$), ($$SELECT laurel.pii_keys()$$), ($$SELECT laurel.rotate_pii_key()$$),
    ($$SELECT laurel_internal.reveal('\x00', '', '', laurel.uid(), laurel.uid(), laurel.uid())$$), ($$INSERT INTO laurel.processing_log DEFAULT VALUES$$), ($$DELETE FROM laurel.processing_log$$)) v (statement);
-- The functions of the view, with what is not one's own passed off as such.
SELECT tests.act_as_owner();
CREATE TEMP TABLE taken AS SELECT phone_sealed FROM laurel.profiles WHERE user_id = tests.person('ben');
GRANT SELECT ON taken TO authenticated;
SELECT tests.act_as(tests.person('ann'));
SELECT is(tests.error_of($$ SELECT laurel_internal.personal_text(phone_sealed, 'laurel.profiles', 'phone', tests.acme(), laurel.uid(), laurel.uid()) FROM taken $$), 'XX001', 'whose a value is cannot be made up');
SELECT is((SELECT laurel_internal.personal_text(phone_sealed, 'laurel.profiles', 'phone', tests.acme(), tests.person('ben'), tests.person('ben')) FROM taken), NULL, 'and decides');
-- Bound to each part of its place by itself.
SELECT tests.act_as_owner();
SELECT is(tests.error_of(format('SELECT laurel_internal.reveal(phone_sealed, %L, %L, %L, %L, %L) FROM taken', place, name, organization, owner, of_row)), error, 'bound to ' || bound) FROM (VALUES
    ('nothing else', 'none', 'laurel.profiles', 'phone', tests.acme(), tests.person('ben'), tests.person('ben')),
    ('its table', 'XX001', 'laurel.users', 'phone', tests.acme(), tests.person('ben'), tests.person('ben')),
    ('its column', 'XX001', 'laurel.profiles', 'address', tests.acme(), tests.person('ben'), tests.person('ben')),
    ('its organization', 'XX001', 'laurel.profiles', 'phone', tests.bolt(), tests.person('ben'), tests.person('ben')),
    ('its owner', 'XX001', 'laurel.profiles', 'phone', tests.acme(), tests.person('ann'), tests.person('ben')),
    ('its row', 'XX001', 'laurel.profiles', 'phone', tests.acme(), tests.person('ben'), tests.person('ann'))) v (bound, error, place, name, organization, owner, of_row);
-- Who belongs nowhere any more reads nothing, not even of himself.
UPDATE laurel.users SET is_active = false WHERE id = tests.person('ben');
SELECT tests.act_as(tests.person('ben'));
SELECT is((SELECT laurel_internal.personal_text(phone_sealed, 'laurel.profiles', 'phone', tests.acme(), laurel.uid(), laurel.uid()) FROM taken), NULL, 'who was locked out reads nothing of himself');

-- Everybody of the log.
SELECT tests.act_as_owner();
SELECT is(tests.error_of(statement), '23001 processing_log_history', statement) FROM (VALUES ('DELETE FROM laurel.processing_log'), ('UPDATE laurel.processing_log SET purpose = NULL')) v (statement);
SELECT is(tests.error_of($$ SELECT laurel_internal.log_processing('gossip', NULL, NULL, NULL, NULL, NULL, NULL) $$), '23514 processing_log_activity_check', 'activities have names');
SELECT is(tests.error_of($$ SELECT laurel_internal.log_processing('export', NULL, tests.acme(), tests.person('ann'), NULL, NULL, 3) $$), 'none', 'exports are written there');
SELECT tests.act_as(tests.person('ann'));
SELECT is((SELECT string_agg(activity || row_count, ' ') FROM laurel.processing_log), 'export3', 'a member reads what is about oneself');

-- Keys.
SELECT tests.act_as_owner();
SELECT is((SELECT count(*) || ' ' || count(*) FILTER (WHERE is_active AND is_there AND value_count > 0) FROM laurel.pii_keys()), '1 1', 'one key has encrypted everything');
SELECT is(laurel.rotate_pii_key(), 0::bigint, 'nothing is left to do');
SELECT is(tests.error_of(statement), error, statement) FROM (VALUES ($$SELECT laurel.rotate_pii_key(0)$$, '22023'), ($$SELECT laurel.rotate_pii_key(NULL)$$, '22004'), ($$SET laurel.personal_key_file = '/tmp/mine'$$, '55P02')) v (statement, error);
SELECT tests.act_as(tests.person('ann'));
SELECT is(tests.error_of($$ SHOW laurel.personal_key_file $$), '42501', 'nobody else sees where they are');
SELECT * FROM finish();
ROLLBACK;
