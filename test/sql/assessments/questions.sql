-- What is asked: forms of options and of what is right, the states of assessments, what may be published.
\ir ../support/load.sql
BEGIN;
SET LOCAL client_min_messages = warning;
SET LOCAL timezone = 'UTC';
SELECT no_plan();
SELECT tests.cast();
\ir ../support/quiz.sql
SELECT pg_temp.enrol('learner', 'other', 'bolt_learner');

-- An assessment is within its bounds.
CREATE FUNCTION pg_temp.assess(columns text, vals text) RETURNS text LANGUAGE sql AS $$
    SELECT tests.error_of(format('INSERT INTO laurel.assessments (organization_id, title, type%s) VALUES (%L, ''T'', ''quiz''%s)', ', ' || columns, tests.acme(), ', ' || vals))
$$;
SELECT is(pg_temp.assess(c, v), '23514 assessments_' || c || '_check', c || ' is bounded: ' || v) FROM (VALUES
    ('time_limit', '0'), ('time_limit', '43201'), ('passing_score', '-1'), ('passing_score', '101'), ('attempts_allowed', '0'), ('attempts_allowed', '1001'), ('attempt_delay', '''-1 s'''),
    ('review', '''often'''), ('points_reward', '-1'), ('settings', '''[]'''), ('scheduled_for', '''infinity'''), ('status', '''open'''), ('marking_tolerance', '-1')) v (c, v);
SELECT is(pg_temp.assess('scheduled_for, closes_at', 'now(), now()'), '23514 assessments_window_check', 'it closes after it opens');
SELECT is(pg_temp.assess('beneficiary_id', quote_literal(tests.person('nobody'))), '23503 assessments_beneficiary_id_fkey', 'a beneficiary is there');
SELECT is(pg_temp.assess('beneficiary_id', quote_literal(tests.person('b bolt_learner'))), '23503 assessments_beneficiary_id_fkey', 'in the organization');
SELECT is(pg_temp.assess('beneficiary_id, user_id', format('%L, %L', tests.person('b learner'), tests.person('other'))), '23514 assessments_user_id_copied', 'whose user it is');
SELECT is(tests.error_of(format($$ INSERT INTO laurel.assessments (organization_id, title, type) VALUES (%L, repeat('x', 201), 'q') $$, tests.acme())), '23514 assessments_title_check', 'a title is short');

-- Questions.
SELECT pg_temp.make_quiz('Q');
CREATE FUNCTION pg_temp.ask(type text, options text, answer text, grading text DEFAULT '{}', more text DEFAULT '') RETURNS text LANGUAGE sql AS $$
    SELECT tests.error_of(format('INSERT INTO laurel.questions (assessment_id, text, type, options, correct_answer, grading) VALUES (%L, ''?'', %L, %L, %L, %L)', tests.person('Q'), type, options, answer, grading))
$$;
SELECT is(pg_temp.ask(type, options, answer, grading), error, concat_ws(' ', type, options, answer, grading)) FROM (VALUES
    ('multiple_choice', '[]', 'a', '{}', '23514 questions_options_check'),
    ('multiple_choice', '["a"]', 'a', '{}', '23514 questions_options_check'),
    ('multiple_choice', '["a", "a"]', 'a', '{}', '23514 questions_options_check'),
    ('multiple_choice', '["a", ""]', 'a', '{}', '23514 questions_options_check'),
    ('multiple_choice', '["a", 1]', 'a', '{}', '23514 questions_options_check'),
    ('multiple_choice', '{"a": 1}', 'a', '{}', '23514 questions_options_check'),
    ('multiple_choice', '[{"id": "a", "text": "A", "is_correct": true}, "b"]', 'a', '{}', '23514 questions_options_check'),
    ('multiple_choice', '[{"id": "a"}, "b"]', 'a', '{}', '23514 questions_options_check'),
    ('multiple_choice', '["a", "b"]', 'c', '{}', '23514 questions_correct_answer_check'),
    ('multiple_choice', '["a", "b"]', 'a', '{"wrong": 1}', '23514 questions_correct_answer_check'),
    ('multiple_choice', '["a", "b"]', 'a', '[]', '23514 questions_grading_check'),
    ('true_false', '[]', 'maybe', '{}', '23514 questions_correct_answer_check'),
    ('true_false', '[]', 't', '{}', '23514 questions_correct_answer_check'),
    ('short_answer', '[]', '', '{}', '23514 questions_correct_answer_check'),
    ('short_answer', '[]', 'a', '{"pattern": "("}', '23514 questions_correct_answer_check'),
    ('short_answer', '[]', 'a', '{"variants": [1]}', '23514 questions_correct_answer_check'),
    ('numeric', '[]', 'many', '{}', '22P02'),
    ('numeric', '[]', '1', '{"tolerance": -1}', '23514 questions_correct_answer_check'),
    ('multiple_answers', '["a", "b"]', 'a', '{}', '22P02'),
    ('multiple_answers', '["a", "b"]', '["a", "c"]', '{}', '23514 questions_correct_answer_check'),
    ('multiple_answers', '["a", "b"]', '["a", "a"]', '{}', '23514 questions_correct_answer_check'),
    ('order', '["a", "b"]', '{"a": "b"}', '{}', '23514 questions_correct_answer_check'),
    ('match', '["a", "b"]', '["a"]', '{}', '23514 questions_correct_answer_check'),
    ('match', '["a", "b"]', '{"a": "c"}', '{}', '23514 questions_correct_answer_check'),
    ('match', '["a", "b"]', '{"c": "a"}', '{}', '23514 questions_correct_answer_check'),
    ('guess', '[]', 'a', '{}', '23514 questions_type_check'),
    ('essay', '[]', 'whatever', '{}', 'none'),
    ('short_answer', '[]', NULL, '{"pattern": "par[iy]s"}', 'none'),
    ('multiple_choice', '["Paris", "Rome"]', 'Paris', '{}', 'none'),
    ('true_false', '[]', 'FALSE', '{}', 'none')) v (type, options, answer, grading, error);
SELECT is(tests.told(format($$ INSERT INTO laurel.questions (assessment_id, text, type, options, correct_answer) VALUES (%L, '?', 'multiple_choice', '["a", "b"]', 'c') $$, tests.person('Q'))),
    '23514 | what is right of a question is not in order | There is no option "c". | COMMENT of questions.correct_answer says how each type has it. | questions_correct_answer_check', 'what is wrong is said');
SELECT is(pg_temp.assess('trainer_id', quote_literal(tests.person('bolt_admin'))), '23503 assessments_trainer_id_fkey', 'a trainer is a member');
SELECT is(tests.error_of(format('INSERT INTO laurel.questions (assessment_id, text, type, %s) VALUES (%L, ''?'', ''essay'', %s)', c, tests.person('Q'), v)), '23514 questions_' || c || '_check', c || ' is bounded: ' || v)
FROM (VALUES ('points', '1001'), ('penalty', '-1'), ('penalty', '2'), ('tags', '''{""}'''), ('tags', 'array_fill(''a''::text, ARRAY[21])'), ('rubric', '''{}'''),
    ('rubric', '''[{"id": "a", "text": "b", "points": "c"}]'''), ('rubric', '''[{"id": "a", "text": "b", "points": -1}]'''), ('rubric', '''[{"id": "a", "text": "b", "points": 1}, {"id": "a", "text": "b", "points": 1}]''')) v (c, v);
SELECT is(tests.error_of(format('UPDATE laurel.questions SET points = -1, penalty = -1 WHERE id = %L', tests.person('Q 2'))) ~ '^23514 questions_(points|penalty)_check$', true, 'points are not less than none');
SELECT is(tests.error_of(format($$ INSERT INTO laurel.questions (assessment_id, text, type, answer_key) VALUES (%L, '?', 'essay', '{}') $$, tests.person('Q'))), '428C9', 'nobody writes the key itself');
SELECT is((SELECT string_agg(answer_key::text, ' ' ORDER BY "order") FROM laurel.questions WHERE assessment_id = tests.person('Q') AND "order" IN (1, 3)),
    '{"kind": "single", "right": "a"} {"kind": "text", "right": ["Goethe", "J. W. Goethe"]}', 'it is made of what is right');
SELECT is(tests.error_of(format($$ UPDATE laurel.questions SET assessment_id = NULL WHERE id = %L $$, tests.person('Q 1'))), '23001 questions_assessment_id_immutable', 'a question stays where it is');
SELECT is(tests.error_of(format($$ UPDATE laurel.questions SET text = 'x', version = 7 WHERE id = %L $$, tests.person('Q 1'))), 'PT409 questions_version', 'who edits has read what is there');
DELETE FROM laurel.questions WHERE id = tests.person('Q 7');
SELECT is((SELECT status FROM laurel.questions WHERE id = tests.person('Q 7')), 'archived', 'a question that is deleted is archived');

-- What is published can be taken.
INSERT INTO laurel.assessments (id, organization_id, title, type) VALUES (tests.person('empty'), tests.acme(), 'Empty', 'quiz');
SELECT is(tests.told(format($$ UPDATE laurel.assessments SET status = 'published' WHERE id = %L $$, tests.person('empty'))),
    '23514 | there is nothing to publish | The assessment has no questions. | Add questions, or draws from the bank. | assessments_published', 'nothing is not published');
INSERT INTO laurel.questions (id, assessment_id, text, type) VALUES (tests.person('empty 1'), tests.person('empty'), '?', 'true_false');
SELECT is(tests.error_of(format($$ UPDATE laurel.assessments SET status = 'published' WHERE id = %L $$, tests.person('empty'))), '23514 assessments_published', 'nor what does not say what is right');
UPDATE laurel.questions SET correct_answer = 'true' WHERE id = tests.person('empty 1');
INSERT INTO laurel.assessment_draws (assessment_id, tags, count) VALUES (tests.person('empty'), '{geo}', 2);
INSERT INTO laurel.questions (organization_id, text, type, correct_answer, tags) VALUES (tests.acme(), 'Bank', 'true_false', 'true', '{geo,easy}'), (tests.bolt(), 'Bank', 'true_false', 'true', '{geo}');
SELECT is(tests.told(format($$ UPDATE laurel.assessments SET status = 'published' WHERE id = %L $$, tests.person('empty'))),
    '23514 | the bank has too few questions for a draw | Of tags {geo} 2 are to be drawn, 1 are there. | Add questions with those tags to the bank. | assessments_published', 'nor what the bank has not');
INSERT INTO laurel.questions (organization_id, text, type, correct_answer, tags) VALUES (tests.acme(), 'Bank', 'true_false', 'true', '{geo}');
SELECT lives_ok(format($$ UPDATE laurel.assessments SET status = 'published' WHERE id = %L $$, tests.person('empty')), 'then it is');
SELECT lives_ok(format($$ UPDATE laurel.assessments SET status = 'draft' WHERE id = %L $$, tests.person('empty')), 'and drafted again while nobody has begun');
SELECT is(tests.error_of(format($$ UPDATE laurel.assessments SET status = 'completed' WHERE id = %L $$, tests.person('empty'))), '23514 assessments_status_steps', 'a draft is not completed');
UPDATE laurel.assessments SET status = 'published' WHERE id = tests.person('empty');
UPDATE laurel.assessments SET status = 'completed' WHERE id = tests.person('empty');
SELECT ok((SELECT completed_at IS NOT NULL FROM laurel.assessments WHERE id = tests.person('empty')), 'what is completed says when');
SELECT is(tests.error_of(format($$ UPDATE laurel.assessments SET status = %L WHERE id = %L $$, s, tests.person('empty'))), '23514 assessments_status_steps', 'and is not ' || s) FROM unnest('{draft,published,in_progress}'::text[]) s;
SELECT is(tests.error_of(format($$ INSERT INTO laurel.questions (assessment_id, text, type) VALUES (%L, '?', 'essay') $$, tests.person('empty'))), '23514 questions_assessment_id_required', 'nor asked anything more');
SELECT is(tests.error_of(format($$ INSERT INTO laurel.assessment_draws (assessment_id, tags, count) VALUES (%L, '{a}', 1) $$, tests.person('empty'))), '23514 assessment_draws_assessment_id_required', 'drawn neither');
SELECT is(tests.error_of(format($$ INSERT INTO laurel.assessment_draws (assessment_id, tags, count) VALUES (%L, %L, %s) $$, tests.person('Q'), tags, n)), '23514 assessment_draws_' || c || '_check', 'draws are bounded: ' || tags || n)
FROM (VALUES ('{}', 1, 'tags'), ('{a}', 0, 'count'), ('{a}', 201, 'count')) v (tags, n, c);

-- Archived two years after; the results stay.
CREATE FUNCTION pg_temp.run(policy text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    started record;
    more boolean;
BEGIN
    PERFORM laurel_internal.enter_retention();
    SELECT * INTO started FROM laurel_internal.start_retention(policy, false);
    LOOP
        SELECT b.more INTO more FROM laurel_internal.retention_batch(started.run, true) b;
        EXIT WHEN NOT more;
    END LOOP;
    PERFORM laurel_internal.finish_retention(started.run, 'done');
    RETURN (SELECT format('%s held %s failed %s', rows, held, failed) FROM laurel.retention_runs r WHERE r.id = started.run);
END
$$;
SELECT is(pg_temp.run('assessments_completed'), '0 held 0 failed 0', 'what was completed lately is not archived');
SET LOCAL session_replication_role = replica;
UPDATE laurel.assessments SET completed_at = now() - interval '25 months' WHERE id = tests.person('empty');
SET LOCAL session_replication_role = origin;
SELECT is(pg_temp.run('assessments_completed'), '1 held 0 failed 0', 'after two years it is');
SELECT tests.act_as_learner();
SELECT is_empty(format('SELECT FROM laurel.assessments WHERE id = %L', tests.person('empty')), 'beneficiaries do not see it any more');
SELECT tests.act_as_trainer();
SELECT isnt_empty(format('SELECT FROM laurel.assessments WHERE id = %L', tests.person('empty')), 'trainers do');
SELECT tests.act_as_owner();
SELECT is_empty($$ SELECT * FROM laurel.check() WHERE table_name ~ 'assess|question' $$, 'all guards hold');
SELECT * FROM finish();
ROLLBACK;
