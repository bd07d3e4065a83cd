-- How much a condition or criteria may ask for: what they ask for is read for very many members at once.
\ir ../support/load.sql
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT no_plan();

SELECT tests.cast();
CREATE FUNCTION pg_temp.saved(counts integer) RETURNS text LANGUAGE sql AS $$
    SELECT tests.told(format('INSERT INTO laurel.gamification_rules (organization_id, name, event_type, condition, actions) VALUES (%L, %L, %L, %L, %L)', tests.acme(), 'Counts', 'e',
        (SELECT string_agg(format('$.stats.events.e%s.total > 0', n), ' || ') FROM generate_series(1, counts) n), '[{"kind": "points", "amount": 1}]'))
$$;
CREATE FUNCTION pg_temp.badge(goals integer) RETURNS text LANGUAGE sql AS $$
    SELECT tests.told(format('INSERT INTO laurel.badges (organization_id, badge_name, criteria) VALUES (%L, %L, %L)', tests.acme(), goals || ' goals',
        jsonb_build_object('pointsTotal', 1, 'events', (SELECT jsonb_object_agg('e' || n, 1) FROM generate_series(2, goals) n))))
$$;

SELECT is(pg_temp.saved(20), 'none', 'twenty counts of events are a condition');
SELECT is(pg_temp.saved(21), '23514 | the condition is no SQL/JSON path over event, user and stats | It counts events of more than 20 types and windows. | Let several rules look at them. | gamification_rules_condition_check', 'more are several');
SELECT is(pg_temp.badge(50), 'none', 'fifty goals are criteria');
SELECT is(pg_temp.badge(51), '23514 | criteria of a badge that cannot be evaluated | There are more than 50 goals. | Let some of them earn a badge of their own, and ask for that one. | badges_criteria_check', 'more are several badges');

-- Many rules that count much, for many events: they are looked at in smaller batches, and all of them.
INSERT INTO laurel.gamification_rules (organization_id, name, event_type, condition, actions)
SELECT tests.acme(), 'Rule ' || n, 'many', format('$.stats.events.many.total >= %s', n), '[{"kind": "notification", "title": "x"}]' FROM generate_series(1, 100) n;
INSERT INTO laurel.domain_events (organization_id, user_id, type) SELECT tests.acme(), tests.person('learner'), 'many' FROM generate_series(1, 600);
SELECT is((SELECT count(*) FROM laurel.rule_executions), 100 * 600 - 4950::bigint, 'each event counts those before it');

SELECT is_empty('SELECT * FROM laurel.check()', 'all is sound');
SELECT * FROM finish();
ROLLBACK;
