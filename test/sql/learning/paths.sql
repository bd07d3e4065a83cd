-- Paths: who takes them, how far everybody is, what happens when modules come and go.
\ir ../support/load.sql
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT no_plan();

SELECT tests.cast();
SELECT tests.act_as_admin();
INSERT INTO laurel.learning_paths (id, title, status) VALUES (tests.person('path'), 'Safety', 'published');
CREATE FUNCTION pg_temp.module(name text, place integer, path text DEFAULT 'path') RETURNS void LANGUAGE sql AS $$
    INSERT INTO laurel.learning_modules (id, learning_path_id, position, title) VALUES (tests.person(name), tests.person(path), place, name)
$$;
SELECT pg_temp.module(n, ordinality::integer) FROM unnest('{one, two, three}'::text[]) WITH ORDINALITY u (n);
-- How far the learner is: the status, per cent, modules, milestones.
CREATE FUNCTION pg_temp.far(who text DEFAULT 'learner', path text DEFAULT 'path') RETURNS text LANGUAGE sql AS $$
    SELECT concat_ws(' ', status, progress_percentage, cardinality(modules_completed), cardinality(milestones_completed), CASE WHEN completed_date IS NOT NULL THEN 'at' END)
    FROM laurel.learning_path_progress WHERE user_id = tests.person(who) AND learning_path_id = tests.person(path)
$$;
CREATE FUNCTION pg_temp.done(VARIADIC names text[]) RETURNS void LANGUAGE sql AS $$
    INSERT INTO laurel.module_completions (user_id, module_id, status) SELECT tests.person('learner'), tests.person(n), 'completed' FROM unnest(names) n
$$;

-- What a path and its modules may be.
SELECT is(tests.error_of(format('INSERT INTO laurel.learning_paths (title%s) VALUES (%L%s)', ', ' || c, coalesce(t, 'Made'), ', ' || quote_literal(v))), error, concat_ws(' ', c, v, t)) FROM (VALUES
    ('difficulty_level', 'hard', NULL, '23514 learning_paths_difficulty_level_check'), ('status', 'gone', NULL, '23514 learning_paths_status_check'), ('description', repeat('x', 20001), NULL, '23514 learning_paths_description_check'),
    ('description', 'x', '', '23514 learning_paths_title_check'), ('total_modules', '1', NULL, '42501'), ('template_id', tests.person('path')::text, NULL, '42501')) v (c, v, t, error);
SELECT is(tests.error_of(format('INSERT INTO laurel.learning_modules (learning_path_id, position, title, %I) VALUES (%L, 9, ''Made'', %L)', c, tests.person('path'), v)), error, c || ' ' || v) FROM (VALUES
    ('passing_score', '101', '23514 learning_modules_passing_score_check'), ('passing_score', '-1', '23514 learning_modules_passing_score_check'), ('max_attempts', '0', '23514 learning_modules_max_attempts_check'),
    ('attempt_cooldown', '-1 s', '23514 learning_modules_attempt_cooldown_check'), ('attempt_cooldown', '31 days', '23514 learning_modules_attempt_cooldown_check'), ('points_reward', '-1', '23514 learning_modules_points_reward_check'),
    ('quiz_questions', '{}', '23514 learning_modules_quiz_questions_check'), ('quiz_questions', '[{"id": "q", "kind": "single", "text": "?", "answer": "b"}]', '23514 learning_modules_quiz_questions_check'),
    ('content', '[]', '23514 learning_modules_content_check')) v (c, v, error);
SELECT is(tests.error_of(format($$ INSERT INTO laurel.learning_modules (learning_path_id, position, title) VALUES (%L, %s, %L) $$, p, n, t)), error, concat_ws(' ', n, t, error)) FROM (VALUES
    (tests.person('path'), 0, 'Made', '23514 learning_modules_position_check'), (tests.person('path'), 1, 'Made', '23505 learning_modules_position_key'), (tests.person('path'), 9, '', '23514 learning_modules_title_check'),
    (tests.person('none'), 1, 'Made', '23503 learning_modules_learning_path_id_fkey')) v (p, n, t, error);
SELECT is(tests.error_of($$ INSERT INTO laurel.answer_keys (module_id, keys) VALUES (tests.person('one'), '{"q": {"kind": "single"}}') $$), '23514 answer_keys_keys_check', 'keys that say nothing');
SELECT lives_ok($$ UPDATE laurel.learning_modules SET position = position + 10 $$, 'modules move');
SELECT is(tests.error_of($$ UPDATE laurel.learning_paths SET status = 'draft' $$), '23514 learning_paths_status_steps', 'what is published is no draft again');
SELECT is(tests.error_of(format('UPDATE laurel.learning_paths SET %s', a)), '42501', a) FROM unnest('{total_modules = 0, total_milestones = 0, is_template = true, created_at = now()}'::text[]) a;

-- What comes before what.
SELECT lives_ok($$ INSERT INTO laurel.module_prerequisites (module_id, requires_id) VALUES (tests.person('two'), tests.person('one')), (tests.person('three'), tests.person('two')) $$, 'a chain');
SELECT is(tests.error_of($$ INSERT INTO laurel.module_prerequisites (module_id, requires_id) VALUES (tests.person('one'), tests.person('three')) $$), '23514 module_prerequisites_acyclic', 'no circle');
SELECT is(tests.error_of($$ INSERT INTO laurel.module_prerequisites (module_id, requires_id) VALUES (tests.person('one'), tests.person('one')) $$), '23514 module_prerequisites_acyclic', 'not even a small one');
SELECT is(tests.error_of($$ INSERT INTO laurel.module_prerequisites (module_id, requires_id) VALUES (tests.person('two'), tests.person('one')) $$), '23505 module_prerequisites_module_id_requires_id_key', 'once');
SELECT is(tests.error_of($$ UPDATE laurel.module_prerequisites SET requires_id = tests.person('two') $$), '42501', 'never changed');
DELETE FROM laurel.module_prerequisites;

-- How far somebody is.
SELECT tests.act_as_learner();
SELECT is(tests.error_of($$ INSERT INTO laurel.learning_paths (title) VALUES ('Mine') $$), '42501', 'learners make no paths');
SELECT is(laurel.enroll(tests.person('path')), tests.person('path'), 'a learner enrolls');
SELECT is(laurel.enroll(tests.person('path')), tests.person('path'), 'once');
SELECT is(pg_temp.far(), 'in_progress 0.00 0 0', 'and is at the beginning');
SELECT is(tests.error_of($$ SELECT laurel.enroll(tests.person('path'), tests.person('other')) $$), '42501', 'nobody else');
SELECT is(tests.error_of($$ SELECT laurel.enroll(NULL) $$), '22004', 'in no path');
SELECT is(tests.error_of(format('UPDATE laurel.learning_path_progress SET %s', a)), '42501', a) FROM unnest('{progress_percentage = 100, status = $$completed$$, completed_date = now(), modules_completed = NULL, started_date = now()}'::text[]) a;
UPDATE laurel.learning_path_progress SET milestones_completed = '{}';
SELECT is((SELECT count(*) FROM laurel.learning_path_progress), 1::bigint, 'what was reached is not the learner''s to write');
DELETE FROM laurel.learning_path_progress;
SELECT is(pg_temp.far(), NULL, 'who has not completed a path may leave it');
SELECT lives_ok($$ INSERT INTO laurel.learning_path_progress (learning_path_id, user_id) VALUES (tests.person('path'), laurel.uid()) $$, 'an INSERT enrolls too');
SELECT pg_temp.done('one');
SELECT is(pg_temp.far(), 'in_progress 33.33 1 0', 'one of three');
SELECT tests.act_as_admin();
INSERT INTO laurel.learning_milestones (id, learning_path_id, title, module_id) VALUES (tests.person('half'), tests.person('path'), 'Half', tests.person('two')), (tests.person('talk'), tests.person('path'), 'Talk', NULL);
SELECT is(pg_temp.far(), 'in_progress 16.67 1 0', 'milestones are half');
SELECT lives_ok($$ UPDATE laurel.learning_path_progress SET milestones_completed = ARRAY[tests.person('talk'), tests.person('talk')] $$, 'administrators note them');
SELECT is(pg_temp.far(), 'in_progress 41.67 1 1', 'once each');
SELECT is(tests.error_of($$ UPDATE laurel.learning_path_progress SET milestones_completed = ARRAY[tests.person('none')] $$), '23503 learning_path_progress_milestones_completed_fkey', 'those that there are');
SELECT is(tests.error_of($$ INSERT INTO laurel.learning_milestones (learning_path_id, title) VALUES (tests.person('path'), 'Half') $$), '23505 learning_milestones_title_key', 'each has a title of its own');
SELECT is(tests.error_of($$ INSERT INTO laurel.learning_milestones (learning_path_id, title, module_id) VALUES (tests.person('path'), 'Other', tests.person('none')) $$), '23503 learning_milestones_module_id_fkey', 'and a module of the path');
SELECT pg_temp.done('two');
SELECT is(pg_temp.far(), 'in_progress 83.33 2 2', 'a module reaches its milestone');
DELETE FROM laurel.learning_modules WHERE title = 'three';
SELECT is(pg_temp.far(), 'completed 100.00 2 2 at', 'when the last one is archived, the others are all');
SELECT is((SELECT string_agg(concat_ws(' ', title, status), ', ' ORDER BY title) || ' ' || (SELECT total_modules FROM laurel.learning_paths) FROM laurel.learning_modules), 'one active, three archived, two active 2', 'a module that is deleted is archived');

-- What is completed stays.
SELECT pg_temp.module('four', 3);
SELECT is(pg_temp.far(), 'completed 100.00 2 2 at', 'a new module takes no completion back');
SELECT is((SELECT p.total_modules - cardinality(g.modules_completed) FROM laurel.learning_path_progress g JOIN laurel.learning_paths p ON p.id = g.learning_path_id), 1::bigint, 'one is new');
SELECT pg_temp.done('four');
SELECT is(pg_temp.far(), 'completed 100.00 3 2 at', 'and may be done');
SELECT tests.act_as_learner();
DELETE FROM laurel.learning_path_progress;
SELECT is(pg_temp.far(), 'completed 100.00 3 2 at', 'nobody deletes what he has completed');
SELECT is((SELECT count(*) FROM laurel.notifications WHERE type = 'path_completed'), 1::bigint, 'it is told once');

-- What is deleted is archived.
SELECT tests.act_as_admin();
DELETE FROM laurel.learning_paths WHERE id = tests.person('path');
SELECT is((SELECT status FROM laurel.learning_paths), 'archived', 'a path that is deleted is archived');
SELECT is(tests.error_of($$ INSERT INTO laurel.learning_path_progress (learning_path_id, user_id) VALUES (tests.person('path'), tests.person('other')) $$), '23514 learning_path_progress_learning_path_id_required', 'and takes nobody');
SELECT is(tests.error_of($$ SELECT laurel.enroll(tests.person('path'), tests.person('other')) $$), '23514 learning_path_progress_learning_path_id_required', 'by a function either');
SELECT pg_temp.module('five', 5);
SELECT lives_ok($$ SELECT laurel.complete_module(tests.person('five'), tests.person('learner')) $$, 'who is in it goes on');
SELECT is((SELECT can_start FROM laurel.can_start(tests.person('five'), tests.person('other'))), false, 'nobody else begins');
UPDATE laurel.learning_paths SET status = 'published';
DELETE FROM laurel.learning_modules WHERE title = 'five';
SELECT is(tests.error_of($$ SELECT laurel.complete_module(tests.person('five'), tests.person('other')) $$), '23514 module_completions_module_id_required', 'nobody begins an archived module');
SELECT lives_ok($$ SELECT laurel.complete_module(tests.person('five'), tests.person('learner')) $$, 'which was completed before');
INSERT INTO laurel.module_prerequisites (module_id, requires_id) VALUES (tests.person('one'), tests.person('five'));
SELECT is((SELECT concat_ws(' ', can_start, reason, cardinality(missing)) FROM laurel.can_start(tests.person('one'), tests.person('other'))), 't 0', 'an archived prerequisite is none');

-- Retention takes rows, and nothing else.
SELECT tests.act_as_admin();
SELECT pg_temp.module('six', 6), pg_temp.module('seven', 7);
INSERT INTO laurel.module_completions (user_id, module_id, status) SELECT tests.person('manager'), tests.person(n), 'completed' FROM unnest('{one, two}'::text[]) n;
SELECT is(pg_temp.far('manager'), 'in_progress 45.00 2 1', 'two of five modules, one of two milestones');
SELECT tests.act_as_owner();
DELETE FROM laurel.module_completions;
UPDATE laurel.learning_path_progress SET last_activity_date = now();
SELECT is(pg_temp.far(), 'completed 100.00 4 2 at', 'what is completed stays where completions go');
SELECT is(pg_temp.far('manager'), 'in_progress 45.00 2 1', 'so does what is not');
INSERT INTO laurel.module_prerequisites (module_id, requires_id) VALUES (tests.person('six'), tests.person('two'));
SELECT is((SELECT concat_ws(' ', can_start, reason) FROM laurel.can_start(tests.person('six'), tests.person('manager'))), 't', 'and what was completed once is no prerequisite again');
INSERT INTO laurel.module_completions (user_id, module_id, status) VALUES (tests.person('manager'), tests.person('one'), 'completed');
SELECT is(pg_temp.far('manager'), 'in_progress 45.00 2 1', 'once more is not one more');
SELECT is((SELECT count(*) FROM laurel.notifications WHERE user_id = tests.person('manager') AND title = 'You completed: one'), 1::bigint, 'nor told again');
SELECT is((SELECT keep || ' ' || action FROM laurel.retention_policies WHERE table_name = 'module_completions'), '2 years delete', 'after two years');

-- Templates.
SELECT tests.act_as_admin();
INSERT INTO laurel.learning_paths (id, title, is_template) VALUES (tests.person('template'), 'Welcome', true);
SELECT pg_temp.module('hello', 1, 'template'), pg_temp.module('world', 2, 'template');
INSERT INTO laurel.answer_keys (module_id, keys) VALUES (tests.person('world'), '{"q": {"kind": "single", "right": "b"}}');
INSERT INTO laurel.module_prerequisites (module_id, requires_id) VALUES (tests.person('world'), tests.person('hello')), (tests.person('hello'), tests.person('six'));
INSERT INTO laurel.learning_milestones (learning_path_id, title, module_id) VALUES (tests.person('template'), 'Met', tests.person('hello'));
SELECT is(tests.error_of($$ SELECT laurel.enroll(tests.person('template'), tests.person('other')) $$), '23514 learning_path_progress_learning_path_id_required', 'a template that is a draft');
UPDATE laurel.learning_paths SET status = 'published' WHERE is_template;
SELECT is(tests.error_of($$ INSERT INTO laurel.learning_path_progress (learning_path_id, user_id) VALUES (tests.person('template'), tests.person('other')) $$), '23514 learning_path_progress_learning_path_id_required', 'nobody takes a template itself');
SELECT tests.act_as_learner();
CREATE TEMP TABLE made AS SELECT laurel.enroll(tests.person('template')) AS id;
GRANT SELECT ON made TO authenticated;
SELECT isnt((SELECT id FROM made), tests.person('template'), 'but a path that is made of it');
SELECT tests.act_as(tests.person('other'));
SELECT is(laurel.enroll(tests.person('template')), (SELECT id FROM made), 'by whoever comes first');
SELECT is((SELECT concat_ws(' ', title, status, total_modules, total_milestones, template_id = tests.person('template')) FROM laurel.learning_paths JOIN made USING (id)), 'Welcome published 2 1 t', 'with all that it has');
SELECT tests.act_as_owner();
SELECT is((SELECT string_agg(concat_ws(' ', m.title, m.position, r.title, k.keys -> 'q' ->> 'right', s.title), ', ' ORDER BY m.position) FROM laurel.learning_modules m JOIN made ON made.id = m.learning_path_id
    LEFT JOIN laurel.module_prerequisites q ON q.module_id = m.id LEFT JOIN laurel.learning_modules r ON r.id = q.requires_id LEFT JOIN laurel.answer_keys k ON k.module_id = m.id
    LEFT JOIN laurel.learning_milestones s ON s.module_id = m.id), 'hello 1 six Met, world 2 hello b', 'in its order');
SELECT is((SELECT count(*) FROM laurel.learning_path_progress p JOIN made ON made.id = p.learning_path_id), 2::bigint, 'both take it');

-- Who goes.
DELETE FROM laurel.users WHERE id = tests.person('learner');
SELECT is((SELECT count(*) FROM laurel.learning_path_progress WHERE user_id = tests.person('learner')), 0::bigint, 'progress goes with its member');
SELECT is(tests.error_of($$ UPDATE laurel.learning_path_progress SET status = 'completed', progress_percentage = 100, completed_date = now() $$), 'none', 'what is written otherwise');
SELECT is((SELECT count(*) FROM laurel.learning_path_progress WHERE status = 'completed'), 0::bigint, 'follows all the same');
SELECT tests.act_as_bolt_admin();
SELECT is((SELECT count(*) FROM laurel.learning_paths) + (SELECT count(*) FROM laurel.learning_path_progress) + (SELECT count(*) FROM laurel.learning_milestones) + (SELECT count(*) FROM laurel.module_prerequisites), 0::bigint, 'another organization sees none of it');
SELECT is(tests.error_of($$ SELECT laurel.enroll(tests.person('path')) $$), '42501', 'and enrolls nowhere');
SELECT is(tests.error_of($$ INSERT INTO laurel.learning_modules (learning_path_id, position, title) VALUES (tests.person('path'), 20, 'Bolt') $$), '23503 learning_modules_learning_path_id_fkey', 'nor adds anything');
SELECT tests.act_as_owner();
SELECT is_empty('SELECT * FROM laurel.verify_ledger()', 'the ledger is sound');
SELECT is_empty('SELECT * FROM laurel.check()', 'all counters agree');
SELECT lives_ok($$ DELETE FROM laurel.users WHERE organization_id = tests.acme() $$, 'everybody may go');
SELECT lives_ok($$ DELETE FROM laurel.organizations WHERE id = tests.acme() $$, 'and the organization with its paths');

SELECT * FROM finish();
ROLLBACK;
