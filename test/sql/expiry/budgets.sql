-- What an organization means to award, and what it has.
\ir ../support/load.sql
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT no_plan();

SELECT tests.cast();
UPDATE laurel.organizations SET time_zone = 'America/New_York' WHERE id = tests.acme();
CREATE FUNCTION pg_temp.award(points bigint, at timestamptz, type text DEFAULT 'quiz_passed', name text DEFAULT 'learner') RETURNS uuid LANGUAGE sql AS $$
    INSERT INTO laurel.points_ledger (user_id, amount, transaction_type, reason, occurred_at) VALUES (tests.person(name), points, type, 'r', at) RETURNING id
$$;
SELECT pg_temp.award(1, '2025-02-28 23:59:59.999999-05'), pg_temp.award(10, '2025-03-01 00:00-05'), pg_temp.award(100, '2025-03-31 23:59:59-04'),
    pg_temp.award(1000, '2025-04-01 00:00-04'), pg_temp.award(20, '2025-03-10 12:00Z', 'helped', 'other'), pg_temp.award(7, '2025-03-10 12:00Z', 'account_merged'), pg_temp.award(500, '2025-03-10 12:00Z', name => 'bolt_learner') \g /dev/null
SELECT pg_temp.award(40, '2025-03-05 12:00Z') AS wrong, pg_temp.award(-25, '2025-03-05 12:00Z', 'spent') AS spent \gset

SELECT tests.act_as_admin();
INSERT INTO laurel.award_budgets (name, starts_on, ends_on, planned_points) VALUES ('March', '2025-03-01', '2025-03-31', 150);
INSERT INTO laurel.award_budgets (name, starts_on, ends_on, planned_points, transaction_type) VALUES ('Quizzes', '2025-03-01', '2025-04-30', 1500, 'quiz_passed'), ('Later', '2025-06-01', '2025-06-30', 5, NULL);
SELECT results_eq($$ SELECT name, awarded_points, remaining_points FROM laurel.award_budget_status ORDER BY name $$,
    $$ VALUES ('Later', 0::bigint, 5::bigint), ('March', 170, -20), ('Quizzes', 1150, 350) $$, 'what was awarded in a time, by the organization''s days');
SELECT laurel.reverse_points_transaction(:'wrong'), laurel.reverse_points_transaction(:'spent') \g /dev/null
SELECT results_eq($$ SELECT name, awarded_points FROM laurel.award_budget_status ORDER BY name $$, $$ VALUES ('Later', 0::bigint), ('March', 130), ('Quizzes', 1110) $$,
    'what was taken back was not, and what is spent does not matter');

-- Who sees and writes them.
SELECT is((SELECT count(*) FROM laurel.award_budgets), 3::bigint, 'administrators see budgets');
SELECT is(tests.error_of($$ UPDATE laurel.award_budgets SET planned_points = 160 WHERE name = 'March' $$), 'none', 'and change them');
SELECT is(tests.error_of($$ DELETE FROM laurel.award_budgets WHERE name = 'Later' $$), 'none', 'or take them away');
SELECT is(tests.error_of(format('INSERT INTO laurel.award_budgets (name, starts_on, ends_on, planned_points) VALUES (%L, %L, %L, %s)', name, starts_on, ends_on, planned)), error, error || ' ' || name)
FROM (VALUES ('', '2025-01-01', '2025-01-31', 1, '23514 award_budgets_name_check'), ('x', '2025-02-01', '2025-01-31', 1, '23514 award_budgets_ends_on_check'),
    ('x', '2025-01-01', 'infinity', 1, '23514 award_budgets_ends_on_check'), ('x', '2025-01-01', '10000-01-01', 1, '23514 award_budgets_ends_on_check'), ('x', '0001-01-01 BC', '2025-01-01', 1, '23514 award_budgets_ends_on_check'),
    ('all', '0001-01-01', '9999-12-31', 1, 'none'), ('x', '2025-01-01', '2025-01-01', -1, '23514 award_budgets_planned_points_check'),
    ('March', '2025-03-01', '2025-03-01', 1, '23505 award_budgets_name_key'), ('x', '2025-01-01', '2025-01-01', 0, 'none')) AS known (name, starts_on, ends_on, planned, error);
SELECT is(tests.error_of($$ INSERT INTO laurel.award_budgets (name, starts_on, ends_on, planned_points, transaction_type) VALUES ('y', '2025-01-01', '2025-01-02', 1, '') $$), '23514 award_budgets_transaction_type_check', 'a kind has a name');
SELECT lives_ok('TABLE laurel.award_budget_status', 'whatever the days');
SELECT tests.act_as_learner();
SELECT is((SELECT count(*) FROM laurel.award_budget_status), 0::bigint, 'members see none');
SELECT is(tests.error_of($$ INSERT INTO laurel.award_budgets (name, starts_on, ends_on, planned_points) VALUES ('z', '2025-01-01', '2025-01-02', 1) $$), '42501', 'and make none');
SELECT tests.act_as_bolt_admin();
SELECT is((SELECT count(*) FROM laurel.award_budgets), 0::bigint, 'nor do other organizations');
SELECT tests.act_as_owner();
SELECT cmp_ok((SELECT count(*) FROM laurel.audit_log WHERE table_name = 'laurel.award_budgets'), '>=', 4::bigint, 'what changes is written down');

SELECT * FROM finish();
ROLLBACK;
