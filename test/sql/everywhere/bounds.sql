-- What enters is bounded: JSON in levels and bytes, texts in characters, wherever it comes in.
\ir ../support/load.sql
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT plan(60);

-- An object of so many levels, itself the first.
CREATE FUNCTION pg_temp.nested(levels integer) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
    SELECT (CASE WHEN levels = 1 THEN '{}' ELSE '{"a":' || repeat('[', levels - 1) || repeat(']', levels - 1) || '}' END)::jsonb
$$;
-- An object that takes so many bytes.
CREATE FUNCTION pg_temp.sized(bytes integer) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
    SELECT jsonb_build_object('a', repeat('x', bytes - pg_column_size('{"a": ""}'::jsonb)))
$$;
CREATE FUNCTION pg_temp.check_of(value jsonb, takes_arrays boolean DEFAULT false) RETURNS text LANGUAGE sql AS $$
    SELECT tests.error_of(format('SELECT laurel_internal.check_json(%L, %L, %L, %L)', value, 'place', 'name', takes_arrays))
$$;
CREATE FUNCTION pg_temp.detail_of(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    said text;
BEGIN
    EXECUTE statement;
    RETURN 'none';
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS said = PG_EXCEPTION_DETAIL;
    RETURN said;
END
$$;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA pg_temp TO PUBLIC;

-- One row in each table that has JSON.
SELECT tests.cast('learner', 'admin');
INSERT INTO laurel.badges (organization_id, badge_name) VALUES (tests.acme(), 'Badge');
INSERT INTO laurel.notifications (user_id, type, title, channels) VALUES (tests.person('learner'), 'news', 'News', '{}');
INSERT INTO laurel.domain_events (organization_id, user_id, type) VALUES (tests.acme(), tests.person('learner'), 'happened');
INSERT INTO laurel.gamification_rules (organization_id, name, event_type, actions) VALUES (tests.acme(), 'Rule', 'happens', '[{"kind": "points", "amount": 1}]');
INSERT INTO laurel.learning_paths (id, organization_id, title, status) VALUES (tests.person('path'), tests.acme(), 'Path', 'published');
INSERT INTO laurel.learning_modules (id, learning_path_id, position, title) VALUES (tests.person('module'), tests.person('path'), 1, 'Module');
INSERT INTO laurel.answer_keys (module_id, keys) VALUES (tests.person('module'), '{"q": {"kind": "single", "right": "b"}}');
INSERT INTO laurel.module_completions (user_id, module_id) VALUES (tests.person('learner'), tests.person('module'));
INSERT INTO laurel.buddy_profiles (organization_id, user_id) VALUES (tests.acme(), tests.person('admin'));
INSERT INTO laurel.buddy_matches (organization_id, user_id, buddy_id) VALUES (tests.acme(), tests.person('learner'), tests.person('admin'));
INSERT INTO laurel.beneficiaries (organization_id, user_id) VALUES (tests.acme(), tests.person('learner'));
INSERT INTO laurel.assessments (id, organization_id, title, type) VALUES (tests.person('assessment'), tests.acme(), 'Quiz', 'quiz');
INSERT INTO laurel.questions (assessment_id, text, type) VALUES (tests.person('assessment'), '?', 'essay');
INSERT INTO laurel.documents (organization_id, uploaded_by, filename) VALUES (tests.acme(), tests.person('learner'), 'x');
INSERT INTO laurel.path_certifications (user_id, learning_path_id, cycle, started_at, completed_at) VALUES (tests.person('learner'), tests.person('path'), 1, now(), now());
INSERT INTO laurel.points_ledger (user_id, amount, transaction_type, reason) VALUES (tests.person('learner'), 5, 'bonus', 'r');
INSERT INTO laurel.point_holds (organization_id, user_id, amount, reason) VALUES (tests.acme(), tests.person('learner'), 5, 'r');
INSERT INTO laurel.messages (organization_id, sender_id, recipient_id, content) VALUES (tests.acme(), tests.person('learner'), tests.person('admin'), 'x');
INSERT INTO laurel.error_logs (error_type, error_message) VALUES ('x', 'x');

-- Every column: by a check of its own, or as said here.
CREATE TEMP VIEW json_columns AS
    SELECT c.relname AS place, a.attname AS name,
        (SELECT pg_get_constraintdef(k.oid) FROM pg_constraint k
         WHERE k.conrelid = c.oid AND k.conname = c.relname || '_' || a.attname || '_check') AS rule
    FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname IN ('laurel', 'laurel_internal') AND c.relkind IN ('r', 'p') AND NOT c.relispartition
        AND a.attnum > 0 AND NOT a.attisdropped AND a.atttypid IN ('json'::regtype, 'jsonb'::regtype);
CREATE TEMP TABLE otherwise (place text, name text, how text);
INSERT INTO otherwise VALUES ('points_ledger', 'metadata', 'its row trigger: a check is parsed anew by every statement'),
    ('points_ledger_archive', 'metadata', 'it comes from points_ledger'), ('rule_versions', 'actions', 'it comes from gamification_rules'), ('audit_log', 'before', 'each value by its guard, 8 kB'), ('audit_log', 'after', 'as before'),
    ('audit_log', 'hidden', 'names of columns'), ('user_merges', 'moved', 'what one function has counted: rows are history'),
    ('credentials', 'document', 'one function makes it, of texts that are bounded'),
    ('questions', 'answer_key', 'it is made of grading and correct_answer'), ('question_versions', 'options', 'it comes from questions'), ('question_versions', 'answer_key', 'it comes from questions'),
    ('question_versions', 'rubric', 'it comes from questions'), ('assessment_results', 'ai_analysis', 'one function writes it, by a check of its own'), ('assessment_results', 'recommendations', 'as before'), ('response_marks', 'rubric', 'as before');
SELECT is_empty($$ SELECT place, name FROM json_columns j WHERE (place, name) NOT IN (SELECT place, name FROM otherwise)
        AND coalesce(rule, '') !~ '^CHECK \(laurel_internal\.check_criteria\(criteria\)\)$' AND coalesce(rule, '') !~ format('^CHECK \(laurel_internal\.check_(json|questions|answer_keys|options|rubric)\(%I, %L::text, %L::text', name, place, name) $$,
    'every JSON column is bounded');
SELECT is(tests.error_of(format('UPDATE laurel.%I SET %I = %L', place, name, pg_temp.nested(33))),
    format('23514 %s_%s_check', place, name), format('%s.%s of 33 levels', place, name))
FROM json_columns WHERE (place, name) NOT IN (SELECT place, name FROM otherwise);

-- The bounds, to the last level and byte.
SELECT is(pg_temp.check_of(pg_temp.nested(32)), 'none', '32 levels');
SELECT is(pg_temp.check_of(pg_temp.nested(33)), '23514 place_name_check', '33 levels');
SELECT is(pg_temp.check_of('{"a": [{}, {}, {}, [], []], "b": {}, "c": [[], []]}'), 'none', 'neighbours are no levels');
SELECT is(pg_temp.check_of(pg_temp.sized(65536)), 'none', '65,536 bytes');
SELECT is(pg_temp.check_of(pg_temp.sized(65537)), '23514 place_name_check', '65,537 bytes');
SELECT is(pg_temp.check_of(jsonb_build_object('n', 1e60000)), 'none', 'a number of 60,001 digits');
SELECT is(pg_temp.check_of(jsonb_build_object('n', 1e60000, 'm', jsonb_build_array(1e6000))), '23514 place_name_check',
    'a few bytes that are 66,002 digits');
SELECT is(pg_temp.check_of(jsonb_build_object('n', (SELECT jsonb_agg(1.5e60) FROM generate_series(1, 2000)))), 'none',
    'numbers as people use them');
SELECT is(pg_temp.check_of('[1]'), '23514 place_name_check', 'an array');
SELECT is(pg_temp.check_of('"x"'), '23514 place_name_check', 'a text');
SELECT is(pg_temp.check_of('[1]', true), 'none', 'an array where arrays are taken');
SELECT is(pg_temp.check_of('5', true), '23514 place_name_check', 'a number where arrays are taken');
SELECT is(pg_temp.check_of(NULL), 'none', 'nothing');
SELECT is(pg_temp.detail_of($$ SELECT laurel_internal.check_json(pg_temp.sized(70000), 'place', 'name') $$), 'It has 70000 bytes.', 'what was found is said');

-- Compressed it is small, unpacked it is not.
CREATE TEMP TABLE packed (value jsonb);
ALTER TABLE packed ALTER value SET STORAGE extended;
INSERT INTO packed SELECT pg_temp.sized(1000000);
SELECT cmp_ok(pg_column_size(value), '<', 65536, 'a million bytes are stored in few') FROM packed;
SELECT throws_ok($$ SELECT laurel_internal.check_json(value, 'place', 'name') FROM packed $$, '23514',
    'name of place is not JSON that can be kept', 'but count for what they are');

-- Wherever it comes in. What is a thousand levels deep may not be walked by recursion on the way.
SELECT tests.act_as_admin();
SELECT is(tests.error_of(format('SELECT laurel.notify(%L, ''t'', ''t'', data => %L)', tests.person('learner'), pg_temp.nested(1000))),
    '23514 notifications_data_check', 'a notification');
SELECT is(tests.error_of(format('INSERT INTO laurel.notifications (user_id, type, title, data) VALUES (%L, ''t'', ''t'', %L)', tests.person('learner'), pg_temp.nested(1000))),
    '23514 notifications_data_check', 'a row of notifications');
SELECT is(tests.error_of(format('SELECT laurel.record_points_transaction(%L, 5, ''bonus'', reason => ''r'', metadata => %L)', tests.person('learner'), pg_temp.nested(33))),
    '23514 points_ledger_metadata_check', 'an entry''s metadata, too deep');
SELECT is(tests.error_of(format('SELECT laurel.record_points_transaction(%L, 5, ''bonus'', reason => ''r'', metadata => %L)', tests.person('learner'), pg_temp.sized(65537))),
    '23514 points_ledger_metadata_check', 'an entry''s metadata, too large');
SELECT is(tests.error_of(format('SELECT laurel.record_points_transaction(%L, 5, ''bonus'', reason => ''r'', metadata => %L)', tests.person('learner'), pg_temp.nested(32))),
    'none', 'an entry''s metadata');
SELECT is(tests.error_of(format('SELECT laurel.record_points_transactions(jsonb_build_array(jsonb_build_object(''user_id'', %L, ''amount'', 5, ''transaction_type'', ''bonus'', ''reason'', ''r'', ''metadata'', %L::jsonb)))',
    tests.person('learner'), pg_temp.nested(32))), 'none', 'metadata of one of many entries');
SELECT is(tests.error_of(format('SELECT laurel.record_points_transactions(jsonb_build_array(jsonb_build_object(''user_id'', %L, ''amount'', 5, ''transaction_type'', ''bonus'', ''reason'', ''r'', ''metadata'', %L::jsonb)))',
    tests.person('learner'), pg_temp.nested(33))), '22023', 'metadata of one of many entries, too deep');
SELECT is(tests.error_of(format('SELECT laurel.record_points_transactions(%L)', jsonb_build_array(pg_temp.nested(1000)))), '22023', 'an array of entries, too deep');
SELECT is(tests.error_of(format('SELECT laurel.record_points_transaction(%L, 5, ''bonus'', reason => repeat(''é'', 2000))', tests.person('learner'))), 'none', 'a reason');
SELECT is(tests.error_of(format('SELECT laurel.record_points_transaction(%L, 5, ''bonus'', reason => repeat(''é'', 2001))', tests.person('learner'))),
    '23514 points_ledger_reason_check', 'a reason, too long');
SELECT tests.act_as_owner();

-- Texts that members and administrators write.
SELECT is_empty($$
    SELECT c.relname, a.attname FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
    WHERE c.relnamespace = 'laurel'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition AND a.attnum > 0
        AND a.atttypid IN ('text'::regtype, 'text[]'::regtype, 'varchar'::regtype, 'bytea'::regtype)
        AND (has_column_privilege('authenticated', c.oid, a.attnum, 'INSERT, UPDATE') OR (c.relname, a.attname) IN (('sessions', 'user_agent'), ('users', 'permissions')))
        -- by a registry of short names, by the words of a role, by the row trigger, by points_ledger_ranges_check
        AND (c.relname, a.attname) NOT IN (('points_ledger', 'reference_type'), ('user_roles', 'role'), ('recognition_allowances', 'role'), ('points_ledger', 'reason'), ('points_ledger', 'word_salt'),
            ('points_ledger', 'transaction_type'), ('points_ledger', 'entry_hash'), ('points_ledger', 'idempotency_key'))
        -- by the guard, which takes what it has made itself
        AND NOT (c.relname = 'profiles' AND a.attname ~ '_(sealed|digest)$')
        AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conrelid = c.oid AND k.contype = 'c' AND a.attnum = ANY (k.conkey)
            AND pg_get_constraintdef(k.oid) ~ ANY (ARRAY[
                format('(char_length|octet_length|cardinality)\(%s\)\)? (<=|>= \d+\) AND \(\w+\(%s\) <=|=) \d+', a.attname, a.attname),
                format('%s = ANY \(ARRAY', a.attname), format('is_(canonical|webhook_secret)\(%s', a.attname),
                'check_webhook_url\(', 'are_(skills|languages|tags)\(', '\^\\\$2'])) $$,
    'no text that clients write is without a bound');

-- A browser's name may be as long as it likes: it is cut, so that its owner can sign in.
SELECT is(laurel.session_user_id(laurel.create_session(tests.person('learner'), user_agent => repeat('x', 5000))), tests.person('learner'), 'a long name of a browser opens a session');
SELECT is((SELECT char_length(user_agent) FROM laurel.sessions), 1000, 'and is cut');

SELECT * FROM finish();
ROLLBACK;
