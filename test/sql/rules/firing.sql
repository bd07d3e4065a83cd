-- What rules do: once for each rule, event and member; what fails is noted and breaks nothing.
\ir ../support/load.sql
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT no_plan();

SELECT tests.cast();
SELECT tests.join(tests.acme(), 'ann', 'ben');
INSERT INTO laurel.badges (id, organization_id, badge_name) VALUES (tests.person('star'), tests.acme(), 'Star');
CREATE FUNCTION pg_temp.rule(name text, event_type text, actions text, condition text DEFAULT NULL) RETURNS uuid LANGUAGE sql AS $$
    INSERT INTO laurel.gamification_rules (organization_id, name, event_type, condition, actions) VALUES (tests.acme(), name, event_type, condition, actions::jsonb) RETURNING id
$$;
CREATE FUNCTION pg_temp.done(of_type text DEFAULT NULL) RETURNS text LANGUAGE sql SECURITY DEFINER AS $$
    SELECT coalesce(string_agg(concat_ws(' ', r.name, x.status, 'v' || x.version, nullif(x.points, 0), nullif(x.depth, 0), x.error_code), ', ' ORDER BY e.id, r.name), 'nothing')
    FROM laurel.rule_executions x JOIN laurel.gamification_rules r ON r.id = x.rule_id JOIN laurel.domain_events e ON e.id = x.event_id WHERE of_type IS NULL OR e.type = of_type
$$;
CREATE FUNCTION pg_temp.points(name text) RETURNS bigint LANGUAGE sql SECURITY DEFINER AS $$ SELECT total_points FROM laurel.user_points WHERE user_id = tests.person(name) $$;
CREATE FUNCTION pg_temp.emit(type text, name text, payload jsonb DEFAULT '{}') RETURNS uuid LANGUAGE sql AS $$ SELECT laurel.emit(type, tests.person(name), payload, organization_id => tests.acme()) $$;
CREATE FUNCTION pg_temp.afresh() RETURNS void LANGUAGE sql AS $$
    DELETE FROM laurel.rule_executions; DELETE FROM laurel_internal.rule_usage; UPDATE laurel.gamification_rules SET status = 'archived' WHERE status <> 'archived' $$;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA pg_temp TO PUBLIC;

-- All kinds of actions, and what says which version it was.
SELECT pg_temp.rule('All', 'rated', format('[{"kind": "points", "amount": 10, "reason": "Five stars"}, {"kind": "badge", "badge_id": "%s"}, {"kind": "notification", "title": "Thanks", "message": "Indeed", "link": "/x", "priority": 1},
    {"kind": "event", "type": "praised", "data": {"by": "rule"}}]', tests.person('star')), '$.event.data.stars == 5');
SELECT pg_temp.emit('rated', 'ann', '{"stars": 4}'), pg_temp.emit('liked', 'ann', '{"stars": 5}');
SELECT is(pg_temp.done(), 'nothing', 'what does not meet the condition or is of another type fires nothing');
SELECT pg_temp.emit('rated', 'ann', '{"stars": 5}');
SELECT is(pg_temp.done(), 'All fired v1 10', 'what meets it fires');
SELECT is((SELECT string_agg(concat_ws(' ', amount, reason, reference_type, reference_id = (metadata ->> 'rule_id')::uuid, metadata ->> 'rule_version'), ', ') FROM laurel.points_ledger WHERE transaction_type = 'rule_fired'),
    '10 Five stars Rule t 1', 'points name the version');
SELECT is((SELECT concat_ws(' ', awarded_by, note) FROM laurel.badge_awards), 'rule Rule All, version 1', 'so does the award');
SELECT is((SELECT concat_ws(' ', type, title, message, link, priority, data ->> 'rule_version') FROM laurel.notifications WHERE type = 'rule_fired'), 'rule_fired Thanks Indeed /x 1 1', 'and the notification');
SELECT is((SELECT data FROM laurel.domain_events WHERE type = 'praised' AND user_id = tests.person('ann')), '{"by": "rule"}', 'an event is made');
SELECT is((SELECT count(*) FROM laurel.domain_events WHERE type = 'badge_earned'), 1::bigint, 'and the badge tells its own');
UPDATE laurel.gamification_rules SET actions = '[{"kind": "points", "amount": 3}]';
SELECT pg_temp.emit('rated', 'ann', '{"stars": 5}');
SELECT is(pg_temp.done(), 'All fired v1 10, All fired v2 3', 'an edited rule fires as its new version, and what was stays');

-- Who sees it.
SELECT tests.act_as(tests.person('ann'));
SELECT is((SELECT count(*) FROM laurel.rule_executions), 2::bigint, 'members see what rules did for them');
SELECT is(tests.error_of('DELETE FROM laurel.rule_executions'), '42501', 'and keep it');
SELECT is(tests.error_of($$ INSERT INTO laurel.rule_executions (organization_id, rule_id, event_id, user_id, version, status) VALUES (tests.acme(), laurel.uuidv7(), laurel.uuidv7(), laurel.uid(), 1, 'fired') $$), '42501', 'nobody else writes it');
SELECT tests.act_as(tests.person('ben'));
SELECT is((SELECT count(*) FROM laurel.rule_executions), 0::bigint, 'others do not');
SELECT tests.act_as_admin();
SELECT is((SELECT count(*) FROM laurel.rule_executions), 2::bigint, 'administrators do');
SELECT tests.act_as_owner();
SELECT is(tests.error_of('UPDATE laurel.rule_executions SET points = 9'), '23001 rule_executions_points_immutable', 'what was done stays done');
SELECT pg_temp.afresh();

-- Paths that find something and paths that are true or false; what cannot be decided; members and statistics.
SELECT pg_temp.rule('finds', 'c', '[{"kind": "points", "amount": 1}]', '$.event.data ? (@.a > 1)'), pg_temp.rule('true', 'c', '[{"kind": "points", "amount": 1}]', '$.event.data.a > 1'),
    pg_temp.rule('odd', 'c', '[{"kind": "points", "amount": 1}]', 'strict $.event.data.missing > 1'), pg_temp.rule('division', 'c', '[{"kind": "points", "amount": 1}]', '$.event.data.a / 0 > 1'),
    pg_temp.rule('member', 'c', '[{"kind": "points", "amount": 1}]', '$.user.tier == "bronze" && $.user.id == $.event.user_id'), pg_temp.rule('second', 'c', '[{"kind": "points", "amount": 1}]', '$.stats.events.c.total == 2'),
    pg_temp.rule('time', 'c', '[{"kind": "points", "amount": 1}]', '$.event.occurred_at.datetime() > "2020-01-01T00:00:00+00".datetime()'), pg_temp.rule('always', 'c', '[{"kind": "points", "amount": 1}]');
SELECT pg_temp.emit('c', 'ann', '{"a": 1}');
SELECT is(pg_temp.done('c'), 'always fired v1 1, member fired v1 1, time fired v1 1', 'a number that is too small');
SELECT pg_temp.emit('c', 'ann', '{"a": 2}');
SELECT is((SELECT string_agg(r.name, ', ' ORDER BY r.name) FROM laurel.rule_executions x JOIN laurel.gamification_rules r ON r.id = x.rule_id WHERE x.event_id = (SELECT id FROM laurel.domain_events WHERE type = 'c' ORDER BY id DESC LIMIT 1)),
    'always, finds, member, second, time, true', 'and one that is large enough, of the second event');
SET LOCAL TimeZone = 'Asia/Tokyo';
SET LOCAL search_path = pg_temp, public;
SELECT pg_temp.emit('c', 'ben', '{"a": 1}');
SELECT is((SELECT count(*) FROM laurel.rule_executions WHERE user_id = tests.person('ben')), 3::bigint, 'whatever the session has set');
RESET TimeZone;
RESET search_path;
SELECT pg_temp.afresh();

-- An action that fails is undone alone, noted, and breaks neither the write nor other rules.
UPDATE laurel.badges SET is_active = false WHERE id = tests.person('star');
SELECT pg_temp.rule('bad', 'd', format('[{"kind": "points", "amount": 5}, {"kind": "badge", "badge_id": "%s"}]', tests.person('star'))), pg_temp.rule('good', 'd', '[{"kind": "points", "amount": 7}]');
SELECT pg_temp.points('ben') AS before \gset
SELECT is(tests.error_of($$ SELECT pg_temp.emit('d', 'ben') $$), 'none', 'the event is written');
SELECT is(pg_temp.done('d'), 'bad failed v1 23514, good fired v1 7', 'one rule has fired, the other failed');
SELECT is(pg_temp.points('ben') - :before, 7::bigint, 'and paid nothing');
SELECT is((SELECT error_message FROM laurel.rule_executions WHERE status = 'failed'), 'the row of "badges" that badge_id refers to takes no rows of "badge_awards" now', 'what failed is said');
INSERT INTO laurel.domain_events (organization_id, user_id, type) SELECT tests.acme(), tests.person(n), 'd' FROM unnest('{learner, ben}'::text[]) n, generate_series(1, 100);
SELECT is((SELECT string_agg(concat_ws(' ', r.name, x.status, x.n), ', ' ORDER BY r.name) FROM (SELECT rule_id, status, count(*) AS n FROM laurel.rule_executions GROUP BY 1, 2) x JOIN laurel.gamification_rules r ON r.id = x.rule_id),
    'bad failed 201, good fired 201', 'each of many events at once');
SELECT is((SELECT count(DISTINCT reason) FROM laurel.rule_executions WHERE status = 'failed'), 1::bigint, 'a rule that always fails is not tried for ever');
-- A trigger of the application's own that refuses one of them.
CREATE FUNCTION pg_temp.refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NEW.user_id = tests.person('ann') AND NEW.transaction_type = 'rule_fired' THEN RAISE 'not for ann' USING ERRCODE = 'LA001'; END IF; RETURN NEW; END $$;
SELECT pg_temp.afresh(), pg_temp.rule('for all but one', 'e', '[{"kind": "points", "amount": 1}]');
CREATE TRIGGER refuse BEFORE INSERT ON laurel.points_ledger FOR EACH ROW EXECUTE FUNCTION pg_temp.refuse();
INSERT INTO laurel.domain_events (organization_id, user_id, type) SELECT tests.acme(), tests.person(n), 'e' FROM unnest('{ann, ben, learner, other}'::text[]) n;
SELECT is(pg_temp.done('e'), 'for all but one failed v1 LA001, for all but one fired v1 1, for all but one fired v1 1, for all but one fired v1 1', 'who fails fails alone');
DROP TRIGGER refuse ON laurel.points_ledger;
CREATE FUNCTION pg_temp.drop_row() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$;
CREATE TRIGGER a_drop BEFORE INSERT ON laurel.rule_executions FOR EACH ROW EXECUTE FUNCTION pg_temp.drop_row();
SELECT pg_temp.points('ben') AS before \gset
SELECT is(tests.error_of($$ SELECT pg_temp.emit('e', 'ben') $$), 'none', 'where what came of it cannot be written');
SELECT is(pg_temp.points('ben') - :before, 0::bigint, 'nothing is done');
DROP TRIGGER a_drop ON laurel.rule_executions;
SELECT pg_temp.afresh();

-- Chains.
SELECT pg_temp.rule('a', 'step_a', '[{"kind": "points", "amount": 1}, {"kind": "event", "type": "step_b"}]'), pg_temp.rule('b', 'step_b', '[{"kind": "points", "amount": 1}, {"kind": "event", "type": "step_c"}]'),
    pg_temp.rule('c', 'step_c', '[{"kind": "points", "amount": 1}, {"kind": "event", "type": "step_a"}]');
SELECT pg_temp.points('ann') AS before \gset
SELECT is(tests.error_of($$ SELECT pg_temp.emit('step_a', 'ann') $$), 'none', 'a circle of three rules');
SELECT is((SELECT string_agg(concat(r.name, x.depth, ' ', x.status), ', ' ORDER BY x.depth) FROM laurel.rule_executions x JOIN laurel.gamification_rules r ON r.id = x.rule_id),
    'a0 fired, b1 fired, c2 fired, a3 fired, b4 fired, c5 fired, a6 fired, b7 fired, c8 cut', 'ends when eight rules have led to it');
SELECT is((SELECT reason FROM laurel.rule_executions WHERE status = 'cut'), 'chain: eight rules have led to this event', 'and says so');
SELECT is(pg_temp.points('ann') - :before, 8::bigint, 'what came before is done');
SELECT pg_temp.emit('step_c', 'ben');
SELECT is((SELECT max(depth) FROM laurel.rule_executions WHERE user_id = tests.person('ben')), 8, 'the next one begins anew');
SELECT pg_temp.afresh();

-- Points as events, where a rule listens to them.
SELECT count(*) AS before FROM laurel.domain_events WHERE type = 'points_earned' \gset
SELECT laurel.record_points_transaction(tests.person('ben'), 5, 'x', reason => 'r', organization_id => tests.acme());
SELECT is((SELECT count(*) FROM laurel.domain_events WHERE type = 'points_earned'), :before::bigint, 'nobody listens to points');
SELECT pg_temp.rule('rich', 'points_earned', '[{"kind": "notification", "title": "Rich"}]', '$.event.data.amount >= 100');
SELECT laurel.record_points_transaction(tests.person('ben'), amount, 'x', reason => 'r', organization_id => tests.acme()) FROM unnest('{99, 100, -50}'::int[]) amount;
SELECT is(pg_temp.done('points_earned'), 'rich fired v1', 'somebody does');
SELECT is((SELECT string_agg(data ->> 'amount', ', ' ORDER BY id) FROM laurel.domain_events WHERE type = 'points_earned'), '99, 100', 'of what is earned, not of what is taken');
INSERT INTO laurel.points_ledger (organization_id, user_id, amount, transaction_type, reason) VALUES (tests.acme(), tests.person('ben'), 101, 'x', 'r'), (tests.acme(), tests.person('ben'), -30, 'x', 'r');
SELECT is((SELECT data ->> 'amount' FROM laurel.domain_events WHERE type = 'points_earned' ORDER BY id DESC LIMIT 1), '101', 'in one statement, too');
SELECT pg_temp.afresh();

-- A challenge that counts such events listens to them as a rule does.
INSERT INTO laurel.personal_challenges (organization_id, user_id, title, kind, event_type, goal, starts_at) VALUES (tests.acme(), tests.person('ben'), 'Earns', 'events', 'points_earned', 2, clock_timestamp());
SELECT laurel.record_points_transaction(tests.person('ben'), 5, 'x', reason => 'r', organization_id => tests.acme()) FROM generate_series(1, 2);
SELECT is((SELECT status || progress FROM laurel.personal_challenges WHERE user_id = tests.person('ben')), 'completed2', 'a challenge listens to points');

-- Streaks as events: once for a day that continues one.
SELECT pg_temp.rule('steady', 'streak_extended', '[{"kind": "notification", "title": "Steady"}]');
SELECT laurel.record_activity(tests.person('ben'), now() - day * interval '1 day', tests.acme()) FROM unnest('{6, 5, 0, 0}'::int[]) day;
SELECT is((SELECT string_agg(data ->> 'days', ', ' ORDER BY id) FROM laurel.domain_events WHERE type = 'streak_extended'), '1, 2', 'each day once, and none where one is lost');
SELECT pg_temp.afresh();

-- What is to happen pays now.
SELECT pg_temp.rule('early', 'to come', '[{"kind": "points", "amount": 1}]');
INSERT INTO laurel.domain_events (organization_id, user_id, type, occurred_at) VALUES (tests.acme(), tests.person('ben'), 'to come', now() + interval '1 day');
SELECT is(pg_temp.done('to come'), 'early fired v1 1', 'an event of tomorrow fires');
SELECT is((SELECT count(*) FROM laurel.points_ledger WHERE occurred_at > clock_timestamp()), 0::bigint, 'and nobody is paid in the future');
SELECT pg_temp.afresh();

-- Schedule, by the time of the event, and status.
SELECT pg_temp.rule('spring', 'f', '[{"kind": "points", "amount": 1}]');
UPDATE laurel.gamification_rules SET active_from = '2026-03-01', active_until = '2026-06-01' WHERE name = 'spring';
INSERT INTO laurel.domain_events (organization_id, user_id, type, occurred_at) SELECT tests.acme(), tests.person('ann'), 'f', at FROM unnest('{2026-02-28T23:59Z, 2026-03-01T00:00Z, 2026-05-31T23:59Z, 2026-06-01T00:00Z}'::timestamptz[]) at;
SELECT is(pg_temp.done('f'), 'spring fired v2 1, spring fired v2 1', 'what begins and ends counts from then and until then');
UPDATE laurel.gamification_rules SET active_from = NULL, active_until = NULL, status = 'paused' WHERE name = 'spring';
SELECT pg_temp.emit('f', 'ben');
SELECT is((SELECT count(*) FROM laurel.rule_executions WHERE user_id = tests.person('ben')), 0::bigint, 'a paused rule rests');
DELETE FROM laurel.gamification_rules WHERE name = 'spring';
SELECT is((SELECT count(*) FROM laurel.rule_executions), 2::bigint, 'what a deleted rule did stays');
SELECT pg_temp.afresh();

-- Another organization's rules.
SELECT pg_temp.rule('ours', 'g', '[{"kind": "points", "amount": 1}]');
SELECT laurel.emit('g', tests.person('bolt_learner'), organization_id => tests.bolt());
SELECT is(pg_temp.done('g'), 'nothing', 'rules are of one organization');

SELECT is_empty('SELECT * FROM laurel.check()', 'all is sound');
SELECT is_empty('SELECT * FROM laurel.verify_ledger()', 'and the ledger');
-- A notification of a type of its own.
SELECT pg_temp.afresh();
SELECT pg_temp.rule('Of a type', 'typed', '[{"kind": "notification", "title": "Well read", "type": "praise"}]');
SELECT pg_temp.emit('typed', 'ann', '{}');
SELECT is((SELECT string_agg(title, ', ') FROM laurel.notifications WHERE type = 'praise'), 'Well read', 'it has a type of its own where the rule says so, for templates and preferences');

SELECT * FROM finish();
ROLLBACK;
