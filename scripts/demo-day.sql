-- A day in one company, told on sql/seeds/development.sql after the rest of the demo; scripts/demo.sh runs it. Every figure is asked
-- of the database.
\set ON_ERROR_STOP 1
\pset footer off
\pset border 0
\pset null '-'
\ir demo-callers.sql
\set tell '\\g (format=unaligned tuples_only=on)'

SELECT id AS alder FROM laurel.organizations WHERE slug = 'alder' \gset
SELECT id AS olga FROM laurel.users WHERE email = 'olga@alder.example' \gset
SELECT id AS mara FROM laurel.users WHERE email = 'mara@alder.example' \gset
SELECT id AS ana FROM laurel.users WHERE email = 'ana@alder.example' \gset
SELECT id AS ben FROM laurel.users WHERE email = 'ben@alder.example' \gset
SELECT id AS cleo FROM laurel.users WHERE email = 'cleo@alder.example' \gset
SELECT id AS dario FROM laurel.users WHERE email = 'dario@alder.example' \gset

-- What a member has.
CREATE FUNCTION pg_temp.points_of(member uuid) RETURNS text LANGUAGE sql AS $$
    SELECT format('%s has %s points and is %s', u.first_name, p.total_points, p.tier)
    FROM laurel.user_points p JOIN laurel.users u ON u.id = p.user_id WHERE p.user_id = member AND p.organization_id = u.organization_id
$$;
-- What a member has, and may spend of it.
CREATE FUNCTION pg_temp.wallet_of(member uuid) RETURNS text LANGUAGE sql AS $$
    SELECT format('%s has %s points, of which %s are held and %s are free', u.first_name, p.total_points, p.points_held, p.total_points - p.points_held)
    FROM laurel.user_points p JOIN laurel.users u ON u.id = p.user_id WHERE p.user_id = member AND p.organization_id = u.organization_id
$$;
-- Who has answered what, and how many places that makes.
CREATE FUNCTION pg_temp.answers(event uuid) RETURNS text LANGUAGE sql AS $$
    SELECT format('%s: %s of %s places are taken, %s waiting', string_agg(u.first_name || ' ' || p.rsvp_status, ', ' ORDER BY u.first_name), e.places_taken,
        e.max_participants, e.waiting_count)
    FROM laurel.events e JOIN laurel.participations p ON p.event_id = e.id JOIN laurel.users u ON u.id = p.user_id WHERE e.id = event GROUP BY e.id
$$;

\echo '== A day at Alder Academy. The day before, Olga prepares it'
BEGIN;
SELECT laurel.set_context(:'olga') \g /dev/null
SET LOCAL ROLE authenticated;
INSERT INTO laurel.onboarding_templates (name, is_automatic, it_member_id, points_reward) VALUES ('First month', true, :'olga', 50) RETURNING id AS template \gset
INSERT INTO laurel.onboarding_template_tasks (template_id, position, title, owner_role, due_after_working_days) VALUES
    (:'template', 1, 'Prepare an account', 'it', 0), (:'template', 2, 'Say hello to the team', 'new_hire', 1), (:'template', 3, 'Have lunch together', 'buddy', 3);
INSERT INTO laurel.onboarding_task_dependencies (task_id, requires_id)
SELECT t.id, r.id FROM laurel.onboarding_template_tasks t, laurel.onboarding_template_tasks r WHERE t.position = 2 AND r.position = 1;
INSERT INTO laurel.learning_paths (title, status) VALUES ('Welcome', 'published') RETURNING id AS path \gset
INSERT INTO laurel.learning_modules (learning_path_id, position, title, points_reward) VALUES (:'path', 1, 'Who we are', 20) RETURNING id AS reading \gset
INSERT INTO laurel.learning_modules (learning_path_id, position, title, points_reward, passing_score, attempt_cooldown, quiz_questions) VALUES (:'path', 2, 'When it burns', 40, 80, '0',
    '[{"id": "first", "kind": "multiple", "text": "What comes first?", "options": {"a": "Warn others", "b": "Fetch your coat", "c": "Leave"}},
      {"id": "number", "kind": "text", "text": "Whom do you call?"}]') RETURNING id AS quiz \gset
INSERT INTO laurel.answer_keys (module_id, keys) VALUES (:'quiz', '{"first": {"kind": "multiple", "right": ["a", "c"], "partial": true},
    "number": {"kind": "text", "right": ["fire brigade"], "pattern": "112|118"}}');
INSERT INTO laurel.activities (name) VALUES ('Lunch and learn') RETURNING id AS activity \gset
INSERT INTO laurel.events (activity_id, title, location, facilitator_id, scheduled_date, ends_at, max_participants, points_reward)
VALUES (:'activity', 'Window functions over lunch', 'Hall 1', :'ana', now() + interval '3 days', now() + interval '3 days 1 hour', 2, 15) RETURNING id AS lunch \gset
INSERT INTO laurel.recognition_settings (organization_id, approval, approval_from) VALUES (:'alder', 'manager', 50);
INSERT INTO laurel.badges (slug, badge_name, description, points_value) VALUES ('well-begun', 'Well Begun', 'Complete the path Welcome', 400) RETURNING id AS badge \gset
SELECT format('She makes the onboarding "First month" of %s tasks, the path "Welcome" of %s modules, "%s" with %s places, and the badge "Well Begun" for %s points.',
    (SELECT count(*) FROM laurel.onboarding_template_tasks), (SELECT total_modules FROM laurel.learning_paths WHERE id = :'path'), title, max_participants,
    (SELECT points_value FROM laurel.badges WHERE id = :'badge')) FROM laurel.events WHERE id = :'lunch' :tell
COMMIT;

\echo
\echo '== Nina joins'
INSERT INTO laurel.users (organization_id, email, first_name, last_name, job_title, manager_id) VALUES (:'alder', 'nina@alder.example', 'Nina', 'Falk', 'Analyst', :'mara')
RETURNING id AS nina \gset
SELECT format('%s. "First month" has begun by itself: %s tasks and %s check-ins; "%s" is for %s and due on %s.', pg_temp.points_of(:'nina'), o.tasks_open,
    (SELECT count(*) FROM laurel.onboarding_check_ins c WHERE c.onboarding_id = o.id), t.title, a.first_name, t.due_on)
FROM laurel.user_onboardings o JOIN laurel.onboarding_tasks t ON t.onboarding_id = o.id AND t.position = 1 JOIN laurel.users a ON a.id = t.assignee_id
WHERE o.user_id = :'nina' :tell

\echo
\echo '== She wants a buddy: Ben and Cleo offer'
INSERT INTO laurel.buddy_profiles (organization_id, user_id, skills, languages) VALUES (:'alder', :'ben', '{sql, statistics}', '{en, de}'), (:'alder', :'cleo', '{drawing}', '{en}');
INSERT INTO laurel.buddy_requests (organization_id, user_id, skills, languages) VALUES (:'alder', :'nina', '{sql, python}', '{de}');
BEGIN;
SELECT laurel.set_context(:'olga') \g /dev/null
SET LOCAL ROLE authenticated;
SELECT m.match_id AS match, format('laurel.match_buddies() proposes %s, %s of 1000: %s', b.first_name, m.score, m.explanation ->> 'words') AS proposal
FROM laurel.match_buddies() m JOIN laurel.people b ON b.id = m.buddy_id WHERE m.user_id = :'nina' \gset
\echo :proposal
COMMIT;
BEGIN;
SELECT laurel.set_context(:'nina') \g /dev/null
SET LOCAL ROLE authenticated;
SELECT laurel.accept_buddy(:'match') \g /dev/null
COMMIT;
BEGIN;
SELECT laurel.set_context(:'ben') \g /dev/null
SET LOCAL ROLE authenticated;
SELECT format('Nina accepts, and so does Ben: the match is %s.', laurel.accept_buddy(:'match')) :tell
COMMIT;

\echo
\echo '== Lunch and learn: Ana, who leads it, invites; two have answered before Nina does'
BEGIN;
SELECT laurel.set_context(:'ana') \g /dev/null
SET LOCAL ROLE authenticated;
SELECT format('laurel.invite_to_event(...) invites %s.', laurel.invite_to_event(:'lunch', ARRAY[:'ben', :'cleo', :'nina']::uuid[])) :tell
COMMIT;
UPDATE laurel.participations SET rsvp_status = 'going' WHERE event_id = :'lunch' AND user_id = :'ben';
UPDATE laurel.participations SET rsvp_status = 'going' WHERE event_id = :'lunch' AND user_id = :'cleo';
BEGIN;
SELECT laurel.set_context(:'nina') \g /dev/null
SET LOCAL ROLE authenticated;
UPDATE laurel.participations SET rsvp_status = 'going' WHERE event_id = :'lunch';
COMMIT;
SELECT pg_temp.answers(:'lunch') :tell
BEGIN;
SELECT laurel.set_context(:'cleo') \g /dev/null
SET LOCAL ROLE authenticated;
UPDATE laurel.participations SET rsvp_status = 'declined' WHERE event_id = :'lunch';
COMMIT;
SELECT 'Cleo cannot come. ' || pg_temp.answers(:'lunch') :tell

\echo
\echo '== Tomas is met on Monday mornings: Ben and Cleo want the same hour'
SELECT id AS tomas FROM laurel.users WHERE email = 'tomas@alder.example' \gset
INSERT INTO laurel.beneficiaries (organization_id, user_id, trainer_id) VALUES (:'alder', :'ben', :'tomas') RETURNING id AS of_ben \gset
INSERT INTO laurel.beneficiaries (organization_id, user_id, trainer_id) VALUES (:'alder', :'cleo', :'tomas') RETURNING id AS of_cleo \gset
INSERT INTO laurel.availability_rules (organization_id, user_id, weekday, starts_at, ends_at) VALUES (:'alder', :'tomas', 1, '09:00', '12:00');
SELECT d.monday AT TIME ZONE 'Europe/Zurich' AS monday, (d.monday + interval '10 hours') AT TIME ZONE 'Europe/Zurich' AS ten, (d.monday + interval '11 hours') AT TIME ZONE 'Europe/Zurich' AS eleven,
    (d.monday + interval '12 hours') AT TIME ZONE 'Europe/Zurich' AS noon
FROM (SELECT date_trunc('week', now() AT TIME ZONE 'Europe/Zurich') + interval '14 days' AS monday) d \gset
BEGIN;
SELECT laurel.set_context(:'ben') \g /dev/null
SET LOCAL ROLE authenticated;
SELECT format('laurel.free_slots(...) offers %s.', string_agg(to_char(start_time AT TIME ZONE 'Europe/Zurich', 'HH24:MI'), ', ' ORDER BY start_time))
FROM laurel.free_slots(:'tomas', :'monday', :'noon', '1 hour') :tell
SELECT appointment_id AS meeting, format('Ben books 10:00: %s.', status) AS said FROM laurel.book_appointment(:'of_ben', :'ten', :'eleven', 'Window functions') \gset
\echo :said
COMMIT;
BEGIN;
SELECT laurel.set_context(:'cleo') \g /dev/null
SET LOCAL ROLE authenticated;
SELECT format('Cleo wants 10:00 too: refused with SQLSTATE %s by the rule %s.', state, rule)
FROM pg_temp.answer(format('SELECT laurel.book_appointment(%L, %L, %L)', :'of_cleo', :'ten', :'eleven')) :tell
COMMIT;
BEGIN;
SELECT laurel.set_context(:'ben') \g /dev/null
SET LOCAL ROLE authenticated;
SELECT laurel.reschedule_appointment(:'meeting', :'eleven', :'noon') \g /dev/null
COMMIT;
SELECT format('Ben moves to %s. Tomas is told: "%s".', to_char(a.start_time AT TIME ZONE 'Europe/Zurich', 'HH24:MI'), n.title)
FROM laurel.appointments a JOIN laurel.notifications n ON n.user_id = a.trainer_id AND n.type = 'trainer_appointment_moved' WHERE a.id = :'meeting' :tell
BEGIN;
SELECT laurel.set_context(:'cleo') \g /dev/null
SET LOCAL ROLE authenticated;
SELECT format('Cleo asks for 10:00 again: %s.', status) FROM laurel.book_appointment(:'of_cleo', :'ten', :'eleven', 'Window functions') :tell
COMMIT;

\echo
\echo '== Nina learns: the quiz is graded here, and its answers are nowhere to be read'
BEGIN;
SELECT laurel.set_context(:'nina') \g /dev/null
SET LOCAL ROLE authenticated;
SELECT laurel.enroll(:'path'), laurel.complete_module(:'reading') \g /dev/null
SELECT format('First try: %s of 100, %s.', quiz_score, status) FROM laurel.complete_module(:'quiz', answers => '{"first": ["a", "b"], "number": "112"}') :tell
SELECT format('Second try: %s of 100, %s. The path is %s %% done and %s.', quiz_score, status, progress_percentage, path_status)
FROM laurel.complete_module(:'quiz', answers => '{"first": ["c", "a"], "number": "Fire Brigade"}') :tell
COMMIT;
SELECT pg_temp.points_of(:'nina') || '.' :tell

\echo
\echo '== Dario thanks her: from 50 points on his manager has to approve'
BEGIN;
SELECT laurel.set_context(:'dario') \g /dev/null
SET LOCAL ROLE authenticated;
SELECT id AS thanks, format('Dario thanks Nina with %s points: %s.', points_awarded, status) AS said FROM laurel.recognize(ARRAY[:'nina']::uuid[], 'You found the error in my query', 60) \gset
\echo :said
COMMIT;
SELECT pg_temp.points_of(:'nina') || '.' :tell
BEGIN;
SELECT laurel.set_context(:'mara') \g /dev/null
SET LOCAL ROLE authenticated;
SELECT laurel.approve_recognition(:'thanks', 'Well deserved') \g /dev/null
COMMIT;
SELECT format('Mara approves. %s; Dario has given %s of the %s points of this month.', pg_temp.points_of(:'nina'), used, allowed)
FROM laurel.quota_usage WHERE kind = 'recognition_allowance' AND user_id = :'dario' :tell

\echo
\echo '== A badge, and with it a tier'
BEGIN;
SELECT laurel.set_context(:'olga') \g /dev/null
SET LOCAL ROLE authenticated;
SELECT laurel.award_badge(:'nina', :'badge') \g /dev/null
COMMIT;
SELECT format('Nina earns "Well Begun". %s: %s.', pg_temp.points_of(:'nina'), string_agg(type || ' ' || concat_ws(' -> ', data ->> 'from', data ->> 'to'), ', '))
FROM laurel.domain_events WHERE user_id = :'nina' AND type = 'tier_changed' :tell

\echo
\echo '== A rule of Olga''s: points for a quiz that went well, once a day'
BEGIN;
SELECT laurel.set_context(:'olga') \g /dev/null
SET LOCAL ROLE authenticated;
INSERT INTO laurel.gamification_rules (name, event_type, condition, actions, user_cap, user_cap_period, status)
VALUES ('Good quiz', 'quiz_taken', '$.event.data.score >= 90', '[{"kind": "points", "amount": 15}]', 1, 'day', 'draft') RETURNING id AS rule \gset
SELECT laurel.emit('quiz_taken', :'nina', '{"score": 95}') AS before \gset
SELECT format('Nina had 95 before the rule was there. It would have fired %s time for %s member and cost %s points.', sum(would_fire), count(*), sum(points))
FROM laurel.simulate_rule(:'rule') :tell
UPDATE laurel.gamification_rules SET status = 'active' WHERE id = :'rule';
SELECT laurel.emit('quiz_taken', :'nina', '{"score": 60}') AS low \gset
SELECT laurel.emit('quiz_taken', :'nina', format('{"score": %s}', score)::jsonb) FROM unnest('{93, 98}'::int[]) score \g /dev/null
COMMIT;
SELECT format('She takes three more, with 60, 93 and 98: %s. %s.', string_agg(concat_ws(' by ', status, reason), ', ' ORDER BY executed_at), pg_temp.points_of(:'nina'))
FROM laurel.rule_executions WHERE user_id = :'nina' :tell
SELECT format('Why nothing for the 60? laurel.explain_rules() says: %s; it looked at %s.', reason, looked_at) FROM laurel.explain_rules(:'low') :tell
SELECT format('And for the 95 of before the rule was there? It would match now, but: %s.', reason) FROM laurel.explain_rules(:'before') :tell

\echo
\echo '== Points expire: Olga lets them go with the year after the one in which they were earned'
INSERT INTO laurel.point_expiry_policies (organization_id, rule, length) VALUES (:'alder', 'end_of_year', 1);
SELECT format('If she spends none, %s points of Nina expire on %s.', sum(points), to_char(expires_at, 'YYYY-MM-DD')) FROM laurel.expiring_points(:'nina', :'alder') GROUP BY expires_at :tell

\echo
\echo '== Nina spends: a mug is hers at once, a day off waits for Olga, who declines it'
BEGIN;
SELECT laurel.set_context(:'olga') \g /dev/null
SET LOCAL ROLE authenticated;
INSERT INTO laurel.rewards (name, price, stock) VALUES ('Mug', 100, 3) RETURNING id AS mug \gset
INSERT INTO laurel.rewards (name, price, needs_approval) VALUES ('Day off', 300, true) RETURNING id AS day_off \gset
COMMIT;
BEGIN;
SELECT laurel.set_context(:'nina') \g /dev/null
SET LOCAL ROLE authenticated;
SELECT status AS redeemed, points AS paid FROM laurel.redeem(:'mug', idempotency_key => 'mug') \gset
SELECT format('The mug: %s for %s points, %s of %s are left. %s.', :'redeemed', :'paid', stock - taken, stock, pg_temp.wallet_of(:'nina')) FROM laurel.rewards WHERE id = :'mug' :tell
SELECT redemption_id AS wish, status AS asked FROM laurel.redeem(:'day_off') \gset
SELECT format('The day off: %s. %s.', :'asked', pg_temp.wallet_of(:'nina')) :tell
COMMIT;
BEGIN;
SELECT laurel.set_context(:'olga') \g /dev/null
SET LOCAL ROLE authenticated;
SELECT laurel.decline_redemption(:'wish', 'There is a fair that day') \g /dev/null
COMMIT;
SELECT format('Olga: %s, "%s". %s.', r.status, r.decision_note, pg_temp.wallet_of(:'nina')) FROM laurel.redemptions r WHERE r.id = :'wish' :tell

\echo
\echo '== Her day in the ledger, and what the audit log has of it'
SELECT entry_no AS no, transaction_type AS type, reason, amount, balance_after AS balance FROM laurel.points_ledger
WHERE organization_id = :'alder' AND user_id = :'nina' ORDER BY entry_no;
SELECT format('%s lines of the audit log are about Nina; laurel.verify_audit() finds %s problems behind the seal of %s lines.', count(*),
    (SELECT count(*) FROM laurel.verify_audit()), (SELECT laurel.seal_audit())) FROM laurel.audit_log WHERE user_id = :'nina' :tell

\echo
\echo '== Somebody with all rights rewrites the audit log, and is found out'
SELECT l.id AS line, format('A line says: %s of the rule %s by %s.', l.operation, l.after ->> 'name', u.first_name) AS said
FROM laurel.audit_log l JOIN laurel.users u ON u.id = l.actor_id WHERE l.row_id = :'rule' AND l.operation = 'INSERT' \gset
\echo :said
SELECT encode(seal_hash, 'hex') AS kept, format('Olga keeps the hash of seal %s elsewhere: %s...', seal_no, left(encode(seal_hash, 'hex'), 8)) AS told FROM laurel.audit_seal() \gset
\echo :told
SELECT format('A superuser writes Ben into it: refused with SQLSTATE %s by the rule %s.', state, rule)
FROM pg_temp.answer(format('UPDATE laurel.audit_log SET actor_id = %L WHERE id = %L', :'ben', :'line')) :tell
BEGIN;
SET LOCAL session_replication_role = replica;
UPDATE laurel.audit_log SET actor_id = :'ben' WHERE id = :'line';
SET LOCAL session_replication_role = origin;
SELECT format('He turns all triggers off, and it works: %s of the rule by %s. laurel.verify_audit() says of seal %s: %s.', l.operation, u.first_name, v.seal_no, v.problem)
FROM laurel.audit_log l JOIN laurel.users u ON u.id = l.actor_id CROSS JOIN laurel.verify_audit(kept => decode(:'kept', 'hex')) v WHERE l.id = :'line' :tell
ROLLBACK;
SELECT format('Put back as it was, laurel.verify_audit() finds %s problems.', count(*)) FROM laurel.verify_audit(kept => decode(:'kept', 'hex')) :tell
SELECT email AS guest FROM laurel.users WHERE id = :'nina' \g (format=unaligned tuples_only=on) :out/guest
\echo
