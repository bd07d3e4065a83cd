-- Two people with rows in every table that refers to people become one: no row names who is gone but history that says so.
\ir ../support/load.sql
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT plan(12);
SELECT tests.cast('admin', 'twin', 'learner', 'other', 'bolt_admin') \g /dev/null

-- What belongs to nobody yet.
INSERT INTO laurel.badges (id, organization_id, badge_name, points_value) SELECT tests.person('badge ' || n), tests.acme(), 'Badge ' || n, 5 FROM generate_series(1, 3) n;
INSERT INTO laurel.teams (id, organization_id, name) SELECT tests.person('team ' || n), tests.acme(), 'Team ' || n FROM generate_series(1, 3) n;
INSERT INTO laurel.channels (id, organization_id, team_id, name) SELECT tests.person('channel ' || n), tests.acme(), tests.person('team ' || n), 'Channel' FROM generate_series(1, 3) n;
INSERT INTO laurel.activities (id, organization_id, name) VALUES (tests.person('activity'), tests.acme(), 'Yoga');
INSERT INTO laurel.learning_paths (id, organization_id, title, status) SELECT tests.person('path ' || n), tests.acme(), 'Path ' || n, 'published' FROM generate_series(1, 3) n;
INSERT INTO laurel.learning_modules (id, learning_path_id, position, title, points_reward) SELECT tests.person('module ' || n), tests.person('path ' || n), 1, 'Module', 5 FROM generate_series(1, 3) n;
INSERT INTO laurel.onboarding_templates (id, organization_id, name) VALUES (tests.person('template'), tests.acme(), 'First weeks');
INSERT INTO laurel.onboarding_template_tasks (template_id, position, title, owner_role) VALUES (tests.person('template'), 1, 'Meet', 'new_hire'), (tests.person('template'), 2, 'Show', 'manager');
INSERT INTO laurel.courses (id, organization_id, name) VALUES (tests.person('course 3'), tests.acme(), 'Of all');
INSERT INTO laurel.buddy_profiles (organization_id, user_id, capacity) VALUES (tests.acme(), tests.person('admin'), 3);
INSERT INTO laurel.gamification_rules (id, organization_id, name, event_type, actions) VALUES (tests.person('rule'), tests.acme(), 'Rule', 'never', '[{"kind": "points", "amount": 5}]');

INSERT INTO laurel.documents (id, organization_id, uploaded_by, filename) VALUES (tests.person('document'), tests.acme(), tests.person('admin'), 'x');
-- Person n, of two, has what is hers alone and a part of what is everybody's (3).
CREATE FUNCTION pg_temp.live(who uuid, n integer) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    acme constant uuid := tests.acme();
    admin constant uuid := tests.person('admin');
    other constant uuid := tests.person('other');
BEGIN
    UPDATE laurel.users SET manager_id = who WHERE id = CASE n WHEN 1 THEN other ELSE admin END;
    UPDATE laurel.organizations SET admin_id = who WHERE id = acme;
    INSERT INTO laurel.user_roles (organization_id, user_id, role, granted_by) VALUES (acme, who, 'trainer', admin), (acme, who, 'manager', admin);
    INSERT INTO laurel.user_roles (organization_id, user_id, role, granted_by) VALUES (acme, other, CASE n WHEN 1 THEN 'manager' ELSE 'trainer' END, who);
    INSERT INTO laurel.user_identities (organization_id, user_id, provider, subject) VALUES (acme, who, 'https://id.test', who);
    PERFORM laurel.create_session(who), laurel.create_one_time_token(who, 'password_reset'), laurel.invite_member(user_id => who, organization_id => tests.bolt(), by_mail => false);
    INSERT INTO laurel.courses (id, organization_id, name, trainer_id) VALUES (tests.person('course ' || n), acme, 'Of ' || n, who);
    INSERT INTO laurel.enrollments (organization_id, user_id, course_id, progress_percent) VALUES (acme, who, tests.person('course ' || n), 10), (acme, who, tests.person('course 3'), 10 * n);
    PERFORM laurel.record_points_transaction(who, 100 * n, 'quest', reason => 'because', occurred_at => now() - interval '40 days'), laurel.record_points_transaction(who, 7, 'quest', reason => 'because');
    PERFORM laurel.hold_points(who, 5, 'because', organization_id => acme);
    INSERT INTO laurel.rewards (id, organization_id, name, price, fulfilment) VALUES (tests.person('reward ' || n), acme, 'Reward', 1, 'voucher');
    INSERT INTO laurel.reward_vouchers (organization_id, reward_id, code) VALUES (acme, tests.person('reward ' || n), 'A');
    INSERT INTO laurel.redemptions (organization_id, reward_id, user_id) VALUES (acme, tests.person('reward ' || n), who);
    INSERT INTO laurel.redemptions (organization_id, reward_id, user_id, status, decided_by, ended_at) VALUES (acme, tests.person('reward ' || n), other, 'declined', who, now());
    PERFORM laurel.record_activity(who, now() - n * interval '1 day', acme), laurel.record_activity(who, now(), acme);
    INSERT INTO laurel.streak_freezes (organization_id, user_id, earned_on) VALUES (acme, who, '2026-01-01'::date + n), (acme, who, '2026-01-09');
    INSERT INTO laurel.leaderboard_standings (organization_id, period, period_start, user_id, points, rank, reached_at) VALUES (acme, 'weekly', '2026-01-05', who, 10, n, now());
    PERFORM laurel.notify(who, 'greeting', 'Hello');
    INSERT INTO laurel.suppressed_addresses (organization_id, email, user_id, bounces, code, bounced_at, suppressed_at) VALUES (acme, n || '@gone.test', who, 1, '5.1.1', now(), now());
    INSERT INTO laurel.webhook_endpoints (organization_id, user_id, url, secret) VALUES (acme, who, 'https://hooks.test/' || n, 'whsec_' || encode(decode(repeat('ab', 32), 'hex'), 'base64'));
    INSERT INTO laurel.badge_awards (organization_id, user_id, badge_id) VALUES (acme, who, tests.person('badge ' || n)), (acme, who, tests.person('badge 3'));
    INSERT INTO laurel.credential_keys (organization_id, key_id) VALUES (acme, 'z6Mk' || repeat('A', 44)) ON CONFLICT DO NOTHING;
    INSERT INTO laurel.credentials (id, organization_id, user_id, award_id, key_id, list_no, status_index, issued_at, document, jwt)
    SELECT a.id, acme, who, a.id, 'z6Mk' || repeat('A', 44), 1, n, now(), '{}', 'x' FROM laurel.badge_awards a WHERE a.user_id = who AND a.badge_id = tests.person('badge ' || n);
    INSERT INTO laurel.team_memberships (organization_id, team_id, user_id, role) VALUES (acme, tests.person('team ' || n), who, 'leader'), (acme, tests.person('team 3'), who, CASE n WHEN 1 THEN 'leader' ELSE 'member' END);
    INSERT INTO laurel.channel_members (channel_id, user_id) VALUES (tests.person('channel ' || n), who), (tests.person('channel 3'), who);
    PERFORM laurel.choose_team(tests.person('team ' || n), who);
    INSERT INTO laurel.personal_challenges (organization_id, user_id, title, goal, set_by) VALUES (acme, who, 'Alone', 50, who);
    INSERT INTO laurel.badge_revocations (organization_id, user_id, badge_id) VALUES (acme, who, tests.person('badge ' || n)), (acme, who, tests.person('badge 3'));
    INSERT INTO laurel.events (id, activity_id, title, scheduled_date, ends_at, facilitator_id, max_participants)
    VALUES (tests.person('event ' || n), tests.person('activity'), 'Yoga', now() + interval '1 day', now() + interval '25 hours', who, 2) ON CONFLICT DO NOTHING;
    INSERT INTO laurel.event_series (activity_id, title, starts_on, time_zone, duration, rrule, facilitator_id) VALUES (tests.person('activity'), 'Again', date_trunc('day', now()) + interval '2 days', 'UTC', '1 hour', 'FREQ=DAILY;COUNT=1', who);
    INSERT INTO laurel.participations (event_id, user_id) VALUES (tests.person('event ' || n), who);
    INSERT INTO laurel.calendar_feeds (organization_id, user_id, token_hash) VALUES (acme, who, sha256(who::text::bytea));
    INSERT INTO laurel.learning_assignments (organization_id, learning_path_id, audience, user_id, due_at, assigned_by) VALUES (acme, tests.person('path ' || n), 'member', who, now() + interval '9 days', who), (acme, tests.person('path 3'), 'member', who, now() + interval '9 days', who);
    PERFORM laurel.complete_module(tests.person('module ' || n), who), laurel.complete_module(tests.person('module 3'), who);
    PERFORM laurel.recertify(tests.person('path ' || n), who);
    INSERT INTO laurel.recognitions (id, organization_id, sender_id, recipient_id, message, points_awarded, decided_by, status, approved_at) VALUES
        (tests.person('given ' || n), acme, who, other, 'Thanks', 5, admin, 'approved', now()), (tests.person('got ' || n), acme, other, who, 'Thanks', 5, who, 'approved', now());
    INSERT INTO laurel.recognitions (organization_id, sender_id, recipient_id, message, points_awarded, adds_to) VALUES (acme, admin, who, 'And more', 5, tests.person('got ' || n));
    INSERT INTO laurel.recognition_comments (organization_id, recognition_id, user_id, comment) VALUES (acme, tests.person('got ' || n), who, 'Oh');
    INSERT INTO laurel.recognition_reactions (organization_id, recognition_id, user_id) VALUES (acme, tests.person('got ' || n), who);
    INSERT INTO laurel.error_logs (organization_id, user_id, error_type, error_message) VALUES (acme, who, 'E', 'm');
    INSERT INTO laurel.messages (organization_id, sender_id, recipient_id, content) VALUES (acme, who, admin, 'Hello'), (acme, admin, who, 'Hello');
    INSERT INTO laurel.message_blocks (organization_id, user_id, blocked_id) VALUES (acme, who, other), (acme, other, who);
    INSERT INTO laurel.buddy_requests (organization_id, user_id) VALUES (acme, who);
    INSERT INTO laurel.buddy_profiles (organization_id, user_id, capacity) VALUES (acme, who, 1);
    UPDATE laurel.onboarding_templates SET it_member_id = who;
    INSERT INTO laurel.buddy_matches (organization_id, user_id, buddy_id, status, accepted_at) VALUES (acme, who, admin, 'accepted', now());
    INSERT INTO laurel.buddy_matches (organization_id, user_id, buddy_id, status, accepted_at) VALUES (acme, CASE n WHEN 1 THEN admin ELSE other END, who, 'accepted', now());
    INSERT INTO laurel.beneficiaries (id, organization_id, user_id, status, completed_at) VALUES (tests.person('beneficiary ' || n), acme, who, 'active', NULL), (tests.person('past beneficiary ' || n), acme, who, 'completed', now());
    INSERT INTO laurel.beneficiary_notes (organization_id, beneficiary_id, notes) VALUES (acme, tests.person('beneficiary ' || n), 'x'), (acme, tests.person('past beneficiary ' || n), 'x');
    INSERT INTO laurel.assessments (id, organization_id, title, type, beneficiary_id, trainer_id) VALUES (tests.person('assessment ' || n), acme, 'Quiz', 'quiz', tests.person('beneficiary ' || n), who);
    INSERT INTO laurel.questions (assessment_id, text, type, correct_answer) VALUES (tests.person('assessment ' || n), '?', 'true_false', 'true');
    INSERT INTO laurel.assessment_accommodations (beneficiary_id, assessment_id) VALUES (tests.person('beneficiary ' || n), tests.person('assessment ' || n));
    UPDATE laurel.assessments SET status = 'published' WHERE id = tests.person('assessment ' || n);
    PERFORM laurel.submit_attempt(t.attempt_id, answers => jsonb_build_object(q.id, 'true')) FROM laurel.start_attempt(tests.person('assessment ' || n), who) t, laurel.questions q WHERE q.assessment_id = tests.person('assessment ' || n);
    INSERT INTO laurel.response_marks (organization_id, user_id, response_id, kind, points, marked_by) SELECT acme, who, r.id, 'final', 1, who FROM laurel.responses r WHERE r.assessment_id = tests.person('assessment ' || n);
    INSERT INTO laurel.documents (id, organization_id, uploaded_by, beneficiary_id, filename) VALUES (tests.person('document ' || n), acme, who, tests.person('beneficiary ' || n), 'x');
    INSERT INTO laurel.document_shares (organization_id, document_id, shared_with, shared_by) VALUES (acme, tests.person('document ' || n), other, who);
    IF n = 2 THEN
        INSERT INTO laurel.document_shares (organization_id, document_id, shared_with, shared_by) VALUES (acme, tests.person('document 1'), who, tests.person('twin'));
    END IF;
    INSERT INTO laurel.document_shares (organization_id, document_id, shared_with, shared_by) VALUES (acme, tests.person('document'), who, admin);
    INSERT INTO laurel.trainer_calendars (organization_id, user_id) VALUES (acme, who);
    INSERT INTO laurel.availability_rules (organization_id, user_id, weekday, starts_at, ends_at) VALUES (acme, who, 1, '09:00', '12:00');
    INSERT INTO laurel.availability_exceptions (organization_id, user_id, starts_at, ends_at) VALUES (acme, who, now(), now() + interval '1 day');
    INSERT INTO laurel.appointments (organization_id, title, beneficiary_id, trainer_id, start_time, end_time) VALUES (acme, 'Meet', tests.person('beneficiary ' || n), admin, now() + n * interval '2 days', now() + n * interval '2 days 1 hour');
    INSERT INTO laurel.rule_executions (organization_id, rule_id, event_id, user_id, version, status) SELECT acme, tests.person('rule'), laurel.uuidv7(), who, 1, 'fired';
    INSERT INTO laurel_internal.rule_usage (organization_id, rule_id, owner, user_id, used) VALUES (acme, tests.person('rule'), who, who, 1);
    PERFORM laurel.start_onboarding(who, tests.person('template'));
    UPDATE laurel.user_onboardings SET manager_id = admin WHERE user_id = who;
    UPDATE laurel.onboarding_tasks SET status = 'done', completed_by = who WHERE user_id = who AND position = 1;
    UPDATE laurel.onboarding_check_ins SET assignee_id = admin WHERE user_id = who;
END
$$;
SELECT pg_temp.live(tests.person('twin'), 1) \g /dev/null
SELECT pg_temp.live(tests.person('learner'), 2) \g /dev/null
-- The two and each other; and others' onboardings, which they look after.
INSERT INTO laurel.recognitions (organization_id, sender_id, recipient_id, message) VALUES (tests.acme(), tests.person('twin'), tests.person('learner'), 'Me'), (tests.acme(), tests.person('learner'), tests.person('twin'), 'Myself');
INSERT INTO laurel.messaging_settings (organization_id, learners_write_each_other) VALUES (tests.acme(), true);
INSERT INTO laurel.messages (organization_id, sender_id, recipient_id, content) VALUES (tests.acme(), tests.person('twin'), tests.person('learner'), 'Me');
INSERT INTO laurel.buddy_matches (organization_id, user_id, buddy_id, status, ended_at) VALUES (tests.acme(), tests.person('learner'), tests.person('twin'), 'ended', now());
UPDATE laurel.beneficiaries SET trainer_id = tests.person(CASE user_id WHEN tests.person('twin') THEN 'learner' ELSE 'twin' END);
INSERT INTO laurel.beneficiaries (organization_id, user_id, trainer_id) SELECT tests.acme(), tests.person(u), tests.person(t) FROM (VALUES ('other', 'twin'), ('admin', 'learner')) v (u, t);
INSERT INTO laurel.appointments (organization_id, title, beneficiary_id, start_time, end_time) SELECT organization_id, 'Trained', id, now() + row_number() OVER (ORDER BY id) * interval '9 days', now() + row_number() OVER (ORDER BY id) * interval '9 days 1 hour'
    FROM laurel.beneficiaries WHERE status = 'active' AND trainer_id IS NOT NULL;
UPDATE laurel.organizations SET admin_id = tests.person('twin') WHERE id = tests.acme();
UPDATE laurel.onboarding_templates SET it_member_id = tests.person('twin');
SELECT laurel.start_onboarding(tests.person('other'), tests.person('template')) \g /dev/null
UPDATE laurel.user_onboardings SET manager_id = tests.person('twin') WHERE user_id IN (tests.person('other'), tests.person('learner'));
UPDATE laurel.user_onboardings SET assigned_buddy_id = tests.person('twin') WHERE user_id = tests.person('other');
UPDATE laurel.onboarding_check_ins SET assignee_id = tests.person('twin') WHERE user_id = tests.person('other');
INSERT INTO laurel.user_organizations (organization_id, user_id) VALUES (tests.bolt(), tests.person('twin'));
SELECT laurel.record_points_transaction(tests.person('twin'), 3, 'bonus', reason => 'at Bolt', organization_id => tests.bolt()) \g /dev/null

-- Columns that name somebody, and how many rows do.
CREATE FUNCTION pg_temp.naming(who uuid) RETURNS TABLE (name text, merge text, n bigint) LANGUAGE plpgsql AS $$
DECLARE
    rule record;
BEGIN
    FOR rule IN SELECT r.*, r.table_name || '.' || r.column_name AS said FROM laurel_internal.person_rules r WHERE kind IN ('id', 'ids') LOOP
        EXECUTE format('SELECT $2, $3, count(*) FROM %s WHERE %s', rule.table_name, format(CASE rule.kind WHEN 'ids' THEN '$1 = ANY (%I)' ELSE '%I = $1' END, rule.column_name))
        INTO name, merge, n USING who, rule.said, rule.merge;
        RETURN NEXT;
    END LOOP;
END
$$;

SELECT is(array(SELECT name FROM pg_temp.naming(tests.person('twin')) WHERE n = 0 AND merge <> 'keep' ORDER BY 1),
    '{laurel.points_ledger_archive.user_id, laurel_internal.archived_accounts.user_id, laurel_internal.archived_keys.user_id, laurel_internal.departed_accounts.user_id}',
    'the two have rows wherever a merge does something, so that whoever adds a table is reminded of this file');
CREATE TEMP TABLE before AS SELECT sum(total_points) AS total, sum(lifetime_points) AS lifetime, sum(points_this_week) AS week, sum(points_this_month) AS month
    FROM laurel.user_points WHERE user_id IN (tests.person('twin'), tests.person('learner'));
SELECT is((SELECT count(*) FROM laurel.check()), 0::bigint, 'all counters are right before');

SELECT is((m.from_id, m.into_id, m.is_new), (tests.person('twin'), tests.person('learner'), true), 'they become one') FROM laurel.merge_users(tests.person('twin'), tests.person('learner')) m;

SELECT results_eq($$ SELECT name FROM pg_temp.naming(tests.person('twin')) WHERE n > 0 AND merge <> 'keep' ORDER BY 1 $$,
    ARRAY['laurel.points_ledger.user_id', 'laurel_internal.departed_accounts.user_id'], 'nothing names who is gone but what was earned');
SELECT is((SELECT count(*) FROM pg_temp.naming(tests.person('twin')) WHERE n > 0 AND name ~ 'user_merges.from_id|audit_log.user_id' AND merge = 'keep'), 2::bigint, 'and history that says so');
SELECT results_eq('SELECT * FROM laurel.check()', 'SELECT * FROM laurel.check() LIMIT 0', 'all counters, states and quotas are right');
SELECT results_eq('SELECT * FROM laurel.verify_ledger()', 'SELECT * FROM laurel.verify_ledger() LIMIT 0', 'the ledger is sound');
SELECT is((sum(total_points), sum(lifetime_points), sum(points_this_week), sum(points_this_month)), (SELECT (total, lifetime, week, month) FROM before), 'points are the sums of both')
    FROM laurel.user_points WHERE user_id IN (tests.person('twin'), tests.person('learner'));
SELECT is((SELECT jsonb_object_agg(name, n) FROM pg_temp.naming(tests.person('learner')) WHERE name ~ 'badge_awards.user|team_mem|channel_mem|enrollments|module_compl|participations|user_onb.*user_id|identities|daily|channel|path_progress|certific'),
    '{"laurel.badge_awards.user_id": 3, "laurel.team_memberships.user_id": 3, "laurel.channel_members.user_id": 3, "laurel.enrollments.user_id": 3, "laurel.module_completions.user_id": 1, "laurel.participations.user_id": 2,
      "laurel.user_onboardings.user_id": 1, "laurel.user_identities.user_id": 2, "laurel.daily_activity.user_id": 3, "laurel.learning_path_progress.user_id": 3, "laurel.path_certifications.user_id": 2}', 'of what both had there is one');
SELECT is((SELECT string_agg(times_awarded::text, ' ' ORDER BY badge_name) FROM laurel.badges WHERE organization_id = tests.acme()), '1 1 1', 'badges count one award');
SELECT is((SELECT count(*) FROM laurel.recognitions WHERE message IN ('Me', 'Myself') AND (sender_id IS NULL) <> (recipient_id IS NULL)), 2::bigint, 'praise between the two is of or for nobody');
SELECT is((SELECT count(*) FROM laurel.messages WHERE content = 'Me' AND (sender_id IS NULL) <> (recipient_id IS NULL)), 1::bigint, 'and so are messages');

SELECT * FROM finish();
ROLLBACK;
