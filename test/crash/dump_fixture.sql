-- Something in every table, by every way in: what a dump must bring to another database. Random, but the same each time.
SET client_min_messages = warning;
SELECT setseed(0.42) \g /dev/null

INSERT INTO laurel.organizations (id, name, slug, domain, time_zone, tier_basis, settings) VALUES
    ('a0000000-0000-0000-0000-000000000000', 'Acme "Ünïcode" & Söhne', 'acme', 'acme.test', 'Asia/Tokyo', 'lifetime', '{"a": [1, null]}'),
    ('b0000000-0000-0000-0000-000000000000', 'Bolt', 'bolt', NULL, 'America/St_Johns', 'total', '{}');
INSERT INTO laurel.users (id, organization_id, email, first_name, last_name, job_title)
SELECT (left(o::text, 1) || '0000000-0000-0000-0000-' || lpad(n::text, 12, '0'))::uuid, o, format('u%s@%s.test', n, left(o::text, 1)),
       CASE WHEN n % 3 = 0 THEN E'Zoë\t\\N' END, CASE WHEN n % 2 = 0 THEN 'O''Neill' END, CASE n % 4 WHEN 0 THEN '' WHEN 1 THEN 'line' || E'\n' || 'two' END
FROM unnest('{a0000000-0000-0000-0000-000000000000, b0000000-0000-0000-0000-000000000000}'::uuid[]) o, generate_series(1, 20) n;
INSERT INTO laurel.users (id, email) VALUES ('d0000000-0000-0000-0000-000000000001', 'at-home@nowhere.test');
UPDATE laurel.organizations SET admin_id = 'a0000000-0000-0000-0000-000000000001' WHERE slug = 'acme';
UPDATE laurel.users SET manager_id = 'a0000000-0000-0000-0000-000000000003' WHERE email IN ('u4@a.test', 'u5@a.test');
UPDATE laurel.users SET is_active = false WHERE email = 'u6@a.test';
INSERT INTO laurel.user_organizations (organization_id, user_id)
SELECT 'b0000000-0000-0000-0000-000000000000', id FROM laurel.users WHERE email IN ('u1@a.test', 'u2@a.test', 'u7@a.test');
INSERT INTO laurel.user_roles (organization_id, user_id, role) VALUES
    ('a0000000-0000-0000-0000-000000000000', 'a0000000-0000-0000-0000-000000000001', 'admin'),
    ('a0000000-0000-0000-0000-000000000000', 'a0000000-0000-0000-0000-000000000002', 'trainer'),
    ('a0000000-0000-0000-0000-000000000000', 'a0000000-0000-0000-0000-000000000003', 'manager'),
    ('b0000000-0000-0000-0000-000000000000', 'a0000000-0000-0000-0000-000000000002', 'org_admin'),
    ('b0000000-0000-0000-0000-000000000000', 'b0000000-0000-0000-0000-000000000001', 'super_admin');
UPDATE laurel.profiles SET bio = E'“quoted”,\t\\.\n', skills = '["sql", {"c++": 20}]', date_of_birth = '1999-12-31' WHERE user_id::text LIKE 'a%1';
UPDATE laurel.user_preferences SET leaderboard_privacy = (ARRAY['public', 'anonymous', 'hidden'])[1 + ascii(right(user_id::text, 1)) % 3],
    time_zone = CASE WHEN user_id::text LIKE '%5' THEN 'Europe/Zurich' END;
INSERT INTO laurel.user_identities (user_id, provider, subject) SELECT id, 'google', 'g|' || email FROM laurel.users WHERE email LIKE 'u1%';
SELECT laurel.set_password('a0000000-0000-0000-0000-000000000001', 'correct horse battery') \g /dev/null
SELECT laurel.create_session(id), laurel.create_one_time_token(id, 'password_reset') FROM laurel.users WHERE email LIKE 'u2@%' \g /dev/null

INSERT INTO laurel.courses (id, organization_id, name, trainer_id) VALUES
    ('ac000000-0000-0000-0000-000000000001', 'a0000000-0000-0000-0000-000000000000', 'SQL', 'a0000000-0000-0000-0000-000000000002'),
    ('bc000000-0000-0000-0000-000000000001', 'b0000000-0000-0000-0000-000000000000', 'C++', NULL);
INSERT INTO laurel.enrollments (organization_id, user_id, course_id, progress_percent, completed_at)
SELECT u.organization_id, u.id, c.id, CASE WHEN u.email LIKE 'u1%' THEN 100 ELSE 12.34 END, CASE WHEN u.email LIKE 'u1%' THEN now() END
FROM laurel.users u JOIN laurel.courses c USING (organization_id) WHERE u.email LIKE 'u%';

-- Points: rows, batches, retries, reversals, entries of long ago, members who have left and who are deleted.
INSERT INTO laurel.points_ledger (organization_id, user_id, amount, transaction_type, reason, metadata, occurred_at)
SELECT m.organization_id, m.user_id, 1 + (random() * 200)::int, 'quest', E'It''s\ta \\ reason', jsonb_build_object('n', n, 'é', NULL),
       now() - random() * interval '60 days'
FROM laurel.user_organizations m, generate_series(1, 20) n ORDER BY random();
INSERT INTO laurel.points_ledger (organization_id, user_id, amount, transaction_type, reference_type, reference_id)
SELECT organization_id, user_id, 10, 'course_completed', 'Course', course_id FROM laurel.enrollments WHERE completed_at IS NOT NULL;
INSERT INTO laurel.points_ledger (user_id, amount, transaction_type, reason) SELECT id, -5, 'spent', 'coffee' FROM laurel.users WHERE email LIKE '%4@%';
SELECT laurel.record_points_transaction(id, 33, 'bonus', reason => 'keyed', idempotency_key => 'key of ' || email) FROM laurel.users WHERE email LIKE 'u%' \g /dev/null
SELECT laurel.record_points_transactions(jsonb_agg(jsonb_build_object('user_id', id, 'amount', 2, 'transaction_type', 'batch', 'reason', 'r', 'idempotency_key', 'batch ' || email)))
FROM laurel.users WHERE email LIKE '%b.test' \g /dev/null
SELECT laurel.seal_ledger() \g /dev/null
SELECT laurel.reverse_points_transaction(id, 'a mistake') FROM laurel.points_ledger WHERE transaction_type = 'bonus' AND idempotency_key LIKE '%u8@%' \g /dev/null
DELETE FROM laurel.user_organizations WHERE organization_id = 'b0000000-0000-0000-0000-000000000000' AND user_id = 'a0000000-0000-0000-0000-000000000007';
-- One invitation waits, one was accepted under a name of the guest's own.
SELECT laurel.invite_member('waits@elsewhere.test', organization_id => 'b0000000-0000-0000-0000-000000000000') \g /dev/null
SELECT laurel.invite_member(email, organization_id => 'b0000000-0000-0000-0000-000000000000', by_mail => false) AS invitation FROM laurel.users WHERE id = 'a0000000-0000-0000-0000-000000000005' \gset
SELECT laurel.accept_invitation(laurel.create_invitation_token(:'invitation'), display_name => 'A guest')
FROM laurel.set_context('a0000000-0000-0000-0000-000000000005') \g /dev/null
DELETE FROM laurel.users WHERE email = 'u9@a.test';
UPDATE laurel.tiers SET min_points = min_points * 2 WHERE organization_id = 'b0000000-0000-0000-0000-000000000000' AND tier <> 'bronze';
DELETE FROM laurel.levels WHERE organization_id = 'b0000000-0000-0000-0000-000000000000' AND level > 7;
SELECT laurel.record_activity(m.user_id, now() - d * interval '1 day', m.organization_id)
FROM laurel.user_organizations m, generate_series(0, 5) d WHERE m.user_id::text NOT LIKE '%3' OR d <> 2 \g /dev/null
SELECT laurel.freeze_leaderboard('weekly', (date_trunc('week', now()) - interval '2 weeks')::date, id) FROM laurel.organizations \g /dev/null

INSERT INTO laurel.badges (id, organization_id, badge_name, points_value, criteria) VALUES
    ('ab000000-0000-0000-0000-000000000001', 'a0000000-0000-0000-0000-000000000000', 'Première étape', 25, '{"coursesCompleted": 1}'),
    ('ab000000-0000-0000-0000-000000000002', 'a0000000-0000-0000-0000-000000000000', 'For nothing', 0, '{}'),
    ('bb000000-0000-0000-0000-000000000001', 'b0000000-0000-0000-0000-000000000000', 'Première étape', 5, '{}');
INSERT INTO laurel.badge_awards (organization_id, user_id, badge_id)
SELECT b.organization_id, m.user_id, b.id FROM laurel.badges b JOIN laurel.user_organizations m USING (organization_id) WHERE m.user_id::text LIKE '%1';
SELECT laurel.revoke_badge('a0000000-0000-0000-0000-000000000001', 'ab000000-0000-0000-0000-000000000001', 'a mistake') \g /dev/null
SELECT laurel.notify(id, 'greeting', 'Hello', E'line\nbreak', data => '{"a": 1}') FROM laurel.users WHERE email LIKE 'u1%' \g /dev/null
UPDATE laurel.notifications SET is_read = true WHERE user_id::text LIKE '%11';

INSERT INTO laurel.teams (id, organization_id, name, description) VALUES
    ('7ea00000-0000-0000-0000-000000000001', 'a0000000-0000-0000-0000-000000000000', 'Röd', E'a\\b'), ('7eb00000-0000-0000-0000-000000000001', 'b0000000-0000-0000-0000-000000000000', 'Blue', NULL);
INSERT INTO laurel.team_memberships (team_id, user_id, role)
SELECT t.id, u.id, CASE WHEN u.id::text LIKE '%1' THEN 'leader' ELSE 'member' END FROM laurel.teams t JOIN laurel.users u USING (organization_id) WHERE u.id::text ~ '[13]$';
INSERT INTO laurel.channels (id, organization_id, team_id, name) VALUES ('c0000000-0000-0000-0000-000000000001', 'a0000000-0000-0000-0000-000000000000', '7ea00000-0000-0000-0000-000000000001', 'röd');
INSERT INTO laurel.channel_members (channel_id, user_id) SELECT 'c0000000-0000-0000-0000-000000000001', user_id FROM laurel.team_memberships WHERE team_id = '7ea00000-0000-0000-0000-000000000001';
INSERT INTO laurel.team_challenges (team_id, title, goal, status, completed_at, starts_at, ends_at)
SELECT id, 'Together ' || status, 100, status, CASE status WHEN 'completed' THEN now() END, now(), now() + interval '1 month' FROM laurel.teams, unnest('{draft, active, completed}'::text[]) status;
INSERT INTO laurel.personal_challenges (user_id, title, goal, starts_at) SELECT id, 'Alone', 1000000, '2000-01-01' FROM laurel.users WHERE id::text LIKE '%2';
INSERT INTO laurel.personal_challenges (user_id, title, kind, event_type, goal, starts_at) SELECT id, 'Often', 'events', 'badge_earned', 10, '2000-01-01' FROM laurel.users WHERE id::text LIKE '%3';
SELECT laurel.choose_team(team_id, user_id) FROM laurel.team_memberships WHERE role = 'leader' \g /dev/null

-- A table of an application, of whose rows there is a quota.
CREATE TABLE laurel.cheers (organization_id uuid NOT NULL, user_id uuid NOT NULL, created_at timestamptz NOT NULL DEFAULT now());
ALTER TABLE laurel.cheers OWNER TO laurel_owner;
SELECT laurel_internal.quota('laurel.cheers', 'cheers', '{user_id}', '1', 'week', '3') \g /dev/null
INSERT INTO laurel.cheers SELECT organization_id, id FROM laurel.users WHERE id::text ~ '[13]$';

-- What leaves the database, and what is kept how long; the oldest entries are in the archive.
INSERT INTO laurel.notification_templates (organization_id, type, channel, subject, body_text, body_html) VALUES
    ('a0000000-0000-0000-0000-000000000000', 'greeting', 'email', 'Hello “{{user_name}}”', E'Dear {{first_name}},\n\n\t{{message}}', '<p>{{message}}</p>'),
    (NULL, '*', 'push', '{{title}}', '{{message}}', NULL);
SELECT laurel.create_webhook_endpoint('https://hooks.example.test/laurel', '{greeting}', 'a0000000-0000-0000-0000-000000000000') \g /dev/null
UPDATE laurel.webhook_endpoints SET max_concurrency = 40;
UPDATE laurel.organizations SET webhook_endpoints_limit = 1, webhook_concurrency_limit = 5 WHERE id = 'a0000000-0000-0000-0000-000000000000';

-- Deliveries in every state, and what became of others: told, failed, given up, under way, waiting for a digest.
-- An event with somebody who waits, calendars, and thanks of every kind.
INSERT INTO laurel.activities (id, organization_id, name) VALUES ('ac000000-0000-0000-0000-000000000001', 'b0000000-0000-0000-0000-000000000000', 'Yoga');
INSERT INTO laurel.events (id, activity_id, title, scheduled_date, ends_at, max_participants, points_reward)
VALUES ('e5e00000-0000-0000-0000-000000000001', 'ac000000-0000-0000-0000-000000000001', 'Yoga', now() + interval '1 day', now() + interval '25 hours', 2, 5);
INSERT INTO laurel.event_series (activity_id, title, starts_on, time_zone, duration, rrule, exdates)
VALUES ('ac000000-0000-0000-0000-000000000001', 'Yoga again', date_trunc('day', now()) + interval '2 days 18 hours', 'Europe/Zurich', '1 hour', 'FREQ=DAILY;COUNT=3', ARRAY[(now() + interval '3 days')::date]);
INSERT INTO laurel.participations (event_id, user_id) SELECT 'e5e00000-0000-0000-0000-000000000001', id FROM laurel.users WHERE organization_id = 'b0000000-0000-0000-0000-000000000000' ORDER BY id LIMIT 3;
UPDATE laurel.events SET location = 'Hall 2' WHERE id <> (SELECT max(id::text)::uuid FROM laurel.events);
INSERT INTO laurel.calendar_feeds (organization_id, user_id, token_hash) SELECT organization_id, user_id, sha256(user_id::text::bytea) FROM laurel.participations;
INSERT INTO laurel.recognition_settings (organization_id, approval, approval_from) VALUES ('b0000000-0000-0000-0000-000000000000', 'admin', 20);
INSERT INTO laurel.recognition_allowances (organization_id, role, monthly_points) VALUES ('b0000000-0000-0000-0000-000000000000', 'trainer', 500);
INSERT INTO laurel.company_values (organization_id, name) VALUES ('b0000000-0000-0000-0000-000000000000', 'We share what we know');
INSERT INTO laurel.recognitions (organization_id, sender_id, recipient_id, message, points_awarded)
SELECT p.organization_id, p.user_id, o.user_id, 'Thanks', points FROM laurel.participations p JOIN laurel.participations o ON o.user_id > p.user_id, unnest('{10, 20}'::int[]) points;
INSERT INTO laurel.recognition_comments (organization_id, recognition_id, user_id, comment) SELECT organization_id, id, sender_id, 'Indeed' FROM laurel.recognitions WHERE status = 'approved';
INSERT INTO laurel.recognition_reactions (organization_id, recognition_id, user_id) SELECT organization_id, id, sender_id FROM laurel.recognitions WHERE status = 'approved';

INSERT INTO laurel.settings (organization_id, key, type, value, is_public) VALUES (NULL, 'theme', 'string', 'plain', true), ('b0000000-0000-0000-0000-000000000000', 'theme', 'string', 'blue', true), (NULL, 'limits', 'json', '{"a": 1}', false),
    (NULL, 'pause', 'duration', 'P1DT2H', true), (NULL, 'ratio', 'number', '-1.5e3', true), (NULL, 'on', 'boolean', 'true', true), (NULL, 'most', 'integer', '7', true);
SELECT laurel.log_error('E', 'It went wrong', 'warning', 'line 1', '{"page": "/home"}', 'r-1') \g /dev/null
INSERT INTO laurel.error_logs (organization_id, user_id, error_type, error_message) SELECT organization_id, user_id, 'E', 'm' FROM laurel.participations;
INSERT INTO laurel.messaging_settings (organization_id, learners_write_each_other) VALUES ('b0000000-0000-0000-0000-000000000000', true);
INSERT INTO laurel.messages (organization_id, sender_id, recipient_id, subject, content, attachments)
SELECT p.organization_id, p.user_id, o.user_id, 'Hello', 'How are you?', '[{"name": "a.pdf", "size": 10, "mime_type": "application/pdf"}]' FROM laurel.participations p JOIN laurel.participations o ON o.user_id > p.user_id;
INSERT INTO laurel.messages (organization_id, sender_id, recipient_id, content, parent_id) SELECT organization_id, recipient_id, sender_id, 'Well', id FROM laurel.messages;
UPDATE laurel.messages SET is_read = true WHERE parent_id IS NULL;
INSERT INTO laurel.message_blocks (organization_id, user_id, blocked_id) SELECT DISTINCT organization_id, recipient_id, sender_id FROM laurel.messages WHERE parent_id IS NULL;

-- Rules that have fired, were capped and wait, and one that was edited.
INSERT INTO laurel.gamification_rules (organization_id, name, event_type, condition, actions, runs, user_cap, user_cap_period)
SELECT 'b0000000-0000-0000-0000-000000000000', 'Rule ' || n, 'rated', '$.event.data.stars > 3', '[{"kind": "points", "amount": 5}]', CASE n WHEN 3 THEN 'after_commit' ELSE 'at_once' END,
    CASE n WHEN 2 THEN 1 END, 'month' FROM generate_series(1, 3) n;
SELECT laurel.emit('rated', user_id, '{"stars": 4}', organization_id => organization_id) FROM laurel.participations, generate_series(1, 2) \g /dev/null
UPDATE laurel.gamification_rules SET actions = '[{"kind": "points", "amount": 6}]' WHERE name = 'Rule 1';

-- Points that expire, a budget, and a streak that a freeze has kept.
INSERT INTO laurel.point_expiry_policies (organization_id, rule, length) VALUES ('b0000000-0000-0000-0000-000000000000', 'after_months', 12), ('b0000000-0000-0000-0000-000000000000', 'end_of_year', 0);
INSERT INTO laurel.award_budgets (organization_id, name, starts_on, ends_on, planned_points) VALUES ('b0000000-0000-0000-0000-000000000000', 'Zürich', '2026-01-01', '2026-12-31', 1000);
-- Tiers of a window, kept for a grace, and what they are good for.
UPDATE laurel.organizations SET tier_basis = 'rolling', tier_window_months = 6, tier_grace_days = 10 WHERE slug = 'bolt';
UPDATE laurel.tiers SET min_points = min_points * 2 WHERE tier <> 'bronze' AND organization_id = 'b0000000-0000-0000-0000-000000000000';
INSERT INTO laurel.tier_benefits (organization_id, name, tier) VALUES ('b0000000-0000-0000-0000-000000000000', 'Lounge', 'gold');
CALL laurel.end_tiers();
INSERT INTO laurel.streak_settings (organization_id, days_per_freeze, most_held) VALUES ('b0000000-0000-0000-0000-000000000000', 2, 3);
INSERT INTO laurel.daily_activity (organization_id, user_id, date) SELECT organization_id, user_id, '2020-01-01'::date + n FROM laurel.participations CROSS JOIN unnest('{1, 2, 4}'::integer[]) n ORDER BY user_id, n;
INSERT INTO laurel.streak_freezes (organization_id, user_id) VALUES ('b0000000-0000-0000-0000-000000000000', 'b0000000-0000-0000-0000-000000000011');
-- Points that are held, a reward that was asked for, one that was had with its code, and credentials of those who wear badges.
SELECT laurel.hold_points('b0000000-0000-0000-0000-000000000012', 1, 'a ticket', organization_id => 'b0000000-0000-0000-0000-000000000000') \g /dev/null
INSERT INTO laurel.rewards (id, organization_id, name, price, stock, needs_approval, fulfilment) VALUES
    ('4e000000-0000-0000-0000-000000000001', 'b0000000-0000-0000-0000-000000000000', 'Gespräch', 2, 5, true, 'manual'),
    ('4e000000-0000-0000-0000-000000000002', 'b0000000-0000-0000-0000-000000000000', 'Ticket', 1, NULL, false, 'voucher');
INSERT INTO laurel.reward_vouchers (reward_id, code) VALUES ('4e000000-0000-0000-0000-000000000002', E'A\\1'), ('4e000000-0000-0000-0000-000000000002', 'B 2');
SELECT laurel.redeem(r, user_id => 'b0000000-0000-0000-0000-000000000012') FROM unnest('{4e000000-0000-0000-0000-000000000001, 4e000000-0000-0000-0000-000000000002}'::uuid[]) r \g /dev/null
INSERT INTO laurel.credential_issuers (organization_id, issuer_id, name, base_url) VALUES ('b0000000-0000-0000-0000-000000000000', 'https://bolt.test/issuer', 'Bolt', 'https://bolt.test');
INSERT INTO laurel.credential_keys (organization_id, key_id) SELECT DISTINCT organization_id, 'z6Mk' || repeat('A', 44) FROM laurel.badge_awards;
INSERT INTO laurel_internal.credential_lists (organization_id, list_no, issued_count, issuer_id, base_url) SELECT organization_id, 1, count(*), 'https://bolt.test/issuer', 'https://bolt.test' FROM laurel.badge_awards GROUP BY 1;
INSERT INTO laurel.credentials (id, organization_id, user_id, award_id, key_id, list_no, status_index, issued_at, document, jwt)
SELECT id, organization_id, user_id, id, 'z6Mk' || repeat('A', 44), 1, row_number() OVER (ORDER BY id), now(), '{}', 'x' FROM laurel.badge_awards;

-- A buddy with places that are taken, and matches in every state.
INSERT INTO laurel.buddy_settings (organization_id, newcomer_days, review) VALUES ('b0000000-0000-0000-0000-000000000000', 30, true);
INSERT INTO laurel.buddy_profiles (organization_id, user_id, capacity, skills, languages) SELECT organization_id, user_id, 5, '{SQL, "Zürich"}', '{de-CH, en}' FROM laurel.participations;
INSERT INTO laurel.buddy_requests (organization_id, user_id, skills) SELECT organization_id, user_id, '{sql}' FROM laurel.participations;
INSERT INTO laurel.buddy_matches (organization_id, user_id, buddy_id, status, accepted_at, declined_at, ended_at)
SELECT organization_id, user_id, buddy_id, (ARRAY['accepted', 'declined', 'ended'])[n], CASE n WHEN 1 THEN now() END, CASE n WHEN 2 THEN now() END, CASE n WHEN 3 THEN now() END
FROM (SELECT p.organization_id, p.user_id, o.user_id AS buddy_id, row_number() OVER (ORDER BY p.user_id, o.user_id) AS n FROM laurel.participations p JOIN laurel.participations o ON o.user_id > p.user_id) pairs WHERE n <= 3;
SELECT laurel.match_buddies('b0000000-0000-0000-0000-000000000000') \g /dev/null
-- Beneficiaries in every state, and what is noted about them.
INSERT INTO laurel.beneficiaries (organization_id, user_id, status, completed_at, metadata)
SELECT organization_id, user_id, status, CASE status WHEN 'completed' THEN now() END, '{"room": "Z\u00fcrich"}'
FROM (SELECT organization_id, user_id, (ARRAY['active', 'inactive', 'completed'])[1 + row_number() OVER (ORDER BY user_id) % 3] AS status FROM laurel.participations) p;
INSERT INTO laurel.beneficiary_notes (beneficiary_id, notes) SELECT id, E'What\n\\nobody else reads' FROM laurel.beneficiaries;
-- Assessments that are taken, graded and open.
INSERT INTO laurel.assessments (id, organization_id, title, type, attempts_allowed, passing_score) SELECT 'a55e0000-0000-0000-0000-000000000001', min(organization_id::text)::uuid, E'Quiz\tZ\u00fcrich', 'quiz', 9, 50 FROM laurel.beneficiaries WHERE status = 'active';
INSERT INTO laurel.questions (assessment_id, text, type, options, correct_answer, grading, tags) SELECT id, 'Which?', 'multiple_answers', '["a", "b", "c"]', '["a", "b"]', '{"partial": true}', '{geo}' FROM laurel.assessments;
INSERT INTO laurel.questions (organization_id, text, type, correct_answer, tags) SELECT organization_id, 'True?', 'true_false', 'true', '{geo, "a ''b''"}' FROM laurel.assessments;
INSERT INTO laurel.assessment_draws (assessment_id, tags, count) SELECT id, '{geo}', 1 FROM laurel.assessments;
UPDATE laurel.assessments SET status = 'published';
INSERT INTO laurel.assessment_accommodations (beneficiary_id, extra_time) SELECT b.id, 25 FROM laurel.beneficiaries b JOIN laurel.assessments a USING (organization_id) WHERE b.status = 'active';
INSERT INTO laurel.assessment_attempts (assessment_id, user_id) SELECT a.id, b.user_id FROM laurel.assessments a JOIN laurel.beneficiaries b USING (organization_id) WHERE b.status = 'active';
SELECT laurel.submit_attempt(id, answers => jsonb_build_object((SELECT q.id FROM laurel.questions q WHERE q.type = 'true_false'), 'true')) FROM laurel.assessment_attempts \g /dev/null
INSERT INTO laurel.questions (assessment_id, text, type) SELECT id, 'Why?', 'essay' FROM laurel.assessments;
SELECT laurel.submit_attempt(t.attempt_id, answers => jsonb_build_object(q.id, 'Because')) FROM laurel.questions q, LATERAL (SELECT * FROM laurel.start_attempt(q.assessment_id, (SELECT min(b.user_id::text)::uuid FROM laurel.beneficiaries b JOIN laurel.assessments a USING (organization_id) WHERE b.status = 'active'))) t WHERE q.type = 'essay' \g /dev/null
SELECT laurel.mark_response(response_id, 1, 'Well') FROM laurel.marking_queue \g /dev/null
-- Documents, and shares that come of each other.
INSERT INTO laurel.documents (id, organization_id, uploaded_by, beneficiary_id, filename, sha256, tags)
SELECT 'd0c00000-0000-0000-0000-000000000001', organization_id, user_id, id, 'Z\u00fcrich.pdf', sha256('x'), '["a"]' FROM laurel.beneficiaries ORDER BY user_id LIMIT 1;
INSERT INTO laurel.document_shares (document_id, shared_with, shared_by, permission)
SELECT d.id, b.user_id, d.uploaded_by, 'edit' FROM laurel.documents d JOIN laurel.beneficiaries b ON b.user_id <> d.uploaded_by ORDER BY b.user_id LIMIT 1;
INSERT INTO laurel.document_shares (document_id, shared_with, shared_by)
SELECT s.document_id, b.user_id, s.shared_with FROM laurel.document_shares s JOIN laurel.beneficiaries b ON b.user_id NOT IN (s.shared_with, s.shared_by) ORDER BY b.user_id LIMIT 1;
-- Appointments in every state, a group session with a place and somebody who waits, and when there is time.
INSERT INTO laurel.rooms (organization_id, name) VALUES ('b0000000-0000-0000-0000-000000000000', E'Room "1"\\n');
INSERT INTO laurel.trainer_calendars (organization_id, user_id, slot_minutes, reminder_minutes) SELECT organization_id, user_id, 30, '{60, 1440}' FROM laurel.participations;
INSERT INTO laurel.availability_rules (organization_id, user_id, weekday, starts_at, ends_at, time_zone) SELECT organization_id, user_id, 7, '09:00', '24:00', 'Europe/Zurich' FROM laurel.participations;
INSERT INTO laurel.availability_exceptions (organization_id, user_id, starts_at, ends_at, reason) SELECT organization_id, user_id, now(), now() + interval '1 day', 'away' FROM laurel.participations;
INSERT INTO laurel.user_roles (organization_id, user_id, role) SELECT DISTINCT organization_id, user_id, 'trainer' FROM laurel.participations ON CONFLICT DO NOTHING;
INSERT INTO laurel.beneficiaries (id, organization_id, user_id, trainer_id) SELECT md5('beneficiary' || row_number() OVER (ORDER BY m.user_id))::uuid, m.organization_id, m.user_id, t.user_id
FROM laurel.user_organizations m CROSS JOIN LATERAL (SELECT user_id FROM laurel.participations p WHERE p.organization_id = m.organization_id AND p.user_id <> m.user_id ORDER BY user_id LIMIT 1) t
WHERE NOT EXISTS (SELECT FROM laurel.beneficiaries b WHERE b.organization_id = m.organization_id AND b.user_id = m.user_id AND b.status <> 'completed') ORDER BY m.user_id LIMIT 3;
INSERT INTO laurel.appointments (organization_id, title, beneficiary_id, start_time, end_time, status, held_until, completed_at, cancelled_at, buffer_minutes, notes)
SELECT b.organization_id, s, b.id, now() + (n + 10 * r) * interval '1 day', now() + (n + 10 * r) * interval '1 day' + interval '1 hour', s, CASE WHEN s IN ('held', 'expired') THEN now() + interval '1 hour' END,
    CASE s WHEN 'completed' THEN now() END, CASE s WHEN 'cancelled' THEN now() END, n, E'Say\\n"this"'
FROM (SELECT *, row_number() OVER (ORDER BY id) AS r FROM laurel.beneficiaries WHERE trainer_id IS NOT NULL AND status = 'active') b,
    unnest('{held, scheduled, confirmed, completed, no_show, cancelled, expired}'::text[]) WITH ORDINALITY u (s, n);
INSERT INTO laurel.appointments (id, organization_id, title, trainer_id, start_time, end_time, max_participants) SELECT '0c000000-0000-0000-0000-000000000001', organization_id, 'Group', trainer_id, now() + interval '90 days', now() + interval '90 days 1 hour', 1
FROM laurel.beneficiaries WHERE trainer_id IS NOT NULL AND status = 'active' LIMIT 1;
INSERT INTO laurel.appointments (session_id, beneficiary_id) SELECT '0c000000-0000-0000-0000-000000000001', id FROM laurel.beneficiaries WHERE trainer_id IS NOT NULL AND status = 'active' AND organization_id = (SELECT organization_id FROM laurel.appointments WHERE id = '0c000000-0000-0000-0000-000000000001');
INSERT INTO laurel.appointment_reminders (organization_id, appointment_id, minutes_before, times_moved) SELECT organization_id, id, 60, 0 FROM laurel.appointments;
-- An onboarding that is under way, with days off, and one that is completed.
INSERT INTO laurel.working_calendars (organization_id, working_days) VALUES ('b0000000-0000-0000-0000-000000000000', '{1,2,3,4}');
INSERT INTO laurel.holidays (organization_id, date, name) VALUES ('b0000000-0000-0000-0000-000000000000', '2030-01-01', 'New Year');
INSERT INTO laurel.onboarding_templates (id, organization_id, name, is_automatic) VALUES ('0b000000-0000-0000-0000-000000000001', 'b0000000-0000-0000-0000-000000000000', 'First weeks', true);
INSERT INTO laurel.onboarding_template_tasks (id, template_id, position, title, owner_role)
SELECT ('0b000000-0000-0000-0000-00000000001' || n)::uuid, '0b000000-0000-0000-0000-000000000001', n, 'Task ' || n, CASE n WHEN 3 THEN 'buddy' ELSE 'new_hire' END FROM generate_series(1, 3) n;
INSERT INTO laurel.onboarding_task_dependencies (task_id, requires_id) VALUES ('0b000000-0000-0000-0000-000000000012', '0b000000-0000-0000-0000-000000000011');
SELECT laurel.start_onboarding(user_id, '0b000000-0000-0000-0000-000000000001') FROM (SELECT user_id FROM laurel.participations ORDER BY user_id LIMIT 2) p \g /dev/null
UPDATE laurel.onboarding_tasks SET status = 'done', note = 'Fine' WHERE position = 1;
UPDATE laurel.onboarding_tasks SET status = 'done' WHERE onboarding_id = (SELECT id FROM laurel.user_onboardings ORDER BY user_id LIMIT 1) AND status = 'pending';
UPDATE laurel.onboarding_check_ins SET new_hire_rating = 4 WHERE day = 30;
-- What is to be learned: assigned, completed, begun anew, overdue.
INSERT INTO laurel.learning_paths (id, organization_id, title, status) SELECT ('1ea00000-0000-0000-0000-00000000000' || n)::uuid, 'b0000000-0000-0000-0000-000000000000', 'Path ' || n, 'published' FROM generate_series(1, 2) n;
INSERT INTO laurel.learning_modules (id, learning_path_id, position, title, points_reward) SELECT ('d0000000-0000-0000-0000-00000000000' || n)::uuid, ('1ea00000-0000-0000-0000-00000000000' || n)::uuid, 1, 'Module', 5 FROM generate_series(1, 2) n;
INSERT INTO laurel.learning_modules (id, learning_path_id, position, title, quiz_questions)
VALUES ('d0000000-0000-0000-0000-000000000003', '1ea00000-0000-0000-0000-000000000002', 2, 'Quiz', '[{"id": "q", "kind": "single", "text": "Which?"}]');
INSERT INTO laurel.answer_keys (module_id, keys) VALUES ('d0000000-0000-0000-0000-000000000003', '{"q": {"kind": "single", "right": "b"}}');
INSERT INTO laurel.module_prerequisites (module_id, requires_id) VALUES ('d0000000-0000-0000-0000-000000000003', 'd0000000-0000-0000-0000-000000000002');
INSERT INTO laurel.learning_milestones (learning_path_id, title, module_id) VALUES ('1ea00000-0000-0000-0000-000000000001', 'Begun', 'd0000000-0000-0000-0000-000000000001');
INSERT INTO laurel.learning_assignments (organization_id, learning_path_id, audience, due_at, recertify_every) SELECT organization_id, id, 'everybody', now() - interval '1 day', '1 year' FROM laurel.learning_paths;
SELECT laurel.complete_module('d0000000-0000-0000-0000-000000000001', user_id) FROM laurel.participations \g /dev/null
SELECT laurel.recertify('1ea00000-0000-0000-0000-000000000001', user_id) FROM laurel.participations ORDER BY user_id LIMIT 1 \g /dev/null
SELECT laurel.remind_learners() \g /dev/null

-- Somebody who was erased, and somebody who will be.
INSERT INTO laurel.privacy_settings (organization_id, erasure_grace_days) VALUES ('b0000000-0000-0000-0000-000000000000', 0);
INSERT INTO laurel.users (id, organization_id, email, full_name) VALUES ('b0000000-0000-0000-0000-0000000000e1', 'b0000000-0000-0000-0000-000000000000', 'gone@bolt.test', 'Gone Soon');
SELECT laurel_internal.erase_request(laurel.erase_user('b0000000-0000-0000-0000-0000000000e1', 'as asked')) \g /dev/null
SELECT laurel.erase_user(user_id, 'as asked') FROM laurel.participations ORDER BY user_id LIMIT 1 \g /dev/null
SELECT laurel.make_privacy_request('correction', 'My name', user_id) FROM laurel.participations ORDER BY user_id LIMIT 1 \g /dev/null

-- Two accounts that became one, and an export.
INSERT INTO laurel.users (id, organization_id, email) VALUES ('b0000000-0000-0000-0000-0000000000c1', 'b0000000-0000-0000-0000-000000000000', 'twin@bolt.test');
SELECT laurel.record_points_transaction('b0000000-0000-0000-0000-0000000000c1', 7, 'bonus', reason => 'twice') \g /dev/null
SELECT laurel.merge_users('b0000000-0000-0000-0000-0000000000c1', 'b0000000-0000-0000-0000-000000000010', 'One and the same'), laurel.export_user('b0000000-0000-0000-0000-000000000010') \g /dev/null

INSERT INTO laurel.users (id, organization_id, email) VALUES ('b0000000-0000-0000-0000-0000000000b1', 'b0000000-0000-0000-0000-000000000000', 'bounced@bolt.test');
SELECT laurel.report_bounce('bounced@bolt.test', '5.1.1', 'no such user') \g /dev/null

UPDATE laurel.user_preferences SET notification_preferences = '{"digest": {"email": {"window": "1 day"}}, "quiet_hours": false}' WHERE user_id::text LIKE 'b%3';
SELECT laurel.notify(id, 'greeting', 'News ' || n, 'line' || E'\n' || 'two') FROM laurel.users, generate_series(1, 3) n WHERE id::text LIKE 'a%1' OR id::text LIKE 'b%3' \g /dev/null
SELECT laurel_internal.register_worker('f0000000-0000-0000-0000-000000000001', 'dumped', 1, '0.1.0') \g /dev/null
SELECT laurel_internal.complete_deliveries(lease_token, jsonb_agg(jsonb_build_object('id', delivery_id, 'status', 250, 'error', 'no <x@y.test>', 'outcome',
    (ARRAY['delivered', 'delivered', 'retry', 'dead'])[1 + number % 4])))
FROM (SELECT *, row_number() OVER () AS number FROM laurel_internal.claim_deliveries('f0000000-0000-0000-0000-000000000001', 16)) c GROUP BY lease_token \g /dev/null
SELECT laurel_internal.claim_deliveries('f0000000-0000-0000-0000-000000000001', 5) \g /dev/null
UPDATE laurel.jobs SET created_at = now() - interval '2 days' WHERE name = 'partitions';
SELECT laurel_internal.claim_due_job('f0000000-0000-0000-0000-000000000001') \g /dev/null

INSERT INTO laurel.legal_holds (organization_id, user_id, table_name, reason)
VALUES ('b0000000-0000-0000-0000-000000000000', 'b0000000-0000-0000-0000-000000000004', 'points_ledger', 'a quarrel');
INSERT INTO laurel.job_failures (job, organization_id, error) VALUES ('leaderboards', 'b0000000-0000-0000-0000-000000000000', '22003 bigint out of range');

-- A table of an application's own under guards: what they count and keep goes on after a restore.
SET ROLE laurel_owner;
CREATE TABLE laurel.app_plans (id uuid PRIMARY KEY DEFAULT laurel.uuidv7(), organization_id uuid NOT NULL, user_id uuid NOT NULL, team_id uuid, follows uuid, slug text NOT NULL,
    title text NOT NULL, status text NOT NULL DEFAULT 'open', version bigint NOT NULL DEFAULT 1, created_at timestamptz NOT NULL DEFAULT now(), UNIQUE (organization_id, id), UNIQUE (organization_id, slug),
    FOREIGN KEY (organization_id, user_id) REFERENCES laurel.user_organizations (organization_id, user_id) ON DELETE CASCADE,
    FOREIGN KEY (organization_id, team_id) REFERENCES laurel.teams (organization_id, id) ON DELETE CASCADE);
SELECT laurel_internal.add_tenant_triggers('laurel.app_plans'), laurel_internal.states('laurel.app_plans', 'status', '{"open": ["done", "archived"], "done": ["archived"], "archived": []}'),
    laurel_internal.archive_instead('laurel.app_plans', 'status', 'archived'), laurel_internal.versioned('laurel.app_plans'), laurel_internal.slugs('laurel.app_plans', 'slug', of => 'title'),
    laurel_internal.acyclic('laurel.app_plans', 'id', 'follows'), laurel_internal.quota('laurel.app_plans', 'plans', '{user_id}', '1', 'year', '20') \g /dev/null
RESET ROLE;
INSERT INTO laurel.app_plans (organization_id, user_id, title) SELECT organization_id, id, 'Plan ' || n FROM laurel.users, generate_series(1, 3) n WHERE id::text ~ '[13]$';
UPDATE laurel.app_plans p SET follows = (SELECT min(o.id::text)::uuid FROM laurel.app_plans o WHERE o.user_id = p.user_id AND o.id < p.id), version = 1;
DELETE FROM laurel.app_plans WHERE title = 'Plan 2';

-- Names of tables that are restored after the rows which name them, or are gone by then.
CREATE SCHEMA school;
CREATE TABLE school.lessons (id uuid PRIMARY KEY, organization_id uuid NOT NULL);
CREATE TABLE school.gone (id uuid PRIMARY KEY, organization_id uuid NOT NULL);
CREATE TABLE laurel.gone (id uuid);
INSERT INTO laurel.reference_types (name, table_name) VALUES ('Lesson', 'school.lessons'), ('Gone', 'school.gone');
INSERT INTO laurel.legal_holds (table_name, reason) VALUES ('gone', 'an old quarrel');
DROP TABLE school.gone, laurel.gone;
UPDATE laurel.retention_policies SET keep = interval '0', batch_rows = 300 WHERE name = 'points_ledger_archive';
CALL laurel.run_retention(only_policy => 'points_ledger_archive', max_rows => 300);
-- Awards that are gone and counted.
INSERT INTO laurel.retention_policies (name, table_name, keep, action, time_column, condition, source)
VALUES ('app_awards', 'badge_awards', '0', 'delete', 'created_at', 'badge_id = ''ab000000-0000-0000-0000-000000000002''', 'As the application likes.');
CALL laurel.run_retention(only_policy => 'app_awards');
SELECT laurel.seal_audit() \g /dev/null
SELECT laurel.seal_ledger() \g /dev/null

-- Tables that nothing above has reached, so that whoever adds one is reminded of this file.
DO $$
DECLARE
    found boolean;
    missed text := '';
    name text;
BEGIN
    FOR name IN SELECT oid::regclass FROM pg_class WHERE relnamespace = 'laurel'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition ORDER BY 1 LOOP
        EXECUTE format('SELECT EXISTS (SELECT FROM %s)', name) INTO found;
        missed := missed || CASE WHEN found THEN '' ELSE ' ' || name END;
    END LOOP;
    IF missed <> '' THEN
        RAISE 'the dump fixture leaves empty:%', missed;
    END IF;
END
$$;
