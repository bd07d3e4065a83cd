-- Rules hear of what members do in every domain, as the domain does it: each once, in the same transaction.
\ir ../support/load.sql
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT no_plan();

SELECT tests.cast();
\ir ../support/quiz.sql
SELECT tests.act_as_owner();
INSERT INTO laurel.gamification_rules (organization_id, name, event_type, actions) SELECT tests.acme(), type, type, '[{"kind": "notification", "title": "Heard"}]' FROM unnest('{course_completed, module_completed,
    path_completed, event_attended, recognition_given, recognition_received, onboarding_started, onboarding_completed, team_joined, badge_earned, tier_changed, points_earned, streak_extended, challenge_completed,
    appointment_scheduled, assessment_passed, never}'::text[]) type;
CREATE FUNCTION pg_temp.heard_of(who text) RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(DISTINCT r.name || CASE x.status WHEN 'fired' THEN '' ELSE ' ' || x.status END, ', ') FROM laurel.rule_executions x JOIN laurel.gamification_rules r ON r.id = x.rule_id
    WHERE x.user_id = tests.person(who) $$;
-- What was heard of a member since the last call.
CREATE FUNCTION pg_temp.heard(who text DEFAULT 'learner') RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    heard constant text := pg_temp.heard_of(who);
BEGIN
    DELETE FROM laurel.rule_executions;
    RETURN heard;
END $$;

-- Learning.
INSERT INTO laurel.courses (id, organization_id, name) VALUES (tests.person('course'), tests.acme(), 'SQL');
INSERT INTO laurel.enrollments (user_id, course_id, progress_percent, completed_at) VALUES (tests.person('learner'), tests.person('course'), 100, now());
SELECT is(pg_temp.heard(), 'course_completed', 'a course');
INSERT INTO laurel.learning_paths (id, organization_id, title, status) VALUES (tests.person('path'), tests.acme(), 'Safety', 'published');
INSERT INTO laurel.learning_modules (id, learning_path_id, position, title) VALUES (tests.person('module 1'), tests.person('path'), 1, 'Fire'), (tests.person('module 2'), tests.person('path'), 2, 'Water');
SELECT laurel.complete_module(tests.person('module 1'), tests.person('learner'));
SELECT is(pg_temp.heard(), 'module_completed', 'a module');
SELECT laurel.complete_module(tests.person('module 2'), tests.person('learner'));
SELECT is(pg_temp.heard(), 'module_completed, path_completed', 'the last one, and the path');

-- Events and thanks.
INSERT INTO laurel.activities (id, organization_id, name) VALUES (tests.person('yoga'), tests.acme(), 'Yoga');
INSERT INTO laurel.events (id, organization_id, activity_id, title, created_at, scheduled_date, ends_at)
VALUES (tests.person('today'), tests.acme(), tests.person('yoga'), 'Yoga', now() - interval '1 day', now() - interval '5 minutes', now() + interval '1 hour');
INSERT INTO laurel.participations (event_id, user_id) VALUES (tests.person('today'), tests.person('learner'));
SELECT is(pg_temp.heard(), NULL, 'not an answer');
SELECT laurel.check_in(tests.person('today'), tests.person('learner'));
SELECT is(pg_temp.heard(), 'event_attended', 'but who comes');
INSERT INTO laurel.recognitions (organization_id, sender_id, recipient_id, message) VALUES (tests.acme(), tests.person('learner'), tests.person('other'), 'Thanks');
SELECT is(pg_temp.heard_of('other') || '; ' || pg_temp.heard(), 'recognition_received; recognition_given', 'thanks, on both sides');

-- Teams and challenges.
INSERT INTO laurel.teams (id, organization_id, name) VALUES (tests.person('team'), tests.acme(), 'Red');
INSERT INTO laurel.team_memberships (team_id, user_id) VALUES (tests.person('team'), tests.person('learner'));
SELECT is(pg_temp.heard(), 'team_joined', 'a team');
INSERT INTO laurel.personal_challenges (organization_id, user_id, title, goal, kind, event_type) VALUES (tests.acme(), tests.person('learner'), 'One', 1, 'events', 'own');
SELECT laurel.emit('own', tests.person('learner'), organization_id => tests.acme());
SELECT is(pg_temp.heard(), 'challenge_completed', 'a challenge');

-- Points, tiers, badges, streaks.
SELECT laurel.record_points_transaction(tests.person('learner'), 5, 'x', reason => 'r', organization_id => tests.acme());
SELECT is(pg_temp.heard(), 'points_earned', 'points');
SELECT laurel.record_points_transaction(tests.person('learner'), 100000, 'x', reason => 'r', organization_id => tests.acme());
SELECT is(pg_temp.heard(), 'points_earned, tier_changed', 'and a tier');
INSERT INTO laurel.badges (id, organization_id, slug, badge_name) VALUES (tests.person('badge'), tests.acme(), 'first', 'First');
INSERT INTO laurel.badge_awards (user_id, badge_id) VALUES (tests.person('learner'), tests.person('badge'));
SELECT is(pg_temp.heard(), 'badge_earned', 'a badge');
SELECT laurel.record_activity(tests.person('other'), now() - day * interval '1 day', tests.acme()) FROM unnest('{1, 0}'::int[]) day;
SELECT is(pg_temp.heard('other'), 'streak_extended', 'a streak');

-- Onboarding.
INSERT INTO laurel.onboarding_templates (id, organization_id, name) VALUES (tests.person('template'), tests.acme(), 'First weeks');
INSERT INTO laurel.onboarding_template_tasks (template_id, position, title, owner_role) VALUES (tests.person('template'), 1, 'Log in', 'new_hire');
SELECT laurel.start_onboarding(tests.person('learner'), tests.person('template'));
SELECT is(pg_temp.heard(), 'onboarding_started', 'an onboarding that begins');
SELECT laurel.complete_onboarding_task(id) FROM laurel.onboarding_tasks;
SELECT is(pg_temp.heard(), 'onboarding_completed', 'and ends');

-- Assessments and appointments.
SELECT pg_temp.enrol('learner');
SELECT pg_temp.make_quiz('Q', '{"passing_score": 0}');
SELECT pg_temp.publish('Q');
SELECT tests.act_as_learner();
SELECT laurel.submit_attempt(s.attempt_id, s.session_key) FROM laurel.start_attempt(tests.person('Q')) s \g /dev/null
SELECT tests.act_as_owner();
SELECT is(pg_temp.heard(), 'assessment_passed', 'an assessment');
SELECT laurel.book_appointment(tests.person('b learner'), date_trunc('hour', now()) + interval '3 days', date_trunc('hour', now()) + interval '73 hours', 'First steps') \g /dev/null
SELECT is(pg_temp.heard(), 'appointment_scheduled', 'an appointment');

SELECT is_empty('SELECT * FROM laurel.check()', 'all is sound');
SELECT * FROM finish();
ROLLBACK;
