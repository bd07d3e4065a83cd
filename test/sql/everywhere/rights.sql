-- Who may execute, lock and own what. Whoever adds a function says here who may call it.
\ir ../support/load.sql
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT plan(31);

CREATE TEMP TABLE expected AS SELECT clients, name FROM (VALUES
-- Who asks what the caller is, and what a policy or default needs.
('anon authenticated service_role', $$
    laurel.log_error laurel.setting laurel.setting_json laurel.calendar_feed laurel.credential_status laurel.issuer_document laurel.status_list laurel.verify_credential laurel.administers laurel.has_role laurel.member_of laurel.org_id laurel.uid laurel.uuidv7
    laurel_internal.assigned laurel_internal.organizations
$$),
-- Policies.
('authenticated', $$ laurel_internal.approves laurel_internal.authors laurel_internal.may_review laurel_internal.can_see laurel_internal.me laurel_internal.sees_recognition laurel_internal.shares_document laurel_internal.trains laurel_internal.visible_users laurel_internal.withholds $$),
-- What members and administrators do; checks of what they write.
('authenticated service_role', $$
    laurel.certificate laurel.credential laurel.credential_jwt laurel.revoke_credential laurel.revoke_credential_key
    laurel.export_user laurel.export_user_rows laurel.merge_users
    laurel.answer_request laurel.cancel_erasure laurel.erase_user laurel.extend_request laurel.make_privacy_request
    laurel.award_badge laurel.award_badge_named laurel.award_earned_badges laurel.balance_at laurel.create_webhook_endpoint
    laurel.block_member laurel.delete_messages laurel.mark_messages_read laurel.message_thread laurel.message_threads laurel.search_messages laurel.send_message laurel.unblock_member laurel.unread_messages
    laurel.disable_webhook_endpoint laurel.enable_webhook_endpoint laurel.freeze_leaderboard laurel.frozen_leaderboard
    laurel.leaderboard laurel.level_for laurel.mark_notifications_read laurel.member laurel.notify laurel.rank_of
    laurel.record_activity laurel.record_points_transaction laurel.record_points_transactions
    laurel.reverse_points_transaction laurel.appointment_ics laurel.book_appointment laurel.cancel_appointment laurel.complete_appointment laurel.confirm_appointment laurel.free_slots laurel.hold_appointment laurel.join_session laurel.mark_no_show laurel.reschedule_appointment laurel.capture_hold laurel.hold_points laurel.release_hold laurel.approve_redemption laurel.cancel_redemption laurel.decline_redemption laurel.fulfil_redemption laurel.redeem laurel.attendees laurel.check_in laurel.end_series laurel.preview_series laurel.invite_to_event laurel.attempt_questions laurel.mark_response laurel.regrade_assessment laurel_internal.item_statistics laurel.review_attempt laurel.save_answers laurel.start_attempt laurel.submit_attempt laurel.can_start laurel.complete_module laurel.enroll laurel.add_working_days laurel.complete_onboarding_task laurel.onboarding_plan laurel.onboarding_progress laurel.start_onboarding laurel.recertify laurel.create_calendar_feed laurel.event_ics laurel.revoke_calendar_feed laurel.approve_recognition laurel.recognition_allowance laurel.recognition_feed laurel.recognize laurel.reject_recognition laurel.withdraw_recognition laurel.who_can_see laurel.accept_buddy laurel.approve_buddies laurel.decline_buddy laurel.end_buddy laurel.match_buddies laurel.my_buddies laurel.revoke_badge laurel.revoke_badge_named laurel.revoke_session laurel.revoke_sessions laurel.withdraw_vouchers
    laurel.rotate_webhook_secret laurel.clear_suppression laurel.set_password laurel.standings laurel.streak_of laurel.tier_for
    laurel.unread_notifications laurel.verify_ledger laurel.expiring_points laurel.points_liability laurel.ledger_seal laurel.prove_entry laurel.history_of laurel.emit laurel.explain_rules laurel.simulate_rule laurel.choose_team laurel.team_role
    laurel.accept_invitation laurel.change_email laurel.confirm_email laurel.deactivate_account laurel.decline_invitation
    laurel.reading_for laurel_internal.personal_date laurel_internal.personal_text
    laurel.delete_account laurel.invite_member laurel.my_invitations laurel.withdraw_invitation
    laurel_internal.check_options laurel_internal.answer_key laurel_internal.check_rubric laurel_internal.are_tags
    laurel_internal.are_languages laurel_internal.are_skills laurel_internal.check_account laurel_internal.check_answer_keys laurel_internal.check_questions laurel_internal.check_entry laurel_internal.check_json laurel_internal.check_criteria laurel_internal.check_link laurel_internal.check_notification_preferences laurel_internal.check_template laurel_internal.check_webhook_url
    laurel_internal.is_json laurel_internal.is_invitation_lifetime laurel_internal.is_canonical laurel.mail_address laurel_internal.is_webhook_secret
$$),
-- What the back end does.
('service_role', $$
    laurel.voucher_codes laurel.store_analysis laurel.check laurel.consume_one_time_token laurel.create_invitation_token laurel.create_one_time_token laurel.create_session laurel.dead_deliveries
    laurel.delivery_history laurel.delivery_status laurel.job_status laurel.migration_status laurel.record_login
    laurel.redrive_deliveries laurel.report_bounce laurel.unsubscribe laurel.schedule laurel.session_user_id laurel.set_context laurel.unschedule
    laurel.verify_password laurel.audit_seal laurel.verify_audit laurel.audited_columns laurel.reapply_erasures laurel_internal.erase_again laurel.pii_columns laurel.pii_keys laurel.find_personal laurel.messages_of
    laurel.check laurel_internal.embedded_migrations laurel_internal.is_cron
$$),
-- What the worker does.
('service_role', $$
    laurel_internal.claim_deliveries laurel_internal.claim_due_job laurel_internal.complete_deliveries
    laurel_internal.extend_leases laurel_internal.finish_job laurel_internal.register_worker
    laurel_internal.release_deliveries laurel_internal.unregister_worker laurel_internal.worker_beat
$$),
('laurel_jobs', 'laurel_internal.confirm_jobs'),
-- The commands of jobs, which the worker runs too, and what they call as their caller.
('laurel_jobs service_role', $$
    laurel.freeze_finished_leaderboards laurel.maintain_partitions laurel.refresh_view laurel.run_retention
    laurel_internal.count_retention laurel_internal.create_month_partitions laurel_internal.due_policies
    laurel.send_reminders laurel.expire_appointments laurel.expire_holds laurel.submit_overdue_attempts laurel.promote_waiting laurel.extend_series laurel_internal.note_missing laurel.remind_onboarding laurel.remind_learners laurel.seal_ledger laurel.seal_audit laurel.run_waiting_rules laurel.refresh_ranks laurel_internal.count_rank_marks laurel_internal.fold_rank_moves laurel_internal.place_rank_marks
    laurel_internal.enter_retention laurel_internal.finish_retention laurel_internal.leave_retention laurel_internal.require_no_block
    laurel_internal.retention_batch laurel_internal.start_retention
    laurel.rotate_pii_key
    laurel.expire_points laurel_internal.organizations_to_expire laurel_internal.expire_some_points
    laurel.end_tiers laurel_internal.organizations_to_tier laurel_internal.tier_some_accounts
    laurel.alert_requests laurel.run_erasures laurel_internal.due_erasures laurel_internal.erased_lately laurel_internal.erase_late_rows laurel_internal.erase_requests laurel_internal.erase_request laurel_internal.note_erasure_failure
$$),
-- Whoever migrates, and what migrations call.
('', $$
    laurel.create_api laurel.migrate
    laurel_internal.api_function laurel_internal.api_functions laurel_internal.api_result laurel_internal.copy_row_type laurel_internal.drop_from_api laurel_internal.fields_of
    laurel_internal.grant_as laurel_internal.is_of_api laurel_internal.lock_apis laurel_internal.may_write_apis laurel_internal.require_api_schema laurel_internal.require_no_other laurel_internal.row_types_of_api
    laurel_internal.add_signal laurel_internal.add_tenant_triggers laurel_internal.allow laurel_internal.allow_writers laurel_internal.columns_of
    laurel_internal.commands_of laurel_internal.default_levels laurel_internal.default_tiers laurel_internal.explain
    laurel_internal.grant_command laurel_internal.load_before_cascades laurel_internal.meanings_beneath laurel_internal.member laurel_internal.policy_class laurel_internal.protect
    laurel_internal.hold_organization laurel_internal.set_replica_identity
    laurel_internal.acyclic laurel_internal.append_only laurel_internal.archive_instead laurel_internal.attach_guard laurel_internal.belongs laurel_internal.counts
    laurel_internal.guard_partition laurel_internal.keep laurel_internal.partition_tree laurel_internal.qualified_name laurel_internal.is_named_after_a_person laurel_internal.missing_person_rules laurel_internal.person laurel_internal.names_of laurel_internal.is_ordinary_word laurel_internal.redact_json laurel_internal.profile_words laurel_internal.erasure_steps
    laurel_internal.read_guard laurel_internal.recount laurel_internal.referenced_key laurel_internal.require_column
    laurel_internal.attached_guards laurel_internal.clear_after_guard laurel_internal.decrypt_columns laurel_internal.detach laurel_internal.require_states
    laurel_internal.require_unguarded laurel_internal.unprotect
    laurel_internal.slugs laurel_internal.canonical laurel_internal.states laurel_internal.tell laurel_internal.versioned laurel_internal.attach_to_tree laurel_internal.guard_arguments
    laurel_internal.wrong_rank_marks laurel_internal.quota laurel_internal.attaches laurel_internal.event_attachment laurel_internal.invitation_ics laurel_internal.recount_quota laurel_internal.period_start laurel_internal.period_end laurel_internal.points_expire_on laurel_internal.points_kept_from
$$),
-- What only C code calls, and the planner.
('', $$
    laurel_internal.can_see_support laurel_internal.digest_end laurel_internal.is_hard_bounce laurel_internal.is_wanted
    laurel_internal.member_of_support laurel_internal.next_run laurel_internal.quiet_until
$$),
-- Triggers: attached by the owner, called by nobody.
('', $$
    laurel_internal.belong laurel_internal.check_belonging laurel_internal.check_step laurel_internal.count_pending
    laurel_internal.count_row laurel_internal.count_rows laurel_internal.count_table laurel_internal.guard_count
    laurel_internal.check_organization laurel_internal.keep_columns laurel_internal.keep_moving laurel_internal.keep_rows laurel_internal.keep_table
    laurel_internal.step_state laurel_internal.stamp_created_at laurel_internal.tell_rows laurel_internal.note_rank laurel_internal.write_rank_moves
    laurel_internal.award_achievement laurel_internal.before_cascade laurel_internal.begin_posting
    laurel_internal.fill_activity_date laurel_internal.forget_invitations laurel_internal.guard_domain laurel_internal.check_ceilings
    laurel_internal.guard_membership laurel_internal.move_home laurel_internal.require_organization
    laurel_internal.check_circles laurel_internal.archive_row laurel_internal.archive_table laurel_internal.check_version laurel_internal.raise_version laurel_internal.fill_organization laurel_internal.fill_slug laurel_internal.bring_to_form laurel_internal.finish_posting
    laurel_internal.follow_streaks laurel_internal.forget_deliveries laurel_internal.forget_suppressions laurel_internal.guard_balances
    laurel_internal.check_balances laurel_internal.close_account laurel_internal.erase_entry_words
    laurel_internal.guard_departed laurel_internal.guard_platform_admin laurel_internal.guard_role
    laurel_internal.keep_archive laurel_internal.keep_seals laurel_internal.keep_audit_seals laurel_internal.audit_rows laurel_internal.audit_written laurel_internal.audit_truncated laurel_internal.audited laurel_internal.personal laurel_internal.tag_personal laurel_internal.add_sealed_column laurel_internal.count_personal_values laurel_internal.encrypt_columns laurel_internal.log_processing laurel_internal.personal_key_of laurel_internal.personal_keys laurel_internal.personal_places laurel_internal.personal_row laurel_internal.require_personal laurel_internal.reveal laurel_internal.personal_digest laurel_internal.is_personal laurel_internal.rotate_place laurel_internal.rotate_places laurel_internal.seal_again laurel_internal.seal_personal laurel_internal.digest_personal laurel_internal.forget_digests 
    laurel_internal.keep_held laurel_internal.keep_history laurel_internal.keep_home_membership laurel_internal.check_publication laurel_internal.check_share laurel_internal.narrow_shares laurel_internal.keep_leader laurel_internal.require_role laurel_internal.requires_role laurel_internal.revoke_credentials
    laurel_internal.earn_badges laurel_internal.count_challenge_events laurel_internal.follow_challenges laurel_internal.guard_progress
    laurel_internal.keep_organization laurel_internal.make_deliveries laurel_internal.normalize_user
    laurel_internal.open_accounts laurel_internal.open_organizations laurel_internal.open_user
    laurel_internal.post_entry laurel_internal.register_reference_type
    laurel_internal.resume_accounts laurel_internal.resume_deliveries
    laurel_internal.retier_accounts laurel_internal.retier_organizations laurel_internal.sign_hold
    laurel_internal.signal_applied_change laurel_internal.signal_change
    laurel_internal.admit_block laurel_internal.admit_message laurel_internal.keep_read laurel_internal.stamp_read laurel_internal.touch_updated_at
    laurel_internal.belong laurel_internal.check_belonging laurel_internal.check_step laurel_internal.count_gone
    laurel_internal.count_pending laurel_internal.count_row laurel_internal.count_rows laurel_internal.count_table
    laurel_internal.guard_count laurel_internal.keep_columns laurel_internal.keep_rows laurel_internal.keep_table
    laurel_internal.step_state laurel_internal.quota_rows laurel_internal.quota_table laurel_internal.quota_zone laurel_internal.guard_usage
    laurel_internal.number_rule laurel_internal.keep_rule laurel_internal.run_rules laurel_internal.take_place laurel_internal.price_redemption laurel_internal.require_stock laurel_internal.leave_redemptions laurel_internal.settle_redemptions laurel_internal.keep_answer laurel_internal.keep_reward laurel_internal.lock_events laurel_internal.promote_waiting laurel_internal.fill_places laurel_internal.check_presence laurel_internal.end_event laurel_internal.raise_sequence laurel_internal.make_occurrences laurel_internal.follow_series laurel_internal.note_exception laurel_internal.decide_recognition laurel_internal.recognition_approvers laurel_internal.bring_buddy_words laurel_internal.check_buddy laurel_internal.accompany laurel_internal.find_companion
    laurel_internal.begin_attempt laurel_internal.keep_graded laurel_internal.take_answer laurel_internal.follow_attempts laurel_internal.publish_assessment laurel_internal.credit laurel_internal.rank_by_seed
    laurel_internal.book laurel_internal.keep_of_trainer laurel_internal.follow_session laurel_internal.take_session_place laurel_internal.lock_sessions laurel_internal.promote_in_sessions laurel_internal.fill_sessions laurel_internal.appointment_invitation_ics laurel_internal.appointment_attachment laurel_internal.invitation_file
    laurel_internal.grade laurel_internal.grade_completion laurel_internal.follow_completions laurel_internal.follow_path laurel_internal.follow_contents
    laurel_internal.fill_onboarding laurel_internal.plan_onboarding laurel_internal.reassign_tasks laurel_internal.follow_manager laurel_internal.start_onboardings laurel_internal.complete_onboarding
    laurel_internal.settle_task laurel_internal.remind_anew laurel_internal.check_task_order laurel_internal.hold_plan laurel_internal.hold_words
    laurel_internal.assign_paths laurel_internal.take_path laurel_internal.follow_assignments laurel_internal.assign_joiners laurel_internal.assign_teammates laurel_internal.release_teammates laurel_internal.withdraw_archived laurel_internal.settle_assigned laurel_internal.renew_assigned laurel_internal.plan_notice
$$)) AS listed (clients, names), regexp_split_to_table(btrim(names, E' \n'), '\s+') AS name;

CREATE TEMP VIEW functions AS SELECT p.oid, format('%s.%s', n.nspname, p.proname) AS name,
    coalesce((SELECT string_agg(r, ' ' ORDER BY r) FROM unnest('{anon, authenticated, laurel_jobs, service_role}'::text[]) r
              WHERE has_function_privilege(r, p.oid, 'EXECUTE')), '') AS clients
    FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname IN ('laurel', 'laurel_internal');
CREATE TEMP VIEW relations AS SELECT c.oid, c.oid::regclass::text AS name, c.relowner, c.relkind FROM pg_class c
    WHERE c.relnamespace IN ('laurel'::regnamespace, 'laurel_internal'::regnamespace) AND c.relkind IN ('r', 'p', 'v', 'm', 'S');

-- Functions.
SELECT is_empty('SELECT name, clients FROM functions EXCEPT SELECT name, clients FROM expected', 'each function may be executed by those listed');
SELECT is_empty('SELECT name, clients FROM expected EXCEPT SELECT name, clients FROM functions', 'and each that is listed is there');
SELECT is_empty($$ SELECT name FROM functions f JOIN pg_proc p USING (oid), aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a
    WHERE a.grantee = 0 OR a.is_grantable OR a.grantee::regrole::text <> ALL (ARRAY['anon', 'authenticated', 'laurel_jobs', 'laurel_owner', 'service_role', p.proowner::regrole::text]) $$,
    'nobody else may execute any, or pass it on');
SELECT is_empty($$ SELECT name FROM functions WHERE NOT has_function_privilege('laurel_owner', oid, 'EXECUTE') $$, 'laurel_owner executes all of them');
SELECT is_empty($$ SELECT name FROM functions f JOIN pg_proc p USING (oid) JOIN pg_roles r ON r.oid = p.proowner WHERE NOT r.rolsuper AND f.name <> 'laurel.member' $$, 'and owns none');
SELECT is_empty($$ SELECT oid FROM pg_proc WHERE proname = 'member' AND pronamespace = 'laurel'::regnamespace AND (prosecdef OR proowner <> 'laurel_owner'::regrole) $$,
    'but those that tables bring along, which act as who calls');

-- The two roles.
SELECT results_eq($$ SELECT rolname, rolcanlogin FROM pg_roles WHERE rolname LIKE 'laurel\_%' AND rolname IN ('laurel_owner', 'laurel_jobs') AND NOT rolsuper AND NOT rolcreaterole
    AND NOT rolcreatedb AND NOT rolreplication AND NOT rolbypassrls ORDER BY 1 $$, $$ VALUES ('laurel_jobs'::name, true), ('laurel_owner', false) $$, 'both roles are small');
SELECT is_empty($$ SELECT roleid::regrole, member::regrole FROM pg_auth_members
    WHERE roleid IN ('laurel_owner'::regrole, 'laurel_jobs'::regrole) OR member IN ('laurel_owner'::regrole, 'laurel_jobs'::regrole) $$, 'members of nothing, without members');
SELECT is_empty($$ SELECT name, relowner::regrole FROM relations WHERE relowner <> 'laurel_owner'::regrole $$, 'laurel_owner has every table, view and sequence');
SELECT is_empty($$ SELECT typname FROM pg_type WHERE typnamespace IN ('laurel'::regnamespace, 'laurel_internal'::regnamespace) AND typowner <> 'laurel_owner'::regrole
    UNION ALL SELECT stxname FROM pg_statistic_ext WHERE stxnamespace IN ('laurel'::regnamespace, 'laurel_internal'::regnamespace) AND stxowner <> 'laurel_owner'::regrole $$,
    'every type and what statistics are kept');
SELECT is_empty($$ SELECT name FROM relations WHERE relkind <> 'S' AND (has_any_column_privilege('laurel_jobs', oid, 'SELECT, INSERT, UPDATE, REFERENCES')
    OR has_table_privilege('laurel_jobs', oid, 'DELETE, TRUNCATE, TRIGGER')) $$, 'laurel_jobs has no right to any');
SELECT is((SELECT string_agg(nspname || ' ' || privilege_type, ', ' ORDER BY nspname, privilege_type) FROM pg_namespace, aclexplode(nspacl) a
    WHERE nspname IN ('laurel', 'laurel_internal') AND grantee = 'laurel_jobs'::regrole), 'laurel USAGE, laurel_internal USAGE', 'and makes nothing');
SET LOCAL ROLE laurel_jobs;
SELECT is((SELECT count(*) FROM laurel.maintain_partitions() WHERE problem IS NOT NULL), 0::bigint, 'it makes partitions');
SELECT lives_ok('SELECT laurel.freeze_finished_leaderboards()', 'and freezes leaderboards');
RESET ROLE;
CREATE MATERIALIZED VIEW laurel_internal.sums AS SELECT 1 AS n, clock_timestamp() AS at;
CREATE UNIQUE INDEX ON laurel_internal.sums (n);
ALTER MATERIALIZED VIEW laurel_internal.sums OWNER TO laurel_owner;
CREATE TEMP TABLE before AS SELECT at FROM laurel_internal.sums;
SET LOCAL ROLE laurel_jobs;
SELECT laurel.refresh_view('sums');
SELECT throws_ok($$ SELECT laurel.refresh_view('rank_marks') $$, '42809', '"laurel_internal.rank_marks" is no materialized view', 'what is no view is refused');
SELECT throws_ok($$ SELECT laurel.refresh_view('nothing') $$, '42P01', NULL, 'and what is not there');
RESET ROLE;
SELECT isnt((SELECT at FROM laurel_internal.sums), (SELECT at FROM before), 'a view is computed anew');
DROP MATERIALIZED VIEW laurel_internal.sums;

-- Whoever may update, delete from or truncate a table as a whole, may lock it for everybody, says the server; rows cannot be deleted otherwise.
CREATE TEMP TABLE deletable AS SELECT unnest('{laurel.achievements, laurel.activities, laurel.appointments, laurel.availability_exceptions, laurel.availability_rules, laurel.rooms, laurel.trainer_calendars, laurel.assessments, laurel.questions, laurel.assessment_draws, laurel.assessment_accommodations, laurel.award_budgets, laurel.point_expiry_policies, laurel.tier_benefits, laurel.streak_settings, laurel.buddy_profiles, laurel.event_series, laurel.buddy_requests, laurel.buddy_settings, laurel.credential_issuers, laurel.privacy_settings, laurel.company_values, laurel.events, laurel.participations, laurel.recognition_allowances, laurel.recognition_comments, laurel.recognition_reactions, laurel.recognition_settings, laurel.rewards, laurel.answer_keys, laurel.learning_assignments, laurel.learning_milestones, laurel.learning_modules, laurel.learning_path_progress, laurel.learning_paths, laurel.module_completions, laurel.module_prerequisites, laurel.badge_awards, laurel.badge_revocations, laurel.badges, laurel.beneficiaries, laurel.beneficiary_notes, laurel.document_shares, laurel.documents, laurel.gamification_rules, laurel.channel_members, laurel.channels, laurel.courses, laurel.enrollments, laurel.levels,
    laurel.holidays, laurel.onboarding_check_ins, laurel.onboarding_task_dependencies, laurel.onboarding_tasks, laurel.onboarding_template_tasks, laurel.onboarding_templates, laurel.working_calendars,
    laurel.messaging_settings, laurel.settings, laurel.notification_templates, laurel.notifications, laurel.personal_challenges, laurel.team_challenges, laurel.team_memberships, laurel.teams, laurel.user_organizations, laurel.user_roles, laurel.users, laurel.webhook_endpoints}'::text[]) AS name;
SELECT is_empty($$ SELECT name, role FROM relations, unnest('{anon, authenticated, laurel_jobs}'::text[]) role
    WHERE relkind <> 'S' AND has_table_privilege(role, oid, 'UPDATE, TRUNCATE, TRIGGER, REFERENCES') $$, 'no client updates or truncates a table as a whole');
SELECT results_eq($$ SELECT name FROM relations WHERE relkind <> 'S' AND has_table_privilege('authenticated', oid, 'DELETE') ORDER BY name COLLATE "C" $$,
    $$ SELECT name FROM deletable ORDER BY name COLLATE "C" $$, 'members delete from these only');
SELECT is_empty($$ SELECT name FROM relations WHERE relkind <> 'S' AND has_table_privilege('anon', oid, 'DELETE') $$, 'who is not signed in, from none');
-- An ORM that writes every column of a row may go on.
CREATE FUNCTION pg_temp.updates_all(relation text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    every text := (SELECT string_agg(format('%1$I = %1$I', attname), ', ') FROM pg_attribute WHERE attrelid = relation::regclass AND attnum > 0 AND NOT attisdropped);
    refused text;
BEGIN
    PERFORM tests.act('authenticated', '');
    refused := tests.error_of(format('UPDATE %s SET %s', relation, every));
    PERFORM tests.act_as_owner();
    RETURN refused;
END
$$;
SELECT is((SELECT string_agg(name, ' ' ORDER BY name COLLATE "C") FROM relations WHERE relkind IN ('r', 'p') AND pg_temp.updates_all(name) = 'none'),
    'laurel.activities laurel.availability_exceptions laurel.availability_rules laurel.award_budgets laurel.badges laurel.buddy_settings laurel.channels laurel.company_values laurel.courses laurel.credential_issuers laurel.holidays laurel.levels laurel.messaging_settings laurel.notification_templates laurel.point_expiry_policies laurel.privacy_settings laurel.profiles laurel.recognition_allowances laurel.recognition_settings laurel.rooms laurel.streak_settings laurel.team_challenges laurel.teams laurel.tier_benefits laurel.tiers laurel.trainer_calendars'
    ' laurel.user_preferences laurel.user_roles laurel.working_calendars',
    'who could set every column of a table, still can');
CREATE FUNCTION pg_temp.lockable(client text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
    relation text;
    refused text;
BEGIN
    FOR relation IN SELECT name FROM relations WHERE relkind <> 'S' ORDER BY name COLLATE "C" LOOP
        PERFORM tests.act(client, '');
        refused := tests.error_of(format('LOCK TABLE %s IN SHARE UPDATE EXCLUSIVE MODE', relation));
        PERFORM tests.act_as_owner();
        IF refused = 'none' THEN
            RETURN NEXT relation;
        END IF;
    END LOOP;
END
$$;
GRANT USAGE ON SCHEMA tests TO laurel_jobs;
SELECT is_empty($$ SELECT who, pg_temp.lockable(who) FROM unnest('{anon, authenticated, service_role, laurel_jobs}'::text[]) who $$,
    'no client locks a table');
CREATE VIEW public.their_badges AS SELECT name FROM (SELECT badge_name AS name FROM laurel.badges WHERE id IN (SELECT badge_id FROM laurel.badge_awards)) named;
GRANT SELECT, DELETE ON public.their_badges TO authenticated;
SET LOCAL ROLE authenticated;
SELECT throws_ok('LOCK TABLE public.their_badges IN SHARE MODE', '42501', 'only the owner of Laurel''s tables locks views, such as public.their_badges', 'nor through a view');
SELECT lives_ok('LOCK TABLE laurel.badges IN ROW EXCLUSIVE MODE', 'what writing takes as well is no lock that stops anybody');
RESET ROLE;
SELECT lives_ok('LOCK TABLE laurel.badges, public.their_badges', 'an owner locks');

-- Tables of others are locked as the server locks them.
CREATE TABLE public.plain (id integer);
CREATE TABLE public.parted (id integer) PARTITION BY LIST (id);
CREATE TABLE public.parted_one PARTITION OF public.parted FOR VALUES IN (1);
CREATE SEQUENCE public.numbers;
CREATE TEMP TABLE mine (id integer);
GRANT UPDATE ON public.plain, public.parted, mine, public.numbers TO authenticated;
CREATE TEMP TABLE held AS SELECT relation, mode FROM pg_locks WHERE pid = pg_backend_pid() AND relation IS NOT NULL;
CREATE FUNCTION pg_temp.locked() RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(format('%s %s', relation::regclass, mode), ', ' ORDER BY relation::regclass::text, mode) FROM pg_locks
    WHERE pid = pg_backend_pid() AND relation IN ('public.plain'::regclass, 'public.parted'::regclass, 'public.parted_one'::regclass, 'mine'::regclass)
        AND mode IN ('ExclusiveLock', 'ShareLock', 'AccessExclusiveLock') AND (relation, mode) NOT IN (TABLE held)
$$;
SET LOCAL ROLE authenticated;
LOCK TABLE public.plain, ONLY public.parted, mine IN EXCLUSIVE MODE;
LOCK TABLE public.parted IN SHARE MODE NOWAIT;
SELECT throws_ok('LOCK TABLE public.numbers', '42809', NULL, 'no sequence is locked');
SELECT throws_ok('LOCK TABLE public.parted_one', '42501', 'permission denied for table parted_one', 'no table without a right to it');
SELECT throws_ok('LOCK TABLE public.plain, laurel.badges', '42501', 'only its owner locks laurel.badges', 'none of Laurel''s behind another');
SELECT throws_ok('LOCK TABLE nowhere', '42P01', NULL, 'none that is not there');
RESET ROLE;
CREATE TABLE public.above (id uuid);
ALTER TABLE laurel.badges INHERIT public.above;
GRANT UPDATE ON public.above TO authenticated;
SET LOCAL ROLE authenticated;
SELECT throws_ok('LOCK TABLE public.above', '42501', 'only its owner locks laurel.badges', 'nor through a table that it inherits from');
RESET ROLE;
SELECT is(pg_temp.locked(), 'mine ExclusiveLock, parted ExclusiveLock, parted ShareLock, parted_one ShareLock, plain ExclusiveLock', 'with partitions, unless ONLY is said');

SELECT * FROM finish();
ROLLBACK;
