-- Conditions and events that the server cannot make anything of: they hold for nobody, and hold up nobody.
\ir ../support/load.sql
BEGIN;
SET LOCAL client_min_messages = error;
SELECT no_plan();

SELECT tests.cast();
CREATE FUNCTION pg_temp.rule(name text, event_type text, condition text DEFAULT NULL, runs text DEFAULT 'at_once', user_cap bigint DEFAULT NULL) RETURNS uuid LANGUAGE sql AS $$
    INSERT INTO laurel.gamification_rules (organization_id, name, event_type, condition, actions, runs, user_cap, user_cap_period)
    VALUES (tests.acme(), name, event_type, condition, '[{"kind": "points", "amount": 1}]', runs, user_cap, 'week') RETURNING id
$$;
CREATE FUNCTION pg_temp.emitted(type text, payload jsonb DEFAULT '{}') RETURNS text LANGUAGE sql AS $$
    SELECT tests.error_of(format('SELECT laurel.emit(%L, tests.person(%L), %L, organization_id => tests.acme())', type, 'learner', payload))
$$;
CREATE FUNCTION pg_temp.fired(type text) RETURNS text LANGUAGE sql AS $$
    SELECT coalesce(string_agg(r.name || ' ' || x.status, ', ' ORDER BY r.name), 'nothing')
    FROM laurel.rule_executions x JOIN laurel.gamification_rules r ON r.id = x.rule_id WHERE r.event_type = fired.type
$$;

-- A template of dates that is none is found out by the first text that it is tried on.
SELECT pg_temp.rule('Odd', 'dated', '$.event.data.at.datetime("x!") > 1'), pg_temp.rule('Even', 'dated');
SELECT is(pg_temp.emitted('dated', '{"at": "2026-01-01"}'), 'none', 'a condition that raises breaks no event');
SELECT is(pg_temp.fired('dated'), 'Even fired', 'and no other rule');
SELECT is((SELECT reason FROM laurel.explain_rules((SELECT id FROM laurel.domain_events WHERE type = 'dated')) WHERE rule_name = 'Odd'), 'condition cannot be decided: $.event.data.at.datetime("x!") > 1 (invalid datetime format separator: "x")', 'which is told');
SELECT pg_temp.rule('Odd', 'waits', '$.event.data.at.datetime("x!") > 1', 'after_commit'), pg_temp.rule('Even', 'waits', NULL, 'after_commit');
SELECT is(pg_temp.emitted('waits', '{"at": "2026-01-01"}'), 'none', 'one that waits');
SELECT is(laurel.run_waiting_rules(), 1::bigint, 'waits no longer than others');
SELECT is(pg_temp.fired('waits'), 'Even fired', 'which fire');
SELECT is((SELECT count(*) FROM laurel_internal.rule_queue), 0::bigint, 'nothing stays behind');

-- Why it cannot be decided is told of each event.
SELECT pg_temp.rule(name, 'why', condition) FROM (VALUES ('Text', '$.event.data.score >= 90'), ('Sum', '$.event.data.score + 1 > 2'), ('Twice', '$.event.data.list[*] + 1 > 2'), ('False', '$.event.data.none > 1')) v (name, condition);
SELECT is(pg_temp.emitted('why', '{"score": "many", "list": [1, 2]}'), 'none', 'what cannot be decided');
SELECT is(pg_temp.fired('why'), 'nothing', 'does not hold, and leaves no row');
SELECT results_eq($$ SELECT rule_name, reason FROM laurel.explain_rules((SELECT id FROM laurel.domain_events WHERE type = 'why')) ORDER BY 1 $$, $$ VALUES
    ('False', 'condition is false: $.event.data.none > 1'),
    ('Sum', 'condition cannot be decided: $.event.data.score + 1 > 2 (a value is missing, or of another type)'),
    ('Text', 'condition cannot be decided: $.event.data.score >= 90 (a value is missing, or of another type)'),
    ('Twice', 'condition cannot be decided: $.event.data.list[*] + 1 > 2 (a value is missing, or of another type)') $$, 'but it is told why');

-- Arrays are compared value by value: a few of them in one condition are more than anybody waits for.
SELECT pg_temp.rule('Slow', 'lists', '$.event.data.a ? ($.event.data.a == $.event.data.b) == 1'), pg_temp.rule('Swift', 'lists');
SELECT pg_temp.rule('Slow', 'late lists', '$.event.data.a ? ($.event.data.a == $.event.data.b) == 1', 'after_commit'), pg_temp.rule('Swift', 'late lists', NULL, 'after_commit');
CREATE FUNCTION pg_temp.lists() RETURNS jsonb LANGUAGE sql AS $$ SELECT jsonb_build_object('a', jsonb_agg(n), 'b', jsonb_agg(-n)) FROM generate_series(1, 2500) n $$;
SET LOCAL statement_timeout = '30s';
SELECT is(pg_temp.emitted('lists', pg_temp.lists()), 'none', 'a condition that takes for ever keeps nobody waiting');
SELECT is(pg_temp.fired('lists'), 'Swift fired', 'nor other rules');
INSERT INTO laurel.domain_events (organization_id, user_id, type, data) SELECT tests.acme(), tests.person('learner'), 'late lists', pg_temp.lists() FROM generate_series(1, 50);
SELECT is(laurel.run_waiting_rules(), 50::bigint, 'a job tries it once, not for each event');
SELECT is((SELECT count(*) FROM laurel.rule_executions x JOIN laurel.gamification_rules r ON r.id = x.rule_id WHERE r.event_type = 'late lists' AND r.name = 'Swift'), 50::bigint, 'and does the rest');
SELECT is((SELECT reason FROM laurel.explain_rules((SELECT id FROM laurel.domain_events WHERE type = 'lists')) WHERE rule_name = 'Slow'), 'condition takes longer than a second: $.event.data.a ? ($.event.data.a == $.event.data.b) == 1', 'which is told');
SELECT is_empty($$ SELECT laurel.simulate_rule((SELECT id FROM laurel.gamification_rules WHERE name = 'Slow' AND event_type = 'late lists')) $$, 'also of the past');
-- Nor do many of them.
INSERT INTO laurel.gamification_rules (organization_id, name, event_type, condition, actions)
SELECT tests.acme(), 'Slow ' || n, 'many slow', '$.event.data.a ? ($.event.data.a == $.event.data.b) == 1', '[{"kind": "points", "amount": 1}]' FROM generate_series(1, 10) n;
SELECT pg_temp.rule('Swift', 'many slow', '$.event.data.c == 1');
SET LOCAL statement_timeout = '8s';
SELECT is(pg_temp.emitted('many slow', pg_temp.lists() || '{"c": 1}'), 'none', 'ten of them keep nobody waiting longer than three');
SELECT is(pg_temp.fired('many slow'), 'Swift fired', 'and what is quick is looked at');
SET LOCAL statement_timeout = '30s';
-- Whoever cancels the statement is not taken for it.
CREATE FUNCTION pg_temp.cancelled(statement text) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN EXECUTE statement; RETURN false; EXCEPTION WHEN query_canceled THEN RETURN true; END $$;
SET LOCAL statement_timeout = '300ms';
SELECT ok(pg_temp.cancelled($$ SELECT pg_temp.emitted('lists', pg_temp.lists()) $$), 'whoever cancels the statement is heard');
RESET statement_timeout;

-- What happened at no moment is in no schedule, and counts for no day.
SELECT pg_temp.rule('Always', 'timeless'), pg_temp.rule('Weekly', 'timeless', '$.stats.events.timeless.week > 0', 'at_once', 1), pg_temp.rule('Late', 'timeless', '$.stats.events.timeless.day > 0', 'after_commit');
SELECT is(tests.error_of(format('INSERT INTO laurel.domain_events (organization_id, user_id, type, occurred_at) VALUES (tests.acme(), tests.person(%L), %L, %L)', 'learner', 'timeless', at)), 'none', 'an event at ' || at)
FROM unnest('{infinity,-infinity}'::text[]) at;
SELECT is(pg_temp.fired('timeless'), 'nothing', 'fires nothing');
SELECT is(laurel.run_waiting_rules(), 0::bigint, 'and does not wait');
SELECT is(count(*), 6::bigint, 'as is told') FROM laurel.domain_events e, laurel.explain_rules(e.id) x WHERE e.type = 'timeless' AND x.reason = 'schedule: the event has no moment';
SELECT is((SELECT count(*) FROM laurel.simulate_rule((SELECT id FROM laurel.gamification_rules WHERE name = 'Weekly'), '-infinity', 'infinity')), 0::bigint, 'nor would have fired');
SELECT is(tests.error_of(format('INSERT INTO laurel.domain_events (organization_id, user_id, type, occurred_at) VALUES (tests.acme(), tests.person(%L), %L, %L)', 'learner', 'timeless', at)), 'none', 'an event at ' || at)
FROM unnest('{4713-01-01 BC,294276-12-31}'::text[]) at;

-- A version that a trigger of the application's has spoilt.
CREATE FUNCTION pg_temp.spoil() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.condition := '(('; RETURN NEW; END $$;
CREATE TRIGGER spoil BEFORE INSERT ON laurel.rule_versions FOR EACH ROW WHEN (NEW.name = 'Spoilt') EXECUTE FUNCTION pg_temp.spoil();
SELECT pg_temp.rule('Spoilt', 'spoilt'), pg_temp.rule('Sound', 'spoilt');
SELECT is(pg_temp.emitted('spoilt'), 'none', 'a rule that cannot be read breaks no event');
SELECT is(pg_temp.fired('spoilt'), 'Sound fired', 'and no other rule');

-- An organization whose events cannot be taken is noted, and they wait.
SELECT laurel.run_waiting_rules(), pg_temp.rule('Waits', 'kept', NULL, 'after_commit'), pg_temp.emitted('kept');
CREATE FUNCTION pg_temp.hold_back() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'not now' USING ERRCODE = 'LA002'; END $$;
CREATE TRIGGER hold_back BEFORE DELETE ON laurel_internal.rule_queue FOR EACH ROW EXECUTE FUNCTION pg_temp.hold_back();
SELECT is(laurel.run_waiting_rules(), 0::bigint, 'what cannot be taken waits');
SELECT is((SELECT concat_ws(' ', count(*), bool_and(organization_id = tests.acme())) FROM laurel.job_failures WHERE job = 'rules'), '1 t', 'which is noted');
DROP TRIGGER hold_back ON laurel_internal.rule_queue;
SELECT is(laurel.run_waiting_rules(), 1::bigint, 'and is done at the next call');

-- An event that a trigger of the application's gives another id could be repeated without end.
CREATE FUNCTION pg_temp.rename() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.id := laurel.uuidv7(); RETURN NEW; END $$;
CREATE TRIGGER rename BEFORE INSERT ON laurel.domain_events FOR EACH ROW EXECUTE FUNCTION pg_temp.rename();
SELECT is(tests.told($$ SELECT laurel.emit('named', tests.person('learner'), '{}', tests.person('an event'), tests.acme()) $$) LIKE '39P01 | a trigger changed the id of the event |%', true, 'an event keeps its id');
SELECT is(pg_temp.emitted('named'), 'none', 'where it was given one');
DROP TRIGGER rename ON laurel.domain_events;

SELECT is((SELECT string_agg(r.name || ': ' || c.problem, ', ') FROM laurel.check() c LEFT JOIN laurel.gamification_rules r ON r.id = c.row_id), 'Spoilt: the rule is not what version 1 of it says', 'all but that is sound');
SELECT * FROM finish();
ROLLBACK;
