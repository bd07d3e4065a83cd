-- Who reads and writes what of assessments; what is right is read by no path before the review.
\ir ../support/load.sql
BEGIN;
SET LOCAL client_min_messages = warning;
SET LOCAL timezone = 'UTC';
SELECT no_plan();
SELECT tests.cast('admin', 'trainer', 'learner', 'other', 'manager', 'bolt_admin', 'bolt_trainer', 'bolt_learner');
SELECT tests.join(tests.acme(), 'second');
INSERT INTO laurel.user_roles (user_id, role) VALUES (tests.person('second'), 'trainer');
\ir ../support/quiz.sql
SELECT pg_temp.enrol('learner', 'other', 'bolt_learner');
SELECT pg_temp.make_quiz('Q', '{"review": "closed"}'), pg_temp.make_quiz('Draft'), pg_temp.make_quiz('Named', jsonb_build_object('beneficiary_id', tests.person('b learner'), 'user_id', tests.person('learner')));
SELECT pg_temp.publish(n) FROM unnest('{Q,Named}'::text[]) n;
INSERT INTO laurel.questions (id, organization_id, text, type, correct_answer, tags) VALUES (tests.person('bank'), tests.acme(), 'Bank', 'true_false', 'true', '{geo}');
INSERT INTO laurel.assessment_accommodations (beneficiary_id, extra_time, extra_attempts) VALUES (tests.person('b learner'), 50, 1);
CREATE FUNCTION pg_temp.as_one(name text, statement text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    IF name = 'anon' THEN PERFORM tests.act_as_anon(); ELSE PERFORM tests.act_as(tests.person(name)); END IF;
    RETURN tests.error_of(statement);
END
$$;
-- How many rows one reads of a table; or the error.
CREATE FUNCTION pg_temp.reads(name text, place text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    n bigint;
BEGIN
    IF name = 'anon' THEN PERFORM tests.act_as_anon(); ELSE PERFORM tests.act_as(tests.person(name)); END IF;
    EXECUTE format('SELECT count(*) FROM (SELECT * FROM laurel.%I) t', place) INTO n;
    RETURN n;
EXCEPTION WHEN insufficient_privilege THEN RETURN '42501';
END
$$;
SELECT tests.act_as_learner();
CREATE TEMP TABLE took AS SELECT attempt_id AS id, session_key FROM laurel.start_attempt(tests.person('Q'));
GRANT ALL ON took TO PUBLIC;
SELECT laurel.submit_attempt(id, session_key, pg_temp.right('Q')) FROM took;

SELECT is((SELECT string_agg(pg_temp.reads(n, place), ' ' ORDER BY o) FROM unnest('{admin,trainer,second,manager,learner,other,bolt_admin,bolt_trainer,bolt_learner,anon}'::text[]) WITH ORDINALITY u (n, o)), counts, place || ' is read by these')
FROM (VALUES ('assessments', '3 3 2 1 2 1 0 0 0 42501'), ('questions', '22 22 22 0 0 0 0 0 0 42501'), ('question_versions', '7 7 7 0 0 0 0 0 0 42501'), ('assessment_draws', '0 0 0 0 0 0 0 0 0 42501'),
    ('assessment_accommodations', '1 1 0 0 1 0 0 0 0 42501'), ('assessment_attempts', '1 1 0 0 1 0 0 0 0 42501'), ('responses', '7 7 0 0 0 0 0 0 0 42501'), ('assessment_results', '1 1 0 0 1 0 0 0 0 42501'),
    ('response_marks', '0 0 0 0 0 0 0 0 0 42501'), ('marking_queue', '0 0 0 0 0 0 0 0 0 42501'), ('best_results', '1 1 0 0 1 0 0 0 0 42501'), ('item_statistics', '7 7 0 0 0 0 0 0 0 42501')) v (place, counts);

-- Who writes.
CREATE TEMP TABLE writes (name text, who text, statement text, error text);
INSERT INTO writes VALUES
    ('a question of another trainer', 'second', format('INSERT INTO laurel.questions (assessment_id, text, type) VALUES (%L, ''?'', ''essay'')', tests.person('Q')), '42501'),
    ('a question of the own', 'trainer', format('INSERT INTO laurel.questions (assessment_id, text, type) VALUES (%L, ''?'', ''essay'')', tests.person('Q')), 'none'),
    ('a question of the bank', 'second', 'INSERT INTO laurel.questions (text, type, tags) VALUES (''?'', ''essay'', ''{a}'')', 'none'),
    ('a draw of another trainer', 'second', format('INSERT INTO laurel.assessment_draws (assessment_id, tags, count) VALUES (%L, ''{a}'', 1)', tests.person('Q')), '42501'),
    ('an assessment of one''s own', 'second', format('INSERT INTO laurel.assessments (title, type, trainer_id) VALUES (''T'', ''quiz'', %L)', tests.person('second')), 'none'),
    ('one of another', 'second', format('INSERT INTO laurel.assessments (title, type, trainer_id) VALUES (''T'', ''quiz'', %L)', tests.person('trainer')), '42501'),
    ('one for who is not entrusted', 'second', format('INSERT INTO laurel.assessments (title, type, trainer_id, beneficiary_id) VALUES (''T'', ''quiz'', %L, %L)', tests.person('second'), tests.person('b learner')), '23503 assessments_beneficiary_id_fkey'),
    ('one that is for who is', 'trainer', format('INSERT INTO laurel.assessments (title, type, trainer_id, beneficiary_id) VALUES (''T'', ''quiz'', %L, %L)', tests.person('trainer'), tests.person('b learner')), 'none'),
    ('more time for who is not entrusted', 'second', format('INSERT INTO laurel.assessment_accommodations (beneficiary_id, extra_time) VALUES (%L, 5)', tests.person('b learner')), '23503 assessment_accommodations_beneficiary_id_fkey'),
    ('more time for oneself', 'learner', format('INSERT INTO laurel.assessment_accommodations (beneficiary_id, extra_time, assessment_id) VALUES (%L, 5, %L)', tests.person('b learner'), tests.person('Q')), '42501'),
    ('an assessment', 'learner', 'INSERT INTO laurel.assessments (title, type) VALUES (''T'', ''quiz'')', '42501'),
    ('a question', 'learner', 'INSERT INTO laurel.questions (text, type) VALUES (''?'', ''essay'')', '42501'),
    ('from another organization', 'bolt_admin', format('INSERT INTO laurel.questions (organization_id, assessment_id, text, type) VALUES (%L, %L, ''?'', ''essay'')', tests.bolt(), tests.person('Q')), '23503 questions_assessment_id_fkey'),
    ('an attempt as a row', 'learner', format('INSERT INTO laurel.assessment_attempts (assessment_id, user_id) VALUES (%L, %L)', tests.person('Q'), tests.person('learner')), '42501'),
    ('an attempt of one''s admin', 'admin', format('INSERT INTO laurel.assessment_attempts (assessment_id, user_id) VALUES (%L, %L)', tests.person('Q'), tests.person('learner')), '42501'),
    ('an answer as a row', 'learner', format('INSERT INTO laurel.responses (attempt_id, question_id) VALUES (%L, %L)', (SELECT id FROM took), tests.person('Q 1')), '42501'),
    ('a mark', 'trainer', 'UPDATE laurel.responses SET points_earned = 1', '42501'), ('a result', 'admin', 'UPDATE laurel.assessment_results SET passed = true', '42501'),
    ('a result''s row', 'admin', 'INSERT INTO laurel.assessment_results DEFAULT VALUES', '42501'), ('history', 'admin', 'DELETE FROM laurel.response_marks', '42501'),
    ('a version', 'admin', 'UPDATE laurel.question_versions SET points = 1', '42501'), ('anything', 'anon', 'UPDATE laurel.questions SET text = ''x''', '42501'),
    ('an attempt''s end', 'learner', 'UPDATE laurel.assessment_attempts SET due_at = now()', '42501'), ('an attempt away', 'learner', 'DELETE FROM laurel.assessment_attempts', '42501');
SELECT is(pg_temp.as_one(who, statement), error, who || ' writes ' || name) FROM writes;
SELECT tests.act_as(tests.person('second'));
WITH u AS (UPDATE laurel.questions SET correct_answer = 'b' WHERE id = tests.person('Q 1') RETURNING 1) SELECT is(count(*), 0::bigint, 'another trainer changes no question') FROM u;
WITH u AS (UPDATE laurel.assessments SET title = 'x' WHERE id = tests.person('Q') RETURNING 1) SELECT is(count(*), 0::bigint, 'and no assessment') FROM u;
WITH u AS (DELETE FROM laurel.assessments WHERE id = tests.person('Draft') RETURNING 1) SELECT is(count(*), 0::bigint, 'nor deletes a draft') FROM u;
SELECT tests.act_as_trainer();
WITH u AS (DELETE FROM laurel.assessments WHERE id = tests.person('Q') RETURNING 1) SELECT is(count(*), 0::bigint, 'what was published is not deleted') FROM u;
WITH u AS (DELETE FROM laurel.assessments WHERE id = tests.person('Draft') RETURNING 1) SELECT is(count(*), 1::bigint, 'a draft is') FROM u;

-- What is right is read by no path.
SELECT tests.act_as_learner();
SELECT is(tests.error_of(q), e, q) FROM (VALUES ('SELECT correct_answer FROM laurel.questions', 'none'), ('SELECT laurel_internal.credit(''{}'', '''')', '42501'), ('SELECT laurel_internal.rank_by_seed(1, ''a'')', '42501'),
    ('TABLE laurel_internal.person_columns', '42501')) v (q, e);
SELECT is_empty(format($$ SELECT 1 FROM laurel.audit_log WHERE after::text LIKE '%%correct%%' OR before::text LIKE '%%correct%%' $$), 'nor in the audit log');
SELECT is_empty($$ SELECT 1 FROM pg_stats WHERE schemaname = 'laurel' AND tablename IN ('questions', 'question_versions', 'responses') $$, 'nor in statistics of the server');
SELECT is((laurel.export_user()::text ~ 'points_earned|correct_answer|answer_key|is_correct'), false, 'nor in the export of oneself');
SELECT is(tests.error_of(format('SELECT laurel.review_attempt(%L)', (SELECT id FROM took))), '42501', 'nor by the review');
SELECT tests.act_as_trainer();
SELECT is((SELECT count(correct_answer) FROM laurel.review_attempt((SELECT id FROM took))), 7::bigint, 'its trainer reviews');
SELECT tests.act_as_manager();
SELECT is(tests.error_of(format('SELECT laurel.review_attempt(%L)', (SELECT id FROM took))), '23503 assessment_attempts_pkey', 'who looks after somebody else does not');
SELECT tests.act_as_trainer();
UPDATE laurel.assessments SET status = 'completed' WHERE id = tests.person('Q');
SELECT tests.act_as_learner();
SELECT is((SELECT count(*) FROM laurel.responses), 7::bigint, 'when it is closed the marks are read');
SELECT is((SELECT string_agg(correct_answer, ' ' ORDER BY position) FROM laurel.review_attempt((SELECT id FROM took)) WHERE position < 4), 'a true Goethe', 'and what was right');

-- More time and attempts.
SELECT tests.act_as_owner();
SELECT pg_temp.make_quiz('Long', '{"time_limit": 10, "attempts_allowed": 1}');
SELECT pg_temp.publish('Long');
INSERT INTO laurel.assessment_accommodations (beneficiary_id, assessment_id, extra_time) VALUES (tests.person('b other'), tests.person('Long'), 100);
SELECT tests.act_as_learner();
SELECT is((SELECT seconds_left FROM laurel.start_attempt(tests.person('Long'))), 900, 'half as long again');
SELECT laurel.submit_attempt(id, (laurel.start_attempt(tests.person('Long'))).session_key) FROM laurel.assessment_attempts WHERE assessment_id = tests.person('Long');
SELECT is((SELECT attempt_number FROM laurel.start_attempt(tests.person('Long'))), 2, 'and once more');
SELECT tests.act_as(tests.person('other'));
SELECT is((SELECT seconds_left FROM laurel.start_attempt(tests.person('Long'))), 1200, 'what is for one assessment goes before');

-- Drawn and shuffled.
SELECT tests.act_as_owner();
INSERT INTO laurel.questions (organization_id, text, type, options, correct_answer, tags, points) SELECT tests.acme(), 'B' || n, 'multiple_choice', '["1", "2", "3", "4", "5", "6"]', '1', CASE WHEN n <= 10 THEN '{geo,easy}' ELSE '{geo}' END::text[], 1 FROM generate_series(1, 40) n;
INSERT INTO laurel.assessments (id, organization_id, title, type, attempts_allowed, shuffle_questions, shuffle_options) VALUES (tests.person('Drawn'), tests.acme(), 'Drawn', 'quiz', 20, true, true);
INSERT INTO laurel.assessment_draws (assessment_id, tags, count) VALUES (tests.person('Drawn'), '{geo}', 8), (tests.person('Drawn'), '{geo,easy}', 5);
SELECT pg_temp.publish('Drawn');
SELECT tests.act_as_service();
CREATE TEMP TABLE drawn AS SELECT n, (t.s).attempt_id AS id FROM (SELECT n, laurel.start_attempt(tests.person('Drawn'), tests.person('learner')) AS s, NULL FROM generate_series(1, 1) n) t;
SELECT laurel.submit_attempt(id) FROM drawn;
INSERT INTO drawn SELECT 2, attempt_id FROM laurel.start_attempt(tests.person('Drawn'), tests.person('learner'));
SELECT is((SELECT string_agg(cardinality(questions) || ' ' || (SELECT count(DISTINCT q) FROM unnest(questions) q) || ' ' || (SELECT count(*) >= 5 FROM laurel.questions q WHERE q.id = ANY (questions) AND tags @> '{easy}'), ', ') FROM laurel.assessment_attempts t JOIN drawn USING (id)), '13 13 true, 13 13 true', 'as many as are to be drawn, none twice');
SELECT is((SELECT count(DISTINCT questions) || ' ' || count(DISTINCT seed) FROM laurel.assessment_attempts t JOIN drawn USING (id)), '2 2', 'another attempt draws others');
SELECT ok((SELECT count(DISTINCT options) > 1 AND bool_and(jsonb_array_length(options) = 6) FROM laurel.attempt_questions((SELECT id FROM drawn WHERE n = 2)) WHERE type = 'multiple_choice'), 'options are shuffled, none is lost');
SELECT is((SELECT array_agg(options ORDER BY position) FROM laurel.attempt_questions((SELECT id FROM drawn WHERE n = 2))), (SELECT array_agg(options ORDER BY position) FROM laurel.attempt_questions((SELECT id FROM drawn WHERE n = 2))), 'and come the same again');
SELECT tests.act_as_owner();
SELECT is((SELECT questions FROM laurel.assessment_attempts JOIN drawn USING (id) WHERE n = 2), (SELECT array_agg(q ORDER BY laurel_internal.rank_by_seed(seed, q::text)) FROM laurel.assessment_attempts JOIN drawn USING (id), unnest(questions) q WHERE n = 2), 'in the order of the seed');
UPDATE laurel.questions SET status = 'archived' WHERE tags @> '{easy}';
SELECT tests.act_as(tests.person('other'));
SELECT is(tests.error_of(format('SELECT laurel.start_attempt(%L)', tests.person('Drawn'))), '23514 assessment_attempts_draws', 'a bank that has become too small is said');
SELECT * FROM finish();
ROLLBACK;
