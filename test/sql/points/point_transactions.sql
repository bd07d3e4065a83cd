-- The ledger under the names of another schema, and history without its organization.
\ir ../support/load.sql
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT plan(16);

SELECT tests.cast('admin', 'learner', 'other');
INSERT INTO laurel.points_ledger (user_id, amount, transaction_type, reason) VALUES (tests.person('learner'), 7, 't', 'r');

SELECT tests.act_as_service();
SELECT lives_ok($$ INSERT INTO laurel.point_transactions (user_id, points, activity_type, metadata, "timestamp")
    VALUES (tests.person('other'), 11, 'course_completed', '{"c": 1}', '2021-05-05') $$, 'the back end adds a transaction');
SELECT lives_ok($$ INSERT INTO laurel.point_transactions (user_id, points, activity_type, metadata, "timestamp")
    VALUES (tests.person('other'), 1, 'nulls', NULL, NULL), (tests.person('other'), -1, 'nulls', NULL, NULL) $$,
    'with nulls where it allows them');
SELECT lives_ok($$ INSERT INTO laurel.point_transactions (id, user_id, points, activity_type, metadata, "timestamp", reason, organization_id)
    VALUES (NULL, tests.person('other'), 1, 'all nulls', NULL, NULL, 'r', NULL) $$, 'as a program sends them that knows every column');
SELECT is((SELECT count(*) FROM laurel.point_transactions WHERE activity_type = 'all nulls' AND organization_id = tests.acme() AND id::text ~ '^.{14}7'), 1::bigint,
    'the id too is filled in');
SELECT is(tests.error_of($$ INSERT INTO laurel.point_transactions (user_id, points, activity_type, reason) VALUES (tests.person('other'), 1, 'no reason', NULL) $$),
    '23514 points_ledger_reason_check', 'but who says that there is no reason, has none');
SELECT results_eq($$ SELECT DISTINCT metadata, "timestamp" BETWEEN now() AND clock_timestamp() FROM laurel.point_transactions WHERE activity_type = 'nulls' $$,
    $$ VALUES ('{}'::jsonb, true) $$, 'which are filled in');
SELECT lives_ok($$ INSERT INTO laurel.point_transactions (user_id, points, activity_type)
    VALUES (tests.person('other'), 12, 'course_completed') $$, 'with nothing but the necessary');
SELECT tests.act_as_admin();
SELECT lives_ok($$ INSERT INTO laurel.point_transactions (user_id, points, activity_type)
    VALUES (tests.person('other'), 13, 'course_completed') $$, 'an administrator does');
SELECT results_eq($$ SELECT points, activity_type, metadata, "timestamp" < now() - interval '1 year' FROM laurel.point_transactions
    WHERE activity_type = 'course_completed' ORDER BY points $$, $$ VALUES (11::bigint, 'course_completed', '{"c": 1}'::jsonb, true),
    (12, 'course_completed', '{}', false), (13, 'course_completed', '{}', false) $$, 'and reads them under their names');
SELECT is((SELECT created_by FROM laurel.points_ledger WHERE amount = 13), tests.person('admin'),
    'and is written down as the one who did it');
SELECT tests.act_as_learner();
SELECT is((SELECT count(DISTINCT user_id) FROM laurel.point_transactions), 1::bigint, 'a learner reads the own ones');
SELECT tests.act_as_owner();

-- What guests have earned outlives the organization that gave it.
INSERT INTO laurel.user_organizations (organization_id, user_id) VALUES (tests.bolt(), tests.person('learner'));
INSERT INTO laurel.points_ledger (organization_id, user_id, amount, transaction_type, reason)
VALUES (tests.bolt(), tests.person('learner'), 600, 't', 'r');
SELECT lives_ok($$ DELETE FROM laurel.organizations WHERE name = 'Bolt' $$, 'an organization of guests is deleted');
SELECT is_empty($$ SELECT FROM laurel.user_points WHERE organization_id = tests.bolt() $$, 'with their accounts');
SELECT is((SELECT sum(amount) FROM laurel.points_ledger WHERE organization_id = tests.bolt()), 600::numeric, 'not with its history');
SELECT is_empty('SELECT * FROM laurel.verify_ledger()', 'which is sound');
SET LOCAL session_replication_role = replica;
UPDATE laurel.points_ledger SET reason = 'another' WHERE organization_id = tests.bolt();
SET LOCAL session_replication_role = origin;
DECLARE "laurel verify ledger" CURSOR FOR SELECT 1;
SELECT results_eq('SELECT organization_id, problem FROM laurel.verify_ledger()', $$ VALUES (tests.bolt(),
    'entry_hash does not match the entry and the one before it') $$, 'as long as nobody rewrites it');

SELECT * FROM finish();
ROLLBACK;
