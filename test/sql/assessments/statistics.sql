-- Item statistics beside what one finds by hand and by SQL's own aggregates.
\ir ../support/load.sql
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT no_plan();
SELECT tests.cast();
\ir ../support/quiz.sql
SELECT pg_temp.enrol('learner', 'other');
SELECT tests.crowd('a', 10, 13);
INSERT INTO laurel.beneficiaries (organization_id, user_id) SELECT tests.acme(), tests.one('a', n) FROM generate_series(10, 13) n;
INSERT INTO laurel.assessments (id, organization_id, title, type, attempts_allowed) VALUES (tests.person('S'), tests.acme(), 'S', 'quiz', 2);
INSERT INTO laurel.questions (id, assessment_id, text, type, correct_answer, points, "order") SELECT tests.person('S ' || n), tests.person('S'), '?', 'true_false', 'true', n, n FROM generate_series(1, 3) n;
SELECT pg_temp.publish('S');
-- Four people: none, the first, the first two, all right.
CREATE FUNCTION pg_temp.answer(n integer, right_ones integer) RETURNS void LANGUAGE sql AS $$
    SELECT laurel.submit_attempt(t.attempt_id, answers => jsonb_build_object(tests.person('S 1'), (right_ones >= 1)::text, tests.person('S 2'), (right_ones >= 2)::text, tests.person('S 3'), (right_ones >= 3)::text))
    FROM laurel.start_attempt(tests.person('S'), tests.one('a', n)) t
$$;
SELECT tests.act_as_service();
SELECT pg_temp.answer(10 + n, n) FROM generate_series(0, 3) n;
CREATE TEMP VIEW found WITH (security_invoker = true) AS SELECT round(facility::numeric, 6) AS facility, round(deviation::numeric, 6) AS deviation, round(discrimination_index::numeric, 6) AS discrimination, round(discriminative_efficiency::numeric, 6) AS efficiency, points, attempts
    FROM laurel.item_statistics WHERE assessment_id = tests.person('S');
-- Marks: first 0 1 1 1, second 0 0 2 2, third 0 0 0 3; sums 0 1 3 6.
SELECT results_eq('SELECT points, attempts, facility FROM found ORDER BY points', $$ VALUES (1, 4::bigint, 75.000000), (2, 4, 50.000000), (3, 4, 25.000000) $$, 'facility is the mean, per cent');
SELECT results_eq('SELECT deviation FROM found ORDER BY points', $$ SELECT round((100 * s)::numeric, 6) FROM (VALUES (sqrt(0.25)), (sqrt(4 / 3.0) / 2), (sqrt(2.25) / 3)) v (s) $$, 'deviations are of a sample');
-- The rests: 0 0 2 5, 0 1 1 4, 0 1 3 3.
SELECT results_eq('SELECT discrimination FROM found ORDER BY points', $$ SELECT round((100 * corr(x, y))::numeric, 6) FROM (VALUES (1, 0, 0), (1, 1, 0), (1, 1, 2), (1, 1, 5), (2, 0, 0), (2, 0, 1), (2, 2, 1), (2, 2, 4), (3, 0, 0), (3, 0, 1), (3, 0, 3), (3, 3, 3)) v (i, x, y) GROUP BY i ORDER BY i $$, 'discrimination is the correlation with the rest');
SELECT results_eq('SELECT efficiency FROM found ORDER BY points', $$ VALUES (100.000000), (100.000000), (100.000000) $$, 'who has more has more of each: nothing could be better');
-- Alpha by hand: variances 0.25, 4/3, 2.25; of the sums 7; 3/2 (1 - 3.8333 / 7) = 0.678571.
SELECT is((SELECT concat_ws(' ', attempts, items, mean, median, round(deviation::numeric, 6), round(alpha::numeric, 6), round(error_ratio::numeric, 4), round(standard_error::numeric, 6)) FROM laurel.assessment_statistics WHERE assessment_id = tests.person('S')),
    '4 3 2.5 2 2.645751 0.678571 56.6947 1.500000', 'alpha, and what is chance');
-- Second attempts count nowhere, nor what is not graded.
SELECT pg_temp.answer(10, 3);
SELECT is((SELECT sum(attempts) FROM found), 12::numeric, 'first attempts alone');
SELECT laurel.start_attempt(tests.person('S'), tests.person('learner'));
SELECT is((SELECT sum(attempts) FROM found), 12::numeric, 'that are graded');
-- One who is strong elsewhere and wrong here.
SELECT laurel.submit_attempt(id, answers => jsonb_build_object(tests.person('S 1'), 'false', tests.person('S 2'), 'true', tests.person('S 3'), 'true')) FROM laurel.assessment_attempts WHERE user_id = tests.person('learner');
SELECT ok((SELECT efficiency < 50 AND discrimination < 50 FROM found WHERE points = 1), 'an item that the strong get wrong tells less');
GRANT SELECT ON found TO PUBLIC;
-- Of whom the caller may see.
SELECT tests.act_as_trainer();
SELECT is((SELECT max(attempts) FROM found), 1::bigint, 'a trainer sees those of the own beneficiaries');
SELECT tests.act_as_learner();
SELECT is((SELECT count(*) FROM laurel.item_statistics), 0::bigint, 'a beneficiary none');
SELECT tests.act_as(tests.person('bolt_admin'));
SELECT is((SELECT count(*) FROM laurel.item_statistics), 0::bigint, 'another organization none');
SELECT tests.act_as_owner();
SELECT is(tests.error_of('SELECT laurel_internal.item_statistics(''{1}'', ''{1,2}'')'), '22023', 'as many of both');
SELECT is(tests.error_of('SELECT laurel_internal.item_statistics(''{1,NULL}'', ''{1,2}'')'), '22004', 'none is null');
SELECT is((SELECT i::text FROM laurel_internal.item_statistics('{}', '{}') i), '(,,,)', 'of nothing there is nothing');
SELECT * FROM finish();
ROLLBACK;
