-- Rules: what members get for what happens.

CREATE FUNCTION laurel_internal.number_rule() RETURNS trigger LANGUAGE c AS 'MODULE_PATHNAME', 'laurel_number_rule';
COMMENT ON FUNCTION laurel_internal.number_rule() IS
'BEFORE INSERT or UPDATE row trigger of gamification_rules: a new rule is version 1, and another one with every change of what it does. 23514'
' gamification_rules_user_cap_check or _organization_cap_check for a cap that lets nothing through.';

CREATE FUNCTION laurel_internal.keep_rule() RETURNS trigger LANGUAGE c AS 'MODULE_PATHNAME', 'laurel_keep_rule';
COMMENT ON FUNCTION laurel_internal.keep_rule() IS
'AFTER INSERT or UPDATE row trigger of gamification_rules: keeps a version that is new in rule_versions. Errors: 39P01 a'
' trigger of the application has changed the rule, or its number, after it was numbered; 23514'
' gamification_rules_condition_check no SQL/JSON path over event, user and stats; 23514 gamification_rules_actions_check, 22023 no list of'
' actions; 23514 gamification_rules_actions_loop the rule would fire itself; 23503 gamification_rules_badge_fkey, gamification_rules_challenge_fkey a badge,'
' a challenge that the organization does not have.';

CREATE FUNCTION laurel_internal.run_rules() RETURNS trigger LANGUAGE c AS 'MODULE_PATHNAME', 'laurel_run_rules';
COMMENT ON FUNCTION laurel_internal.run_rules() IS
'AFTER INSERT statement trigger of domain_events, with its transition table: runs the rules of the events'' types, or lets those wait that run'
' after the commit. What a rule cannot do is written to rule_executions; the events stay. A rule that fails fifty times in a statement is not'
' tried again there: the rest is written down as failed.';

CREATE FUNCTION laurel.emit(type text, user_id uuid, payload jsonb DEFAULT '{}', event_id uuid DEFAULT NULL, organization_id uuid DEFAULT NULL)
RETURNS uuid
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'laurel_emit';
COMMENT ON FUNCTION laurel.emit(text, uuid, jsonb, uuid, uuid) IS
'An event of the application''s own: writes a row of domain_events, of which rules hear at once, and returns its id. type: 1 to 100 characters.'
' user_id: the member to whom it happened. payload: an object of at most 64 kB and 32 levels; $.event.data in conditions. event_id: what the'
' event is known by, so that it may be repeated: a second time nothing happens and the id is returned. organization_id: the active one where'
' null, for trusted callers without one the user''s home. For administrators and trusted callers. Errors: PT409 domain_events_pkey the id was'
' used for another event; 23514 domain_events_data_check, domain_events_type_check too large; 23503 domain_events_membership_fkey no such member;'
' 42501 not allowed; 22004 no type or user.';

CREATE FUNCTION laurel.run_waiting_rules() RETURNS bigint
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'laurel_run_waiting_rules';
COMMENT ON FUNCTION laurel.run_waiting_rules() IS
'Runs the rules that wait for the commit of their events, up to 100,000 events of each organization, and returns of how many events. Events that'
' another call has are left to it. An organization that fails is noted in laurel.job_failures and tried again at the next call. For a scheduler,'
' every minute.';

CREATE FUNCTION laurel.explain_rules(event_id uuid)
RETURNS TABLE (rule_id uuid, rule_name text, version integer, matches boolean, fires boolean, reason text, next_eligible_at timestamptz, looked_at jsonb)
LANGUAGE c VOLATILE PARALLEL UNSAFE ROWS 10 AS 'MODULE_PATHNAME', 'laurel_explain_rules';
COMMENT ON FUNCTION laurel.explain_rules(uuid) IS
'What the rules that listen to an event''s type say of it now, without doing anything; a row for each, those that are a draft or paused last. No row: no'
' rule listens to that type. matches: whether the condition holds now; null where it was not looked at. fires: whether it would fire. reason: why, or why'
' not: what it did with this event already (a rule fires once for an event and a member), the schedule, the condition, a cap, the cooldown, the status.'
' next_eligible_at: from when on a cap or the cooldown lets it fire again. looked_at: what the condition looked at, by its path, as {"$.event.data.score": 60};'
' null: there is nothing. For administrators and trusted callers. Errors: 42501 no such event for the caller; 22004 no event.';

CREATE FUNCTION laurel.simulate_rule(rule_id uuid, "from" timestamptz DEFAULT NULL, until timestamptz DEFAULT NULL)
RETURNS TABLE (user_id uuid, matched bigint, would_fire bigint, capped bigint, points bigint, badges bigint, notifications bigint)
LANGUAGE c VOLATILE PARALLEL UNSAFE ROWS 1000 AS 'MODULE_PATHNAME', 'laurel_simulate_rule';
COMMENT ON FUNCTION laurel.simulate_rule(uuid, timestamptz, timestamptz) IS
'What a rule, as it is now and whatever its status, would have done with past events of its type, from "from" on and before until (null: all, up'
' to now): a row for each member for whom its condition holds, how often, how often it would have fired or been capped, and what that would have'
' cost. Caps and cooldown count by the time of the events; $.user and points, badges and the like in $.stats are as they are now, counts of'
' events as they were. Does nothing. For administrators and trusted callers. Errors: 42501 no such rule for the caller; 22004 no rule.';
