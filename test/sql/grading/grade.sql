-- Answers and their keys as jsonb: what is graded how, and what keys and questions may be.
\ir ../support/load.sql
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT no_plan();

SELECT is(laurel_internal.grade(jsonb_build_object('q', key::jsonb), coalesce('{"q": ' || answer || '}', '{}')::jsonb)::text, score, concat_ws(' to ', answer, key)) FROM (VALUES
    ('{"kind": "single", "right": "b"}', '"b"', '100.00'), ('{"kind": "single", "right": "b"}', '"a"', '0.00'), ('{"kind": "single", "right": "b"}', '["b"]', '0.00'),
    ('{"kind": "single", "right": "b"}', NULL, '0.00'), ('{"kind": "single", "right": "b"}', 'null', '0.00'),
    ('{"kind": "multiple", "right": ["a", "b", "c"]}', '["c", "b", "a"]', '100.00'), ('{"kind": "multiple", "right": ["a", "b", "c"]}', '["a", "b"]', '0.00'),
    ('{"kind": "multiple", "right": ["a", "b", "c"], "partial": true}', '["a", "b"]', '66.66'), ('{"kind": "multiple", "right": ["a", "b", "c"], "partial": true}', '["a", "b", "d"]', '33.33'),
    ('{"kind": "multiple", "right": ["a", "b"], "partial": true}', '["a", 1]', '0.00'), ('{"kind": "multiple", "right": ["a", "b"]}', '"a"', '0.00'),
    ('{"kind": "true_false", "right": false}', 'false', '100.00'), ('{"kind": "true_false", "right": true}', 'false', '0.00'), ('{"kind": "true_false", "right": true}', '"true"', '0.00'),
    ('{"kind": "numeric", "right": 9.81, "tolerance": 0.01}', '9.82', '100.00'), ('{"kind": "numeric", "right": 9.81}', '9.82', '0.00'), ('{"kind": "numeric", "right": 9.81}', '"9,81"', '100.00'),
    ('{"kind": "numeric", "right": 2, "units": {"m": 1, "cm": 0.01}}', '"200 cm"', '100.00'), ('{"kind": "numeric", "right": 2, "units": {"m": 1}}', '2', '0.00'),
    ('{"kind": "numeric", "right": 2, "units": {"m": 1}}', '"2 ft"', '0.00'), ('{"kind": "numeric", "right": 2}', '1e400', '0.00'),
    ('{"kind": "text", "right": ["New York"]}', '"  new   YORK "', '100.00'), ('{"kind": "text", "right": ["café"]}', '"Cafe\u0301"', '100.00'), ('{"kind": "text", "right": ["Ⅳ"]}', '"iv"', '100.00'),
    ('{"kind": "text", "right": ["Paris"], "pattern": "par[iy]s"}', '"PARYS"', '100.00'), ('{"kind": "text", "pattern": "par[iy]s"}', '"paras"', '0.00'),
    ('{"kind": "order", "right": ["a", "b", "c", "d"], "partial": true}', '["a", "b", "d", "c"]', '50.00'), ('{"kind": "order", "right": ["a", "b"]}', '["b", "a"]', '0.00'),
    ('{"kind": "match", "right": {"a": "1", "b": "2"}}', '{"b": "2", "a": "1"}', '100.00'), ('{"kind": "match", "right": {"a": "1", "b": "2"}, "partial": true}', '{"b": "2", "a": "2"}', '50.00'),
    ('{"kind": "match", "right": {"a": "1", "b": "2"}}', '["a"]', '0.00')) v (key, answer, score);
SELECT is(laurel_internal.grade('{"a": {"kind": "true_false", "right": true, "points": 3}, "b": {"kind": "true_false", "right": true}}', answers)::text, score, format('points weigh: %s', answers))
FROM (VALUES ('{"a": true}'::jsonb, '75.00'), ('{"b": true}', '25.00'), ('{"a": true, "b": true, "c": true}', '100.00'), ('{}', '0.00'), ('[]', '0.00'), ('"a"', '0.00')) v (answers, score);
SELECT is(laurel_internal.grade(jsonb_build_object('q', jsonb_build_object('kind', 'text', 'pattern', '(a|aa)+b')), jsonb_build_object('q', repeat('a', 1000)))::text, '0.00', 'no answer takes long');

CREATE FUNCTION pg_temp.wrong(check_of text, value jsonb) RETURNS text LANGUAGE sql AS $$
    SELECT split_part(tests.told(format('SELECT laurel_internal.%I(%L, ''t'', ''c'')', check_of, value)), ' | ', 3)
$$;
SELECT is(pg_temp.wrong('check_answer_keys', jsonb_build_object('q', key::jsonb)), 'Of question "q", ' || problem || '.', key) FROM (VALUES
    ('1', 'it is no object'), ('{}', 'its kind is none of single, multiple, true_false, numeric, text, order and match'), ('{"kind": "essay"}', 'its kind is none of single, multiple, true_false, numeric, text, order and match'),
    ('{"kind": "single"}', 'it does not say what is right'), ('{"kind": "single", "right": 1}', 'what is right is no text'), ('{"kind": "multiple", "right": "a"}', 'what is right is no list of texts'),
    ('{"kind": "order", "right": [1]}', 'what is right is no list of texts'), ('{"kind": "true_false", "right": "yes"}', 'what is right is neither true nor false'),
    ('{"kind": "numeric", "right": "9"}', 'what is right is no number'), ('{"kind": "numeric", "right": 1e400}', 'what is right is no number'),
    ('{"kind": "numeric", "right": 9, "tolerance": -1}', 'its tolerance is not a number, 0 or more'), ('{"kind": "numeric", "right": 9, "units": {"m": 0}}', 'its units are not an object of names with factors above 0'),
    ('{"kind": "numeric", "right": 9, "units": ["m"]}', 'its units are not an object of names with factors above 0'), ('{"kind": "text"}', 'it does not say what is right'),
    ('{"kind": "text", "right": []}', 'it does not say what is right'), ('{"kind": "text", "right": [" "]}', 'a variant is empty, or longer than 1,000 bytes'),
    ('{"kind": "text", "pattern": "(a)\\1"}', 'its pattern is not in order: there is no such escape: \d, \w and \s, or a sign'),
    ('{"kind": "text", "pattern": 1}', 'its pattern is no text'), ('{"kind": "match", "right": {}}', 'what is right is no object of texts'), ('{"kind": "match", "right": {"a": 1}}', 'what is right is no object of texts'),
    ('{"kind": "single", "right": "a", "points": 0}', 'its points are not a number above 0, up to 1,000'), ('{"kind": "single", "right": "a", "points": "1"}', 'its points are not a number above 0, up to 1,000'),
    ('{"kind": "single", "right": "a", "partial": 1}', '"partial" is neither true nor false')) v (key, problem);
SELECT is(pg_temp.wrong('check_answer_keys', '{}'), 'It is no object of 1 to 200 keys.', 'no keys');
SELECT is(pg_temp.wrong('check_answer_keys', '[]'), 'It is no object of 1 to 200 keys.', 'a list');
SELECT is(pg_temp.wrong('check_answer_keys', (SELECT jsonb_object_agg(n, '{"kind": "single", "right": "b"}'::jsonb) FROM generate_series(1, 201) n)), 'It is no object of 1 to 200 keys.', 'too many');
SELECT is(pg_temp.wrong('check_questions', value::jsonb), problem, value) FROM (VALUES
    ('{}', 'It is no array of at most 200 questions.'), ('[1]', 'Of question 1, it is no object.'), ('[{"kind": "single", "text": "Which?"}]', 'Of question 1, its id is no text of 1 to 100 bytes.'),
    ('[{"id": "", "kind": "single", "text": "Which?"}]', 'Of question 1, its id is no text of 1 to 100 bytes.'),
    ('[{"id": "a", "text": "Which?"}]', 'Of question 1, its kind is none of single, multiple, true_false, numeric, text, order and match.'), ('[{"id": "a", "kind": "single"}]', 'Of question 1, it has no text.'),
    ('[{"id": "a", "kind": "single", "text": "Which?"}, {"id": "a", "kind": "single", "text": "What?"}]', 'Two questions have the id "a".'),
    ('[{"id": "a", "kind": "single", "text": "Which?", "right": "b"}]', 'Of question 1, its "right" would tell learners what is right.'), ('[]', ''),
    ('[{"id": "a", "kind": "single", "text": "Which?", "options": ["a", "b"]}]', '')) v (value, problem);
SELECT is(tests.error_of($$ SELECT laurel_internal.check_answer_keys(to_jsonb(repeat(md5(''), 3000)), 't', 'c') $$), '23514 t_c_check', 'nothing too large');
SELECT is(laurel_internal.check_questions(NULL, 't', 'c'), NULL, 'null is as good as true');

SELECT * FROM finish();
ROLLBACK;
