-- Triggers of an application that drop, change or multiply rows on every table of Laurel, and columns of other types,
-- under every function of Laurel: each call ends well or with a clear error, and the ledger stays sound.
-- A run takes a share of all pairs of object and call, by turns, so that each of both has its part; LAUREL_PAIRS=3 takes three times as many.
\ir ../support/load.sql
\set shares 1
\getenv shares LAUREL_PAIRS
BEGIN;
SET LOCAL client_min_messages = error;
SELECT no_plan();

SELECT tests.cast('ann', 'ben');
INSERT INTO laurel.badges (id, organization_id, slug, badge_name, points_value) VALUES
    ('ba000000-0000-0000-0000-000000000001', tests.acme(), 'first', 'First', 5),
    ('ba000000-0000-0000-0000-000000000002', tests.acme(), 'second', 'Second', 0);
INSERT INTO laurel.badge_awards (user_id, badge_id) VALUES (tests.person('ann'), 'ba000000-0000-0000-0000-000000000001');
INSERT INTO laurel.points_ledger (user_id, amount, transaction_type, reason, idempotency_key)
    VALUES (tests.person('ann'), 60, 'bonus', 'start', 'k1');
INSERT INTO laurel.webhook_endpoints (id, organization_id, url, secret) VALUES
    ('e0000000-0000-0000-0000-000000000001', tests.acme(), 'https://acme.test/hook',
     'whsec_' || encode(decode(repeat('ab', 32), 'hex'), 'base64'));
INSERT INTO laurel.domain_events (organization_id, user_id, type) VALUES (tests.acme(), tests.person('ann'), 'tried');
INSERT INTO laurel.badges (id, organization_id, badge_name, criteria) VALUES ('ba000000-0000-0000-0000-000000000009', tests.acme(), 'Tried', '{"events": {"tried": 1}}');
INSERT INTO laurel.teams (id, organization_id, name) VALUES ('7ea00000-0000-0000-0000-000000000001', tests.acme(), 'Team');
INSERT INTO laurel.activities (id, organization_id, name) VALUES ('ac700000-0000-0000-0000-000000000001', tests.acme(), 'Activity');
INSERT INTO laurel.events (id, activity_id, title, created_at, scheduled_date, ends_at, points_reward, max_participants)
    VALUES ('e5e00000-0000-0000-0000-000000000001', 'ac700000-0000-0000-0000-000000000001', 'Event', now() - interval '1 day', now() - interval '1 hour', now() + interval '1 hour', 5, 1);
INSERT INTO laurel.event_series (id, activity_id, title, starts_on, time_zone, duration, rrule, horizon_days)
    VALUES ('5e500000-0000-0000-0000-000000000001', 'ac700000-0000-0000-0000-000000000001', 'Series', date_trunc('day', now()) + interval '18 hours', 'UTC', '1 hour', 'FREQ=DAILY', 2);
INSERT INTO laurel.participations (event_id, user_id) VALUES ('e5e00000-0000-0000-0000-000000000001', tests.person('ann')), ('e5e00000-0000-0000-0000-000000000001', tests.person('ben'));
INSERT INTO laurel.user_roles (organization_id, user_id, role) VALUES (tests.acme(), tests.person('ben'), 'trainer');
INSERT INTO laurel.beneficiaries (id, organization_id, user_id, trainer_id) VALUES ('be000000-0000-0000-0000-000000000001', tests.acme(), tests.person('ann'), tests.person('ben'));
INSERT INTO laurel.appointments (id, organization_id, title, beneficiary_id, start_time, end_time, created_at) VALUES
    ('a9000000-0000-0000-0000-000000000001', tests.acme(), 'Soon', 'be000000-0000-0000-0000-000000000001', now() + interval '1 hour', now() + interval '2 hours', now()),
    ('a9000000-0000-0000-0000-000000000002', tests.acme(), 'Over', 'be000000-0000-0000-0000-000000000001', now() - interval '2 hours', now() - interval '1 hour', now() - interval '1 day');
INSERT INTO laurel.appointments (id, organization_id, title, trainer_id, start_time, end_time, max_participants) VALUES ('a9000000-0000-0000-0000-000000000003', tests.acme(), 'Group', tests.person('ben'), now() + interval '5 hours', now() + interval '6 hours', 2);
INSERT INTO laurel.team_memberships (team_id, user_id) VALUES ('7ea00000-0000-0000-0000-000000000001', tests.person('ann'));
INSERT INTO laurel.messaging_settings (organization_id, learners_write_each_other) VALUES (tests.acme(), true);
INSERT INTO laurel.recognition_settings (organization_id, approval, approval_from) VALUES (tests.acme(), 'admin', 50);
INSERT INTO laurel.recognitions (id, organization_id, sender_id, recipient_id, message, points_awarded) VALUES ('7a000000-0000-0000-0000-000000000001', tests.acme(), tests.person('ann'), tests.person('ben'), 'Thanks', 50),
    ('7a000000-0000-0000-0000-000000000002', tests.acme(), tests.person('ann'), tests.person('ben'), 'Thanks', 5);
INSERT INTO laurel.buddy_profiles (organization_id, user_id, capacity, skills, languages) VALUES (tests.acme(), tests.person('ben'), 5, '{go}', '{en}');
INSERT INTO laurel.buddy_requests (organization_id, user_id) VALUES (tests.acme(), tests.person('ann'));
INSERT INTO laurel.point_expiry_policies (organization_id, rule, length, applies_from) VALUES (tests.acme(), 'after_months', 12, '2000-01-01');
INSERT INTO laurel.points_ledger (user_id, amount, transaction_type, reason, occurred_at) VALUES (tests.person('ann'), 30, 't', 'old', now() - interval '2 years');
INSERT INTO laurel.streak_settings (organization_id, days_per_freeze) VALUES (tests.acme(), 1);
INSERT INTO laurel.buddy_matches (id, organization_id, user_id, buddy_id, status, proposed_at) SELECT 'bd000000-0000-0000-0000-000000000001', organization_id, id, tests.person('ben'), 'proposed', now() - interval '20 days' FROM laurel.users WHERE id = tests.person('ann');
INSERT INTO laurel.learning_paths (id, organization_id, title, status, is_template) VALUES ('1ea00000-0000-0000-0000-000000000001', tests.acme(), 'Path', 'published', false), ('1ea00000-0000-0000-0000-000000000002', tests.acme(), 'Template', 'published', true);
INSERT INTO laurel.learning_modules (id, learning_path_id, position, title, points_reward) SELECT ('d0000000-0000-0000-0000-00000000000' || n)::uuid, ('1ea00000-0000-0000-0000-00000000000' || n)::uuid, 1, 'Module', 5 FROM generate_series(1, 2) n;
INSERT INTO laurel.answer_keys (module_id, keys) SELECT id, '{"q": {"kind": "single", "right": "b"}}' FROM laurel.learning_modules;
INSERT INTO laurel.onboarding_templates (id, organization_id, name, is_automatic) VALUES ('0b000000-0000-0000-0000-000000000001', tests.acme(), 'Plan', true);
INSERT INTO laurel.onboarding_template_tasks (template_id, position, title, due_after_working_days) VALUES ('0b000000-0000-0000-0000-000000000001', 1, 'Task', -20), ('0b000000-0000-0000-0000-000000000001', 2, 'Task', 1);
INSERT INTO laurel.user_onboardings (id, organization_id, user_id, template_id, assigned_buddy_id) VALUES ('0b000000-0000-0000-0000-000000000002', tests.acme(), tests.person('ann'), '0b000000-0000-0000-0000-000000000001', tests.person('ben'));
INSERT INTO laurel.gamification_rules (id, organization_id, name, event_type, actions, runs) SELECT ('90000000-0000-0000-0000-00000000000' || n)::uuid, tests.acme(), 'Rule ' || n, CASE n WHEN 1 THEN 'praised' ELSE 'rated' END, '[{"kind": "points", "amount": 5}, {"kind": "notification", "title": "Thanks"}]',
    CASE n WHEN 1 THEN 'at_once' ELSE 'after_commit' END FROM generate_series(1, 2) n;
SELECT laurel.emit('rated', tests.person('ben'), '{"stars": 4}', organization_id => tests.acme());
INSERT INTO laurel.learning_assignments (learning_path_id, audience, team_id, due_at) VALUES ('1ea00000-0000-0000-0000-000000000001', 'team', '7ea00000-0000-0000-0000-000000000001', now() + interval '1 day');
SELECT laurel_internal.register_worker('70000000-0000-0000-0000-000000000001', 'host', 1, '1');
INSERT INTO laurel.rewards (id, organization_id, name, price, needs_approval, fulfilment, limit_per_member, stock) VALUES ('4e000000-0000-0000-0000-000000000001', tests.acme(), 'Mug', 2, false, 'manual', 9, 9),
    ('4e000000-0000-0000-0000-000000000002', tests.acme(), 'Trip', 2, true, 'manual', NULL, 9), ('4e000000-0000-0000-0000-000000000003', tests.acme(), 'Code', 2, false, 'voucher', NULL, NULL);
INSERT INTO laurel.reward_vouchers (organization_id, reward_id, code) VALUES (tests.acme(), '4e000000-0000-0000-0000-000000000003', 'A');
INSERT INTO laurel.beneficiaries (organization_id, user_id) VALUES (tests.acme(), tests.person('ben'));
INSERT INTO laurel.assessments (id, organization_id, title, type, time_limit, review, attempts_allowed) VALUES ('a55e0000-0000-0000-0000-000000000001', tests.acme(), 'Quiz', 'quiz', 1, 'graded', 9);
INSERT INTO laurel.questions (id, assessment_id, text, type, correct_answer) VALUES ('a55e0000-0000-0000-0000-000000000002', 'a55e0000-0000-0000-0000-000000000001', '?', 'true_false', 'true'), ('a55e0000-0000-0000-0000-000000000003', 'a55e0000-0000-0000-0000-000000000001', '?', 'essay', NULL);
UPDATE laurel.assessments SET status = 'published';
SELECT laurel.notify(tests.person('ann'), 'reminder', 'Hello');

-- What is called, each in its own subtransaction; commands of several steps first.
CREATE TEMP TABLE calls (no int GENERATED ALWAYS AS IDENTITY, command text);
INSERT INTO calls (command) VALUES
    ($$SELECT laurel.award_badge(:ben, :first)$$),
    ($$SELECT laurel.award_badge_named(:ben, 'second')$$),
    ($$SELECT laurel.award_earned_badges('ba000000-0000-0000-0000-000000000009')$$),
    ($$INSERT INTO laurel.domain_events (organization_id, user_id, type) VALUES (:acme, :ben, 'tried')$$),
    ($$INSERT INTO laurel.personal_challenges (user_id, title, goal) VALUES (:ben, 'C', 1)$$),
    ($$INSERT INTO laurel.user_achievements (user_id, achievement_id, organization_id) VALUES (:ben, 'first', :acme)$$),
    ($$SELECT laurel.revoke_badge(:ann, :first, 'x')$$),
    ($$SELECT laurel.revoke_badge_named(:ann, 'first', 'x')$$),
    ($$SELECT laurel.balance_at(:ann, now())$$),
    ($$SELECT laurel.seal_ledger(true)$$),
    ($$SELECT laurel.ledger_seal()$$),
    ($$SELECT laurel.prove_entry(id) FROM laurel.points_ledger LIMIT 1$$),
    ($$SELECT laurel.record_points_transaction(:ben, 5, 'x', reason => 'r', idempotency_key => 'k2')$$),
    ($$SELECT laurel.record_points_transactions('[{"user_id": ":benid", "amount": 3, "transaction_type": "x", "reason": "r"}, {"user_id": ":annid", "amount": 3, "transaction_type": "x", "reason": "r"}]')$$),
    ($$SELECT laurel.reverse_points_transaction((SELECT id FROM laurel.points_ledger WHERE idempotency_key = 'k1'), 'x')$$),
    ($$SELECT laurel.record_activity(:ann, now(), :acme)$$),
    ($$SELECT laurel.streak_of(:ann, :acme)$$),
    ($$SELECT laurel.notify(:ben, 'reminder', 'Hello')$$),
    ($$SELECT laurel.notify(:ben, 'reminder', 'Hello', dedupe_key => 'd')$$),
    ($$SELECT laurel.mark_notifications_read(), laurel.unread_notifications() FROM laurel.set_context(:ann)$$),
    ($$SELECT laurel.create_webhook_endpoint('https://acme.test/other', organization_id => :acme)$$),
    ($$SELECT laurel.disable_webhook_endpoint(:hook)$$),
    ($$SELECT laurel.enable_webhook_endpoint(:hook)$$),
    ($$SELECT laurel.rotate_webhook_secret(:hook)$$),
    ($$SELECT laurel.report_bounce('ann@acme.test', '5.1.1'), laurel.clear_suppression('ann@acme.test', :acme), laurel.unsubscribe('x')$$),
    ($$SELECT laurel.consume_one_time_token(laurel.create_one_time_token(:ann, 'password_reset'), 'password_reset')$$),
    ($$SELECT laurel.session_user_id(laurel.create_session(:ann)), laurel.revoke_sessions(:ann)$$),
    ($$SELECT laurel.revoke_session(laurel.create_session(:ann))$$),
    ($$SELECT laurel.record_login(:ann)$$),
    ($$SELECT laurel.accept_invitation(laurel.create_invitation_token(laurel.invite_member('bolt@bolt.test', organization_id => :acme)))$$),
    ($$SELECT laurel.decline_invitation(laurel.create_invitation_token(laurel.invite_member(user_id => :ben, organization_id => :acme)))$$),
    ($$SELECT laurel.withdraw_invitation(laurel.invite_member('x@bolt.test', organization_id => :acme)), laurel.my_invitations()$$),
    ($$SELECT laurel.change_email('ann2@acme.test', :ann), laurel.confirm_email('x')$$),
    ($$INSERT INTO laurel.user_organizations (organization_id, user_id) VALUES (:bolt, :ben); DELETE FROM laurel.user_organizations WHERE organization_id = :acme AND user_id = :ben$$),
    ($$INSERT INTO laurel.user_organizations (organization_id, user_id) VALUES (:bolt, :ann); SELECT laurel.deactivate_account() FROM laurel.set_context(:ann)$$),
    ($$INSERT INTO laurel.user_organizations (organization_id, user_id) VALUES (:bolt, :ben); SELECT laurel.delete_account() FROM laurel.set_context(:ben)$$),
    ($$SELECT laurel.set_password(:ann, 'correct horse battery'); SELECT laurel.verify_password('ann@acme.test', 'correct horse battery')$$),
    ($$SELECT laurel_internal.complete_deliveries(lease_token, jsonb_build_array(jsonb_build_object('id', delivery_id, 'outcome', 'delivered')))
       FROM laurel_internal.claim_deliveries(:worker, 10)$$),
    ($$SELECT laurel_internal.claim_deliveries(:worker, 10); SELECT laurel_internal.extend_leases(:worker); SELECT laurel_internal.release_deliveries(:worker)$$),
    ($$SELECT laurel.dead_deliveries(), laurel.delivery_status(), laurel.redrive_deliveries()$$),
    ($$SELECT laurel.delivery_history()$$),
    ($$SELECT laurel_internal.worker_beat(:worker, true), laurel_internal.unregister_worker(:worker)$$),
    ($$SELECT laurel_internal.register_worker('70000000-0000-0000-0000-000000000002', 'host', 1, '1')$$),
    ($$SELECT laurel_internal.confirm_jobs('{}')$$),
    ($$SELECT laurel.promote_waiting()$$),
    ($$SELECT laurel.send_reminders(), laurel.expire_appointments()$$),
    ($$SELECT laurel.book_appointment('be000000-0000-0000-0000-000000000001', now() + interval '3 days', now() + interval '73 hours')$$),
    ($$SELECT laurel.hold_appointment('be000000-0000-0000-0000-000000000001', now() + interval '3 days', now() + interval '73 hours')$$),
    ($$SELECT laurel.reschedule_appointment(a, now() + interval '3 days', now() + interval '73 hours'), laurel.confirm_appointment(a), laurel.cancel_appointment(a) FROM (SELECT 'a9000000-0000-0000-0000-000000000001'::uuid AS a) v$$),
    ($$SELECT laurel.mark_no_show(a), laurel.complete_appointment(a), laurel.appointment_ics(a) FROM (SELECT 'a9000000-0000-0000-0000-000000000002'::uuid AS a) v$$),
    ($$SELECT laurel.join_session('a9000000-0000-0000-0000-000000000003', 'be000000-0000-0000-0000-000000000001'), laurel.free_slots(:ben, now(), now() + interval '3 days')$$),
    ($$SELECT laurel.extend_series()$$),
    ($$UPDATE laurel.event_series SET starts_on = starts_on + interval '1 hour', horizon_days = 4$$),
    ($$SELECT laurel.end_series('5e500000-0000-0000-0000-000000000001', true)$$),
    ($$SELECT laurel_internal.note_missing()$$),
    ($$SELECT laurel.attendees(:event)$$),
    ($$SELECT laurel.check_in(:event, :ann)$$),
    ($$SELECT laurel.calendar_feed(laurel.create_calendar_feed()), laurel.event_ics(:event), laurel.revoke_calendar_feed() FROM laurel.set_context(:ann)$$),
    ($$SELECT laurel.invite_to_event(:event, ARRAY[:ann]::uuid[])$$),
    ($$SELECT laurel.recognize(ARRAY[:ben]::uuid[], 'Thanks', 5), laurel.recognition_feed() FROM laurel.set_context(:ann)$$),
    ($$SELECT laurel.send_message(ARRAY[:ben]::uuid[], 'Hello'), laurel.unread_messages(), laurel.message_threads(), laurel.message_thread(laurel.uuidv7()), laurel.search_messages('hello') FROM laurel.set_context(:ann)$$),
    ($$SELECT laurel.mark_messages_read(), laurel.delete_messages(ARRAY[laurel.uuidv7()]), laurel.block_member(:ben), laurel.unblock_member(:ben) FROM laurel.set_context(:ann)$$),
    ($$SELECT laurel.log_error('E', 'm'), laurel.setting('theme'), laurel.setting_json('theme')$$),
    ($$INSERT INTO laurel.settings (organization_id, key, value) VALUES (:acme, 'k' || pg_catalog.gen_random_uuid(), 'v')$$),
    ($$SELECT laurel.messages_of(:ann, 'a case', :acme)$$),
    ($$SELECT laurel.recognition_allowance(:ann, :acme)$$),
    ($$SELECT laurel_internal.recognition_approvers(:acme, :ann, :ben)$$),
    ($$SELECT laurel.approve_recognition('7a000000-0000-0000-0000-000000000001', 'yes')$$),
    ($$SELECT laurel.reject_recognition('7a000000-0000-0000-0000-000000000001', 'no')$$),
    ($$SELECT laurel.withdraw_recognition('7a000000-0000-0000-0000-000000000001')$$),
    ($$INSERT INTO laurel.recognition_comments (recognition_id, user_id, comment) SELECT id, sender_id, 'x' FROM laurel.recognitions WHERE status = 'approved'$$),
    ($$SELECT laurel.emit('praised', :ann, '{"stars": 5}', organization_id => :acme)$$),
    ($$SELECT laurel.explain_rules(e.id) FROM laurel.domain_events e WHERE type = 'rated'; SELECT laurel.simulate_rule(r.id) FROM laurel.gamification_rules r$$),
    ($$SELECT laurel.run_waiting_rules()$$),
    ($$UPDATE laurel.gamification_rules SET name = 'Another'$$),
    ($$SELECT laurel.expiring_points(:ann, :acme), laurel.points_liability(organization_id => :acme)$$),
    ($$SELECT laurel_internal.expire_some_points(:acme, NULL), laurel_internal.organizations_to_expire(:acme)$$),
    ($$SELECT laurel_internal.tier_some_accounts(:acme, NULL, NULL), laurel_internal.organizations_to_tier(:acme)$$),
    ($$SELECT laurel_internal.points_expire_on('after_months', 1, '2026-01-01'), laurel_internal.points_kept_from('after_months', 1, '2026-01-01')$$),
    ($$SELECT laurel.match_buddies(:acme), laurel.approve_buddies(NULL, :acme)$$),
    ($$SELECT laurel.accept_buddy(:match), laurel.my_buddies() FROM laurel.set_context(:ann)$$),
    ($$SELECT laurel.decline_buddy(:match)$$),
    ($$SELECT laurel.end_buddy(:match)$$),
    ($$UPDATE laurel.buddy_profiles SET skills = '{Go}'$$),
    ($$SELECT laurel.complete_module(:module, :ann, '{"q": "b"}'), laurel.can_start(:module, :ben)$$),
    ($$SELECT laurel.enroll(:template, :ben)$$),
    ($$SELECT laurel.attempt_questions(a.attempt_id), laurel.save_answers(a.attempt_id, '{"a55e0000-0000-0000-0000-000000000002": "true"}') FROM laurel.start_attempt('a55e0000-0000-0000-0000-000000000001', :ann) a;
       SELECT laurel.submit_attempt(id), laurel.review_attempt(id), laurel.submit_overdue_attempts() FROM laurel.assessment_attempts$$),
    ($$SELECT laurel.submit_attempt(a.attempt_id, answers => '{"a55e0000-0000-0000-0000-000000000003": "x"}') FROM laurel.start_attempt('a55e0000-0000-0000-0000-000000000001', :ann) a;
       SELECT laurel.mark_response(id, 1) FROM laurel.responses WHERE needs_marking; SELECT laurel.regrade_assessment('a55e0000-0000-0000-0000-000000000001', 'x'), laurel.store_analysis(id, analysis_id, '{}') FROM laurel.assessment_results$$),
    ($$INSERT INTO laurel.assessment_attempts (assessment_id, user_id) VALUES ('a55e0000-0000-0000-0000-000000000001', :ben);
       INSERT INTO laurel.responses (attempt_id, question_id, answer) SELECT id, questions[1], 'false' FROM laurel.assessment_attempts; SELECT laurel.submit_attempt(id) FROM laurel.assessment_attempts$$),
    ($$SELECT laurel.start_onboarding(:ben, :plan, assigned_buddy_id => :ann), laurel.add_working_days(:acme, '2026-01-01', 5)$$),
    ($$SELECT laurel.complete_onboarding_task(id) FROM laurel.onboarding_tasks$$),
    ($$SELECT laurel.onboarding_progress(:ann), laurel.onboarding_plan(:onboarding)$$),
    ($$SELECT laurel.remind_onboarding()$$),
    ($$UPDATE laurel.user_onboardings SET manager_id = :ben, assigned_buddy_id = NULL$$),
    ($$INSERT INTO laurel.learning_assignments (organization_id, learning_path_id, audience, due_at) SELECT organization_id, id, 'everybody', now() FROM laurel.learning_paths WHERE NOT is_template$$),
    ($$SELECT laurel.complete_module(:module, :ann, '{"q": "b"}'), laurel.recertify((SELECT learning_path_id FROM laurel.learning_modules WHERE id = :module), :ann)$$),
    ($$SELECT laurel.remind_learners()$$),
    ($$DELETE FROM laurel.learning_assignments$$),
    ($$DELETE FROM laurel.learning_modules$$),
    ($$SELECT laurel_internal.finish_job(name, lease_token) FROM laurel_internal.claim_due_job(:worker)$$),
    ($$SELECT laurel.freeze_leaderboard('weekly', date_trunc('week', now() - interval '14 days')::date, :acme), laurel.freeze_finished_leaderboards()$$),
    ($$SELECT laurel.leaderboard('weekly', organization_id => :acme), laurel.rank_of(:ann, 'weekly', :acme)$$),
    ($$SELECT laurel.frozen_leaderboard('weekly', '2026-01-05', organization_id => :acme)$$),
    ($$SELECT laurel.standings('weekly'), laurel.tier_for(5, :acme), laurel.level_for(5, :acme) FROM laurel.set_context(:ann)$$),
    ($$SELECT laurel.administers(:acme), laurel.member_of(:acme), laurel.has_role('org_admin'), laurel.org_id(), laurel.uid(),
       laurel_internal.can_see(:ben), laurel_internal.visible_users(), laurel_internal.organizations(), laurel_internal.me() FROM laurel.set_context(:ann)$$),
    ($$SELECT laurel.maintain_partitions()$$),
    ($$SELECT laurel.job_status(), laurel.schedule(), laurel.unschedule()$$),
    ($$SELECT laurel.capture_hold(h.hold_id, 1), laurel.release_hold(h.hold_id), laurel.expire_holds() FROM laurel.hold_points(:ann, 2, 'r', organization_id => :acme) h$$),
    ($$SELECT laurel.release_hold(h.hold_id) FROM laurel.hold_points(:ann, 2, 'r', organization_id => :acme) h$$),
    ($$SELECT laurel.redeem('4e000000-0000-0000-0000-000000000001', 1, 'k', user_id => :ann)$$),
    ($$SELECT laurel.approve_redemption(redemption_id), laurel.fulfil_redemption(redemption_id), laurel.cancel_redemption(redemption_id) FROM laurel.redeem('4e000000-0000-0000-0000-000000000002', user_id => :ann)$$),
    ($$SELECT laurel.decline_redemption(redemption_id) FROM laurel.redeem('4e000000-0000-0000-0000-000000000002', user_id => :ann)$$),
    ($$SELECT laurel.withdraw_vouchers('4e000000-0000-0000-0000-000000000003', '{none}')$$),
    ($$SELECT laurel.voucher_codes(redemption_id) FROM laurel.redeem('4e000000-0000-0000-0000-000000000003', user_id => :ann)$$),
    ($$INSERT INTO laurel.credential_issuers (organization_id, issuer_id, name, base_url) VALUES (:acme, 'https://issuer.test', 'Acme', 'https://issuer.test');
       SELECT laurel.verify_credential(laurel.credential(a.id)), laurel.credential_jwt(a.id), laurel.certificate(a.id), laurel.issuer_document(:acme), laurel.status_list(:acme, 1) FROM laurel.badge_awards a WHERE a.user_id = :ann$$),
    ($$INSERT INTO laurel.credential_issuers (organization_id, issuer_id, name, base_url) VALUES (:acme, 'https://issuer.test', 'Acme', 'https://issuer.test');
       SELECT laurel.credential(a.id) FROM laurel.badge_awards a WHERE a.user_id = :ann;
       SELECT laurel.credential_status(c.id), laurel.revoke_credential(c.id, 'x'), laurel.revoke_credential_key(c.key_id, 'x', :acme) FROM laurel.credentials c WHERE c.revoked_at IS NULL LIMIT 1$$),
    ($$SELECT laurel.verify_ledger()$$),
    ($$SELECT laurel.seal_audit(), laurel.audit_seal(), laurel.history_of('laurel.badges', :first)$$),
    ($$SELECT laurel.verify_audit()$$),
    ($$SELECT laurel.reading_for('a test'), laurel.rotate_pii_key(), laurel.pii_keys(), laurel.find_personal('laurel.profiles', 'phone', '1')$$),
    ($$UPDATE laurel.profiles SET phone = '1'$$),
    ($$SELECT laurel.check()$$),
    ($$INSERT INTO laurel.team_memberships (team_id, user_id) VALUES (:team, :ben); SELECT laurel.choose_team(:team, :ben), laurel.team_role(:team) FROM laurel.set_context(:ben)$$),
    ($$DELETE FROM laurel.team_memberships$$),
    ($$SELECT laurel_internal.erase_entry_words(:acme, :ann)$$),
    ($$SELECT laurel.erase_user(:ann, 'x'), laurel.cancel_erasure(:ann)$$),
    ($$SELECT laurel_internal.erase_request(laurel.erase_user(:ben)), laurel_internal.erase_requests(ARRAY[laurel.erase_user(:ann)]), laurel.alert_requests(), laurel_internal.due_erasures(5)$$),
    ($$SELECT laurel.extend_request(q, 'x'), laurel.answer_request(q, 'x'), laurel_internal.note_erasure_failure(q, 'x') FROM laurel.make_privacy_request('correction', 'x', :ann) q$$),
    ($$SELECT laurel_internal.erase_late_rows(u) FROM unnest(laurel_internal.erased_lately() || ARRAY[:ben]::uuid[]) u$$),
    ($$SELECT laurel_internal.erase_again(:ben, NULL)$$),
    ($$SELECT laurel_internal.erase_again(:ann, :acme)$$),
    ($$INSERT INTO laurel.users (organization_id, email) VALUES (:acme, 'new@acme.test')$$),
    ($$UPDATE laurel.organizations SET time_zone = 'Asia/Tokyo', tier_basis = 'lifetime' WHERE id = :acme$$),
    ($$UPDATE laurel.organizations SET tier_basis = 'rolling', tier_window_days = 1, tier_grace_days = 5 WHERE id = :acme$$),
    ($$UPDATE laurel.tiers SET min_points = min_points + 1 WHERE tier = 'silver'$$),
    ($$DELETE FROM laurel.users WHERE id = :ben$$);
UPDATE calls SET command = replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(command,
    ':bolt', quote_literal(tests.bolt())),
    ':match', '''bd000000-0000-0000-0000-000000000001'''),
    ':benid', tests.person('ben')::text),
    ':annid', tests.person('ann')::text),
    ':ben', quote_literal(tests.person('ben'))),
    ':ann', quote_literal(tests.person('ann'))),
    ':acme', quote_literal(tests.acme())),
    ':first', '''ba000000-0000-0000-0000-000000000001'''),
    ':event', '''e5e00000-0000-0000-0000-000000000001'''),
    ':module', '''d0000000-0000-0000-0000-000000000001'''),
    ':template', '''1ea00000-0000-0000-0000-000000000002'''),
    ':team', '''7ea00000-0000-0000-0000-000000000001'''),
    ':hook', '''e0000000-0000-0000-0000-000000000001'''),
    ':worker', '''70000000-0000-0000-0000-000000000001'''),
    ':plan', '''0b000000-0000-0000-0000-000000000001'''),
    ':onboarding', '''0b000000-0000-0000-0000-000000000002''');

-- Functions that read and write no table, or are called by those above, or by nobody but the migrations and retention.
CREATE TEMP TABLE others AS SELECT unnest('{merge_users,decrypt_columns,audited_columns,export_user,export_user_rows,audited,personal,tag_personal,require_personal,personal_row,add_sealed_column,encrypt_columns,log_processing,reveal,seal_again,personal_key_of,personal_digest,is_personal,personal_keys,personal_places,personal_text,personal_date,count_personal_values,rotate_place,rotate_places,pii_columns,
    person,names_of,is_ordinary_word,redact_json,check_link,profile_words,erasure_steps,run_erasures,reapply_erasures,missing_person_rules,is_named_after_a_person,approves,preview_series,sees_recognition,withholds,is_json,are_skills,are_languages,attached_guards,clear_after_guard,detach,require_states,require_unguarded,unprotect,migrate,refresh_ranks,count_rank_marks,fold_rank_moves,place_rank_marks,wrong_rank_marks,check_account,check_entry,append_only,hold_organization,tell,attach_to_tree,guard_arguments,attach_guard,belongs,counts,guard_partition,keep,partition_tree,qualified_name,read_guard,recount,referenced_key,
    require_column,states,assigned,member,add_signal,set_replica_identity,explain,meanings_beneath,refresh_view,check_json,check_criteria,check_answer_keys,check_questions,trains,requires_role,shares_document,who_can_see,grade,item_statistics,credit,rank_by_seed,may_review,authors,check_options,answer_key,check_rubric,are_tags,allow_writers,columns_of,commands_of,grant_command,load_before_cascades,slugs,acyclic,archive_instead,versioned,policy_class,migration_status,uuidv7,add_tenant_triggers,allow,can_see_support,check_notification_preferences,
    check_template,check_webhook_url,create_month_partitions,default_levels,default_tiers,digest_end,embedded_migrations,is_cron,is_hard_bounce,is_invitation_lifetime,is_canonical,canonical,mail_address,is_wanted,
    is_webhook_secret,member_of_support,next_run,protect,quiet_until,due_policies,enter_retention,require_no_block,leave_retention,start_retention,retention_batch,
    count_retention,finish_retention,run_retention,expire_points,end_tiers,append_only,attach_guard,belongs,counts,guard_partition,keep,partition_tree,qualified_name,
    attaches,event_attachment,appointment_attachment,appointment_invitation_ics,invitation_file,invitation_ics,read_guard,recount,referenced_key,require_column,states,quota,recount_quota,period_start,period_end,
    create_api,api_function,api_functions,api_result,copy_row_type,drop_from_api,fields_of,grant_as,is_of_api,lock_apis,may_write_apis,require_api_schema,require_no_other,row_types_of_api}'::text[]) AS name;
SELECT is_empty($$
    SELECT p.oid::regprocedure FROM pg_proc p WHERE p.pronamespace IN ('laurel'::regnamespace, 'laurel_internal'::regnamespace)
    AND p.prorettype <> 'trigger'::regtype AND NOT EXISTS (SELECT FROM others o WHERE o.name = p.proname)
    AND NOT EXISTS (SELECT FROM calls WHERE position(p.proname || '(' IN command) > 0)
$$, 'every function is called or named as one that is not');

CREATE FUNCTION public.app_drop() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$;
CREATE FUNCTION public.app_more() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF pg_trigger_depth() < 3 THEN
        EXECUTE format('INSERT INTO %I.%I SELECT ($1).*', TG_TABLE_SCHEMA, TG_TABLE_NAME) USING NEW;
    END IF;
    RETURN NEW;
EXCEPTION WHEN unique_violation THEN RETURN NEW;
END $$;
-- Changes every column of the class of types that is named.
CREATE FUNCTION public.app_change() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE changed jsonb;
BEGIN
    SELECT jsonb_object_agg(a.attname, CASE
        WHEN TG_ARGV[0] = 'null' THEN NULL
        WHEN a.atttypid = 'bool'::regtype THEN to_jsonb(NOT (to_jsonb(NEW) ->> a.attname)::bool)
        WHEN t.typcategory = 'N' THEN to_jsonb(coalesce((to_jsonb(NEW) ->> a.attname)::numeric, 0) + 1)
        WHEN a.atttypid = 'uuid'::regtype THEN to_jsonb(gen_random_uuid())
        WHEN t.typcategory = 'S' THEN to_jsonb((to_jsonb(NEW) ->> a.attname) || 'x')
        WHEN a.atttypid = 'timestamptz'::regtype THEN to_jsonb(coalesce((to_jsonb(NEW) ->> a.attname)::timestamptz, now()) + interval '1 day')
        WHEN a.atttypid = 'date'::regtype THEN to_jsonb(coalesce((to_jsonb(NEW) ->> a.attname)::date, current_date) + 1)
        WHEN a.atttypid = 'bytea'::regtype THEN to_jsonb('\x00'::text)
        ELSE to_jsonb(NEW) -> a.attname END)
    INTO changed FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
    WHERE a.attrelid = TG_RELID AND a.attnum > 0 AND NOT a.attisdropped AND position(t.typcategory::text IN TG_ARGV[1]) > 0;
    NEW := jsonb_populate_record(NEW, coalesce(changed, '{}'));
    RETURN NEW;
END $$;

-- Runs every call, or one part of those that meet one table, while the application's object is there; what ends otherwise
-- than it may.
CREATE TEMP TABLE meetings (no integer, relation regclass, writes boolean);
CREATE TEMP TABLE share AS SELECT :shares AS parts;
CREATE FUNCTION pg_temp.strange(object text, part int, parts int, met regclass DEFAULT NULL, only_writers boolean DEFAULT false) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
    command text;
    state text;
    said text;
    unsound text;
BEGIN
    FOR command IN SELECT c.command FROM calls c WHERE (c.no + part) % parts < (SELECT s.parts FROM share s)
        AND (met IS NULL OR EXISTS (SELECT FROM meetings m WHERE m.no = c.no AND m.relation = met AND m.writes >= only_writers)) ORDER BY no LOOP
        unsound := NULL;
        BEGIN
            EXECUTE command;
            IF command ~ 'points|badge|activity|achievement|DELETE|UPDATE|INSERT' AND object ~ 'point|badge|tier|level|activity|organizations|account|archive'
                AND object !~ '^ALTER TABLE laurel.points_ledger' THEN -- entries that lose a column are found to be unsound
                SELECT v.problem INTO unsound FROM laurel.verify_ledger() v LIMIT 1;
            END IF;
            RAISE assert_failure;
        EXCEPTION
            WHEN assert_failure THEN
                IF unsound IS NOT NULL THEN
                    RETURN NEXT format('%s | %s | unsound: %s', object, command, unsound);
                END IF;
            WHEN OTHERS THEN
                GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, said = MESSAGE_TEXT;
                IF state !~ '^(23|22|42|39P01|40001|P0001|PT409|PT429|55006|0A000|2F|28|53400|54)' THEN
                    RETURN NEXT format('%s | %s | %s %s', object, command, state, said);
                END IF;
        END;
        PERFORM set_config('request.jwt.claims', '', true);
    END LOOP;
END $$;

-- The same for each of the objects, with none of them left behind; one that Postgres refuses does no harm.
-- `met`: the table of each object, which meets only the calls that read or write there; `part`: where the turns begin.
CREATE FUNCTION pg_temp.strange_with(objects text[], met regclass[], only_writers boolean, parts int, part int DEFAULT 0) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
    object text;
    i int := 0;
    found text[] := '{}';
BEGIN
    FOREACH object IN ARRAY coalesce(objects, '{}') LOOP
        i := i + 1;
        BEGIN
            EXECUTE object;
            found := found || ARRAY(SELECT s FROM pg_temp.strange(object, part + i, parts, met[i], only_writers) s);
            RAISE assert_failure;
        EXCEPTION WHEN assert_failure OR feature_not_supported OR object_not_in_prerequisite_state OR dependent_objects_still_exist
            OR datatype_mismatch OR invalid_table_definition OR undefined_function OR cannot_coerce OR wrong_object_type OR check_violation
            OR invalid_column_reference OR undefined_object OR invalid_foreign_key OR not_null_violation OR syntax_error_or_access_rule_violation THEN NULL;
        END;
    END LOOP;
    RETURN QUERY SELECT unnest(found);
END $$;

CREATE FUNCTION pg_temp.tables() RETURNS SETOF regclass LANGUAGE sql AS $$
    SELECT c.oid::regclass FROM pg_class c WHERE c.relnamespace IN ('laurel'::regnamespace, 'laurel_internal'::regnamespace)
    AND c.relkind IN ('r', 'p') AND NOT c.relispartition ORDER BY 1
$$;

CREATE TEMP TABLE pid AS SELECT pg_backend_pid() AS pid;
SELECT is_empty($$SELECT pg_temp.strange('nothing', 0, 1)$$, 'the calls themselves end well');
-- Which call reads and writes which tables: the server counts what was undone too.
CREATE TEMP TABLE parts_of_tables AS SELECT t AS relation, coalesce(i.indexrelid, r) AS part
    FROM pg_temp.tables() t, LATERAL (SELECT t UNION SELECT relid FROM pg_partition_tree(t)) p (r), LATERAL (SELECT NULL::oid UNION ALL SELECT indexrelid FROM pg_index WHERE indrelid = r) i (indexrelid);
CREATE FUNCTION pg_temp.work() RETURNS TABLE (relation regclass, scans bigint, rows bigint) LANGUAGE sql VOLATILE AS $$
    SELECT relation, sum(pg_stat_get_xact_numscans(part))::bigint,
        sum(pg_stat_get_xact_tuples_inserted(part) + pg_stat_get_xact_tuples_updated(part) + pg_stat_get_xact_tuples_deleted(part))::bigint
    FROM parts_of_tables GROUP BY 1
$$;
CREATE FUNCTION pg_temp.note_meetings() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    call record;
BEGIN
    CREATE TEMP TABLE before (relation regclass, scans bigint, rows bigint);
    FOR call IN SELECT * FROM calls ORDER BY no LOOP
        DELETE FROM before;
        INSERT INTO before SELECT * FROM pg_temp.work();
        BEGIN
            EXECUTE call.command;
            RAISE assert_failure;
        EXCEPTION WHEN assert_failure OR OTHERS THEN NULL;
        END;
        PERFORM set_config('request.jwt.claims', '', true);
        INSERT INTO meetings SELECT call.no, w.relation, w.rows > b.rows FROM pg_temp.work() w JOIN before b USING (relation) WHERE w.rows > b.rows OR w.scans > b.scans;
    END LOOP;
END $$;
SELECT pg_temp.note_meetings();
SELECT is_empty($$SELECT command FROM calls c WHERE command ~ '^(INSERT|UPDATE|DELETE)' AND NOT EXISTS (SELECT FROM meetings m WHERE m.no = c.no AND m.writes)$$, 'what calls write is known');
SELECT format('SELECT is_empty(%L, %L)', format($q$SELECT pg_temp.strange_with(ARRAY(SELECT format('CREATE TRIGGER %s %s ON %%s'
           ' FOR EACH ROW EXECUTE FUNCTION public.%s', t) FROM pg_temp.tables() t), ARRAY(SELECT pg_temp.tables()), true, 3, %s)$q$, name, event, function, part), kind)
    FROM (SELECT *, row_number() OVER () AS part FROM (VALUES
        ('a_app', 'BEFORE INSERT', 'app_drop()', 'a trigger drops new rows'),
        ('zz_app', 'BEFORE UPDATE', 'app_drop()', 'a trigger drops changes'),
        ('a_app', 'BEFORE DELETE', 'app_drop()', 'a trigger keeps rows'),
        ('a_app', 'BEFORE INSERT', 'app_more()', 'a trigger inserts more rows first'),
        ('zz_app', 'AFTER INSERT', 'app_more()', 'a trigger inserts more rows afterwards'),
        ('zz_app', 'BEFORE INSERT OR UPDATE', 'app_change(other, "N")', 'a trigger changes numbers'),
        ('zz_app', 'BEFORE INSERT OR UPDATE', 'app_change(other, "SB")', 'a trigger changes texts and flags'),
        ('zz_app', 'BEFORE INSERT OR UPDATE', 'app_change(other, "D")', 'a trigger changes times'),
        ('zz_app', 'BEFORE INSERT OR UPDATE', 'app_change(other, "U")', 'a trigger changes ids, hashes and objects'),
        ('zz_app', 'BEFORE INSERT OR UPDATE', 'app_change("null", "NSBDUA")', 'a trigger empties every column')
    ) v (name, event, function, kind)) kinds \gexec

-- Each column meets a third of the calls that ask for its table, and each call a third of the columns.
CREATE TEMP TABLE other_columns AS
    SELECT t AS relation, format('ALTER TABLE %1$s RENAME %2$I TO %3$I; ALTER TABLE %1$s ADD %2$I %4$s', t, a.attname, left('was_' || a.attname, 60),
                  CASE WHEN a.atttypid = 'text'::regtype THEN 'bigint' ELSE 'text' END) AS command
    FROM pg_temp.tables() t JOIN pg_attribute a ON a.attrelid = t AND a.attnum > 0 AND NOT a.attisdropped ORDER BY t::text, a.attnum;
SELECT cmp_ok((SELECT count(*) FROM other_columns), '>', 300::bigint, 'every column of every table');
SELECT is_empty($$SELECT pg_temp.strange_with(array_agg(command), array_agg(relation), false, 3) FROM other_columns$$, 'a column that is another now');

SELECT is(pg_backend_pid(), pid, 'the session lives') FROM pid;
SELECT * FROM finish();
ROLLBACK;
