-- What of Laurel's own tables is in the audit log: every table and column of which a change is written down, and nothing else of it.
\ir ../support/load.sql
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT no_plan();
SELECT tests.cast();
SELECT tests.join(tests.acme(), 'twin');
SELECT tests.act_as_owner();

-- The lines that a statement leaves of one table: the keys of what is shown, and what is hidden.
CREATE FUNCTION pg_temp.left_by(of_table text, statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    earlier constant uuid[] := ARRAY(SELECT id FROM laurel.audit_log);
BEGIN
    EXECUTE statement;
    RETURN (SELECT string_agg(concat_ws(' ', operation, (SELECT string_agg(key, ', ' ORDER BY key) FROM jsonb_object_keys(coalesce(after, before)) key), '| ' || (SELECT string_agg(name, ', ') FROM jsonb_array_elements_text(hidden) name)),
            '; ' ORDER BY created_at, id)
        FROM laurel.audit_log WHERE table_name = 'laurel.' || of_table AND id <> ALL (earlier));
END
$$;
INSERT INTO laurel.recognitions (id, organization_id, sender_id, recipient_id, message, status) VALUES (tests.person('thanks'), tests.acme(), tests.person('learner'), tests.person('other'), 'Thanks', 'pending');

SELECT is(pg_temp.left_by(name, statement), lines, left(statement, 80)) FROM (VALUES
    ('organizations', $$ INSERT INTO laurel.organizations (name, slug, domain) VALUES ('New', 'new', 'new.test') $$, 'INSERT activity_tolerance, admin_id, daily_invitations, invitation_lifetime, is_active, is_default, slug, tier_basis, tier_grace_days, tier_window_days, tier_window_months, time_zone, webhook_concurrency_limit, webhook_endpoints_limit, webhook_timeout_limit_ms, webhooks_under_way_limit | name, domain, settings'),
    ('users', $$ INSERT INTO laurel.users (organization_id, email, full_name, first_name, last_name) VALUES (tests.acme(), 'new@acme.test', 'A B', 'A', 'B') $$, 'INSERT email_verified, is_active, manager_id, organization_id, permissions | email, full_name, first_name, last_name'),
    ('users', $$ UPDATE laurel.users SET is_active = false, manager_id = tests.person('manager'), email_verified = true, permissions = '{x}' WHERE email = 'new@acme.test' $$, 'UPDATE email_verified, is_active, manager_id, permissions'),
    ('users', $$ SELECT laurel.set_password(id, 'correct horse battery') FROM laurel.users WHERE email = 'new@acme.test' $$, 'UPDATE | password_hash'),
    ('user_organizations', $$ INSERT INTO laurel.user_organizations (organization_id, user_id) VALUES (tests.bolt(), tests.person('learner')) $$, 'INSERT organization_id, user_id'),
    ('user_organizations', $$ DELETE FROM laurel.user_organizations WHERE organization_id = tests.bolt() AND user_id = tests.person('learner') $$, 'DELETE organization_id, user_id'),
    ('user_roles', $$ INSERT INTO laurel.user_roles (user_id, role) VALUES (tests.person('twin'), 'trainer') $$, 'INSERT granted_by, role, user_id'),
    ('user_roles', $$ DELETE FROM laurel.user_roles WHERE user_id = tests.person('twin') AND role = 'trainer' $$, 'DELETE granted_by, role, user_id'),
    ('user_identities', $$ INSERT INTO laurel.user_identities (organization_id, user_id, provider, subject) VALUES (tests.acme(), tests.person('twin'), 'https://id.test', 'twin') $$, 'INSERT provider, user_id | subject'),
    ('tiers', $$ UPDATE laurel.tiers SET min_points = min_points + 1 WHERE organization_id = tests.acme() AND tier = 'silver' $$, 'UPDATE min_points'),
    ('points_ledger', $$ INSERT INTO laurel.points_ledger (organization_id, user_id, amount, transaction_type, reason) VALUES (tests.acme(), tests.person('learner'), 5, 'gift', 'r') $$, 'INSERT amount, created_by, entry_no, reverses_id, transaction_type | reason'),
    ('webhook_endpoints', $$ INSERT INTO laurel.webhook_endpoints (organization_id, user_id, url, secret) VALUES (tests.acme(), tests.person('learner'), 'https://x.test/hook', 'whsec_' || encode(decode(repeat('ab', 32), 'hex'), 'base64')) $$, 'INSERT allow_insecure, event_types, is_enabled, max_concurrency, rate_per_second, timeout_ms, user_id | url, secret'),
    ('streak_settings', $$ INSERT INTO laurel.streak_settings (organization_id) VALUES (tests.acme()) $$, 'INSERT days_per_freeze, most_held'),
    ('award_budgets', $$ INSERT INTO laurel.award_budgets (organization_id, name, starts_on, ends_on, planned_points) VALUES (tests.acme(), 'March', '2025-03-01', '2025-03-31', 150) $$, 'INSERT ends_on, name, planned_points, starts_on, transaction_type'),
    ('tier_benefits', $$ INSERT INTO laurel.tier_benefits (organization_id, name, description, tier) VALUES (tests.acme(), 'Lounge', 'A room', 'gold') $$, 'INSERT locked_in_grace, tier | name, description'),
    ('point_expiry_policies', $$ INSERT INTO laurel.point_expiry_policies (organization_id, rule, length) VALUES (tests.acme(), 'after_months', 12) $$, 'INSERT applies_from, length, rule, warn_days'),
    ('credential_issuers', $$ INSERT INTO laurel.credential_issuers (organization_id, issuer_id, name, base_url) VALUES (tests.acme(), 'did:web:acme.test', 'Acme', 'https://acme.test') $$, 'INSERT base_url, contact, issuer_id, name, recipient, url'),
    ('badges', $$ INSERT INTO laurel.badges (id, organization_id, badge_name) VALUES (tests.person('badge'), tests.acme(), 'One') $$, 'INSERT badge_name, category, criteria, is_active, points_value, rarity, slug, tier'),
    ('badges', $$ UPDATE laurel.badges SET points_value = 7 WHERE id = tests.person('badge') $$, 'UPDATE points_value'),
    ('credential_keys', $$ INSERT INTO laurel.credential_keys (organization_id, key_id) VALUES (tests.acme(), 'z6Mk' || repeat('A', 44)) $$, 'INSERT key_id, reason, revoked_at'),
    ('badge_awards', $$ INSERT INTO laurel.badge_awards (id, organization_id, user_id, badge_id) VALUES (tests.person('award'), tests.acme(), tests.person('learner'), tests.person('badge')) $$, NULL),
    ('credentials', $$ INSERT INTO laurel.credentials (id, organization_id, user_id, award_id, key_id, list_no, status_index, issued_at, document, jwt)
        VALUES (tests.person('award'), tests.acme(), tests.person('learner'), tests.person('award'), 'z6Mk' || repeat('A', 44), 1, 1, now(), '{}', 'x') $$, 'INSERT award_id, key_id, revoked_at, user_id'),
    ('credentials', $$ SELECT laurel.revoke_credential(tests.person('award'), 'Ben told us') $$, 'UPDATE revoked_at | reason'),
    ('credential_keys', $$ SELECT laurel.revoke_credential_key('z6Mk' || repeat('A', 44), 'lost', tests.acme()) $$, 'UPDATE reason, revoked_at'),
    ('rewards', $$ INSERT INTO laurel.rewards (id, organization_id, name, price, needs_approval) VALUES (tests.person('reward'), tests.acme(), 'Mug', 1, true) $$, NULL),
    ('rewards', $$ UPDATE laurel.rewards SET price = 2 WHERE id = tests.person('reward') $$, 'UPDATE price'),
    ('redemptions', $$ INSERT INTO laurel.redemptions (organization_id, reward_id, user_id, note) VALUES (tests.acme(), tests.person('reward'), tests.person('learner'), 'for home') $$, NULL),
    ('redemptions', $$ UPDATE laurel.redemptions SET status = 'declined', decision_note = 'no', decided_by = tests.person('admin') $$, 'UPDATE decided_by, status'),
    ('gamification_rules', $$ INSERT INTO laurel.gamification_rules (organization_id, name, event_type, actions) VALUES (tests.acme(), 'Rule', 'x', '[{"kind": "points", "amount": 1}]') $$, 'INSERT actions, active_from, active_until, condition, cooldown, event_type, name, organization_cap, organization_cap_period, runs, status, user_cap, user_cap_period'),
    ('gamification_rules', $$ UPDATE laurel.gamification_rules SET status = 'paused' $$, 'UPDATE status'),
    ('points_ledger', $$ SELECT set_config('request.jwt.claims', json_build_object('sub', tests.person('admin'))::text, true),
        laurel.record_points_transaction(tests.person('learner'), 5, 'gift', 'Rule', id, organization_id => tests.acme()) FROM laurel.gamification_rules $$, 'INSERT amount, created_by, entry_no, reverses_id, transaction_type'),
    ('points_ledger', $$ SELECT set_config('request.jwt.claims', '', true), laurel.record_points_transaction(tests.person('learner'), 5, 'gift', 'Rule', id, organization_id => tests.acme()) FROM laurel.gamification_rules $$, NULL),
    ('retention_policies', $$ INSERT INTO laurel.retention_policies SELECT (jsonb_populate_record(p, '{"name": "another"}')).* FROM laurel.retention_policies p WHERE name = 'tokens_used' $$, 'INSERT action, assignments, batch_rows, condition, is_enabled, keep, name, table_name, time_column, user_columns'),
    ('retention_policies', $$ UPDATE laurel.retention_policies SET keep = '3 days', is_enabled = false WHERE name = 'tokens_used' $$, 'UPDATE is_enabled, keep'),
    ('legal_holds', $$ INSERT INTO laurel.legal_holds (organization_id, user_id, reason) VALUES (tests.acme(), tests.person('other'), 'court') $$, 'INSERT held_from, held_until, placed_by, released_at, released_by, table_name, user_id | reason'),
    ('legal_holds', $$ UPDATE laurel.legal_holds SET released_at = now() $$, 'UPDATE released_at, released_by'),
    ('jobs', $$ INSERT INTO laurel.jobs (name, description, schedule, command, timeout) VALUES ('x', 'x', '* * * * *', 'SELECT 1', '1 minute') $$, 'INSERT command, is_enabled, name, schedule, timeout'),
    ('jobs', $$ UPDATE laurel.jobs SET is_enabled = false WHERE name = 'rules' $$, 'UPDATE is_enabled'),
    ('invitations', $$ INSERT INTO laurel.invitations (organization_id, email, token_hash, expires_at) VALUES (tests.acme(), 'x@acme.test', sha256('1'), now() + interval '1 day') $$, 'INSERT expires_at, invited_by, roles, status, user_id | email'),
    ('recognition_settings', $$ INSERT INTO laurel.recognition_settings (organization_id, monthly_allowance) VALUES (tests.acme(), 50) $$, 'INSERT approval, approval_from, daily_limit, monthly_allowance'),
    ('recognitions', $$ UPDATE laurel.recognitions SET status = 'approved' WHERE id = tests.person('thanks') $$, 'UPDATE status'),
    ('privacy_settings', $$ INSERT INTO laurel.privacy_settings (organization_id, erasure_grace_days) VALUES (tests.acme(), 0) $$, 'INSERT alert_days, answer_months, erasure_grace_days, extension_months'),
    ('privacy_requests', $$ SELECT laurel.erase_user(tests.person('other'), 'please') $$, 'INSERT due_at, erase_after, everywhere, kind, requested_by, status, user_id | reason'),
    ('privacy_requests', $$ SELECT laurel_internal.erase_request(id) FROM laurel.privacy_requests $$, 'UPDATE | reason; UPDATE status'),
    ('erasures', $$ SELECT laurel_internal.erase_request(laurel.erase_user(tests.person('manager'))) $$, 'INSERT everywhere, user_id'),
    ('user_exports', $$ SELECT laurel.export_user(tests.person('learner')) $$, 'INSERT exported_by, is_whole, row_count, user_id'),
    ('user_merges', $$ SELECT laurel.merge_users(tests.person('twin'), tests.person('learner'), 'one') $$, 'INSERT from_id, into_id, merged_by, points | reason')) v (name, statement, lines);

SELECT * FROM finish();
ROLLBACK;
