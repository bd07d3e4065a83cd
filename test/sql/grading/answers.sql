-- Grading: what keys and questions may be, and what answers come to.
\ir ../support/load.sql
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT no_plan();

CREATE FUNCTION pg_temp.graded(key text, answer text) RETURNS numeric LANGUAGE sql AS $$
    SELECT laurel_internal.grade(jsonb_build_object('q', key::jsonb), coalesce(jsonb_build_object('q', answer::jsonb), '{}'))
$$;
SELECT is(pg_temp.graded(key, answer), score, left(concat_ws(' ', key, answer), 120)) FROM (VALUES
    ('{"kind": "single", "right": "b"}', '"b"', 100.00), ('{"kind": "single", "right": "b"}', '"B"', 0), ('{"kind": "single", "right": "b"}', '"b "', 0), ('{"kind": "single", "right": "b"}', '["b"]', 0),
    ('{"kind": "single", "right": "b"}', 'null', 0), ('{"kind": "single", "right": "b"}', NULL, 0), ('{"kind": "single", "right": "b"}', '{"right": "b"}', 0),
    ('{"kind": "multiple", "right": ["a", "c"]}', '["c", "a", "c"]', 100), ('{"kind": "multiple", "right": ["a", "c"]}', '["c"]', 0), ('{"kind": "multiple", "right": ["a", "c"]}', '["c", "a", 1]', 0),
    ('{"kind": "multiple", "right": ["a", "c"], "partial": true}', '["c"]', 50), ('{"kind": "multiple", "right": ["a", "c"], "partial": true}', '["a", "b", "c"]', 50), ('{"kind": "multiple", "right": ["a", "c"]}', '"a"', 0),
    ('{"kind": "true_false", "right": false}', 'false', 100), ('{"kind": "true_false", "right": false}', '"false"', 0), ('{"kind": "true_false", "right": false}', '0', 0), ('{"kind": "true_false", "right": false}', NULL, 0),
    ('{"kind": "numeric", "right": 9.81, "tolerance": 0.01}', '9.82', 100), ('{"kind": "numeric", "right": 9.81, "tolerance": 0.01}', '9.8201', 0), ('{"kind": "numeric", "right": 9.81, "tolerance": 0.01}', '"9,82"', 100),
    ('{"kind": "numeric", "right": 9.81, "units": {"m/s2": 1, "cm/s2": 0.01}}', '"981 cm/s2"', 100), ('{"kind": "numeric", "right": 9.81, "units": {"m/s2": 1}}', '9.81', 0),
    ('{"kind": "numeric", "right": 9.81, "units": {"m/s2": 1}}', '"9.81 M/S2"', 0), ('{"kind": "numeric", "right": 0}', '"NaN"', 0), ('{"kind": "numeric", "right": 0, "tolerance": 1e300}', '"Infinity"', 0),
    ('{"kind": "numeric", "right": 0, "tolerance": 1e300}', '1e400', 0), ('{"kind": "numeric", "right": 0, "tolerance": 1e300}', '"1e400"', 0), ('{"kind": "numeric", "right": 1, "tolerance": 1e300, "units": {"m": 1e300}}', '"1e300 m"', 0),
    ('{"kind": "numeric", "right": 9876543210123}', '9876543210123', 100), ('{"kind": "numeric", "right": 9876543210123}', '9876543210124', 0), ('{"kind": "numeric", "right": 0}', '1e-12', 0),
    ('{"kind": "text", "right": ["Paris"]}', '"  PARIS\t"', 100), ('{"kind": "text", "right": ["Paris"]}', '"Ｐａｒｉｓ"', 100), ('{"kind": "text", "right": ["Paris"]}', '"Pаris"', 0), ('{"kind": "text", "right": ["Paris"]}', '""', 0),
    ('{"kind": "text", "pattern": "9-?1-?1"}', '"9-11"', 100), ('{"kind": "text", "pattern": "9-?1-?1"}', '"9-112"', 0), ('{"kind": "text", "pattern": "a*"}', to_json(repeat('a', 1000))::text, 100),
    ('{"kind": "text", "pattern": "a*"}', to_json(repeat('a', 1001))::text, 0), ('{"kind": "text", "pattern": "a*"}', to_json(repeat('ﷺ', 300))::text, 0),
    ('{"kind": "order", "right": ["a", "b", "c"]}', '["a", "b", "c"]', 100), ('{"kind": "order", "right": ["a", "b", "c"]}', '["a", "c", "b"]', 0), ('{"kind": "order", "right": ["a", "b", "c"], "partial": true}', '["a", "c", "b"]', 33.33),
    ('{"kind": "order", "right": ["a", "b", "c"], "partial": true}', '["a", "b", "c", "d"]', 0), ('{"kind": "match", "right": {"a": "1", "b": "2"}}', '{"b": "2", "a": "1"}', 100),
    ('{"kind": "match", "right": {"a": "1", "b": "2"}, "partial": true}', '{"b": "2"}', 50), ('{"kind": "match", "right": {"a": "1", "b": "2"}, "partial": true}', '{"b": "2", "a": "1", "c": "1"}', 0),
    ('{"kind": "match", "right": {"a": "1"}}', '{"a": 1}', 0)) v (key, answer, score);
SELECT is(laurel_internal.grade('{"a": {"kind": "true_false", "right": true, "points": 2}, "b": {"kind": "true_false", "right": true}}', answers::jsonb), score, answers) FROM (VALUES
    ('{"a": true}', 66.66), ('{"b": true}', 33.33), ('{"a": true, "b": true}', 100), ('{"c": true}', 0), ('[true, true]', 0), ('"a"', 0), ('null', 0)) v (answers, score);

CREATE FUNCTION pg_temp.key_problem(key text) RETURNS text LANGUAGE sql AS $$
    SELECT tests.error_of(format('SELECT laurel_internal.check_answer_keys(%L, ''answer_keys'', ''keys'')', jsonb_build_object('q', key::jsonb)))
$$;
SELECT is(pg_temp.key_problem(key), '23514 answer_keys_keys_check', key) FROM unnest(ARRAY['"b"', '[]', '{}', '{"kind": "essay", "right": "b"}', '{"kind": 1, "right": "b"}', '{"kind": "single"}', '{"kind": "single", "right": ["b"]}',
    '{"kind": "single", "right": "b", "points": 0}', '{"kind": "single", "right": "b", "points": 1001}', '{"kind": "single", "right": "b", "points": "1"}', '{"kind": "single", "right": "b", "partial": 1}',
    '{"kind": "multiple", "right": "b"}', '{"kind": "multiple", "right": ["a", 1]}', '{"kind": "multiple", "right": ["a", "c", "a"]}', '{"kind": "order", "right": ["a", "b", "a"]}', '{"kind": "true_false", "right": "true"}',
    '{"kind": "numeric", "right": "1"}', '{"kind": "numeric", "right": 1e400}', '{"kind": "numeric", "right": 1, "tolerance": -1}', '{"kind": "numeric", "right": 1, "tolerance": 1e400}', '{"kind": "numeric", "right": 1, "units": {"m": 0}}',
    '{"kind": "numeric", "right": 1, "units": {"": 1}}', '{"kind": "numeric", "right": 1, "units": {"m": 1e400}}', '{"kind": "numeric", "right": 1, "units": ["m"]}', '{"kind": "text"}', '{"kind": "text", "right": []}',
    '{"kind": "text", "right": [""]}', '{"kind": "text", "right": "Paris"}', '{"kind": "text", "pattern": 1}', '{"kind": "text", "pattern": ""}', '{"kind": "text", "pattern": "(a)\\1"}', '{"kind": "text", "pattern": "(?=a)"}',
    '{"kind": "text", "pattern": "((a{100}){100}){100}"}', format('{"kind": "text", "pattern": "%s"}', repeat('a', 201)), '{"kind": "match", "right": {}}', '{"kind": "match", "right": {"a": 1}}', '{"kind": "match", "right": ["a"]}']) key;
SELECT is(pg_temp.key_problem(key), 'none', key) FROM unnest(ARRAY['{"kind": "single", "right": "b", "points": 1000}', '{"kind": "multiple", "right": []}', format('{"kind": "text", "pattern": "%s"}', repeat('a', 200))]) key;
SELECT is(tests.error_of(format('SELECT laurel_internal.check_answer_keys(%L, ''answer_keys'', ''keys'')', (SELECT jsonb_object_agg(n, '{"kind": "true_false", "right": true}'::jsonb) FROM generate_series(1, most) n))), error, most || ' keys')
FROM (VALUES (200, 'none'), (201, '23514 answer_keys_keys_check')) v (most, error);

-- Questions do not tell what is right, wherever it stands and however it is written.
CREATE FUNCTION pg_temp.question_problem(more text) RETURNS text LANGUAGE sql AS $$
    SELECT tests.error_of(format('SELECT laurel_internal.check_questions(%L, ''learning_modules'', ''quiz_questions'')',
        jsonb_build_array('{"id": "q", "kind": "single", "text": "Which?"}'::jsonb || more::jsonb)))
$$;
SELECT is(pg_temp.question_problem(more), '23514 learning_modules_quiz_questions_check', more) FROM unnest(ARRAY['{"id": ""}', '{"id": 1}', '{"kind": "essay"}', '{"text": ""}', '{"text": 1}', format('{"id": "%s"}', repeat('x', 101)),
    '{"answer": "b"}', '{"answers": []}', '{"key": "b"}', '{"pattern": "b"}', '{"right": "b"}', '{"tolerance": 1}', '{"variants": []}', '{"correct": "b"}', '{"solution": "b"}',
    '{"Answer": "b"}', '{"correct_answer": "b"}', '{"correctAnswer": "b"}', '{"is-correct": true}', '{"options": [{"id": "b", "correct": true}]}', '{"options": {"b": {"isCorrect": true}}}', '{"more": {"deep": [[{"Solutions": 1}]]}}']) more;
SELECT is(pg_temp.question_problem(more), 'none', more) FROM unnest(ARRAY['{}', '{"options": [{"key": "b", "text": "Leave"}]}', '{"options": {"left": ["a"], "right": ["1"]}}', '{"correction": "late"}']) more;
SELECT is(tests.error_of($$ SELECT laurel_internal.check_questions('[{"id": "q", "kind": "single", "text": "?"}, {"id": "q", "kind": "single", "text": "?"}]', 'learning_modules', 'quiz_questions') $$), '23514 learning_modules_quiz_questions_check', 'two of one id');

SELECT * FROM finish();
ROLLBACK;
