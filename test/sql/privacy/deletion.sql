-- What goes with a user who is deleted, and what stays, line by line.
\ir ../support/load.sql
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT no_plan();

SELECT tests.cast('admin', 'learner', 'other');
CREATE FUNCTION pg_temp.p() RETURNS uuid LANGUAGE sql AS $$ SELECT tests.person('learner') $$;
SELECT laurel.record_points_transaction(pg_temp.p(), 10, 'bonus', reason => 'r') \g /dev/null
INSERT INTO laurel.badges (id, organization_id, slug, badge_name) VALUES (tests.person('badge'), tests.acme(), 'first', 'First');
INSERT INTO laurel.badge_awards (organization_id, user_id, badge_id) VALUES (tests.acme(), pg_temp.p(), tests.person('badge'));
INSERT INTO laurel.learning_paths (id, organization_id, title, status) VALUES (tests.person('path'), tests.acme(), 'Path', 'published');
INSERT INTO laurel.learning_modules (id, organization_id, learning_path_id, position, title) VALUES (tests.person('module'), tests.acme(), tests.person('path'), 1, 'Module');
INSERT INTO laurel.module_completions (organization_id, user_id, module_id, status) VALUES (tests.acme(), pg_temp.p(), tests.person('module'), 'completed');
INSERT INTO laurel.activities (id, organization_id, name) VALUES (tests.person('activity'), tests.acme(), 'Activity');
INSERT INTO laurel.events (id, organization_id, activity_id, title, scheduled_date, ends_at) VALUES (tests.person('event'), tests.acme(), tests.person('activity'), 'Event', now() + interval '1 day', now() + interval '2 days');
INSERT INTO laurel.participations (organization_id, event_id, user_id) VALUES (tests.acme(), tests.person('event'), pg_temp.p());
INSERT INTO laurel.recognitions (id, organization_id, sender_id, recipient_id, message) VALUES (tests.person('given'), tests.acme(), pg_temp.p(), tests.person('other'), 'Thanks'), (tests.person('received'), tests.acme(), tests.person('other'), pg_temp.p(), 'Thanks');
INSERT INTO laurel.teams (id, organization_id, name) VALUES (tests.person('team'), tests.acme(), 'Team');
INSERT INTO laurel.team_memberships (organization_id, team_id, user_id) VALUES (tests.acme(), tests.person('team'), pg_temp.p());
INSERT INTO laurel.buddy_profiles (organization_id, user_id) VALUES (tests.acme(), tests.person('other'));
INSERT INTO laurel.buddy_matches (organization_id, user_id, buddy_id) VALUES (tests.acme(), pg_temp.p(), tests.person('other'));
INSERT INTO laurel.onboarding_templates (id, organization_id, name) VALUES (tests.person('plan'), tests.acme(), 'Plan');
INSERT INTO laurel.user_onboardings (organization_id, user_id, template_id) VALUES (tests.acme(), pg_temp.p(), tests.person('plan'));
SELECT laurel.erase_user(pg_temp.p(), 'leaving') \g /dev/null

CREATE FUNCTION pg_temp.rows() RETURNS TABLE (place text, rows bigint) LANGUAGE plpgsql AS $$
DECLARE
    t text;
BEGIN
    FOREACH t IN ARRAY '{profiles, user_preferences, user_points, points_ledger, badge_awards, learning_path_progress, module_completions, participations, team_memberships, buddy_matches, user_onboardings, notifications, domain_events, audit_log, privacy_requests}'::text[] LOOP
        RETURN QUERY EXECUTE format('SELECT %L, count(*) FROM laurel.%I WHERE user_id = %L', t, t, pg_temp.p());
    END LOOP;
END $$;
SELECT is_empty('SELECT place FROM pg_temp.rows() WHERE rows = 0', 'there is something of everything');
DELETE FROM laurel.users WHERE id = pg_temp.p();
SELECT results_eq('SELECT place FROM pg_temp.rows() WHERE rows > 0 ORDER BY 1', ARRAY['audit_log', 'points_ledger', 'privacy_requests'],
    'profile, points, badges, progress, completions, events, teams, buddies and onboarding go with the user; ledger and audit log stay');
SELECT results_eq($$SELECT sender_id IS NULL, recipient_id IS NULL FROM laurel.recognitions ORDER BY 1$$, $$VALUES (false, true), (true, false)$$, 'thanks stay without the user');
SELECT tests.act_as(tests.person('other'));
SELECT is((SELECT string_agg(concat_ws(' to ', sender_name, recipient_name), ', ' ORDER BY sender_name COLLATE "C" DESC) FROM laurel.recognition_feed(10)), '[Deleted User] to Anonymous, Anonymous to [Deleted User]', 'and show nobody');
SELECT tests.act_as_owner();
SELECT is_empty('SELECT * FROM laurel.verify_ledger()', 'the ledger is sound');
SELECT is_empty('SELECT * FROM laurel.check()', 'and what is counted');

-- Whoever is erased is shown the same.
UPDATE laurel.users SET full_name = 'Otto Other' WHERE id = tests.person('other');
INSERT INTO laurel.privacy_settings (organization_id, erasure_grace_days) VALUES (tests.acme(), 0);
INSERT INTO laurel.recognitions (id, organization_id, sender_id, recipient_id, message) VALUES (tests.person('again'), tests.acme(), tests.person('other'), tests.person('admin'), 'Thanks');
SELECT laurel_internal.erase_request(laurel.erase_user(tests.person('other'))) \g /dev/null
SELECT tests.act_as(tests.person('admin'));
SELECT is((SELECT sender_name FROM laurel.recognition_feed(10) WHERE id = tests.person('again')), '[Deleted User]', 'whoever is erased is shown as whoever is gone');
SELECT tests.act_as_owner();
-- The request of whoever is gone is done.
SELECT is(laurel_internal.erase_request(id), false, 'a request of 30 days waits on') FROM laurel.privacy_requests WHERE user_id = pg_temp.p();
SET LOCAL session_replication_role = replica;
UPDATE laurel.privacy_requests SET erase_after = now() WHERE user_id = pg_temp.p();
SET LOCAL session_replication_role = origin;
SELECT is(laurel_internal.erase_request(id), true, 'and is done, though nobody is there') FROM laurel.privacy_requests WHERE user_id = pg_temp.p();
SELECT is((SELECT reason FROM laurel.points_ledger WHERE user_id = pg_temp.p()), NULL, 'also in the ledger');

SELECT finish();
ROLLBACK;
