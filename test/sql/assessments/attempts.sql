-- Taking an assessment: in time, as often as it allows, in one session, graded when it is handed in.
\ir ../support/load.sql
BEGIN;
SET LOCAL client_min_messages = warning;
SET LOCAL timezone = 'UTC';
SELECT no_plan();
SELECT tests.cast();
\ir ../support/quiz.sql
SELECT pg_temp.enrol('learner', 'other', 'bolt_learner');
SELECT pg_temp.make_quiz('Q'), pg_temp.make_quiz('Named', jsonb_build_object('beneficiary_id', tests.person('b learner'), 'user_id', tests.person('learner'))),
    pg_temp.make_quiz('Timed', '{"time_limit": 10, "attempts_allowed": 3, "attempt_delay": "1 day", "passing_score": null}'), pg_temp.make_quiz('Draft');
SELECT pg_temp.publish(n) FROM unnest('{Q,Named,Timed}'::text[]) n;
CREATE TABLE pg_temp.held (name text PRIMARY KEY, id uuid, key text);
GRANT ALL ON pg_temp.held TO PUBLIC;
-- Begins, or goes on with, an attempt.
CREATE FUNCTION pg_temp.start(name text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    s laurel.started_attempt := laurel.start_attempt(tests.person(name));
BEGIN
    INSERT INTO pg_temp.held VALUES (name, s.attempt_id, s.session_key) ON CONFLICT ON CONSTRAINT held_pkey DO UPDATE SET id = excluded.id, key = excluded.key;
    RETURN concat_ws(' ', s.attempt_number, s.is_new, s.questions, s.max_score, s.seconds_left);
END
$$;
CREATE FUNCTION pg_temp.id(name text) RETURNS uuid LANGUAGE sql AS $$ SELECT id FROM pg_temp.held h WHERE h.name = id.name $$;
CREATE FUNCTION pg_temp.key(name text) RETURNS text LANGUAGE sql AS $$ SELECT key FROM pg_temp.held h WHERE h.name = key.name $$;
CREATE FUNCTION pg_temp.save(name text, answers jsonb) RETURNS text LANGUAGE sql AS $$
    SELECT tests.error_of(format('SELECT laurel.save_answers(%L, %L, %L)', pg_temp.id(name), answers, pg_temp.key(name)))
$$;
CREATE FUNCTION pg_temp.submit(name text, answers jsonb DEFAULT NULL) RETURNS text LANGUAGE sql AS $$
    SELECT concat_ws(' ', s.status, s.score, s.max_score, s.percentage, s.passed, s.to_mark) FROM laurel.submit_attempt(pg_temp.id(name), pg_temp.key(name), answers) s
$$;
-- As if the attempt had begun that much earlier.
CREATE FUNCTION pg_temp.age(name text, by interval) RETURNS void LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
    SET LOCAL session_replication_role = replica;
    UPDATE laurel.assessment_attempts t SET started_at = started_at - by, due_at = due_at - by, submitted_at = submitted_at - by WHERE t.id = pg_temp.id(name);
    SET LOCAL session_replication_role = origin;
END
$$;

-- Begun.
SELECT tests.act_as_learner();
SELECT is(pg_temp.start('Q'), '1 t 7 10', 'an attempt begins');
SELECT is((SELECT string_agg(type, ' ' ORDER BY position) FROM laurel.attempt_questions(pg_temp.id('Q'))), 'multiple_choice true_false short_answer multiple_answers numeric order match', 'it asks its questions in order');
SELECT is((SELECT attempt_number || status || user_id || cardinality(questions) FROM laurel.assessment_attempts), '1in_progress' || tests.person('learner') || '7', 'its member reads it');
SELECT is(tests.error_of(format('SELECT laurel.start_attempt(%L)', tests.person(n))), e, 'not begun: ' || n) FROM (VALUES ('Draft', '23514 assessment_attempts_assessment_id_required'), ('nothing', '23503 assessment_attempts_assessment_id_fkey')) v (n, e);
SELECT is(tests.error_of('SELECT laurel.start_attempt(NULL)'), '22004', 'an assessment is named');
SELECT tests.act_as(tests.person('other'));
SELECT is(tests.error_of(format('SELECT laurel.start_attempt(%L)', tests.person('Named'))), '23503 assessment_attempts_assessment_id_fkey', 'what is another''s is not begun');
SELECT is(tests.error_of(format('SELECT laurel.start_attempt(%L, %L)', tests.person('Q'), tests.person('learner'))), '42501', 'nor for somebody else');
SELECT tests.act_as_manager();
SELECT is(tests.error_of(format('SELECT laurel.start_attempt(%L)', tests.person('Q'))), '23503 assessment_attempts_assessment_id_fkey', 'nor by who is not enrolled');
SELECT tests.act_as(tests.person('bolt_learner'));
SELECT is(tests.error_of(format('SELECT laurel.start_attempt(%L)', tests.person('Q'))), '23503 assessment_attempts_assessment_id_fkey', 'nor from another organization');
SELECT tests.act_as_owner();
UPDATE laurel.beneficiaries SET status = 'inactive' WHERE id = tests.person('b other');
SELECT tests.act_as(tests.person('other'));
SELECT is(tests.error_of(format('SELECT laurel.start_attempt(%L)', tests.person('Q'))), '23514 assessment_attempts_beneficiary_id_required', 'nor by who is inactive');

-- Saved.
SELECT tests.act_as_learner();
SELECT is(pg_temp.save('Q', jsonb_build_object(tests.person('Q 1'), 'b', tests.person('Q 4'), '["2"]'::jsonb)), 'none', 'answers are saved');
SELECT is(laurel.save_answers(pg_temp.id('Q'), jsonb_build_object(tests.person('Q 1'), 'b'), pg_temp.key('Q')), 0, 'what is there is not saved again');
SELECT is(laurel.save_answers(pg_temp.id('Q'), jsonb_build_object(tests.person('Q 1'), 'a', tests.person('Q 4'), NULL), pg_temp.key('Q'), jsonb_build_object(tests.person('Q 1'), 12)), 2, 'an answer replaces another, or is taken back');
SELECT is((SELECT string_agg(coalesce(answer, '-') || time_spent, ' ' ORDER BY answer) FROM laurel.responses), 'a12 -0', 'the member reads what was saved');
SELECT is((SELECT string_agg(answer, ' ') FROM laurel.attempt_questions(pg_temp.id('Q'))), 'a', 'beside the questions too');
SELECT is(pg_temp.save('Q', a), e, a::text) FROM (VALUES
    (jsonb_build_object(tests.person('Draft 1'), 'a'), '23514 responses_question_id_asked'), ('{"x": "a"}', '23514 responses_question_id_asked'), ('[]', '22023'), ('"a"', '22023'),
    (jsonb_build_object(tests.person('Q 2'), 'maybe'), '23514 responses_answer_check'), (jsonb_build_object(tests.person('Q 4'), '{"a": 1}'::jsonb), '23514 responses_answer_check'),
    (jsonb_build_object(tests.person('Q 4'), 'no json'), '22P02'), (jsonb_build_object(tests.person('Q 7'), '[]'::jsonb), '23514 responses_answer_check'),
    (jsonb_build_object(tests.person('Q 3'), repeat('x', 20001)), '23514 responses_answer_check'),
    (jsonb_build_object(tests.person('Q 1'), 'b', tests.person('Q 2'), 'maybe'), '23514 responses_answer_check')) v (a, e);
SELECT is((SELECT string_agg(answer, ' ') FROM laurel.responses), 'a', 'of what is refused nothing is saved');
SELECT is(tests.error_of(format('SELECT laurel.save_answers(%L, %L)', pg_temp.id('Q'), '{}')), 'PT409 assessment_attempts_session', 'a key is needed');
SELECT is(tests.error_of(format('SELECT laurel.save_answers(%L, NULL)', pg_temp.id('Q'))), '22004', 'and answers');

-- One session.
CREATE TEMP TABLE first AS SELECT pg_temp.key('Q') AS key;
SELECT is(pg_temp.start('Q'), '1 f 7 10', 'another session goes on with it');
SELECT is(tests.told(format('SELECT laurel.save_answers(%L, %L, %L)', pg_temp.id('Q'), '{}', (SELECT key FROM first))),
    'PT409 | the attempt is open in another session | laurel.start_attempt() opens it here, and closes it there. | assessment_attempts_session', 'and the first cannot answer any more');
SELECT is(tests.error_of(format('SELECT laurel.submit_attempt(%L, %L)', pg_temp.id('Q'), (SELECT key FROM first))), 'PT409 assessment_attempts_session', 'nor hand it in');
SELECT is(pg_temp.save('Q', '{}'), 'none', 'the second can');
SELECT is((SELECT sessions FROM laurel.assessment_attempts), 2, 'sessions are counted');
SELECT tests.act_as(tests.person('other'));
SELECT is(tests.error_of(format('SELECT laurel.%s', call)), '23503 assessment_attempts_pkey', 'somebody else does not: ' || call) FROM (SELECT format(c, pg_temp.id('Q'), pg_temp.key('Q')) FROM unnest('{"save_answers(%L, ''{}'', %L)", "submit_attempt(%L, %L)", attempt_questions(%L), review_attempt(%L)}'::text[]) c) v (call);
SELECT tests.act_as_admin();
SELECT is(tests.error_of(format('SELECT laurel.save_answers(%L, ''{}'', %L)', pg_temp.id('Q'), pg_temp.key('Q'))), '23503 assessment_attempts_pkey', 'an administrator neither');

-- Questions stay as they were when it began.
SELECT tests.act_as_trainer();
UPDATE laurel.questions SET text = 'Capital of Italy?', correct_answer = 'b', points = 9 WHERE id = tests.person('Q 1');
DELETE FROM laurel.questions WHERE id = tests.person('Q 2');
INSERT INTO laurel.questions (assessment_id, text, type) VALUES (tests.person('Q'), 'New', 'essay');
SELECT tests.act_as_learner();
SELECT is((SELECT count(*) || min(text) FILTER (WHERE position = 1) FROM laurel.attempt_questions(pg_temp.id('Q'))), '7Capital of France?', 'questions stay as they were');

-- Handed in and graded.
SELECT is(pg_temp.submit('Q', pg_temp.right('Q') - tests.person('Q 7')::text || jsonb_build_object(tests.person('Q 4'), '["2"]'::jsonb, tests.person('Q 6'), '["x", "z", "y"]'::jsonb, tests.person('Q 1'), 'b')),
    'graded 3.8333333333 10 38.33 f 0', 'it is graded: partly, and a wrong answer costs');
SELECT is(pg_temp.submit('Q'), 'graded 3.8333333333 10 38.33 f 0', 'repeated it says the same');
SELECT is(tests.error_of(format('SELECT laurel.submit_attempt(%L, %L, %L)', pg_temp.id('Q'), pg_temp.key('Q'), '{}')), 'PT409 responses_attempt_open', 'but takes no answers');
SELECT is(pg_temp.save('Q', '{}'), 'PT409 responses_attempt_open', 'nor are any saved');
SELECT is((SELECT format('%s %s %s %s', score, percentage, passed, time_taken) FROM laurel.assessment_results), '3.8333333333 38.33 f 0', 'the result is there');
SELECT tests.act_as_trainer();
SELECT is((SELECT string_agg(concat_ws('/', v.type, r.is_correct, r.points_earned, r.points_lost), ' ' ORDER BY v.type) FROM laurel.responses r JOIN laurel.question_versions v USING (question_id, version) WHERE attempt_id = pg_temp.id('Q')),
    'match/f/0/0 multiple_answers/f/1.5/0 multiple_choice/f/0/1.00 numeric/t/1/0 order/f/0.3333333333/0 short_answer/t/1/0 true_false/t/1/0', 'each answer has its mark, one that was not given too');

-- What is right is not shown before the review.
SELECT tests.act_as_learner();
SELECT is_empty('SELECT * FROM laurel.responses', 'marks are not shown');
SELECT is(tests.told(format('SELECT laurel.review_attempt(%L)', pg_temp.id('Q'))), '42501 | what was right is not shown yet | assessments.review says when it is.', 'nor what was right');
SELECT is(tests.error_of(format('SELECT laurel.attempt_questions(%L)', pg_temp.id('Q'))), '42501', 'nor the questions any more');

-- Again, for the last time.
CREATE TEMP TABLE former AS SELECT pg_temp.id('Q') AS id;
SELECT is(pg_temp.start('Q'), '2 t 7 17', 'another attempt has the questions as they are now');
SELECT is_empty(format('SELECT * FROM laurel.responses WHERE attempt_id = %L', (SELECT id FROM former)), 'the review of the former waits for it');
SELECT is(pg_temp.submit('Q', jsonb_build_object(tests.person('Q 1'), 'b')), 'graded 9 17 52.94 t 0', 'an essay without an answer needs nobody');
SELECT is(tests.error_of(format('SELECT laurel.start_attempt(%L)', tests.person('Q'))), '23514 assessment_attempts_assessments_quota', 'there is no third');
SELECT is((SELECT string_agg(concat_ws(' ', answer, is_correct, correct_answer, explanation), ' ') FROM laurel.review_attempt((SELECT id FROM former)) WHERE position = 1), 'b f a Since 987.', 'now the review is open, of what was asked then');
SELECT is((SELECT count(*) FROM laurel.responses), 14::bigint, 'and the answers');
SELECT is(pg_temp.submit('Q'), 'graded 9 17 52.94 t 0', 'the result stays');

-- In time.
SELECT is(pg_temp.start('Timed'), '1 t 7 10 600', 'a time limit runs');
SELECT pg_temp.save('Timed', jsonb_build_object(tests.person('Timed 2'), 'true'));
SELECT pg_temp.age('Timed', '10 minutes');
SELECT matches(tests.told(format('SELECT laurel.save_answers(%L, %L, %L)', pg_temp.id('Timed'), pg_temp.right('Timed'), pg_temp.key('Timed'))),
    'PT409 . the time is over . It was until .*\+00\. . What was saved before counts; submit the attempt without answers. . responses_in_time', 'answers that come late are refused');
SELECT is(tests.error_of(format('SELECT laurel.submit_attempt(%L, %L, %L)', pg_temp.id('Timed'), pg_temp.key('Timed'), pg_temp.right('Timed'))), 'PT409 responses_in_time', 'also with the attempt');
SELECT is(pg_temp.submit('Timed'), 'graded 1 10 10.00 0', 'what was saved counts, and there is nothing to pass');
SELECT is((SELECT time_taken FROM laurel.assessment_results WHERE assessment_id = tests.person('Timed')), 600, 'the time taken ends with the limit');
SELECT matches(tests.told(format('SELECT laurel.start_attempt(%L)', tests.person('Timed'))), 'PT429 . the next attempt may not begin yet . It may at .* assessment_attempts_attempt_delay', 'the next one waits');
SELECT pg_temp.age('Timed', '1 day');
SELECT is(pg_temp.start('Timed'), '2 t 7 10 600', 'as long as it says');
SELECT pg_temp.save('Timed', pg_temp.right('Timed')), pg_temp.age('Timed', '10 minutes');
SELECT tests.act_as_service();
SELECT is(laurel.submit_overdue_attempts(), 1::bigint, 'a job hands in what is over');
SELECT is(laurel.submit_overdue_attempts(), 0::bigint, 'once');
SELECT is((SELECT percentage FROM laurel.assessment_results WHERE attempt_id = pg_temp.id('Timed')), 100.00, 'with what was saved');
SELECT pg_temp.age('Timed', '1 day');
SELECT tests.act_as_learner();
SELECT is(pg_temp.start('Timed'), '3 t 7 10 600', 'a last one');
SELECT pg_temp.age('Timed', '1 day');
SELECT is(tests.error_of(format('SELECT laurel.start_attempt(%L)', tests.person('Timed'))), 'PT429 assessment_attempts_attempt_delay', 'one whose time ran out is not gone on with');

-- For one beneficiary the assessment follows.
SELECT is(pg_temp.start('Named'), '1 t 7 10', 'one of one''s own begins');
SELECT is((SELECT status FROM laurel.assessments WHERE id = tests.person('Named')), 'in_progress', 'it is in progress');
SELECT is((SELECT status FROM laurel.assessments WHERE id = tests.person('Timed')), 'published', 'what is for everybody stays published');
SELECT is(pg_temp.submit('Named', '{}'), 'graded 0 10 0.00 f 0', 'failed');
SELECT is((SELECT status FROM laurel.assessments WHERE id = tests.person('Named')), 'in_progress', 'there is one more');
SELECT pg_temp.start('Named'), pg_temp.submit('Named', pg_temp.right('Named'));
SELECT is((SELECT status || (completed_at IS NOT NULL) FROM laurel.assessments WHERE id = tests.person('Named')), 'completedtrue', 'it is completed');
SELECT is(tests.error_of(format('SELECT laurel.start_attempt(%L)', tests.person('Named'))), '23514 assessment_attempts_assessment_id_required', 'and not taken any more');

-- The window.
SELECT tests.act_as_owner();
UPDATE laurel.beneficiaries SET status = 'active' WHERE id = tests.person('b other');
UPDATE laurel.assessments SET scheduled_for = now() + interval '1 day' WHERE id = tests.person('Q');
SELECT tests.act_as(tests.person('other'));
SELECT matches(tests.told(format('SELECT laurel.start_attempt(%L)', tests.person('Q'))), '23514 . the assessment cannot be taken now . It is open from .* assessment_attempts_window', 'nothing begins early');
SELECT tests.act_as_owner();
UPDATE laurel.assessments SET scheduled_for = NULL, closes_at = clock_timestamp() - interval '1 second' WHERE id = tests.person('Q');
SELECT tests.act_as(tests.person('other'));
SELECT is(tests.error_of(format('SELECT laurel.start_attempt(%L)', tests.person('Q'))), '23514 assessment_attempts_window', 'nor late');
SELECT tests.act_as_owner();
UPDATE laurel.assessments SET closes_at = clock_timestamp() + interval '5 minutes' WHERE id = tests.person('Q');
SELECT tests.act_as(tests.person('other'));
SELECT pg_temp.start('Q');
SELECT ok((SELECT due_at = closes_at FROM laurel.assessment_attempts t JOIN laurel.assessments a ON a.id = assessment_id WHERE t.id = pg_temp.id('Q')), 'an attempt ends when the assessment closes');

-- Whoever writes rows.
SELECT tests.act_as_service();
SELECT is(tests.error_of(format($$ INSERT INTO laurel.responses (assessment_id, beneficiary_id, question_id, answer) VALUES (%L, %L, %L, 'Goethe') $$, tests.person('Q'), tests.person('b other'), tests.person('Q 3'))), 'none', 'the back end writes an answer as a row');
SELECT is((SELECT format('%s %s %s', user_id = tests.person('other'), version, attempt_id = pg_temp.id('Q')) FROM laurel.responses WHERE answer = 'Goethe'), 't 1 t', 'the rest is filled in');
CREATE FUNCTION pg_temp.write(columns text, vals text) RETURNS text LANGUAGE sql AS $$
    SELECT tests.error_of(format('INSERT INTO laurel.responses (attempt_id, question_id%s) VALUES (%L, %L%s)', ', ' || columns, pg_temp.id('Q'), tests.person('Q 4'), ', ' || vals))
$$;
SELECT is(pg_temp.write(c, v), e, c || ' ' || v) FROM (VALUES ('is_correct', 'true', '23001 responses_points_earned_follows'), ('points_earned', '1', '23001 responses_points_earned_follows'), ('points_lost', '1', '23001 responses_points_earned_follows'),
    ('needs_marking', 'true', '23001 responses_points_earned_follows'), ('answer', '''{}''', '23514 responses_answer_check'), ('time_spent', '-1', '23514 responses_time_spent_check'),
    ('user_id', quote_literal(tests.person('learner')), '23514 responses_user_id_copied'), ('beneficiary_id', quote_literal(tests.person('b learner')), '23514 responses_beneficiary_id_copied'),
    ('assessment_id', quote_literal(tests.person('Timed')), '23514 responses_assessment_id_copied'), ('organization_id', quote_literal(tests.bolt()), '23514 responses_organization_id_copied')) v (c, v, e);
SELECT is(tests.error_of(format($$ INSERT INTO laurel.responses (assessment_id, beneficiary_id, attempt_number, question_id) VALUES (%L, %L, 2, %L) $$, tests.person('Q'), tests.person('b other'), tests.person('Q 4'))), '23503 responses_attempt_id_fkey', 'no such attempt');
SELECT is(tests.error_of(format($$ INSERT INTO laurel.responses (attempt_id, question_id) VALUES (%L, %L) $$, pg_temp.id('Q'), tests.person('Timed 4'))), '23514 responses_question_id_asked', 'no such question');
SELECT is(tests.error_of(format($$ INSERT INTO laurel.responses (attempt_id, question_id) VALUES (%L, %L) $$, pg_temp.id('Q'), tests.person('Q 3'))), '23505 responses_question_id_key', 'one answer for each');
SELECT is(tests.error_of($$ UPDATE laurel.responses SET answer = 'Schiller' WHERE answer = 'Goethe' $$), 'none', 'an answer may change');
SELECT is(tests.error_of($$ UPDATE laurel.responses SET points_earned = 1 WHERE answer = 'Schiller' $$), '23001 responses_points_earned_follows', 'its mark not');
SELECT is(tests.error_of($$ UPDATE laurel.responses SET answer = 'x' WHERE attempt_id IN (SELECT id FROM laurel.assessment_attempts WHERE status = 'graded') $$), 'PT409 responses_attempt_open', 'of what is handed in nothing changes');
SELECT is(tests.error_of($$ UPDATE laurel.responses SET points_earned = NULL, is_correct = NULL WHERE points_earned > 0 $$), '23001 responses_points_earned_follows', 'marks are not taken away either');
SELECT is(tests.error_of(format($$ UPDATE laurel.responses SET question_id = %L WHERE answer = 'Schiller' $$, tests.person('Q 4'))), '23001 responses_question_id_immutable', 'an answer stays with its question');
SELECT pg_temp.age('Q', '1 day');
SELECT is(tests.error_of($$ UPDATE laurel.responses SET answer = 'Goethe' WHERE answer = 'Schiller' $$), 'PT409 responses_in_time', 'nothing is changed late by a row');
SELECT is(tests.error_of(format($$ INSERT INTO laurel.responses (attempt_id, question_id, answer) VALUES (%L, %L, '[]') $$, pg_temp.id('Q'), tests.person('Q 4'))), 'PT409 responses_in_time', 'or inserted');
SELECT is(tests.error_of(format($$ INSERT INTO laurel.assessment_attempts (assessment_id, user_id) VALUES (%L, %L) $$, tests.person('Q'), tests.person('other'))), '23505 assessment_attempts_open_key', 'one attempt at a time');
SELECT tests.act_as_owner();
SELECT is(tests.error_of($$ UPDATE laurel.assessment_attempts SET status = 'graded', graded_at = now(), submitted_at = now() WHERE status = 'in_progress' $$), '23001 assessment_attempts_follows', 'nobody writes an attempt');
SELECT is(tests.error_of($$ UPDATE laurel.assessment_results SET passed = true $$), '23001 assessment_results_follows', 'nor a result');
SELECT is(tests.error_of($$ INSERT INTO laurel.assessment_results SELECT * FROM laurel.assessment_results LIMIT 1 $$), '23001 assessment_results_follows', 'or makes one');

-- An attempt that fails does not keep the others waiting.
SELECT set_config('tests.failing', '%', true) \g /dev/null
SELECT pg_temp.age('Q', '1 day');
CREATE FUNCTION pg_temp.no() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NEW.organization_id = tests.acme() AND NEW.attempt_id::text LIKE current_setting('tests.failing') THEN RAISE 'no' USING ERRCODE = 'P0099'; END IF; RETURN NEW; END $$;
CREATE TRIGGER no BEFORE INSERT ON laurel.assessment_results FOR EACH ROW EXECUTE FUNCTION pg_temp.no();
SELECT is(laurel.submit_overdue_attempts(), 0::bigint, 'attempts that fail are left');
SELECT is((SELECT string_agg(organization_id || ' ' || error, ', ') FROM laurel.job_failures WHERE job = 'assessments'), tests.acme() || ' P0099 no', 'and noted');
SELECT set_config('tests.failing', (SELECT min(id::text) FROM laurel.assessment_attempts WHERE status = 'in_progress' AND due_at <= clock_timestamp()), true) \g /dev/null
UPDATE laurel.job_failures SET failed_at = now() - interval '1 hour';
SELECT is(laurel.submit_overdue_attempts(), 1::bigint, 'each by itself');
SELECT is((SELECT times FROM laurel.job_failures WHERE job = 'assessments')::bigint > 2, true, 'and noted again');
DROP TRIGGER no ON laurel.assessment_results;
UPDATE laurel.job_failures SET failed_at = now() - interval '1 hour';
SELECT is(laurel.submit_overdue_attempts(), 1::bigint, 'until it can be done');
SELECT is_empty($$ SELECT * FROM laurel.check() WHERE table_name ~ 'assess|question|responses' $$, 'all guards hold');
DELETE FROM laurel.users WHERE id = tests.person('learner');
SELECT is((SELECT count(*) FROM laurel.responses WHERE user_id = tests.person('learner')), 0::bigint, 'who goes takes the answers along');
SELECT * FROM finish();
ROLLBACK;
