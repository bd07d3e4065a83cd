-- Completing modules: by INSERT, UPDATE and function, as learners, administrators and others.
\ir ../support/load.sql
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT no_plan();

SELECT tests.cast();
INSERT INTO laurel.learning_paths (id, organization_id, title, status) VALUES (tests.person('path'), tests.acme(), 'Safety', 'published'), (tests.person('draft'), tests.acme(), 'Draft', 'draft');
CREATE FUNCTION pg_temp.module(name text, place integer, points bigint DEFAULT 10, keys jsonb DEFAULT NULL, most integer DEFAULT NULL, wait interval DEFAULT '0', path text DEFAULT 'path') RETURNS void LANGUAGE sql AS $$
    INSERT INTO laurel.learning_modules (id, learning_path_id, position, title, points_reward, max_attempts, attempt_cooldown, quiz_questions)
    VALUES (tests.person(name), tests.person(path), place, name, points, most, wait, CASE WHEN keys IS NULL THEN '[]' ELSE '[{"id": "q", "kind": "single", "text": "Which?"}]'::jsonb END);
    INSERT INTO laurel.answer_keys (module_id, keys) SELECT tests.person(name), keys WHERE keys <> '{}'
$$;
SELECT pg_temp.module('read', 1), pg_temp.module('quiz', 2, 25, '{"q": {"kind": "single", "right": "b"}, "r": {"kind": "true_false", "right": true}}', 3), pg_temp.module('essay', 3, 30, '{}'),
    pg_temp.module('slow', 4, 5, '{"q": {"kind": "single", "right": "b"}}', NULL, '1 hour'), pg_temp.module('last', 5, 0), pg_temp.module('hidden', 1, 0, NULL, NULL, '0', 'draft');
INSERT INTO laurel.module_prerequisites (module_id, requires_id) VALUES (tests.person('last'), tests.person('read')), (tests.person('last'), tests.person('quiz'));
CREATE FUNCTION pg_temp.done(name text, who text DEFAULT 'learner', answers jsonb DEFAULT NULL, score numeric DEFAULT NULL) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    state text;
    name_of text;
BEGIN
    RETURN (SELECT concat_ws(' ', status, quiz_score, attempts, points_earned, progress_percentage, path_status)
        FROM laurel.complete_module(tests.person(name), tests.person(who), answers, score, 60));
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, name_of = CONSTRAINT_NAME;
    RETURN concat_ws(' ', state, nullif(name_of, ''));
END
$$;
CREATE FUNCTION pg_temp.start(name text, who text DEFAULT 'learner') RETURNS text LANGUAGE sql AS $$
    SELECT concat_ws(' ', s.can_start, s.reason, (SELECT string_agg(m.title, ' ' ORDER BY m.title) FROM laurel.learning_modules m WHERE m.id = ANY (s.missing)), s.attempts_left,
        CASE WHEN s.next_attempt_at > now() THEN 'later' END) FROM laurel.can_start(tests.person(name), tests.person(who)) s
$$;

-- A learner.
SELECT tests.act_as_learner();
SELECT is((SELECT count(*) FROM laurel.answer_keys), 0::bigint, 'learners do not see what is right');
SELECT is(pg_temp.start('last'), 'f prerequisites quiz read', 'what is missing is said');
SELECT is(pg_temp.done('last'), '23514 module_completions_prerequisites', 'nothing comes before its prerequisites');
SELECT is(tests.error_of($$ INSERT INTO laurel.module_completions (user_id, module_id, status) VALUES (laurel.uid(), tests.person('last'), 'completed') $$), '23514 module_completions_prerequisites', 'by INSERT');
SELECT lives_ok($$ INSERT INTO laurel.module_completions (user_id, module_id) VALUES (laurel.uid(), tests.person('last')) $$, 'one may look into it');
SELECT is(tests.error_of($$ UPDATE laurel.module_completions SET status = 'completed' $$), '23514 module_completions_prerequisites', 'by UPDATE');
SELECT is((SELECT status || ' ' || progress_percentage FROM laurel.learning_path_progress), 'in_progress 0.00', 'whoever begins a module takes its path');
SELECT is(pg_temp.start('read'), 't', 'nothing is in the way');
SELECT is(pg_temp.done('read'), 'completed 0 10 20.00 in_progress', 'a module without a quiz is completed');
SELECT is(pg_temp.done('read'), 'completed 0 10 20.00 in_progress', 'twice is once');
SELECT is(pg_temp.start('read'), 'f completed', 'there is nothing more to do');
SELECT is((SELECT concat_ws(' ', transaction_type, amount, reference_type, reference_id = tests.person('read')) FROM laurel.points_ledger), 'module_completed 10 Module t', 'its points are paid once');
SELECT is((SELECT string_agg(type || ' ' || title, ', ') FROM laurel.notifications), 'module_completed You completed: read', 'the learner is told');
SELECT is((SELECT time_spent FROM laurel.module_completions WHERE module_id = tests.person('read')), 60, 'time is noted');
SELECT is(pg_temp.done('quiz'), '23514 module_completions_quiz_required', 'a quiz is answered');
SELECT is(tests.error_of($$ INSERT INTO laurel.module_completions (user_id, module_id, status) VALUES (laurel.uid(), tests.person('quiz'), 'completed') $$), '23514 module_completions_quiz_required', 'by INSERT');
SELECT is(pg_temp.done('quiz', score => 100), '42501', 'not graded by oneself');
SELECT is(tests.error_of($$ INSERT INTO laurel.module_completions (user_id, module_id, quiz_score) VALUES (laurel.uid(), tests.person('quiz'), 100) $$), '42501', 'by INSERT');
SELECT is(pg_temp.done('quiz', answers => '{"q": "a", "r": true}'), 'in_progress 50.00 1 0 20.00 in_progress', 'half is not enough');
SELECT is(tests.error_of($$ UPDATE laurel.module_completions SET quiz_score = 100 WHERE module_id = tests.person('quiz') $$), '42501', 'nor by UPDATE');
SELECT is(tests.error_of($$ UPDATE laurel.module_completions SET quiz_score = NULL WHERE module_id = tests.person('quiz') $$), '42501', 'nor taken away');
SELECT is(tests.error_of($$ UPDATE laurel.module_completions SET status = 'completed' WHERE module_id = tests.person('quiz') $$), '23514 module_completions_passed', 'who has not passed has not completed');
SELECT is(tests.error_of(format($$ UPDATE laurel.module_completions SET %s $$, assignment)), '42501', assignment) FROM unnest('{attempts = 0, last_attempt_at = NULL, points_earned = 1000, completed_date = now(), user_id = gen_random_uuid(), learning_path_id = gen_random_uuid()}'::text[]) assignment;
SELECT is(tests.error_of($$ UPDATE laurel.module_completions SET time_spent = -1 $$), '23514 module_completions_time_spent_check', 'time is not negative');
SELECT is(pg_temp.done('quiz', answers => '{"q": "a", "r": true}'), 'in_progress 50.00 1 0 20.00 in_progress', 'the same answers are no attempt');
CREATE FUNCTION pg_temp.guessed(target text, set_to text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    said text;
BEGIN
    EXECUTE format('INSERT INTO laurel.module_completions (user_id, module_id, answers) VALUES (laurel.uid(), %L, ''{"q": "b", "r": true}'')
        ON CONFLICT (organization_id, user_id, module_id) DO UPDATE SET time_spent = %s RETURNING time_spent', tests.person(target), set_to) INTO said;
    RETURN said;
END
$$;
SELECT is(pg_temp.guessed('quiz', 'coalesce((EXCLUDED.quiz_score * 100)::integer, 7)'), '7', 'a row that meets another shows no score');
SELECT is(pg_temp.guessed('quiz', 'EXCLUDED.attempts + EXCLUDED.points_earned + CASE EXCLUDED.status WHEN $$completed$$ THEN 1 ELSE 0 END'), '0', 'nor anything else');
SELECT is(tests.error_of($$ INSERT INTO laurel.module_completions (id, user_id, module_id) VALUES (gen_random_uuid(), laurel.uid(), tests.person('slow')) $$), '42501', 'nobody chooses the id of a completion');
SELECT is((SELECT concat_ws(' ', quiz_score, attempts) FROM laurel.module_completions WHERE module_id = tests.person('quiz')), '50.00 1', 'nothing was answered');
SELECT lives_ok($$ UPDATE laurel.module_completions SET answers = '{"q": "b"}' WHERE module_id = tests.person('quiz') $$, 'an UPDATE answers too');
SELECT is((SELECT concat_ws(' ', status, quiz_score, attempts) FROM laurel.module_completions WHERE module_id = tests.person('quiz')), 'in_progress 50.00 2', 'and is graded');
SELECT is(pg_temp.start('quiz'), 't 1', 'one attempt is left');
SELECT is(pg_temp.done('quiz', answers => '{}'), 'in_progress 0.00 3 0 20.00 in_progress', 'which is used up');
SELECT is(pg_temp.start('quiz'), 'f attempts 0', 'none is left');
SELECT is(pg_temp.done('quiz', answers => '{"q": "b", "r": true}'), '23514 module_completions_attempts_allowed', 'there are three attempts');
SELECT is(tests.error_of($$ UPDATE laurel.module_completions SET answers = '{"q": "b", "r": true}' WHERE module_id = tests.person('quiz') $$), '23514 module_completions_attempts_allowed', 'by UPDATE');
SELECT is(tests.error_of($$ DELETE FROM laurel.module_completions $$), 'none', 'no row is deleted');
SELECT is((SELECT count(*) FROM laurel.module_completions), 3::bigint, 'by a learner');
SELECT is(pg_temp.done('slow', answers => '{"q": "a"}'), 'in_progress 0.00 1 0 20.00 in_progress', 'one may try');
SELECT is(pg_temp.done('slow', answers => '{"q": "b"}'), 'PT429 module_completions_attempt_cooldown', 'and waits');
SELECT is(tests.error_of($$ UPDATE laurel.module_completions SET answers = '{"q": "b"}' WHERE module_id = tests.person('slow') $$), 'PT429 module_completions_attempt_cooldown', 'by UPDATE');
SELECT is(pg_temp.start('slow'), 'f cooldown later', 'until then');
SELECT is(pg_temp.done('essay', answers => '{"q": "My summer"}'), 'in_progress 1 0 20.00 in_progress', 'what nobody can grade is not graded');
SELECT is(pg_temp.done('hidden'), '23514 learning_path_progress_learning_path_id_required', 'drafts take nobody');
SELECT is(pg_temp.start('hidden'), 'f closed', 'and say so');
SELECT is(pg_temp.done('nothing'), '42501', 'of what is not there a learner learns nothing');
SELECT is(pg_temp.done('read', 'other'), '42501', 'nobody learns for others');
SELECT is(tests.error_of($$ INSERT INTO laurel.module_completions (user_id, module_id) VALUES (tests.person('other'), tests.person('read')) $$), '42501', 'by INSERT');
SELECT is(tests.error_of($$ SELECT laurel.can_start(tests.person('read'), tests.person('other')) $$), '42501', 'nor asks for them');
SELECT is(tests.error_of($$ SELECT laurel.complete_module(NULL) $$), '22004', 'no module');
SELECT is(tests.error_of($$ SELECT laurel.complete_module(tests.person('read'), NULL) $$), '22004', 'no user');

-- Others.
SELECT tests.act_as_bolt_admin();
SELECT is((SELECT count(*) FROM laurel.learning_modules) + (SELECT count(*) FROM laurel.module_completions) + (SELECT count(*) FROM laurel.answer_keys), 0::bigint, 'another organization sees nothing of it');
SELECT is(pg_temp.done('read'), '42501', 'and completes nothing there');
SELECT is(tests.error_of($$ INSERT INTO laurel.module_completions (user_id, module_id) VALUES (laurel.uid(), tests.person('read')) $$), '23503 module_completions_module_id_fkey', 'by INSERT');
SELECT tests.act_as_trainer();
SELECT is(pg_temp.done('essay', score => 80), '42501', 'a trainer grades nobody');
SELECT tests.act_as_admin();
SELECT is(pg_temp.done('essay', score => 69.99), 'in_progress 69.99 1 0 20.00 in_progress', 'an administrator grades');
SELECT is(pg_temp.done('essay', score => 101), '23514 module_completions_quiz_score_check', 'in per cent');
SELECT lives_ok($$ UPDATE laurel.module_completions SET quiz_score = 70 WHERE module_id = tests.person('essay') $$, 'also by UPDATE');
SELECT is((SELECT concat_ws(' ', status, points_earned, completed_date = now()) FROM laurel.module_completions WHERE module_id = tests.person('essay')), 'completed 30 t', 'a passing score completes, whoever writes it');
SELECT is(tests.error_of($$ UPDATE laurel.module_completions SET quiz_score = 10 WHERE module_id = tests.person('essay') $$), '23514 module_completions_completed', 'and stays');
SELECT is(tests.error_of($$ UPDATE laurel.module_completions SET status = 'in_progress' WHERE module_id = tests.person('essay') $$), '23514 module_completions_status_steps', 'so does what is completed');
SELECT lives_ok($$ UPDATE laurel.learning_modules SET max_attempts = 4 WHERE id = tests.person('quiz') $$, 'more attempts');
SELECT is(pg_temp.start('quiz', 'learner'), 't 1', 'are there at once');
SELECT is(pg_temp.done('last', 'learner'), '23514 module_completions_prerequisites', 'an administrator passes no prerequisite by');
SELECT tests.act_as_learner();
SELECT is(pg_temp.done('quiz', answers => '{"q": "b", "r": true}'), 'completed 100.00 4 25 60.00 in_progress', 'passed');
SELECT is(tests.error_of($$ UPDATE laurel.module_completions SET answers = '{}' WHERE module_id = tests.person('quiz') $$), '23514 module_completions_completed', 'what is completed takes no answers');
SELECT is(pg_temp.done('last'), 'completed 0 0 80.00 in_progress', 'now nothing is missing');
SELECT tests.act_as_service();
SELECT is(pg_temp.done('slow', score => 90), 'completed 90.00 1 5 100.00 completed', 'the back end writes scores');
SELECT is(pg_temp.done('nothing'), '23503 module_completions_module_id_fkey', 'of modules that there are');
SELECT tests.act_as_learner();
SELECT is((SELECT string_agg(title, ', ' ORDER BY title) FROM laurel.notifications WHERE type = 'path_completed'), 'You completed the path Safety', 'the end of a path is told');
SELECT is((SELECT total_points FROM laurel.user_points), 70::bigint, 'all points are there');
SELECT tests.act_as_owner();
SELECT is((SELECT string_agg(type || ' ' || n, ', ' ORDER BY type) FROM (SELECT type, count(*) AS n FROM laurel.domain_events WHERE type LIKE '%\_completed' GROUP BY 1) e), 'module_completed 5, path_completed 1', 'events too');

-- What is not as it should be, by whoever may write more.
SELECT is(tests.error_of(format($$ INSERT INTO laurel.module_completions (organization_id, user_id, module_id%s) VALUES (tests.acme(), tests.person('other'), tests.person('read')%s) $$,
    ', ' || c, ', ' || quote_literal(v))), error, c || ' ' || v) FROM (VALUES ('quiz_score', '-1', '23514 module_completions_quiz_score_check'), ('status', 'gone', '23514 module_completions_status_check'),
    ('answers', '[]', '23514 module_completions_answers_check'), ('learning_path_id', gen_random_uuid()::text, '23514 module_completions_learning_path_id_copied')) v (c, v, error);
INSERT INTO laurel.module_completions (organization_id, user_id, module_id, status, points_earned, attempts, completed_date) VALUES (tests.acme(), tests.person('other'), tests.person('read'), 'completed', 99, 99, now() - interval '3 years');
SELECT is((SELECT concat_ws(' ', points_earned, attempts, completed_date < now() - interval '2 years') FROM laurel.module_completions WHERE user_id = tests.person('other')), '10 0 t', 'points and attempts follow, the time of an import stays');
SELECT is(tests.error_of($$ INSERT INTO laurel.module_completions (organization_id, user_id, module_id) VALUES (tests.acme(), tests.person('other'), tests.person('read')) $$), '23505 module_completions_user_module_key', 'once for each member');
INSERT INTO laurel.module_completions (user_id, module_id, quiz_score, answers, status) SELECT tests.person('manager'), tests.person(m), s, NULL, 'in_progress' FROM (VALUES ('read', 70), ('quiz', 70), ('last', 69)) v (m, s);
SELECT is((SELECT string_agg(m.title || ' ' || c.status, ', ' ORDER BY m.position) FROM laurel.module_completions c JOIN laurel.learning_modules m ON m.id = c.module_id WHERE c.user_id = tests.person('manager')),
    'read completed, quiz completed, last in_progress', 'many at once, each by its own score');
SELECT is((SELECT progress_percentage FROM laurel.learning_path_progress WHERE user_id = tests.person('manager')), 40.00, 'are counted once');
SELECT is_empty('SELECT * FROM laurel.verify_ledger()', 'the ledger is sound');
SELECT is_empty('SELECT * FROM laurel.check()', 'all counters agree');

SELECT * FROM finish();
ROLLBACK;
