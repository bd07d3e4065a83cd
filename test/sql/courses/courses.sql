\ir ../support/load.sql
BEGIN;
SELECT plan(26);

SELECT tests.cast('admin', 'trainer', 'learner', 'bolt_learner');
INSERT INTO laurel.courses (id, organization_id, name, trainer_id) VALUES
    ('ac000000-0000-0000-0000-000000000001', tests.acme(), 'Welding',
     tests.person('trainer')),
    ('bc000000-0000-0000-0000-000000000001', tests.bolt(), 'Rigging', NULL);

-- A trainer sees learners from the moment they enroll, and a prepared statement does too.
SELECT tests.act_as_trainer();
PREPARE seen AS SELECT count(*) FROM laurel.users;
SELECT results_eq('seen', 'VALUES (1::bigint)', 'a trainer without learners sees himself');

SELECT tests.act_as_learner();
SELECT results_eq('SELECT name FROM laurel.courses', $$ VALUES ('Welding') $$, 'members see the courses of the organization');
SELECT is(tests.error_of($$ INSERT INTO laurel.courses (name) VALUES ('Mine') $$), '42501', 'and write none');
SELECT lives_ok($$ INSERT INTO laurel.enrollments (user_id, course_id)
    VALUES (laurel.uid(), 'ac000000-0000-0000-0000-000000000001') $$, 'a learner enrolls');
SELECT is(tests.error_of($$ INSERT INTO laurel.enrollments (user_id, course_id)
    VALUES (laurel.uid(), 'ac000000-0000-0000-0000-000000000001') $$),
    '23505 enrollments_organization_id_user_id_course_id_key', 'once');
SELECT is(tests.error_of($$ INSERT INTO laurel.enrollments (user_id, course_id)
    VALUES (laurel.uid(), 'bc000000-0000-0000-0000-000000000001') $$), '23503 enrollments_course_id_fkey',
    'in a course of the own organization');
SELECT is(tests.error_of($$ INSERT INTO laurel.enrollments (user_id, course_id)
    VALUES (tests.person('admin'), 'ac000000-0000-0000-0000-000000000001') $$), '42501', 'and nobody else');
SELECT is(tests.error_of($$ INSERT INTO laurel.enrollments (user_id, course_id, progress_percent)
    VALUES (laurel.uid(), 'ac000000-0000-0000-0000-000000000001', 99) $$), '42501', 'without a head start');
SELECT results_eq('UPDATE laurel.enrollments SET progress_percent = 99 RETURNING 1', 'SELECT 1 WHERE false',
    'progress is not written by who makes it');

SELECT tests.act_as_trainer();
SELECT results_eq('seen', 'VALUES (2::bigint)', 'the trainer sees the learner at once');
SELECT results_eq('SELECT user_id FROM laurel.enrollments', $$ VALUES (tests.person('learner')) $$,
    'and the enrollment');
SELECT is(tests.error_of($$ INSERT INTO laurel.courses (name) VALUES ('Mine') $$), '42501', 'but makes no courses');

SELECT tests.act_as_admin();
SELECT lives_ok($$ INSERT INTO laurel.courses (name) VALUES ('Soldering') $$, 'an administrator makes courses');
SELECT is((SELECT organization_id FROM laurel.courses WHERE name = 'Soldering'),
    tests.acme(), 'of the own organization');
SELECT is(tests.error_of($$ UPDATE laurel.courses SET trainer_id = tests.person('bolt_learner') $$),
    '23503 courses_trainer_id_fkey', 'given by its members');
SELECT is(tests.error_of($$ DELETE FROM laurel.courses WHERE name = 'Welding' $$), '23503 enrollments_course_id_fkey',
    'a course with learners stays');
SELECT is(tests.error_of('UPDATE laurel.enrollments SET progress_percent = 101'),
    '23514 enrollments_progress_percent_check', 'progress ends at 100');
SELECT is(tests.error_of('UPDATE laurel.enrollments SET progress_percent = 100'),
    '23514 enrollments_completed_at_check', 'where a course is completed');
SELECT is(tests.error_of('UPDATE laurel.enrollments SET completed_at = now()'), '23514 enrollments_completed_at_check',
    'and not before');
SELECT lives_ok('UPDATE laurel.enrollments SET progress_percent = 100, completed_at = now()', 'both together');
SELECT is(tests.error_of($$ UPDATE laurel.courses SET name = '' $$), '23514 courses_name_check', 'a course has a name');

SELECT tests.act_as_owner();
INSERT INTO laurel.user_organizations (organization_id, user_id) VALUES (tests.bolt(), tests.person('learner'));
INSERT INTO laurel.enrollments (user_id, course_id) VALUES (tests.person('learner'), 'bc000000-0000-0000-0000-000000000001');
SELECT is((SELECT organization_id FROM laurel.enrollments WHERE course_id = 'bc000000-0000-0000-0000-000000000001'), tests.bolt(),
    'who belongs to two organizations is enrolled in that of the course');
SELECT is(tests.error_of($$ UPDATE laurel.courses SET organization_id = tests.bolt()
    WHERE name = 'Soldering' $$), '23001 courses_organization_id_immutable', 'a course stays where it is');
UPDATE laurel.courses SET trainer_id = NULL WHERE name = 'Welding';
SELECT tests.act_as_trainer();
SELECT results_eq('seen', 'VALUES (1::bigint)', 'who trains no more sees no more');
SELECT tests.act_as_owner();
UPDATE laurel.courses SET trainer_id = tests.person('trainer') WHERE name = 'Welding';
DELETE FROM laurel.users WHERE email = 'trainer@acme.test';
SELECT is((SELECT trainer_id FROM laurel.courses WHERE name = 'Welding'), NULL, 'a course outlives its trainer');
SELECT tests.act_as_anon();
SELECT is(tests.error_of('SELECT FROM laurel.courses'), '42501', 'anon sees no courses');

SELECT * FROM finish();
ROLLBACK;
