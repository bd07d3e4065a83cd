-- What becomes of results: points and events, marks of people, regradings, an analysis from elsewhere.
\ir ../support/load.sql
BEGIN;
SET LOCAL client_min_messages = warning;
SET LOCAL timezone = 'UTC';
SELECT no_plan();
SELECT tests.cast('admin', 'trainer', 'learner', 'other', 'manager', 'bolt_admin', 'bolt_learner');
SELECT tests.join(tests.acme(), 'second');
INSERT INTO laurel.user_roles (user_id, role) VALUES (tests.person('second'), 'trainer');
\ir ../support/quiz.sql
SELECT pg_temp.enrol('learner', 'other', 'bolt_learner');
SELECT tests.teach('second', 'other');
SELECT pg_temp.make_quiz('Q', '{"points_reward": 40, "attempts_allowed": 5, "wants_analysis": true}'), pg_temp.make_quiz('Essay', '{"review": "graded"}'), pg_temp.make_quiz('Twice', '{"second_marking": true, "marking_tolerance": 1}');
INSERT INTO laurel.questions (id, assessment_id, text, type, points, rubric, "order") SELECT tests.person(t || ' 8'), tests.person(t), 'Why?', 'essay', 10, '[{"id": "form", "text": "Form", "points": 4}, {"id": "sense", "text": "Sense", "points": 6}]', 8 FROM unnest('{Essay,Twice}'::text[]) t;
SELECT pg_temp.publish(n) FROM unnest('{Q,Essay,Twice}'::text[]) n;
UPDATE laurel.users SET manager_id = tests.person('manager') WHERE id = tests.person('learner');
-- Takes it with these answers: the attempt.
CREATE FUNCTION pg_temp.take(quiz text, answers jsonb) RETURNS uuid LANGUAGE plpgsql AS $$
DECLARE
    s laurel.started_attempt := laurel.start_attempt(tests.person(quiz));
BEGIN
    PERFORM laurel.submit_attempt(s.attempt_id, s.session_key, answers);
    RETURN s.attempt_id;
END
$$;
CREATE FUNCTION pg_temp.events(of text DEFAULT 'learner') RETURNS text LANGUAGE sql SECURITY DEFINER AS $$
    SELECT string_agg(type || ' ' || n, ', ' ORDER BY type) FROM (SELECT type, count(*) AS n FROM laurel.domain_events WHERE user_id = tests.person(of) AND type LIKE 'assessment%' GROUP BY type) e
$$;
CREATE FUNCTION pg_temp.result(attempt uuid) RETURNS text LANGUAGE sql SECURITY DEFINER AS $$ SELECT concat_ws(' ', score, max_score, percentage, passed) FROM laurel.assessment_results WHERE attempt_id = attempt $$;
CREATE FUNCTION pg_temp.points() RETURNS bigint LANGUAGE sql SECURITY DEFINER AS $$ SELECT total_points FROM laurel.user_points WHERE user_id = tests.person('learner') $$;

CREATE FUNCTION pg_temp.as_one(name text, statement text) RETURNS text LANGUAGE plpgsql AS $$ BEGIN PERFORM tests.act_as(tests.person(name)); RETURN tests.error_of(statement); END $$;

-- Points and events fire on passing, once.
SELECT tests.act_as_learner();
CREATE TEMP TABLE took AS SELECT pg_temp.take('Q', '{}') AS failed;
SELECT is(pg_temp.points(), 0::bigint, 'who fails gets nothing');
SELECT is(pg_temp.events(), 'assessment_analysis_requested 1, assessment_graded 1', 'but a result');
ALTER TABLE took ADD COLUMN passed uuid;
UPDATE took SET passed = pg_temp.take('Q', pg_temp.right('Q'));
SELECT is(pg_temp.points(), 40::bigint, 'who passes gets the points');
SELECT pg_temp.take('Q', pg_temp.right('Q'));
SELECT is(pg_temp.points(), 40::bigint, 'once');
SELECT is(pg_temp.events(), 'assessment_analysis_requested 3, assessment_graded 1, assessment_passed 1', 'so are events');
SELECT tests.act_as_owner();
SELECT is((SELECT string_agg(transaction_type || ' ' || reference_type || ' ' || (reference_id = tests.person('Q')) || ' ' || reason, ',') FROM laurel.points_ledger), 'assessment_passed Assessment true Passed: Q', 'the entry says for what');
SELECT is((SELECT count(*) FROM laurel.notifications WHERE type LIKE 'assessment%'), 2::bigint, 'the member hears of it');
SELECT tests.act_as_learner();
SELECT is((SELECT attempt_id || ' ' || percentage FROM laurel.best_results WHERE assessment_id = tests.person('Q')), (SELECT passed || ' 100.00' FROM took), 'the best result is the first best');

-- Marked by people.
CREATE TEMP TABLE essay AS SELECT pg_temp.take('Essay', pg_temp.right('Essay') || jsonb_build_object(tests.person('Essay 8'), 'Because.')) AS id;
GRANT ALL ON took, essay TO PUBLIC;
SELECT is((SELECT concat_ws(' ', status, score, to_mark) FROM laurel.submit_attempt((SELECT id FROM essay))), 'submitted 1', 'an essay waits for people');
SELECT is((SELECT count(*) FROM laurel.marking_queue), 0::bigint, 'who has written it sees no queue');
SELECT is(tests.error_of(format('SELECT laurel.review_attempt(%L)', (SELECT id FROM essay))), '42501', 'nor a review');
SELECT is(pg_temp.events('trainer'), 'assessment_to_mark 1', 'its trainer hears of it');
SELECT tests.act_as_trainer();
SELECT is((SELECT string_agg(text || answer || points || marks, ' ') FROM laurel.marking_queue), 'Why?Because.100', 'and has it in the queue');
CREATE TEMP TABLE waits AS SELECT response_id AS id FROM laurel.marking_queue;
GRANT ALL ON waits TO PUBLIC;
CREATE FUNCTION pg_temp.mark(arguments text) RETURNS text LANGUAGE sql AS $$ SELECT tests.error_of(format('SELECT laurel.mark_response(%L, %s)', (SELECT id FROM pg_temp.waits), arguments)) $$;
SELECT is(pg_temp.mark(a), e, a) FROM (VALUES ('-1', '23514 response_marks_points_check'), ('10.5', '23514 response_marks_points_check'), ('NULL', '22004 response_marks_points_check'), ('''NaN''', '23514 response_marks_points_check'),
    ('rubric => ''{"form": 5, "sense": 1}''', '23514 response_marks_rubric_check'), ('rubric => ''{"other": 1}''', '23514 response_marks_rubric_check'), ('rubric => ''{"form": "a"}''', '23514 response_marks_rubric_check'),
    ('rubric => ''[]''', '23514 response_marks_rubric_check'), ('rubric => ''{}''', '23514 response_marks_rubric_check'), ('9, rubric => ''{"form": 4, "sense": 6}''', '23514 response_marks_points_check'), ('1, is_final => NULL', '22004')) v (a, e);
SELECT is(tests.error_of('SELECT laurel.mark_response(NULL, 1)'), '22004', 'an answer is named');
SELECT is(pg_temp.as_one(n, format('SELECT laurel.mark_response(%L, 5)', (SELECT id FROM pg_temp.waits))), '23503 response_marks_response_id_fkey', n || ' does not mark it') FROM unnest('{learner,other,manager,second,bolt_admin}'::text[]) n;
SELECT tests.act_as_anon();
SELECT is(tests.error_of(format('SELECT laurel.mark_response(%L, 1)', tests.person('x'))), '42501', 'nor who is not signed in');
SELECT tests.act_as_trainer();
SELECT is((SELECT concat_ws(' ', points_earned, marks, waits, attempt_status) FROM laurel.mark_response((SELECT id FROM waits), rubric => '{"form": 4, "sense": 3.5}', feedback => 'Well.')), '7.5 1 f graded', 'it is marked');
SELECT is(pg_temp.result((SELECT id FROM essay)), '17.5 20 87.50 t', 'and the result is there');
SELECT is(pg_temp.mark('5'), 'PT409 response_marks_marked', 'once');
SELECT is((SELECT concat_ws(' ', points_earned, marks, attempt_status) FROM laurel.mark_response((SELECT id FROM waits), 0, 'Copied.', is_final => true)), '0 2 graded', 'a final mark corrects it');
SELECT is(pg_temp.result((SELECT id FROM essay)), '10 20 50.00 t', 'and the result');
SELECT is((SELECT string_agg(concat_ws('/', kind, points_before, points, feedback, marked_by = tests.person('trainer')), ' ' ORDER BY id) FROM laurel.response_marks), 'mark/7.5/Well./t final/7.5/0/Copied./t', 'history tells');
SELECT is(tests.error_of('UPDATE laurel.response_marks SET points = 1'), '42501', 'and is not written');
SELECT tests.act_as_learner();
SELECT is_empty('SELECT * FROM laurel.response_marks', 'the beneficiary does not read it');
SELECT is((SELECT points_earned FROM laurel.review_attempt((SELECT id FROM essay)) WHERE type = 'essay'), 0::numeric, 'but the mark, when the review is open');

-- Twice.
CREATE TEMP TABLE twice AS SELECT pg_temp.take('Twice', jsonb_build_object(tests.person('Twice 8'), 'Because.')) AS id;
SELECT tests.act_as_admin();
UPDATE waits SET id = (SELECT response_id FROM laurel.marking_queue);
SELECT is((SELECT concat_ws(' ', points_earned, marks, waits, attempt_status) FROM laurel.mark_response((SELECT id FROM waits), 6)), '1 t submitted', 'one mark is not enough');
SELECT is(pg_temp.mark('7'), '23505 response_marks_marker_key', 'nor two of one');
SELECT tests.act_as_trainer();
SELECT is((SELECT concat_ws(' ', points_earned, marks, waits, attempt_status) FROM laurel.mark_response((SELECT id FROM waits), 7.5)), '2 t submitted', 'where they do not differ too much');
SELECT is((SELECT concat_ws(' ', points_earned, marks, waits, attempt_status) FROM laurel.mark_response((SELECT id FROM waits), 8, is_final => true)), '8 3 f graded', 'else a final one decides');

SELECT tests.act_as_learner();
CREATE TEMP TABLE again AS SELECT pg_temp.take('Twice', jsonb_build_object(tests.person('Twice 8'), 'So.')) AS id;
SELECT tests.act_as_trainer();
UPDATE waits SET id = (SELECT response_id FROM laurel.marking_queue);
SELECT laurel.mark_response((SELECT id FROM waits), 7);
SELECT tests.act_as_admin();
SELECT is((SELECT concat_ws(' ', points_earned, marks, waits, attempt_status) FROM laurel.mark_response((SELECT id FROM waits), 6)), '6.5 2 f graded', 'the mean of two counts');

-- A wrong key is corrected.
SELECT tests.act_as_trainer();
UPDATE laurel.questions SET correct_answer = 'b' WHERE id = tests.person('Q 1');
SELECT is(pg_temp.result((SELECT passed FROM took)), '10 10 100.00 t', 'a key that changes changes no result');
SELECT is(laurel.regrade_assessment(tests.person('Q'), 'The key was wrong', tests.person('Q 1')), 2, 'a regrading does');
SELECT is(pg_temp.result((SELECT passed FROM took)), '7 10 70.00 t', 'of those that are others now');
SELECT is(laurel.regrade_assessment(tests.person('Q'), 'Again'), 0, 'once');
SELECT is((SELECT string_agg(concat_ws('/', m.kind, m.points_before, m.points, m.feedback), ' ') FROM laurel.response_marks m JOIN laurel.responses r ON r.id = m.response_id AND r.attempt_id = (SELECT passed FROM took)), 'regrade/2/0/The key was wrong', 'history tells that too');
SELECT is((SELECT correct_answer FROM laurel.review_attempt((SELECT passed FROM took)) WHERE position = 1), 'b', 'the review shows the key by which it is graded');
SELECT is(pg_temp.points(), 40::bigint, 'points stay');
SELECT is(tests.error_of(format('SELECT laurel.regrade_assessment(%L, %s)', tests.person('Q'), r)), e, 'a reason is given: ' || r) FROM (VALUES ('NULL', '22004'), ('repeat(''x'', 20001)', 'none')) v (r, e);
SELECT is(pg_temp.as_one(n, format('SELECT laurel.regrade_assessment(%L, ''x'')', tests.person('Q'))), '23503 assessments_pkey', n || ' does not regrade') FROM unnest('{learner,manager,second,bolt_admin}'::text[]) n;
SELECT tests.act_as_admin();
UPDATE laurel.questions SET correct_answer = 'true', points = 5 WHERE id = tests.person('Q 2');
SELECT is(laurel.regrade_assessment(tests.person('Q'), 'Worth more'), 3, 'by weights as they are now');
SELECT is(pg_temp.result((SELECT passed FROM took)), '11 14 78.57 t', 'the sum follows');
SELECT tests.act_as_owner();
SELECT is_empty($$ SELECT * FROM laurel.check() WHERE table_name ~ 'assess|question|response' $$, 'all guards hold');

-- Analysis from elsewhere.
SELECT tests.act_as_service();
CREATE TEMP TABLE asked AS SELECT (data ->> 'result_id')::uuid AS result, (data ->> 'analysis_id')::uuid AS id, s.analysis_id = (data ->> 'analysis_id')::uuid AS current
    FROM laurel.domain_events e JOIN laurel.assessment_results s ON s.id = (data ->> 'result_id')::uuid WHERE type = 'assessment_analysis_requested' AND s.attempt_id = (SELECT passed FROM took);
CREATE FUNCTION pg_temp.store(is_current boolean, said text, advice text DEFAULT NULL) RETURNS text LANGUAGE sql AS $$
    SELECT tests.error_of(format('SELECT laurel.store_analysis(%L, %L, %L, %L)', result, id, said, advice)) FROM pg_temp.asked WHERE current = is_current LIMIT 1
$$;
SELECT is(pg_temp.store(false, '{}'), 'PT409 assessment_results_analysis_id', 'an answer to what was graded before is refused');
SELECT is(pg_temp.store(true, '[]'), '23514 assessment_results_ai_analysis_check', 'it is an object');
SELECT is(pg_temp.store(true, '{}', jsonb_build_object('a', repeat('x', 70000))::text), '23514 assessment_results_recommendations_check', 'of so many bytes');
SELECT is((SELECT laurel.store_analysis(result, id, '{"weak": ["geo"]}', '{"read": "atlas"}') FROM asked WHERE current), true, 'the answer is taken');
SELECT is((SELECT laurel.store_analysis(result, id, '{"weak": ["geo"]}', '{"read": "atlas"}') FROM asked WHERE current), false, 'once');
SELECT is(pg_temp.store(true, '{}'), 'PT409 assessment_results_analysed_at', 'and stays');
SELECT is(tests.error_of(format('SELECT laurel.store_analysis(%L, %L, ''{}'')', tests.person('x'), tests.person('x'))), '23503 assessment_results_pkey', 'of a result that is there');
SELECT tests.act_as_learner();
SELECT is(tests.error_of(format('SELECT laurel.store_analysis(%L, %L, ''{}'')', tests.person('x'), tests.person('x'))), '42501', 'members store none');
SELECT is((SELECT recommendations ->> 'read' FROM laurel.assessment_results WHERE ai_analysis IS NOT NULL), 'atlas', 'they read their own');
SELECT * FROM finish();
ROLLBACK;
