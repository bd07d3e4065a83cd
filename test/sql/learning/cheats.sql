-- What learners try: answers that are no attempt, scores of their own, the progress of others, time that did not pass.
\ir ../support/load.sql
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT no_plan();

SELECT tests.cast();
INSERT INTO laurel.learning_paths (id, organization_id, title, status) VALUES (tests.person('path'), tests.acme(), 'Safety', 'published');
INSERT INTO laurel.learning_modules (id, learning_path_id, position, title, points_reward, max_attempts, attempt_cooldown, quiz_questions)
SELECT tests.person(n), tests.person('path'), place, n, 10, most, wait::interval, CASE WHEN has_quiz THEN '[{"id": "q", "kind": "single", "text": "Which?"}]'::jsonb ELSE '[]' END
FROM (VALUES (1, 'read', NULL, '0', false), (2, 'quiz', 3, '0', true), (3, 'essay', NULL, '0', true), (4, 'slow', NULL, '1 day', true), (5, 'months', NULL, '1 month', true), (6, 'last', NULL, '0', false), (7, 'many', 5, '0', true))
    v (place, n, most, wait, has_quiz);
INSERT INTO laurel.answer_keys (module_id, keys) SELECT tests.person(n), '{"q": {"kind": "single", "right": "b"}, "r": {"kind": "multiple", "right": ["1", "2"]}}' FROM unnest('{quiz, slow, months, many}'::text[]) n;
INSERT INTO laurel.module_prerequisites (module_id, requires_id) VALUES (tests.person('last'), tests.person('read')), (tests.person('last'), tests.person('quiz'));
CREATE FUNCTION pg_temp.row_of(name text, who text DEFAULT 'learner') RETURNS text LANGUAGE sql AS $$
    SELECT concat_ws(' ', status, quiz_score, attempts, points_earned, time_spent) FROM laurel.module_completions WHERE module_id = tests.person(name) AND user_id = tests.person(who)
$$;
CREATE FUNCTION pg_temp.far(who text DEFAULT 'learner') RETURNS text LANGUAGE sql AS $$
    SELECT concat_ws(' ', status, progress_percentage, cardinality(milestones_completed)) FROM laurel.learning_path_progress WHERE user_id = tests.person(who) AND learning_path_id = tests.person('path')
$$;

-- No error says what answers come to: whoever claims to have completed a module with them has made an attempt.
SELECT tests.act_as_learner();
SELECT is(tests.error_of($$ INSERT INTO laurel.module_completions (user_id, module_id, status, answers) VALUES (laurel.uid(), tests.person('quiz'), 'completed', '{"q": "b"}') $$), 'none', 'a claim with answers is an attempt');
SELECT is(pg_temp.row_of('quiz'), 'in_progress 50.00 1 0 0', 'and worth what they are');
SELECT is(tests.error_of($$ UPDATE laurel.module_completions SET status = 'completed', answers = '{"r": ["1", "2"]}' WHERE module_id = tests.person('quiz') $$), 'none', 'by UPDATE too');
SELECT is(pg_temp.row_of('quiz'), 'in_progress 50.00 2 0 0', 'each time');
SELECT is(tests.error_of($$ INSERT INTO laurel.module_completions (user_id, module_id, status, answers) VALUES (laurel.uid(), tests.person('essay'), 'completed', '{"q": "b"}') $$), 'none', 'also where nobody can grade them');
SELECT is(pg_temp.row_of('essay'), 'in_progress 1 0 0', 'yet');

-- Nobody learns what others have completed.
SELECT is(tests.error_of(format($$ INSERT INTO laurel.module_completions (user_id, module_id, %s) VALUES (tests.person('other'), tests.person('last'), %L) $$, c, v)), '42501', 'for somebody else ' || c) FROM (VALUES ('status', 'completed'), ('answers', '{}'), ('quiz_score', '100'), ('time_spent', '1')) v (c, v);
SELECT is(tests.told(format($$ INSERT INTO laurel.module_completions (user_id, module_id, status) VALUES (tests.person('other'), tests.person(%L), 'completed') $$, n)), tests.told($$ SELECT laurel.complete_module(tests.person('last'), tests.person('other')) $$), 'and nothing is said of ' || n) FROM unnest('{last, read, quiz}'::text[]) n;

-- Answers that are no JSON to be kept are not even read.
SELECT is(tests.error_of(format($$ SELECT laurel.complete_module(tests.person('many'), answers => %L) $$, answers)), '23514 module_completions_answers_check', left(answers, 20)) FROM (VALUES
    ('[]'), ('null'), ('"b"'), ('{"r": ["' || repeat('x', 70000) || '"]}'), ('{"q": ' || repeat('[', 40) || repeat(']', 40) || '}')) v (answers);
SET LOCAL statement_timeout = '20s';
SELECT is(tests.error_of(format($$ SELECT laurel.complete_module(tests.person('many'), answers => %L) $$, jsonb_build_object('r', (SELECT jsonb_agg(n::text) FROM generate_series(1, 150000) n)))), '23514 module_completions_answers_check', 'however many there are');
SET LOCAL statement_timeout = 0;

-- Time that was spent.
SELECT is(tests.error_of($$ SELECT laurel.complete_module(tests.person('many'), answers => '{"q": "a"}', time_spent => 100) $$), 'none', 'seconds');
SELECT is(tests.error_of(format($$ SELECT laurel.complete_module(tests.person('many'), answers => '{"q": "c"}', time_spent => %s) $$, n)), '23514 module_completions_time_spent_check', n || ' seconds') FROM unnest(ARRAY[-1, -100, 100000000, 2147483647]) n;
SELECT is(tests.error_of(format($$ UPDATE laurel.module_completions SET time_spent = %s $$, n)), '23514 module_completions_time_spent_check', n || ' seconds, by UPDATE') FROM unnest(ARRAY[-1, 100000001]) n;
SELECT is(tests.error_of(format($$ INSERT INTO laurel.module_completions (user_id, module_id, time_spent) VALUES (laurel.uid(), tests.person('read'), %s) $$, n)), '23514 module_completions_time_spent_check', n || ' seconds, by INSERT') FROM unnest(ARRAY[-1, 100000001]) n;
SELECT is(pg_temp.row_of('many'), 'in_progress 0.00 1 0 100', 'none was taken away');

-- A session's own zone, in which the clock is put forward by a week, makes no cooldown shorter; a month has 30 days.
SELECT is(tests.error_of(format($$ SELECT laurel.complete_module(tests.person(%L), answers => '{"q": "a"}') $$, n)), 'none', n) FROM unnest('{slow, months}'::text[]) n;
CREATE FUNCTION pg_temp.wait(name text, zone text) RETURNS interval LANGUAGE plpgsql AS $$
BEGIN
    PERFORM set_config('timezone', zone, true);
    RETURN (SELECT extract(epoch FROM s.next_attempt_at) - extract(epoch FROM c.last_attempt_at) FROM laurel.can_start(tests.person(name)) s, laurel.module_completions c WHERE c.module_id = tests.person(name)) * interval '1 s';
END
$$;
SELECT is(pg_temp.wait(n, z), w::interval, concat_ws(' ', n, z)) FROM (VALUES ('slow', '24:00:00'), ('months', '720:00:00')) v (n, w),
    unnest(ARRAY['UTC', format('AAA0BBB-167,%s/0,%s/0', extract(doy FROM now() AT TIME ZONE 'UTC')::integer, (extract(doy FROM now() AT TIME ZONE 'UTC')::integer + 180) % 365), format('AAA0BBB-20,%s/0,%s/0', (extract(doy FROM now() AT TIME ZONE 'UTC'))::integer, (extract(doy FROM now() AT TIME ZONE 'UTC')::integer + 180) % 365)]) z;
SET LOCAL timezone = 'UTC';

-- What is archived is closed, also to who began before; those who may grade still do.
SELECT lives_ok($$ INSERT INTO laurel.module_completions (user_id, module_id) VALUES (laurel.uid(), tests.person('read')) $$, 'begun');
SELECT tests.act_as_admin();
DELETE FROM laurel.learning_modules WHERE title IN ('read', 'essay', 'many');
SELECT tests.act_as_learner();
SELECT is((SELECT reason FROM laurel.can_start(tests.person('read'))), 'closed', 'an archived module is closed');
SELECT is(tests.error_of($$ SELECT laurel.complete_module(tests.person('read')) $$), '23514 module_completions_module_id_required', 'by a function');
SELECT is(tests.error_of($$ UPDATE laurel.module_completions SET status = 'completed' WHERE module_id = tests.person('read') $$), '23514 module_completions_module_id_required', 'by UPDATE');
SELECT is(tests.error_of($$ UPDATE laurel.module_completions SET answers = '{"q": "b"}' WHERE module_id = tests.person('many') $$), '23514 module_completions_module_id_required', 'with answers');
SELECT is(tests.error_of($$ UPDATE laurel.module_completions SET time_spent = 1 WHERE module_id = tests.person('read') $$), 'none', 'time may be noted');
SELECT tests.act_as_admin();
SELECT is(tests.error_of($$ SELECT laurel.complete_module(tests.person('essay'), tests.person('learner'), score => 90) $$), 'none', 'what was handed in is graded');
SELECT is(pg_temp.row_of('essay'), 'completed 90.00 1 10 0', 'and paid');

-- A milestone whose module is archived keeps nobody from arriving; who has reached it keeps it.
INSERT INTO laurel.learning_milestones (learning_path_id, title, module_id) SELECT tests.person('path'), n, tests.person(n) FROM unnest('{slow, months}'::text[]) n;
UPDATE laurel.module_completions SET quiz_score = 100 WHERE module_id = tests.person('months');
SELECT is(pg_temp.far(), 'in_progress 37.50 1', 'one of four modules, one of two milestones');
DELETE FROM laurel.learning_modules WHERE title IN ('slow', 'months');
SELECT is(pg_temp.far(), 'in_progress 50.00 1', 'none of two modules, one of one milestone');
UPDATE laurel.learning_modules SET status = 'active' WHERE title = 'slow';
SELECT is(pg_temp.far(), 'in_progress 25.00 1', 'and back again');
UPDATE laurel.learning_milestones SET module_id = tests.person('months') WHERE title = 'slow';
SELECT is(pg_temp.far(), 'in_progress 50.00 2', 'a milestone moves to another module');

-- Who edits a path's words measures nobody anew.
UPDATE laurel.learning_path_progress SET milestones_completed = milestones_completed;
SELECT tests.act_as_owner();
CREATE TEMP TABLE before AS SELECT ctid AS place FROM laurel.learning_path_progress;
UPDATE laurel.learning_modules SET title = title || '!', passing_score = 60;
UPDATE laurel.learning_milestones SET title = title || '!';
SELECT results_eq('SELECT ctid FROM laurel.learning_path_progress ORDER BY 1', 'SELECT place FROM before ORDER BY 1', 'no row of progress is written');
UPDATE laurel.learning_modules SET title = rtrim(title, '!'), passing_score = 70;

-- What a template asks for, nobody could complete: it is asked of nobody.
INSERT INTO laurel.learning_paths (id, organization_id, title, status, is_template) VALUES (tests.person('template'), tests.acme(), 'Template', 'published', true);
INSERT INTO laurel.learning_modules (id, learning_path_id, position, title) VALUES (tests.person('model'), tests.person('template'), 1, 'model'), (tests.person('free'), tests.person('path'), 20, 'free');
INSERT INTO laurel.module_prerequisites (module_id, requires_id) VALUES (tests.person('free'), tests.person('model'));
SELECT tests.act_as_learner();
SELECT is((SELECT concat_ws(' ', can_start, cardinality(missing)) FROM laurel.can_start(tests.person('free'))), 't 0', 'a module of a template is no prerequisite');
SELECT is(tests.error_of($$ SELECT laurel.complete_module(tests.person('free')) $$), 'none', 'for nobody');
SELECT is(tests.error_of($$ SELECT laurel.complete_module(tests.person('model')) $$), '23514 learning_path_progress_learning_path_id_required', 'since nobody takes a template');

-- Scores and dates: by INSERT, by UPDATE and by the function, as who may write scores.
SELECT tests.act_as_admin();
SELECT is(tests.error_of(format($$ INSERT INTO laurel.module_completions (user_id, module_id, quiz_score) VALUES (tests.person('other'), tests.person('quiz'), %L) $$, s)), '23514 module_completions_quiz_score_check', 'INSERT ' || s) FROM unnest('{-0.01, 100.01, NaN}'::text[]) s;
SELECT is(tests.error_of(format($$ UPDATE laurel.module_completions SET quiz_score = %L WHERE module_id = tests.person('quiz') $$, s)), '23514 module_completions_quiz_score_check', 'UPDATE ' || s) FROM unnest('{-0.01, 100.01, NaN}'::text[]) s;
SELECT is(tests.error_of(format($$ SELECT laurel.complete_module(tests.person('quiz'), tests.person('learner'), score => %L) $$, s)), '23514 module_completions_quiz_score_check', 'complete_module ' || s) FROM unnest('{-0.01, 100.01, NaN}'::text[]) s;
SELECT is(tests.error_of($$ UPDATE laurel.module_completions SET quiz_score = 'Infinity' WHERE module_id = tests.person('quiz') $$), '22003', 'nor is a score without end');
INSERT INTO laurel.module_completions (user_id, module_id, quiz_score) VALUES (tests.person('other'), tests.person('quiz'), 70), (tests.person('manager'), tests.person('quiz'), 69.99);
SELECT is(pg_temp.row_of('quiz', 'other'), 'completed 70.00 0 10 0', 'a passing score completes by INSERT');
SELECT is(pg_temp.row_of('quiz', 'manager'), 'in_progress 69.99 0 0 0', 'one that is not does not');
SELECT is(tests.error_of($$ UPDATE laurel.module_completions SET status = 'completed' WHERE user_id = tests.person('manager') $$), '23514 module_completions_passed', 'nor does a claim');
SELECT is(tests.error_of($$ SELECT laurel.complete_module(tests.person('quiz'), tests.person('manager')) $$), '23514 module_completions_passed', 'by the function');
SELECT is(tests.error_of($$ INSERT INTO laurel.module_completions (user_id, module_id, quiz_score, status) VALUES (tests.person('trainer'), tests.person('quiz'), 69.99, 'completed') $$), '23514 module_completions_passed', 'by INSERT');
SELECT is(tests.error_of(format($$ INSERT INTO laurel.module_completions (user_id, module_id, %s) VALUES (tests.person('other'), tests.person('free'), %L) $$, c, v)), '42501', 'INSERT ' || c) FROM (VALUES ('completed_date', 'now'), ('points_earned', '1'), ('attempts', '1'), ('last_attempt_at', 'now')) v (c, v);
SELECT is(tests.error_of(format($$ INSERT INTO laurel.learning_path_progress (user_id, learning_path_id, %s) VALUES (tests.person('trainer'), tests.person('path'), %L) $$, c, v)), '42501', 'INSERT ' || c) FROM (VALUES ('progress_percentage', '100'), ('status', 'completed'), ('completed_date', 'now'), ('started_date', 'now'), ('modules_completed', '{}'), ('milestones_completed', '{}')) v (c, v);
INSERT INTO laurel.module_completions (user_id, module_id, answers, quiz_score) VALUES (tests.person('trainer'), tests.person('quiz'), '{"q": "b"}', 90);
SELECT is(pg_temp.row_of('quiz', 'trainer'), 'completed 90.00 1 10 0', 'a score that is written with answers is the one that counts');
SELECT is(tests.error_of($$ SELECT laurel.complete_module(tests.person('quiz'), tests.person('admin')) $$), 'none', 'who grades may complete a quiz without a score');
INSERT INTO laurel.learning_modules (id, learning_path_id, position, title, quiz_questions) VALUES (tests.person('plain'), tests.person('path'), 21, 'plain', '[]'), (tests.person('letter'), tests.person('path'), 22, 'letter', '[{"id": "q", "kind": "text", "text": "Well?"}]');
INSERT INTO laurel.module_completions (user_id, module_id, quiz_score) VALUES (tests.person('learner'), tests.person('letter'), 65);
UPDATE laurel.learning_modules SET passing_score = 60 WHERE title = 'letter';
SELECT tests.act_as_learner();
SELECT is(tests.error_of($$ UPDATE laurel.module_completions SET answers = '{"q": "Other"}' WHERE module_id = tests.person('letter') $$), 'none', 'new answers');
SELECT is(pg_temp.row_of('letter'), 'in_progress 65.00 1 0 0', 'are not graded by the score of the old ones');
SELECT is(tests.error_of($$ INSERT INTO laurel.module_completions (user_id, module_id, status, answers) VALUES (laurel.uid(), tests.person('plain'), 'completed', '{"note": "x"}') $$), 'none', 'answers where nothing is asked');
SELECT is(pg_temp.row_of('plain'), 'completed 1 0 0', 'are in nobody''s way');
SELECT tests.act_as_owner();
UPDATE laurel.module_completions SET completed_date = NULL, points_earned = 0, attempts = 7 WHERE user_id = tests.person('other');
SELECT is((SELECT concat_ws(' ', completed_date IS NOT NULL, points_earned, attempts) FROM laurel.module_completions WHERE user_id = tests.person('other')), 't 10 0', 'what was completed keeps its date, whoever writes');
UPDATE laurel.learning_path_progress SET progress_percentage = 500, completed_date = NULL, status = 'in_progress' WHERE user_id = tests.person('other');
SELECT is(pg_temp.far('other'), 'in_progress 16.67 0', 'progress is measured, whoever writes');
SELECT is(tests.error_of($$ UPDATE laurel.learning_path_progress SET started_date = 'infinity' $$), '23514 learning_path_progress_started_date_check', 'a beginning that never comes');
DELETE FROM laurel.learning_modules WHERE title NOT IN ('quiz', 'model');
SELECT is(pg_temp.far('other'), 'completed 100.00 0', 'all that is left is done');
SELECT is(tests.error_of($$ UPDATE laurel.learning_path_progress SET started_date = completed_date + interval '1 s' WHERE status = 'completed' $$), '23514 learning_path_progress_dates_check', 'nobody arrives before he has begun');
SELECT is(tests.error_of($$ UPDATE laurel.module_completions SET completed_date = 'infinity' WHERE status = 'in_progress' $$), 'none', 'a date without a completion');
SELECT is((SELECT count(*) FROM laurel.module_completions WHERE (status = 'completed') <> (completed_date IS NOT NULL)), 0::bigint, 'is none');

SELECT is_empty('SELECT * FROM laurel.verify_ledger()', 'the ledger is sound');
SELECT is_empty('SELECT * FROM laurel.check()', 'all counters agree');
SELECT * FROM finish();
ROLLBACK;
