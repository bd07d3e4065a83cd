-- The audit log: what of Laurel's own tables is in it, who reads it, and that a tampering is found.
\ir ../support/load.sql
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT no_plan();
SELECT tests.cast();

-- What was written since the cast came.
CREATE TEMP TABLE earlier AS SELECT id FROM laurel.audit_log;
GRANT SELECT ON earlier TO PUBLIC;
CREATE FUNCTION pg_temp.lines(of_table text) RETURNS text LANGUAGE sql SECURITY DEFINER AS $$
    SELECT string_agg(concat_ws(' ', operation, before, after, hidden), '; ' ORDER BY created_at, id) FROM laurel.audit_log
    WHERE table_name = of_table AND id NOT IN (SELECT id FROM earlier)
$$;

SELECT tests.act_as_admin();
INSERT INTO laurel.user_roles (user_id, role) VALUES (tests.person('other'), 'trainer');
SELECT is(pg_temp.lines('laurel.user_roles') LIKE 'INSERT {"role": "trainer"%', true, 'a role that is granted');
SELECT is((SELECT concat_ws(' ', actor_id = tests.person('admin'), user_id = tests.person('other'), organization_id = tests.acme()) FROM laurel.audit_log WHERE table_name = 'laurel.user_roles' AND id NOT IN (SELECT id FROM earlier)),
    't t t', 'by whom, to whom, where: administrators read it');
SELECT laurel.record_points_transaction(tests.person('other'), 3, 'gift', reason => 'r');
SELECT is((SELECT concat_ws(' ', role, actor_id = tests.person('admin'), login = session_user) FROM laurel.audit_log WHERE table_name = 'laurel.points_ledger' AND after ->> 'amount' = '3'), 'authenticated t t',
    'as what he came, also where a function writes for him');
SELECT tests.act_as_owner();
SELECT laurel.record_points_transaction(tests.person('learner'), 5, 'gift', reason => 'for a private matter');
SELECT is(pg_temp.lines('laurel.points_ledger') LIKE '%"amount": 5%["reason"]' AND pg_temp.lines('laurel.points_ledger') NOT LIKE '%private%', true, 'points given by hand, without their words');
UPDATE laurel.users SET email = 'new@acme.test', password_hash = NULL WHERE id = tests.person('learner');
SELECT is(pg_temp.lines('laurel.users') LIKE '%"email"%' AND pg_temp.lines('laurel.users') NOT LIKE '%new@acme%', true, 'an address that changes is not kept');
UPDATE laurel.users SET last_login_at = now() WHERE id = tests.person('other');
SELECT is((SELECT count(*) FROM laurel.audit_log WHERE table_name = 'laurel.users' AND row_id = tests.person('other') AND operation = 'UPDATE'), 0::bigint, 'a login is no change');
INSERT INTO laurel.legal_holds (organization_id, user_id, reason) VALUES (tests.acme(), tests.person('other'), 'court');
SELECT is(pg_temp.lines('laurel.legal_holds') LIKE 'INSERT%["reason"]', true, 'a legal hold');
UPDATE laurel.retention_policies SET is_enabled = false WHERE name = 'tokens_used';
SELECT is(pg_temp.lines('laurel.retention_policies'), 'UPDATE {"is_enabled": true} {"is_enabled": false}', 'a policy of retention');

-- Every table that is audited hides what is personal or secret.
SELECT is_empty($$ SELECT table_name, key FROM laurel.audit_log, jsonb_object_keys(coalesce(after, before)) key
    WHERE table_name LIKE 'laurel.%' AND key ~ 'email|password|secret|token|phone|(first|last|full|display)_name' AND key <> 'email_verified' $$, 'nothing that is personal or secret is shown');

-- Who reads it.
SELECT tests.act_as_learner();
SELECT is((SELECT count(*) FROM laurel.audit_log), 0::bigint, 'a learner reads none of it');
SELECT is((SELECT count(*) FROM laurel.history_of('laurel.users', tests.person('learner'))), 0::bigint, 'nor a history');
SELECT tests.act_as(tests.person('bolt_admin'));
SELECT is((SELECT count(*) FROM laurel.audit_log WHERE organization_id IS DISTINCT FROM tests.bolt()), 0::bigint, 'administrators read no other organization''s');
SELECT is((SELECT count(*) FROM laurel.history_of('laurel.users', tests.person('learner'))), 0::bigint, 'nor a history of its rows');
SELECT tests.act_as_admin();
SELECT is((SELECT string_agg(operation, ' ') FROM laurel.history_of('laurel.users', tests.person('learner'))), 'INSERT UPDATE', 'their own they do, oldest first');
SELECT is(tests.error_of('SELECT * FROM laurel.verify_audit()'), '42501', 'they do not verify everybody''s');
SELECT is(tests.error_of('SELECT laurel.audit_seal()'), '42501', 'nor read the seal');
SELECT is(tests.error_of('SELECT laurel.seal_audit()'), '42501', 'nor make one');
SELECT is(tests.error_of(format($$ INSERT INTO laurel.audit_log (created_at, table_name, operation, role, login, transaction_id) VALUES (now(), 'x', 'UPDATE', 'x', 'x', '1') $$)), '42501', 'nor write a line');
SELECT tests.act_as_service();
SELECT is(tests.error_of($$ UPDATE laurel.audit_log SET role = 'x' $$), '42501', 'service_role neither');
SELECT is(tests.error_of($$ DELETE FROM laurel.audit_log $$), '42501', 'nor takes one away');
SELECT tests.act_as_owner();
SELECT is(tests.error_of($$ UPDATE laurel.audit_log SET role = 'x' $$), '23001 audit_log_history', 'not even a superuser changes a line as it comes');
SELECT is(tests.error_of($$ DELETE FROM laurel.audit_log $$), '23001 audit_log_history', 'or takes one away');
SELECT is(tests.error_of($$ TRUNCATE laurel.audit_log $$), '23001 audit_log_history', 'or all');
SELECT is(tests.error_of($$ DELETE FROM laurel_internal.audit_seals $$), '23001 audit_seals_append_only', 'or a seal');
SELECT is(tests.error_of($$ INSERT INTO laurel_internal.audit_seals SELECT 1, now(), now(), 1, 1, sha256(''), sha256('') $$), '23001 audit_seals_append_only', 'or makes one by hand');

-- What leaves a line.
SELECT results_eq($$ SELECT column_name, shown, commands FROM laurel.audited_columns() WHERE table_name = 'user_exports' $$,
    $$ SELECT c, true, '{INSERT}'::text[] FROM (VALUES ('user_id'), ('exported_by'), ('is_whole'), ('row_count')) v (c) $$, 'columns and commands');
SELECT is((SELECT string_agg(DISTINCT concat_ws(' ', shown, commands), ', ') FROM laurel.audited_columns() WHERE table_name = 'privacy_requests' AND column_name IN ('reason', 'kind')),
    'f {DELETE,INSERT,UPDATE}, t {DELETE,INSERT,UPDATE}', 'what is shown and what is hidden');
SELECT is((SELECT count(*) FROM laurel.audited_columns() WHERE table_name = 'notifications'), 0::bigint, 'what leaves none is not there');
SELECT tests.act_as_service();
SELECT is(tests.error_of($$ SELECT * FROM laurel.verify_audit(kept => 'abc') $$), '22023', 'what is no hash');
SELECT matches(tests.told(format($$ SELECT * FROM laurel.verify_audit(kept => %L) $$, repeat('ab', 32))), 'It has 64 bytes, not 32\. \|.*decode', 'such as its text');

SELECT * FROM finish();
ROLLBACK;
