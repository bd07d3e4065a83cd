-- The ledger under the names of another schema, and history without its organization.
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT plan(13);

INSERT INTO laurel.organizations (id, name) VALUES ('a0000000-0000-0000-0000-000000000000', 'Acme'), ('b0000000-0000-0000-0000-000000000000', 'Bolt');
INSERT INTO laurel.users (id, organization_id, email) VALUES
    ('a0000000-0000-0000-0000-000000000001', 'a0000000-0000-0000-0000-000000000000', 'admin@acme.test'),
    ('a0000000-0000-0000-0000-000000000003', 'a0000000-0000-0000-0000-000000000000', 'learner@acme.test'),
    ('a0000000-0000-0000-0000-000000000004', 'a0000000-0000-0000-0000-000000000000', 'other@acme.test');
INSERT INTO laurel.user_roles (user_id, role) VALUES ('a0000000-0000-0000-0000-000000000001', 'org_admin');
INSERT INTO laurel.points_ledger (user_id, amount, transaction_type, reason) VALUES ('a0000000-0000-0000-0000-000000000003', 7, 't', 'r');

SELECT tests.act_as_service();
SELECT lives_ok($$ INSERT INTO laurel.point_transactions (user_id, points, activity_type, metadata, "timestamp")
    VALUES ('a0000000-0000-0000-0000-000000000004', 11, 'course_completed', '{"c": 1}', '2021-05-05') $$, 'the back end adds a transaction');
SELECT lives_ok($$ INSERT INTO laurel.point_transactions (user_id, points, activity_type, metadata, "timestamp")
    VALUES ('a0000000-0000-0000-0000-000000000004', 1, 'nulls', NULL, NULL), ('a0000000-0000-0000-0000-000000000004', -1, 'nulls', NULL, NULL) $$,
    'with nulls where it allows them');
SELECT results_eq($$ SELECT DISTINCT metadata, "timestamp" BETWEEN now() AND clock_timestamp() FROM laurel.point_transactions WHERE activity_type = 'nulls' $$,
    $$ VALUES ('{}'::jsonb, true) $$, 'which are filled in');
SELECT lives_ok($$ INSERT INTO laurel.point_transactions (user_id, points, activity_type)
    VALUES ('a0000000-0000-0000-0000-000000000004', 12, 'course_completed') $$, 'with nothing but the necessary');
SELECT tests.act_as('a0000000-0000-0000-0000-000000000001');
SELECT lives_ok($$ INSERT INTO laurel.point_transactions (user_id, points, activity_type)
    VALUES ('a0000000-0000-0000-0000-000000000004', 13, 'course_completed') $$, 'an administrator does');
SELECT results_eq($$ SELECT points, activity_type, metadata, "timestamp" < now() - interval '1 year' FROM laurel.point_transactions
    WHERE activity_type = 'course_completed' ORDER BY points $$, $$ VALUES (11::bigint, 'course_completed', '{"c": 1}'::jsonb, true),
    (12, 'course_completed', '{}', false), (13, 'course_completed', '{}', false) $$, 'and reads them under their names');
SELECT is((SELECT created_by FROM laurel.points_ledger WHERE amount = 13), 'a0000000-0000-0000-0000-000000000001'::uuid,
    'and is written down as the one who did it');
SELECT tests.act_as('a0000000-0000-0000-0000-000000000003');
SELECT is((SELECT count(DISTINCT user_id) FROM laurel.point_transactions), 1::bigint, 'a learner reads the own ones');
SELECT tests.act_as_owner();

-- What guests have earned outlives the organization that gave it.
INSERT INTO laurel.user_organizations (organization_id, user_id) VALUES ('b0000000-0000-0000-0000-000000000000', 'a0000000-0000-0000-0000-000000000003');
INSERT INTO laurel.points_ledger (organization_id, user_id, amount, transaction_type, reason)
VALUES ('b0000000-0000-0000-0000-000000000000', 'a0000000-0000-0000-0000-000000000003', 600, 't', 'r');
SELECT lives_ok($$ DELETE FROM laurel.organizations WHERE name = 'Bolt' $$, 'an organization of guests is deleted');
SELECT is_empty($$ SELECT FROM laurel.user_points WHERE organization_id = 'b0000000-0000-0000-0000-000000000000' $$, 'with their accounts');
SELECT is((SELECT sum(amount) FROM laurel.points_ledger WHERE organization_id = 'b0000000-0000-0000-0000-000000000000'), 600::numeric, 'not with its history');
SELECT is_empty('SELECT * FROM laurel.verify_ledger()', 'which is sound');
SET LOCAL session_replication_role = replica;
UPDATE laurel.points_ledger SET reason = 'another' WHERE organization_id = 'b0000000-0000-0000-0000-000000000000';
SET LOCAL session_replication_role = origin;
DECLARE "laurel verify ledger" CURSOR FOR SELECT 1;
SELECT results_eq('SELECT organization_id, problem FROM laurel.verify_ledger()', $$ VALUES ('b0000000-0000-0000-0000-000000000000'::uuid,
    'entry_hash does not match the entry and the one before it') $$, 'as long as nobody rewrites it');

SELECT * FROM finish();
ROLLBACK;
