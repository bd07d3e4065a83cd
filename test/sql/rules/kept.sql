-- How long it is kept what rules have done, and that nothing fires twice because it is gone.
\ir ../support/load.sql
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT no_plan();

SELECT tests.cast();
INSERT INTO laurel.gamification_rules (organization_id, name, event_type, actions, user_cap, cooldown) VALUES
    (tests.acme(), 'Capped', 'a', '[{"kind": "points", "amount": 1}]', 1, NULL), (tests.acme(), 'Rests', 'a', '[{"kind": "points", "amount": 1}]', NULL, '3650 days');
CREATE FUNCTION pg_temp.emit(name text) RETURNS uuid LANGUAGE sql AS $$ SELECT laurel.emit('a', tests.person('learner'), '{}', tests.person(name), tests.acme()) $$;
CREATE FUNCTION pg_temp.executions() RETURNS text LANGUAGE sql AS $$ SELECT count(*) || ' rows, ' || (SELECT count(*) FROM laurel.points_ledger) || ' entries' FROM laurel.rule_executions $$;
-- What the policy would delete, as a run does it.
CREATE FUNCTION pg_temp.expire() RETURNS void LANGUAGE plpgsql AS $$
DECLARE policy laurel.retention_policies := (SELECT p FROM laurel.retention_policies p WHERE name = 'rule_executions');
BEGIN
    EXECUTE format('DELETE FROM laurel.%I t WHERE %I < now() - %L::interval AND %s', policy.table_name, policy.time_column, policy.keep, policy.condition);
END $$;

SELECT pg_temp.emit('old'), pg_temp.emit('gone');
SELECT is(pg_temp.executions(), '4 rows, 2 entries', 'each once, and capped');
SELECT results_eq($$ SELECT keep, action, is_enabled FROM laurel.retention_policies WHERE name = 'rule_executions' $$, $$ VALUES (interval '2 years', 'delete', true) $$, 'there is a policy');
SET LOCAL session_replication_role = replica;
UPDATE laurel.rule_executions SET executed_at = now() - interval '3 years';
SET LOCAL session_replication_role = origin;
DELETE FROM laurel.domain_events WHERE id = tests.person('gone');
SELECT pg_temp.expire();
SELECT is((SELECT string_agg(DISTINCT event_id::text, ',') FROM laurel.rule_executions), tests.person('gone')::text, 'it deletes what is old, but of events that are gone');
SELECT pg_temp.emit('old'), pg_temp.emit('gone');
SELECT is(pg_temp.executions(), '2 rows, 2 entries', 'neither event fires again: the one is there, the other was executed');
SELECT pg_temp.emit('new');
SELECT is((SELECT string_agg(status || ' ' || reason, ', ' ORDER BY reason) FROM laurel.rule_executions WHERE event_id = tests.person('new')), 'capped cap of the member: 1, capped cooldown', 'caps and cooldowns know what was');
SELECT is_empty('SELECT * FROM laurel.check()', 'all is sound');
SELECT * FROM finish();
ROLLBACK;
