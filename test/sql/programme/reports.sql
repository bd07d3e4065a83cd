-- Reports: how each beneficiary does, and what is before a trainer, of whom the caller may see.
\ir ../support/load.sql
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT no_plan();
SELECT tests.cast('admin', 'trainer', 'learner', 'other', 'manager', 'root', 'bolt_admin', 'bolt_trainer', 'bolt_learner') \g /dev/null
SELECT tests.join(tests.acme(), 'second') \g /dev/null
INSERT INTO laurel.user_roles (user_id, role) VALUES (tests.person('second'), 'trainer');
\ir ../support/quiz.sql
SELECT pg_temp.enrol('learner', 'other', 'bolt_learner') \g /dev/null
SELECT pg_temp.make_quiz('Q', '{"attempts_allowed": 5}'), pg_temp.make_quiz('Hard', '{"passing_score": 100}'), pg_temp.make_quiz('Free'), pg_temp.make_quiz('Essay'), pg_temp.make_quiz('Draft') \g /dev/null
UPDATE laurel.assessments SET passing_score = NULL WHERE title = 'Free';
UPDATE laurel.assessments SET closes_at = now() + interval '2 days' WHERE title IN ('Essay', 'Draft');
INSERT INTO laurel.questions (id, assessment_id, text, type, points, "order") SELECT tests.person('Essay ' || n), tests.person('Essay'), 'Why?', 'essay', 10, n FROM generate_series(8, 9) n;
SELECT pg_temp.publish(n) FROM unnest('{Q,Hard,Free,Essay}'::text[]) n \g /dev/null
INSERT INTO laurel.activities (id, organization_id, name) VALUES (tests.person('walk'), tests.acme(), 'Walk');
INSERT INTO laurel.events (created_at, id, organization_id, activity_id, title, facilitator_id, scheduled_date, ends_at) SELECT now() - interval '1 day', tests.person(t), tests.acme(), tests.person('walk'), t, tests.person(w), now() + a, now() + a + interval '1 hour'
FROM (VALUES ('Soon', 'trainer', interval '1 day'), ('Under way', 'second', '-10 minutes')) v (t, w, a);

CREATE FUNCTION pg_temp.take(quiz text, answers jsonb) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    s laurel.started_attempt := laurel.start_attempt(tests.person(quiz));
BEGIN
    PERFORM laurel.submit_attempt(s.attempt_id, s.session_key, answers);
END
$$;
-- What somebody reads of both: how many rows.
CREATE FUNCTION pg_temp.reads(name text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    IF name = 'anon' THEN PERFORM tests.act_as_anon(); ELSE PERFORM tests.act_as(tests.person(name)); END IF;
    RETURN (SELECT count(*) FROM laurel.beneficiary_report) || ' ' || (SELECT coalesce(string_agg(kind || ' ' || n, ', ' ORDER BY kind COLLATE "C"), 'nothing') FROM (SELECT kind, count(*) AS n FROM laurel.trainer_agenda GROUP BY kind) a);
EXCEPTION WHEN insufficient_privilege THEN RETURN SQLSTATE;
END
$$;
CREATE FUNCTION pg_temp.report(of text) RETURNS text LANGUAGE sql AS $$
    SELECT concat_ws(' ', status, attempts, open_attempts, attempts_to_mark, assessments, passed, failed, average_percentage, events_attended) FROM laurel.beneficiary_report WHERE user_id = tests.person(of)
$$;

SELECT tests.act_as_learner();
SELECT is(pg_temp.report('learner'), 'active 0 0 0 0 0 0 0', 'who has done nothing is reported with nothing');
SELECT pg_temp.take('Q', '{}'), pg_temp.take('Q', pg_temp.right('Q')), pg_temp.take('Hard', pg_temp.right('Hard') - tests.person('Hard 1')::text), pg_temp.take('Free', '{}') \g /dev/null
SELECT is(pg_temp.report('learner'), 'active 4 0 0 3 1 1 60.00 0', 'an assessment counts once, by its best result; what cannot be passed is not failed');
SELECT is((SELECT last_result_at FROM laurel.beneficiary_report), (SELECT max(created_at) FROM laurel.assessment_results), 'with the last result');
SELECT pg_temp.take('Essay', jsonb_build_object(tests.person('Essay 8'), 'Because.', tests.person('Essay 9'), 'So.')) \g /dev/null
SELECT laurel.start_attempt(tests.person('Q')) \g /dev/null
SELECT is(pg_temp.report('learner'), 'active 6 1 1 3 1 1 60.00 0', 'what is open and what waits is counted');
SELECT tests.act_as_owner();
INSERT INTO laurel.participations (event_id, user_id, rsvp_status) VALUES (tests.person('Under way'), tests.person('learner'), 'going'), (tests.person('Soon'), tests.person('learner'), 'going');
UPDATE laurel.participations SET attendance_status = 'attended' WHERE event_id = tests.person('Under way');
SELECT is(pg_temp.report('learner'), 'active 6 1 1 3 1 1 60.00 1', 'and what was attended');

-- Who reads what.
SELECT is(pg_temp.reads(name), reads, name || ' reads ' || reads) FROM (VALUES
    ('admin', '2 assessment_closes 1, event 2, to_mark 1'), ('trainer', '1 assessment_closes 1, event 2, to_mark 1'), ('second', '0 assessment_closes 1, event 2'), ('manager', '0 assessment_closes 1, event 2'),
    ('learner', '1 assessment_closes 1, event 2'), ('other', '1 assessment_closes 1, event 2'), ('bolt_admin', '1 nothing'), ('bolt_trainer', '0 nothing'), ('bolt_learner', '1 nothing'), ('anon', '42501')) v (name, reads);
SELECT tests.act_as_trainer();
SELECT is(pg_temp.report('learner'), 'active 6 1 1 3 1 1 60.00 1', 'a trainer reads of a beneficiary what the beneficiary''s rows say');
SELECT results_eq('SELECT kind, title, item_id, user_id, items, due_at FROM laurel.trainer_agenda WHERE trainer_id = laurel.uid() ORDER BY due_at',
    $$ VALUES ('to_mark', 'Essay', (SELECT id FROM laurel.assessment_attempts WHERE status = 'submitted'), tests.person('learner'), 2::bigint, (SELECT min(created_at) FROM laurel.marking_queue)),
        ('event', 'Soon', tests.person('Soon'), NULL, 1, now() + interval '1 day'), ('assessment_closes', 'Essay', tests.person('Essay'), NULL, 1, now() + interval '2 days') $$, 'the agenda of a trainer, in order');
SELECT laurel.mark_response(response_id, 5) FROM laurel.marking_queue \g /dev/null
SELECT is((SELECT count(*) FROM laurel.trainer_agenda WHERE kind = 'to_mark'), 0::bigint, 'what is marked is gone from it');
SELECT tests.act_as_owner();
UPDATE laurel.assessments SET scheduled_for = now() + interval '1 hour' WHERE title = 'Essay';
UPDATE laurel.events SET status = 'cancelled' WHERE title = 'Soon';
SELECT is((SELECT string_agg(kind || ' ' || title, ', ' ORDER BY due_at) FROM laurel.trainer_agenda), 'event Under way, assessment_opens Essay, assessment_closes Essay', 'as is what is cancelled; what opens later is there');
UPDATE laurel.assessments SET status = 'completed' WHERE title = 'Essay';
SELECT is((SELECT string_agg(kind || ' ' || title, ', ' ORDER BY due_at) FROM laurel.trainer_agenda), 'event Under way', 'what is completed is not');
UPDATE laurel.beneficiaries SET status = 'completed' WHERE user_id = tests.person('learner');
SELECT tests.act_as_trainer();
SELECT is((SELECT status FROM laurel.beneficiary_report), 'completed', 'a past enrolment is still reported to its trainer');
SELECT tests.act_as_admin();
SELECT is((SELECT (laurel.member(r)).id FROM laurel.beneficiary_report r WHERE r.user_id = tests.person('other')), tests.person('other'), 'the person is embedded');

SELECT * FROM finish();
ROLLBACK;
