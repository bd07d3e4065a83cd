-- Two accounts of one person who is enrolled by both: the better enrolment goes on, the other is over, and nothing is lost of either.
\ir ../support/load.sql
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT no_plan();
SELECT tests.cast('admin') \g /dev/null
SELECT tests.join(tests.acme(), 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight') \g /dev/null
CREATE FUNCTION pg_temp.merged(a text, b text) RETURNS text LANGUAGE sql AS $$ SELECT tests.error_of(format('SELECT laurel.merge_users(%L, %L)', tests.person(a), tests.person(b))) $$;
SELECT tests.join(tests.acme(), 'coach') \g /dev/null
INSERT INTO laurel.user_roles (organization_id, user_id, role) VALUES (tests.acme(), tests.person('coach'), 'trainer');
INSERT INTO laurel.assessments (id, organization_id, title, type) VALUES (tests.person('for all'), tests.acme(), 'Of all', 'quiz');
INSERT INTO laurel.questions (assessment_id, text, type, correct_answer) VALUES (tests.person('for all'), '?', 'true_false', 'true');
UPDATE laurel.assessments SET status = 'published' WHERE id = tests.person('for all');

-- A member with all that hangs from an enrolment.
CREATE FUNCTION pg_temp.enrol(who text, since date, days integer) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    own constant uuid := tests.person('enrolment of ' || who);
    quiz constant uuid := tests.person('quiz of ' || who);
BEGIN
    INSERT INTO laurel.beneficiaries (id, organization_id, user_id, enrollment_date) VALUES (own, tests.acme(), tests.person(who), since);
    INSERT INTO laurel.beneficiary_notes (organization_id, beneficiary_id, notes) VALUES (tests.acme(), own, 'Shy');
    INSERT INTO laurel.documents (organization_id, uploaded_by, beneficiary_id, filename) VALUES (tests.acme(), tests.person('admin'), own, 'x');
    INSERT INTO laurel.assessments (id, organization_id, title, type, beneficiary_id) VALUES (quiz, tests.acme(), 'Own', 'quiz', own);
    INSERT INTO laurel.questions (assessment_id, text, type, correct_answer) VALUES (quiz, '?', 'true_false', 'true');
    INSERT INTO laurel.assessment_accommodations (beneficiary_id, extra_time) VALUES (own, 25);
    UPDATE laurel.assessments SET status = 'published' WHERE id = quiz;
    PERFORM laurel.submit_attempt(t.attempt_id, answers => jsonb_build_object(q.id, 'true'))
        FROM unnest(ARRAY[quiz, tests.person('for all')]) a, laurel.start_attempt(a, tests.person(who)) t, laurel.questions q WHERE q.assessment_id = a;
    INSERT INTO laurel.appointments (organization_id, title, beneficiary_id, trainer_id, start_time, end_time)
        VALUES (tests.acme(), 'Meet', own, tests.person('coach'), now() + days * interval '1 day', now() + days * interval '1 day' + interval '1 hour');
END
$$;
CREATE FUNCTION pg_temp.owned(who text) RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(n::text, ' ' ORDER BY place) FROM (VALUES
        (1, (SELECT count(*) FROM laurel.beneficiaries WHERE user_id = tests.person(who))), (2, (SELECT count(*) FROM laurel.beneficiary_notes WHERE user_id = tests.person(who))),
        (3, (SELECT count(*) FROM laurel.documents WHERE user_id = tests.person(who))), (4, (SELECT count(*) FROM laurel.assessments WHERE user_id = tests.person(who))),
        (5, (SELECT count(*) FROM laurel.assessment_accommodations WHERE user_id = tests.person(who))), (6, (SELECT count(*) FROM laurel.assessment_attempts WHERE user_id = tests.person(who))),
        (7, (SELECT count(*) FROM laurel.responses WHERE user_id = tests.person(who))), (8, (SELECT count(*) FROM laurel.assessment_results WHERE user_id = tests.person(who))),
        (9, (SELECT count(*) FROM laurel.appointments WHERE user_id = tests.person(who)))) v (place, n) $$;
CREATE FUNCTION pg_temp.enrolments(who text) RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(status || ' ' || enrollment_date, ', ' ORDER BY enrollment_date) FROM laurel.beneficiaries WHERE user_id = tests.person(who) $$;

SELECT pg_temp.enrol('one', '2026-03-01', 1), pg_temp.enrol('two', '2026-02-01', 2) \g /dev/null
SELECT is(pg_temp.owned('one'), '1 1 1 1 1 2 2 2 1', 'each has something of all');
SELECT is(pg_temp.merged('one', 'two'), 'none', 'two who are enrolled become one');
SELECT is(pg_temp.enrolments('two'), 'active 2026-02-01, completed 2026-03-01', 'the earlier enrolment goes on, the other is over');
SELECT is(pg_temp.owned('two'), '2 2 2 2 2 4 4 4 2', 'nothing is lost of either, also where both took the same');
SELECT is((SELECT completed_at IS NOT NULL FROM laurel.beneficiaries WHERE id = tests.person('enrolment of one')), true, 'since when is known');
SELECT is((SELECT count(*) FROM laurel.check()), 0::bigint, 'all that is counted is right');

-- Whichever is kept, and an active one before an earlier one.
SELECT pg_temp.enrol('three', '2026-02-01', 3), pg_temp.enrol('four', '2026-03-01', 4) \g /dev/null
SELECT is(pg_temp.merged('three', 'four'), 'none', 'the account that goes may have the better one');
SELECT is(pg_temp.enrolments('four'), 'active 2026-02-01, completed 2026-03-01', 'it goes on');
SELECT is(pg_temp.owned('four'), '2 2 2 2 2 4 4 4 2', 'and nothing is lost');
SELECT pg_temp.enrol('five', '2026-02-01', 5), pg_temp.enrol('six', '2026-03-01', 6) \g /dev/null
UPDATE laurel.beneficiaries SET status = 'inactive' WHERE id = tests.person('enrolment of five');
SELECT is(pg_temp.merged('five', 'six'), 'none', 'one of them may be inactive');
SELECT is(pg_temp.enrolments('six'), 'completed 2026-02-01, active 2026-03-01', 'then the active one goes on');

-- A trigger of the application.
SELECT pg_temp.enrol('seven', '2026-02-01', 7), pg_temp.enrol('eight', '2026-02-01', 8) \g /dev/null
CREATE FUNCTION pg_temp.drop_row() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
CREATE FUNCTION pg_temp.as_it_was() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN OLD; END';
CREATE TRIGGER zz_app BEFORE UPDATE ON laurel.beneficiaries FOR EACH ROW EXECUTE FUNCTION pg_temp.drop_row();
SELECT matches(pg_temp.merged('seven', 'eight'), '^39P01', 'what does not end is no merge');
DROP TRIGGER zz_app ON laurel.beneficiaries;
CREATE TRIGGER zz_app BEFORE UPDATE ON laurel.beneficiaries FOR EACH ROW EXECUTE FUNCTION pg_temp.as_it_was();
SELECT matches(pg_temp.merged('seven', 'eight'), '^39P01', 'nor what is put back');
DROP TRIGGER zz_app ON laurel.beneficiaries;
SELECT is(pg_temp.owned('seven'), '1 1 1 1 1 2 2 2 1', 'nothing has happened');
SELECT is(pg_temp.merged('seven', 'eight'), 'none', 'without them it is done');
SELECT is((SELECT status FROM laurel.beneficiaries WHERE id = tests.person('enrolment of eight')), 'active', 'of equal ones that of the account that stays goes on');

SELECT * FROM finish();
ROLLBACK;
