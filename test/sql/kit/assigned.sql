-- Columns that triggers fill have a default that is null, so that typed clients may leave them out; nothing else comes of it.
\ir ../support/load.sql
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT plan(15);

CREATE TEMP VIEW columns AS SELECT c.oid, c.oid::regclass::text AS relation, a.attname::text AS name, pg_get_expr(d.adbin, d.adrelid) AS given, a.attnotnull
    FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
    WHERE c.relnamespace = 'laurel'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition;
SELECT is_empty($$ SELECT relation FROM columns c WHERE name = 'organization_id' AND given IS DISTINCT FROM '(laurel_internal.assigned())::uuid'
    AND EXISTS (SELECT FROM pg_trigger t WHERE t.tgrelid = c.oid AND t.tgname = 'a_fill_organization') $$, 'the organization that is filled in');
SELECT is((SELECT string_agg(relation || '.' || name, ' ' ORDER BY relation COLLATE "C", name COLLATE "C") FROM columns WHERE given ~ 'assigned\(' AND name <> 'organization_id'),
    'laurel.appointments.blocked laurel.appointments.buffer_minutes laurel.appointments.cancel_until laurel.assessment_accommodations.user_id laurel.assessment_attempts.attempt_number laurel.assessment_attempts.beneficiary_id laurel.assessment_attempts.max_score laurel.assessment_attempts.questions laurel.assessment_attempts.seed laurel.assessment_attempts.versions laurel.badge_awards.points_awarded laurel.badges.slug laurel.beneficiary_notes.user_id laurel.daily_activity.date laurel.daily_activity.first_activity_at laurel.gamification_rules.version laurel.legal_holds.placed_by laurel.messages.thread_id laurel.module_completions.learning_path_id laurel.onboarding_check_ins.user_id laurel.onboarding_task_dependencies.template_id laurel.onboarding_tasks.user_id '
    'laurel.points_ledger.balance_after laurel.points_ledger.created_at laurel.points_ledger.entry_hash laurel.points_ledger.entry_no laurel.points_ledger.occurred_at laurel.recognitions.status laurel.recognitions.visibility laurel.redemptions.fulfilment laurel.redemptions.reward_name laurel.redemptions.status laurel.redemptions.unit_price laurel.responses.assessment_id laurel.responses.beneficiary_id laurel.responses.user_id laurel.responses.version laurel.user_onboardings.duration_days laurel.user_onboardings.start_date', 'and what else triggers fill');
SELECT is_empty($$ SELECT relation, name FROM columns WHERE given ~ 'assigned\(' AND NOT attnotnull $$, 'all of which must be there in the end');
SELECT is(laurel_internal.assigned(), NULL, 'it is null');
SELECT volatility_is('laurel_internal', 'assigned', 'immutable', 'and costs no call for each row');

-- One of everything that clients may write.
SELECT tests.cast('admin', 'trainer', 'learner'), tests.teach('trainer', 'learner');
INSERT INTO laurel.user_identities (user_id, provider, subject) VALUES (tests.person('learner'), 'google', '1');
SELECT laurel.create_session(tests.person('learner')) IS NOT NULL, laurel.create_one_time_token(tests.person('learner'), 'sign_in') IS NOT NULL,
    laurel.record_activity(tests.person('learner')) IS NOT NULL;
INSERT INTO laurel.badges (id, organization_id, badge_name, points_value) VALUES (tests.person('badge'), tests.acme(), 'Badge', 5);
INSERT INTO laurel.badge_awards (user_id, badge_id) VALUES (tests.person('learner'), tests.person('badge'));
INSERT INTO laurel.teams (id, organization_id, name) VALUES (tests.person('team'), tests.acme(), 'Team');
INSERT INTO laurel.team_memberships (team_id, user_id) VALUES (tests.person('team'), tests.person('learner'));
INSERT INTO laurel.channels (id, organization_id, name) VALUES (tests.person('channel'), tests.acme(), 'channel');
INSERT INTO laurel.channel_members (channel_id, user_id) VALUES (tests.person('channel'), tests.person('learner'));
INSERT INTO laurel.activities (id, organization_id, name) VALUES (tests.person('activity'), tests.acme(), 'Activity');
INSERT INTO laurel.event_series (id, activity_id, title, starts_on, time_zone, duration, rrule) VALUES (tests.person('series'), tests.person('activity'), 'Series', date_trunc('day', now()) + interval '2 days', 'UTC', '1 hour', 'FREQ=DAILY;COUNT=2');
INSERT INTO laurel.events (id, activity_id, title, scheduled_date, ends_at) VALUES (tests.person('event'), tests.person('activity'), 'Event', now() + interval '1 day', now() + interval '2 days');
INSERT INTO laurel.participations (event_id, user_id) VALUES (tests.person('event'), tests.person('learner'));
INSERT INTO laurel.messaging_settings (organization_id, learners_write_each_other) SELECT id, true FROM laurel.organizations;
INSERT INTO laurel.messages (organization_id, sender_id, recipient_id, content) VALUES (tests.acme(), tests.person('learner'), tests.person('admin'), 'x');
SELECT tests.act_as_learner();
INSERT INTO laurel.messages (sender_id, recipient_id, content) VALUES (tests.person('learner'), tests.person('admin'), 'x');
SELECT tests.act_as_owner();
INSERT INTO laurel.message_blocks (user_id, blocked_id) VALUES (tests.person('learner'), tests.person('trainer'));
INSERT INTO laurel.recognition_settings (organization_id) VALUES (tests.acme());
INSERT INTO laurel.recognition_allowances (organization_id, role, monthly_points) VALUES (tests.acme(), 'trainer', 5);
INSERT INTO laurel.company_values (id, organization_id, name) VALUES (tests.person('value'), tests.acme(), 'Value');
INSERT INTO laurel.recognitions (id, organization_id, sender_id, recipient_id, message) VALUES (tests.person('thanks'), tests.acme(), tests.person('learner'), tests.person('trainer'), 'Thanks');
INSERT INTO laurel.recognition_comments (recognition_id, user_id, comment) VALUES (tests.person('thanks'), tests.person('learner'), 'x');
INSERT INTO laurel.recognition_reactions (recognition_id, user_id) VALUES (tests.person('thanks'), tests.person('learner'));
INSERT INTO laurel.buddy_settings (organization_id) VALUES (tests.acme());
INSERT INTO laurel.gamification_rules (organization_id, name, event_type, actions) VALUES (tests.acme(), 'Rule', 'happens', '[{"kind": "points", "amount": 1}]');
INSERT INTO laurel.privacy_settings (organization_id) VALUES (tests.acme());
INSERT INTO laurel.buddy_profiles (organization_id, user_id) VALUES (tests.acme(), tests.person('trainer'));
INSERT INTO laurel.buddy_requests (organization_id, user_id) VALUES (tests.acme(), tests.person('learner'));
INSERT INTO laurel.buddy_matches (organization_id, user_id, buddy_id) VALUES (tests.acme(), tests.person('learner'), tests.person('trainer'));
INSERT INTO laurel.beneficiaries (id, organization_id, user_id) VALUES (tests.person('beneficiary'), tests.acme(), tests.person('learner'));
INSERT INTO laurel.beneficiary_notes (beneficiary_id, notes) VALUES (tests.person('beneficiary'), 'x');
INSERT INTO laurel.assessments (id, title, type, beneficiary_id) VALUES (tests.person('assessment'), 'Quiz', 'quiz', tests.person('beneficiary'));
INSERT INTO laurel.questions (id, assessment_id, text, type) VALUES (tests.person('question'), tests.person('assessment'), '?', 'essay');
INSERT INTO laurel.questions (organization_id, text, type, tags) VALUES (tests.acme(), '?', 'essay', '{a}');
INSERT INTO laurel.assessment_draws (assessment_id, tags, count) VALUES (tests.person('assessment'), '{a}', 1);
INSERT INTO laurel.assessment_accommodations (beneficiary_id) VALUES (tests.person('beneficiary'));
UPDATE laurel.assessments SET status = 'published';
INSERT INTO laurel.assessment_attempts (assessment_id, user_id) VALUES (tests.person('assessment'), tests.person('learner'));
INSERT INTO laurel.responses (attempt_id, question_id) SELECT id, tests.person('question') FROM laurel.assessment_attempts;
INSERT INTO laurel.documents (id, organization_id, uploaded_by, filename) VALUES (tests.person('document'), tests.acme(), tests.person('learner'), 'x');
INSERT INTO laurel.document_shares (document_id, shared_with, shared_by) VALUES (tests.person('document'), tests.person('trainer'), tests.person('learner'));
INSERT INTO laurel.rooms (organization_id, name) VALUES (tests.acme(), 'Room');
INSERT INTO laurel.trainer_calendars (organization_id, user_id) VALUES (tests.acme(), tests.person('trainer'));
INSERT INTO laurel.availability_rules (organization_id, user_id, weekday, starts_at, ends_at) VALUES (tests.acme(), tests.person('trainer'), 1, '09:00', '12:00');
INSERT INTO laurel.availability_exceptions (organization_id, user_id, starts_at, ends_at) VALUES (tests.acme(), tests.person('trainer'), now(), now() + interval '1 day');
INSERT INTO laurel.appointments (id, title, beneficiary_id, trainer_id, start_time, end_time, status, cancelled_at) VALUES (tests.person('appointment'), 'Appointment', tests.person('beneficiary'), tests.person('trainer'), now() + interval '1 day', now() + interval '2 days', 'cancelled', now());
INSERT INTO laurel.appointment_reminders (organization_id, appointment_id, minutes_before, times_moved) VALUES (tests.acme(), tests.person('appointment'), 60, 0);
INSERT INTO laurel.learning_paths (id, organization_id, title, status) VALUES (tests.person('path'), tests.acme(), 'Path', 'published');
INSERT INTO laurel.learning_modules (id, learning_path_id, position, title) SELECT tests.person('module ' || n), tests.person('path'), n, 'Module' FROM generate_series(1, 2) n;
INSERT INTO laurel.answer_keys (module_id, keys) VALUES (tests.person('module 1'), '{"q": {"kind": "single", "right": "b"}}');
INSERT INTO laurel.module_prerequisites (module_id, requires_id) VALUES (tests.person('module 2'), tests.person('module 1'));
INSERT INTO laurel.learning_milestones (learning_path_id, title) VALUES (tests.person('path'), 'Milestone');
INSERT INTO laurel.module_completions (user_id, module_id) VALUES (tests.person('learner'), tests.person('module 1'));
INSERT INTO laurel.working_calendars (organization_id) VALUES (tests.acme());
INSERT INTO laurel.holidays (organization_id, date) VALUES (tests.acme(), '2026-01-01');
INSERT INTO laurel.onboarding_templates (id, organization_id, name) VALUES (tests.person('plan'), tests.acme(), 'Plan');
INSERT INTO laurel.onboarding_template_tasks (id, template_id, position, title) SELECT tests.person('task ' || n), tests.person('plan'), n, 'Task' FROM generate_series(1, 2) n;
INSERT INTO laurel.onboarding_task_dependencies (task_id, requires_id) VALUES (tests.person('task 2'), tests.person('task 1'));
INSERT INTO laurel.user_onboardings (user_id, template_id) VALUES (tests.person('learner'), tests.person('plan'));
INSERT INTO laurel.learning_assignments (learning_path_id, audience) VALUES (tests.person('path'), 'everybody');
INSERT INTO laurel.path_certifications (user_id, learning_path_id, cycle, started_at, completed_at) VALUES (tests.person('learner'), tests.person('path'), 1, now(), now());
INSERT INTO laurel.team_challenges (team_id, title, goal, starts_at, ends_at) VALUES (tests.person('team'), 'Challenge', 5, now(), now() + interval '1 day');
INSERT INTO laurel.personal_challenges (user_id, title, goal) VALUES (tests.person('learner'), 'Challenge', 5);
INSERT INTO laurel.notification_templates (organization_id, type, channel, subject, body_text) VALUES (tests.acme(), 'welcome', 'email', 's', 'b');
INSERT INTO laurel.webhook_endpoints (organization_id, url, secret) VALUES (tests.acme(), 'https://x.test/', 'whsec_' || encode(decode(repeat('ab', 32), 'hex'), 'base64'));
INSERT INTO laurel.leaderboard_standings (organization_id, period, period_start, user_id, points, rank, reached_at) VALUES (tests.acme(), 'weekly', '2026-01-05', tests.person('learner'), 5, 1, now());
INSERT INTO laurel.point_expiry_policies (organization_id, rule, length) VALUES (tests.acme(), 'after_months', 12);
INSERT INTO laurel.tier_benefits (organization_id, name, tier) VALUES (tests.acme(), 'Lounge', 'gold');
INSERT INTO laurel.award_budgets (organization_id, name, starts_on, ends_on, planned_points) VALUES (tests.acme(), 'Year', '2026-01-01', '2026-12-31', 5);
INSERT INTO laurel.streak_settings (organization_id) VALUES (tests.acme());
INSERT INTO laurel.streak_freezes (organization_id, user_id) VALUES (tests.acme(), tests.person('learner'));
INSERT INTO laurel.credential_issuers (organization_id, issuer_id, name, base_url) VALUES (tests.acme(), 'did:web:acme.test', 'Acme', 'https://acme.test');
INSERT INTO laurel.rewards (id, organization_id, name, price, needs_approval, fulfilment) VALUES (tests.person('reward'), tests.acme(), 'Reward', 1, true, 'voucher');
INSERT INTO laurel.reward_vouchers (reward_id, code) VALUES (tests.person('reward'), 'code');
INSERT INTO laurel.redemptions (reward_id, user_id) VALUES (tests.person('reward'), tests.person('learner'));
INSERT INTO laurel.legal_holds (user_id, organization_id, reason) VALUES (tests.person('learner'), tests.acme(), 'r');

CREATE TEMP VIEW tables AS SELECT c.oid, c.relname::text AS name FROM pg_class c
    WHERE c.relnamespace = 'laurel'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
      AND (has_any_column_privilege('authenticated', c.oid, 'INSERT') OR has_any_column_privilege('service_role', c.oid, 'INSERT'));
-- What comes of a row like one that is there, without a column and without those that say they are filled: 23502 where nothing fills it,
-- a key that is taken where something does.
CREATE FUNCTION pg_temp.without(place text, name text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    state text;
    missed text;
    filled text[] := (SELECT array_agg(a.attname) FROM pg_attribute a JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
        WHERE a.attrelid = format('laurel.%I', place)::regclass AND pg_get_expr(d.adbin, d.adrelid) ~ 'assigned');
    written text := (SELECT string_agg(quote_ident(attname), ', ') FROM pg_attribute
        WHERE attrelid = format('laurel.%I', place)::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = '');
    inserted bigint;
BEGIN
    BEGIN
        EXECUTE format('INSERT INTO laurel.%1$I (%2$s) SELECT %2$s FROM (SELECT r FROM laurel.%1$I r LIMIT 1) r,'
            ' jsonb_populate_record(NULL::laurel.%1$I, to_jsonb(r.r) - $1) made', place, written) USING coalesce(filled, '{}') || name;
        GET DIAGNOSTICS inserted = ROW_COUNT;
        state := CASE inserted WHEN 1 THEN 'filled' ELSE 'no row' END;
        RAISE EXCEPTION USING ERRCODE = 'P9999';
    EXCEPTION WHEN SQLSTATE 'P9999' THEN NULL;
        WHEN unique_violation THEN state := 'filled';
        WHEN not_null_violation THEN
            GET STACKED DIAGNOSTICS missed = COLUMN_NAME;
            state := CASE missed WHEN name THEN 'missed' ELSE missed || ' missed' END;
        WHEN OTHERS THEN state := SQLSTATE || ' ' || SQLERRM;
    END;
    RETURN state;
END
$$;
CREATE TEMP TABLE tried AS SELECT t.name AS place, a.attname::text AS name, coalesce(pg_get_expr(d.adbin, d.adrelid), '') AS given, pg_temp.without(t.name, a.attname) AS state
    FROM tables t JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attnotnull AND a.attgenerated = ''
    LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum;
SELECT is_empty($$ SELECT place, name FROM tried WHERE state = 'filled' AND given = '' $$, 'whatever is filled has a default that says so');
SELECT is_empty($$ SELECT place, name, state FROM tried WHERE given ~ 'assigned\(' AND state <> 'filled' $$, 'and whatever says so is filled');
SELECT is_empty($$ SELECT place, name, state FROM tried WHERE state NOT IN ('filled', 'missed', 'no row') AND state !~ '^[a-z_]+ missed$' $$, 'no try says something else');
SELECT is_empty($$ SELECT place FROM tried WHERE state = 'no row' AND EXISTS (
    SELECT FROM pg_trigger t WHERE t.tgrelid = format('laurel.%I', place)::regclass AND t.tgtype & 7 = 7) $$, 'every table of whose rows triggers see to was tried');
SELECT cmp_ok((SELECT count(*) FROM tried WHERE state = 'missed'), '>', 50::bigint, 'most are missed');

SELECT tests.act_as_admin();
SELECT is(tests.error_of($$ INSERT INTO laurel.badges (badge_name) VALUES ('A') $$), 'none', 'left out, columns are filled');
SELECT is(tests.error_of($$ INSERT INTO laurel.badges (badge_name, slug, organization_id) VALUES ('B', DEFAULT, DEFAULT) $$), 'none', 'by their default too');
SELECT is(tests.error_of($$ INSERT INTO laurel.points_ledger (user_id, amount, transaction_type, reason, entry_no, balance_after, occurred_at, created_at, entry_hash, organization_id)
    VALUES (tests.person('learner'), 5, 't', 'r', NULL, NULL, NULL, NULL, NULL, NULL) $$), 'none', 'and where a client sends nulls');
SELECT tests.act_as_owner();
SELECT is((SELECT string_agg(concat_ws(' ', slug, organization_id = tests.acme()), ', ' ORDER BY slug) FROM laurel.badges), 'a t, b t, badge t', 'with what belongs there');
CREATE TABLE laurel.cards (id uuid PRIMARY KEY, organization_id uuid NOT NULL, user_id uuid, UNIQUE (organization_id, id));
SELECT laurel_internal.add_tenant_triggers('laurel.cards');
ALTER TABLE laurel.cards DISABLE TRIGGER a_fill_organization;
SELECT is(tests.error_of($$ INSERT INTO laurel.cards (id) VALUES (laurel.uuidv7()) $$), '23502', 'what nothing fills, is missed as before');

SELECT * FROM finish();
ROLLBACK;
