-- Who may execute what. A function that is not listed, such as those of triggers, is for laurel_owner alone; one that is
-- added is listed here, and in test/sql/everywhere/rights.sql.

DO $grants$
DECLARE
    granted record;
BEGIN
    REVOKE ALL ON ALL ROUTINES IN SCHEMA laurel, laurel_internal FROM PUBLIC;
    -- Checks, defaults, policies and index expressions of the tables run as their owner.
    GRANT EXECUTE ON ALL ROUTINES IN SCHEMA laurel, laurel_internal TO laurel_owner;
    FOR granted IN
        SELECT name::pg_catalog.regproc::pg_catalog.regprocedure AS routine, v.clients
        FROM (VALUES
            -- What the caller is, and what a policy or default asks of everybody.
            ('anon, authenticated, service_role', '
                laurel.log_error  laurel.setting  laurel.setting_json  laurel.calendar_feed  laurel.credential_status  laurel.issuer_document  laurel.status_list  laurel.verify_credential  laurel.administers  laurel.has_role  laurel.member_of  laurel.org_id  laurel.uid  laurel.uuidv7
                laurel_internal.assigned  laurel_internal.organizations'),
            -- Policies of those who are signed in: the service role is above them, and for others they say true.
            ('authenticated', '
                laurel_internal.approves  laurel_internal.authors laurel_internal.can_see  laurel_internal.may_review laurel_internal.me  laurel_internal.sees_recognition  laurel_internal.shares_document laurel_internal.trains  laurel_internal.visible_users  laurel_internal.withholds'),
            -- Checks, evaluated as whoever writes.
            ('authenticated, service_role', '
                laurel_internal.check_account  laurel_internal.check_entry  laurel_internal.check_json laurel_internal.check_criteria  laurel_internal.check_link  laurel_internal.check_notification_preferences  laurel_internal.check_template
                laurel_internal.check_answer_keys  laurel_internal.check_questions  laurel_internal.check_options  laurel_internal.answer_key  laurel_internal.check_rubric  laurel_internal.are_tags  laurel_internal.are_languages  laurel_internal.are_skills
                laurel_internal.check_webhook_url  laurel_internal.is_json  laurel_internal.is_invitation_lifetime  laurel_internal.is_canonical  laurel_internal.is_webhook_secret'),
            -- What members and administrators do; each checks who calls.
            ('authenticated, service_role', '
                laurel.mail_address  laurel.set_password  laurel.revoke_session  laurel.revoke_sessions
                laurel.accept_invitation  laurel.change_email  laurel.confirm_email  laurel.deactivate_account  laurel.decline_invitation
                laurel.delete_account  laurel.invite_member  laurel.my_invitations  laurel.withdraw_invitation
                laurel.balance_at  laurel.level_for  laurel.record_points_transaction  laurel.record_points_transactions
                laurel.reverse_points_transaction  laurel.capture_hold  laurel.hold_points  laurel.release_hold  laurel.tier_for  laurel.verify_ledger
                laurel.ledger_seal  laurel.prove_entry
                laurel.expiring_points  laurel.points_liability
                laurel.freeze_leaderboard  laurel.frozen_leaderboard  laurel.leaderboard  laurel.rank_of  laurel.standings
                laurel.record_activity  laurel.streak_of
                laurel.award_badge  laurel.award_badge_named  laurel.award_earned_badges  laurel.revoke_badge  laurel.revoke_badge_named
                laurel.mark_notifications_read  laurel.notify  laurel.unread_notifications
                laurel.clear_suppression
                laurel.create_webhook_endpoint  laurel.disable_webhook_endpoint  laurel.enable_webhook_endpoint
                laurel.rotate_webhook_secret  laurel.choose_team  laurel.team_role  laurel.attendees  laurel.check_in  laurel.end_series  laurel.preview_series laurel.invite_to_event  laurel.appointment_ics  laurel.book_appointment  laurel.cancel_appointment  laurel.complete_appointment  laurel.confirm_appointment  laurel.free_slots  laurel.hold_appointment  laurel.join_session  laurel.mark_no_show  laurel.reschedule_appointment  laurel.create_calendar_feed  laurel.event_ics  laurel.revoke_calendar_feed
                laurel.approve_recognition  laurel.recognition_allowance  laurel.recognition_feed  laurel.recognize  laurel.reject_recognition  laurel.withdraw_recognition
                laurel.block_member  laurel.delete_messages  laurel.mark_messages_read  laurel.message_thread  laurel.message_threads  laurel.search_messages  laurel.send_message  laurel.unblock_member  laurel.unread_messages
                laurel.approve_redemption  laurel.cancel_redemption  laurel.decline_redemption  laurel.fulfil_redemption  laurel.redeem  laurel.withdraw_vouchers
                laurel.who_can_see  laurel.accept_buddy  laurel.approve_buddies  laurel.decline_buddy  laurel.end_buddy  laurel.match_buddies  laurel.my_buddies
                laurel.attempt_questions  laurel.mark_response  laurel.regrade_assessment  laurel_internal.item_statistics  laurel.review_attempt  laurel.save_answers  laurel.start_attempt  laurel.submit_attempt
                laurel.can_start  laurel.complete_module  laurel.enroll  laurel.recertify
                laurel.history_of
                laurel.reading_for  laurel_internal.personal_date  laurel_internal.personal_text
                laurel.emit  laurel.explain_rules  laurel.simulate_rule
                laurel.certificate  laurel.credential  laurel.credential_jwt  laurel.revoke_credential  laurel.revoke_credential_key
                laurel.export_user  laurel.export_user_rows  laurel.merge_users
                laurel.answer_request  laurel.cancel_erasure  laurel.erase_user  laurel.extend_request  laurel.make_privacy_request
                laurel.add_working_days  laurel.complete_onboarding_task  laurel.onboarding_plan  laurel.onboarding_progress  laurel.start_onboarding'),
            -- What the back end does.
            ('service_role', '
                laurel.voucher_codes  laurel.store_analysis  laurel.set_context  laurel.create_session  laurel.session_user_id  laurel.record_login  laurel.verify_password
                laurel.consume_one_time_token  laurel.create_invitation_token  laurel.create_one_time_token
                laurel.dead_deliveries  laurel.delivery_history  laurel.delivery_status  laurel.redrive_deliveries
                laurel.report_bounce  laurel.unsubscribe
                laurel.job_status  laurel.schedule  laurel.unschedule  laurel_internal.is_cron
                laurel.migration_status  laurel_internal.embedded_migrations  laurel.check
                laurel.audit_seal  laurel.verify_audit  laurel.audited_columns  laurel.reapply_erasures  laurel_internal.erase_again
                laurel.find_personal  laurel.pii_columns  laurel.pii_keys
                laurel.messages_of'),
            -- What the worker does.
            ('service_role', '
                laurel_internal.claim_deliveries  laurel_internal.complete_deliveries  laurel_internal.extend_leases
                laurel_internal.release_deliveries  laurel_internal.register_worker  laurel_internal.unregister_worker
                laurel_internal.worker_beat  laurel_internal.claim_due_job  laurel_internal.finish_job'),
            ('laurel_jobs', 'laurel_internal.confirm_jobs'),
            -- The commands of jobs, which the worker runs too, and what they call as their caller.
            ('service_role, laurel_jobs', '
                laurel.freeze_finished_leaderboards  laurel.maintain_partitions  laurel.refresh_view  laurel.run_retention
                laurel_internal.count_retention  laurel_internal.create_month_partitions  laurel_internal.due_policies
                laurel_internal.enter_retention  laurel_internal.finish_retention  laurel_internal.leave_retention
                laurel.send_reminders laurel.expire_appointments laurel.expire_holds  laurel.submit_overdue_attempts  laurel.promote_waiting  laurel.extend_series  laurel_internal.note_missing  laurel.seal_audit  laurel.run_waiting_rules laurel.remind_learners  laurel.remind_onboarding  laurel.seal_ledger  laurel.refresh_ranks  laurel_internal.count_rank_marks  laurel_internal.fold_rank_moves  laurel_internal.place_rank_marks
                laurel.rotate_pii_key
                laurel.expire_points  laurel_internal.organizations_to_expire  laurel_internal.expire_some_points  laurel.end_tiers  laurel_internal.organizations_to_tier  laurel_internal.tier_some_accounts
                laurel.alert_requests  laurel.run_erasures  laurel_internal.due_erasures  laurel_internal.erased_lately  laurel_internal.erase_late_rows  laurel_internal.erase_requests  laurel_internal.erase_request  laurel_internal.note_erasure_failure
                laurel_internal.require_no_block  laurel_internal.retention_batch  laurel_internal.start_retention')
        ) AS v (clients, names), pg_catalog.regexp_split_to_table(pg_catalog.btrim(v.names, E' \n'), '\s+') name
    LOOP
        EXECUTE pg_catalog.format('GRANT EXECUTE ON ROUTINE %s TO %s', granted.routine, granted.clients);
    END LOOP;
END
$grants$;

GRANT USAGE, CREATE ON SCHEMA laurel, laurel_internal TO laurel_owner;
-- laurel_jobs has no table.
GRANT USAGE ON SCHEMA laurel, laurel_internal TO laurel_jobs;
