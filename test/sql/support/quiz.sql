-- Beneficiaries, and an assessment with a question of each type that a key grades.
CREATE FUNCTION pg_temp.enrol(VARIADIC names text[]) RETURNS void LANGUAGE sql AS $$
    INSERT INTO laurel.beneficiaries (id, organization_id, user_id, trainer_id)
    SELECT tests.person('b ' || n), CASE WHEN n LIKE 'bolt%' THEN tests.bolt() ELSE tests.acme() END, tests.person(n), CASE WHEN n NOT LIKE 'bolt%' AND n <> 'other' THEN tests.person('trainer') END FROM unnest(names) n;
    SELECT tests.teach('trainer', VARIADIC array_remove(array_remove(names, 'other'), 'bolt_learner')) WHERE 'learner' = ANY (names)
$$;
CREATE FUNCTION pg_temp.make_quiz(title text, settings jsonb DEFAULT '{}') RETURNS uuid LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO laurel.assessments SELECT (jsonb_populate_record(NULL::laurel.assessments, jsonb_build_object('id', tests.person(title), 'organization_id', tests.acme(), 'title', title, 'type', 'quiz',
        'trainer_id', tests.person('trainer'), 'status', 'draft', 'attempts_allowed', 2, 'attempt_delay', '0', 'passing_score', 50, 'shuffle_questions', false, 'shuffle_options', false, 'review', 'finished',
        'second_marking', false, 'marking_tolerance', 0, 'points_reward', 0, 'wants_analysis', false, 'settings', '{}'::jsonb, 'created_at', now(), 'updated_at', now()) || settings)).*;
    INSERT INTO laurel.questions (id, assessment_id, text, type, options, correct_answer, grading, points, penalty, "order", explanation) VALUES
        (tests.person(title || ' 1'), tests.person(title), 'Capital of France?', 'multiple_choice', '[{"id": "a", "text": "Paris"}, {"id": "b", "text": "Rome"}]', 'a', '{}', 2, 1, 1, 'Since 987.'),
        (tests.person(title || ' 2'), tests.person(title), 'Water is wet.', 'true_false', '[]', 'true', '{}', 1, 0, 2, NULL),
        (tests.person(title || ' 3'), tests.person(title), 'Who wrote Faust?', 'short_answer', '[]', 'Goethe', '{"variants": ["J. W. Goethe"]}', 1, 0, 3, NULL),
        (tests.person(title || ' 4'), tests.person(title), 'Primes?', 'multiple_answers', '["2", "3", "4"]', '["2", "3"]', '{"partial": true}', 3, 0, 4, NULL),
        (tests.person(title || ' 5'), tests.person(title), 'g?', 'numeric', '[]', '9.81', '{"tolerance": 0.01, "units": {"m/s2": 1}}', 1, 0, 5, NULL),
        (tests.person(title || ' 6'), tests.person(title), 'In order', 'order', '["x", "y", "z"]', '["x", "y", "z"]', '{"partial": true}', 1, 0, 6, NULL),
        (tests.person(title || ' 7'), tests.person(title), 'What belongs?', 'match', '["1", "2", "a", "b"]', '{"1": "a", "2": "b"}', '{}', 1, 0, 7, NULL);
    RETURN tests.person(title);
END
$$;
CREATE FUNCTION pg_temp.publish(quiz text) RETURNS void LANGUAGE sql AS $$ UPDATE laurel.assessments SET status = 'published' WHERE id = tests.person(quiz) $$;
CREATE FUNCTION pg_temp.right(title text) RETURNS jsonb LANGUAGE sql AS $$
    SELECT jsonb_object_agg(tests.person(title || ' ' || n), a) FROM (VALUES (1, '"a"'::jsonb), (2, '"true"'), (3, '" goethe "'), (4, '["3", "2"]'), (5, '"9.81 m/s2"'), (6, '["x", "y", "z"]'), (7, '{"1": "a", "2": "b"}')) v (n, a)
$$;
