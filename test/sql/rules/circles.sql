-- Rules that lead to each other: a circle ends, be it as wide as it is deep.
\ir ../support/load.sql
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT no_plan();

SELECT tests.cast();
CREATE FUNCTION pg_temp.leads(count integer, event_type text, leads_to text) RETURNS void LANGUAGE sql AS $$
    INSERT INTO laurel.gamification_rules (organization_id, name, event_type, actions)
    SELECT tests.acme(), event_type || ' ' || n, event_type, jsonb_build_array(jsonb_build_object('kind', 'event', 'type', leads_to)) FROM generate_series(1, count) n
$$;
CREATE FUNCTION pg_temp.pays(event_type text) RETURNS void LANGUAGE sql AS $$
    INSERT INTO laurel.gamification_rules (organization_id, name, event_type, actions) VALUES (tests.acme(), 'Pays', event_type, '[{"kind": "points", "amount": 1}]')
$$;
CREATE FUNCTION pg_temp.told(VARIADIC types text[]) RETURNS bigint LANGUAGE sql AS $$ SELECT count(*) FROM laurel.domain_events WHERE type = ANY (types) $$;

-- Six rules that make an event of each, and six that make one of that again: two million events of one.
SELECT pg_temp.leads(6, 'ping', 'pong'), pg_temp.leads(6, 'pong', 'ping');
SET LOCAL statement_timeout = '60s';
SELECT is(tests.error_of($$ SELECT laurel.emit('ping', tests.person('learner'), organization_id => tests.acme()) $$), 'none', 'a wide circle');
RESET statement_timeout;
SELECT is(pg_temp.told('ping', 'pong'), 1067::bigint, 'ends after a thousand, and ten for each rule that began it');
SELECT is((SELECT string_agg(DISTINCT reason, ', ') FROM laurel.rule_executions WHERE status = 'cut'), 'chain: rules have made too many events of one', 'which is written down');
SELECT is((SELECT count(*) FROM laurel.rule_executions WHERE status NOT IN ('fired', 'cut')), 0::bigint, 'and nothing else');

-- What many events lead to is not too much.
SELECT pg_temp.leads(3, 'a', 'b'), pg_temp.leads(3, 'b', 'c'), pg_temp.pays('c');
INSERT INTO laurel.domain_events (organization_id, user_id, type) SELECT tests.acme(), tests.person('learner'), 'a' FROM generate_series(1, 600);
SELECT is(pg_temp.told('c'), 5400::bigint, 'many events lead to many');
SELECT is((SELECT total_points FROM laurel.user_points WHERE user_id = tests.person('learner')), 5400::bigint, 'which pay');

-- What failed on the way is not counted.
UPDATE laurel.gamification_rules SET status = 'archived' WHERE name = 'Pays';
INSERT INTO laurel.gamification_rules (organization_id, name, event_type, actions) SELECT tests.acme(), 'Fails', 'c', '[{"kind": "points", "amount": 2}]';
ALTER TABLE laurel.points_ledger ADD CONSTRAINT not_two CHECK (amount <> 2) NOT VALID;
INSERT INTO laurel.domain_events (organization_id, user_id, type) SELECT tests.acme(), tests.person('learner'), 'a' FROM generate_series(1, 60);
SELECT is(pg_temp.told('c'), 5940::bigint, 'rules that fail at the end take nothing away');
SELECT is((SELECT count(*) FROM laurel.rule_executions x JOIN laurel.gamification_rules r ON r.id = x.rule_id WHERE r.name = 'Fails' AND x.status = 'failed'), 540::bigint, 'and are written down');

-- A rule that fails has all others tried one by one: together they make no more than before.
SELECT count(*) AS before FROM laurel.domain_events \gset
SELECT pg_temp.leads(6, 'tick', 'tock'), pg_temp.leads(6, 'tock', 'tick');
INSERT INTO laurel.gamification_rules (organization_id, name, event_type, actions) SELECT tests.acme(), 'Fails', 'tick', '[{"kind": "points", "amount": 2}]';
SELECT laurel.emit('tick', tests.person('learner'), organization_id => tests.acme());
SELECT cmp_ok((SELECT count(*) FROM laurel.domain_events) - :before, '<=', 1081::bigint, 'a wide circle in which one fails ends as early');

-- After the commit a circle goes on from job to job, and ends as deep.
INSERT INTO laurel.gamification_rules (organization_id, name, event_type, actions, runs)
SELECT tests.acme(), 'Late ' || a, 'late ' || a, jsonb_build_array(jsonb_build_object('kind', 'event', 'type', 'late ' || b)), 'after_commit' FROM (VALUES ('a', 'b'), ('b', 'a')) v (a, b);
SELECT laurel.emit('late a', tests.person('learner'), organization_id => tests.acme());
SELECT is((SELECT sum(laurel.run_waiting_rules()) FROM generate_series(1, 12)), 9::numeric, 'a circle of rules that wait ends');
SELECT is((SELECT string_agg(concat(x.depth, ' ', x.status), ', ' ORDER BY x.depth) FROM laurel.rule_executions x JOIN laurel.gamification_rules r ON r.id = x.rule_id WHERE r.name LIKE 'Late%'),
    '0 fired, 1 fired, 2 fired, 3 fired, 4 fired, 5 fired, 6 fired, 7 fired, 8 cut', 'when eight rules have led to it');

SELECT is_empty('SELECT * FROM laurel.check()', 'all is sound');
SELECT * FROM finish();
ROLLBACK;
