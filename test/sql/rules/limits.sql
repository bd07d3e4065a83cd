-- Caps and cooldowns, rules after the commit, events of the application's own, and what is said without doing anything.
\ir ../support/load.sql
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT no_plan();

SELECT tests.cast();
SELECT tests.join(tests.acme(), 'ann', 'ben');
CREATE FUNCTION pg_temp.rule(name text, event_type text, extra text DEFAULT '{}', condition text DEFAULT NULL) RETURNS uuid LANGUAGE plpgsql AS $$
DECLARE
    made laurel.gamification_rules := jsonb_populate_record(NULL::laurel.gamification_rules, extra::jsonb);
    rule uuid;
BEGIN
    INSERT INTO laurel.gamification_rules (organization_id, name, event_type, condition, actions, runs, user_cap, user_cap_period, organization_cap, organization_cap_period, cooldown)
    VALUES (tests.acme(), rule.name, rule.event_type, rule.condition, '[{"kind": "points", "amount": 1}]', coalesce(made.runs, 'at_once'), made.user_cap, coalesce(made.user_cap_period, 'forever'), made.organization_cap,
        coalesce(made.organization_cap_period, 'forever'), made.cooldown) RETURNING id INTO rule;
    RETURN rule;
END
$$;
CREATE FUNCTION pg_temp.outcomes(rule_name text) RETURNS text LANGUAGE sql SECURITY DEFINER AS $$
    SELECT coalesce(string_agg(concat_ws(' ', n, status, reason, CASE WHEN next THEN 'later' WHEN NOT next THEN 'now' END), ', ' ORDER BY status DESC), 'nothing') FROM (
        SELECT x.status, x.reason, x.next_eligible_at > now() AS next, count(*) AS n FROM laurel.rule_executions x JOIN laurel.gamification_rules r ON r.id = x.rule_id WHERE r.name = rule_name GROUP BY 1, 2, 3) o
$$;
CREATE FUNCTION pg_temp.emit(type text, name text, payload jsonb DEFAULT '{}') RETURNS uuid LANGUAGE sql AS $$ SELECT laurel.emit(type, tests.person(name), payload, organization_id => tests.acme()) $$;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA pg_temp TO PUBLIC;

-- Caps of a member and of the organization, for ever and in a period; one by one and in one statement.
SELECT pg_temp.rule('twice', 'a', '{"user_cap": 2}'), pg_temp.rule('daily', 'a', '{"user_cap": 1, "user_cap_period": "day"}'), pg_temp.rule('three', 'a', '{"organization_cap": 3, "organization_cap_period": "year"}'),
    pg_temp.rule('rests', 'a', '{"cooldown": "1 day"}');
SELECT pg_temp.emit('a', 'ann') FROM generate_series(1, 3);
SELECT is(pg_temp.outcomes('twice'), '2 fired, 1 capped cap of the member: 2', 'twice and no more');
SELECT is(pg_temp.outcomes('daily'), '1 fired, 2 capped cap of the member: 1 a day later', 'once a day');
SELECT is(pg_temp.outcomes('three'), '3 fired', 'three for all');
SELECT is(pg_temp.outcomes('rests'), '1 fired, 2 capped cooldown later', 'once, and then it rests');
INSERT INTO laurel.domain_events (organization_id, user_id, type) SELECT tests.acme(), tests.person(n), 'a' FROM unnest('{ann, ben}'::text[]) n, generate_series(1, 5);
SELECT is(pg_temp.outcomes('twice'), '4 fired, 9 capped cap of the member: 2', 'in one statement as one by one');
SELECT is(pg_temp.outcomes('daily'), '2 fired, 11 capped cap of the member: 1 a day later', 'for each member');
SELECT is(pg_temp.outcomes('three'), '3 fired, 10 capped cap of the organization: 3 a year later', 'and all together');
SELECT is(pg_temp.outcomes('rests'), '2 fired, 11 capped cooldown later', 'the cooldown too');
SELECT is((SELECT count(*) FROM laurel.points_ledger WHERE transaction_type = 'rule_fired'), 11::bigint, 'what is capped pays nothing');
SELECT is((SELECT bool_and(x.next_eligible_at = u.last_fired_at + interval '1 day') FROM laurel.rule_executions x JOIN laurel.gamification_rules r ON r.id = x.rule_id JOIN laurel_internal.rule_usage u ON u.rule_id = r.id AND u.owner = x.user_id
    WHERE r.name = 'rests' AND x.status = 'capped'), true, 'a cooldown says to the moment when it is over');
SELECT is((SELECT array_agg(DISTINCT x.next_eligible_at AT TIME ZONE o.time_zone) FROM laurel.rule_executions x JOIN laurel.gamification_rules r ON r.id = x.rule_id JOIN laurel.organizations o ON o.id = r.organization_id
    WHERE r.name = 'daily' AND x.status = 'capped'), (SELECT ARRAY[date_trunc('day', clock_timestamp() AT TIME ZONE time_zone) + interval '1 day'] FROM laurel.organizations WHERE id = tests.acme()), 'and a cap when the next period begins');
SELECT is((SELECT sum(points) FROM laurel.rule_executions WHERE status = 'capped'), 0::numeric, 'nor says that it did');
-- The next period, and when the cooldown is over.
UPDATE laurel_internal.rule_usage SET period_start = period_start - 1, last_fired_at = last_fired_at - interval '2 days' WHERE isfinite(period_start) OR last_fired_at IS NOT NULL;
SELECT pg_temp.emit('a', 'ann');
SELECT is(pg_temp.outcomes('daily'), '3 fired, 11 capped cap of the member: 1 a day later', 'another day');
SELECT is(pg_temp.outcomes('rests'), '3 fired, 11 capped cooldown later', 'and rested');
-- What fails takes nothing of the cap.
UPDATE laurel.gamification_rules SET status = 'archived';
SELECT pg_temp.rule('fails', 'b', '{"user_cap": 1}');
ALTER TABLE laurel.points_ledger ADD CONSTRAINT no_more CHECK (transaction_type <> 'rule_fired') NOT VALID;
SELECT pg_temp.emit('b', 'ann');
ALTER TABLE laurel.points_ledger DROP CONSTRAINT no_more;
SELECT pg_temp.emit('b', 'ann');
SELECT is(pg_temp.outcomes('fails'), '1 fired, 1 failed', 'what failed does not count');

-- After the commit.
SELECT pg_temp.rule('late', 'c', '{"runs": "after_commit", "user_cap": 2}', '$.event.data.a > 1');
SELECT pg_temp.emit('c', 'ann', '{"a": 1}'), pg_temp.emit('c', 'ann', '{"a": 2}');
SELECT is(pg_temp.outcomes('late'), 'nothing', 'nothing at once');
SELECT is((SELECT count(*) FROM laurel_internal.rule_queue), 2::bigint, 'both events wait');
SELECT is(laurel.run_waiting_rules(), 2::bigint, 'until the job comes');
SELECT is(pg_temp.outcomes('late'), '1 fired', 'for which the condition holds');
SELECT is(laurel.run_waiting_rules(), 0::bigint, 'nothing is done twice');
INSERT INTO laurel.domain_events (organization_id, user_id, type, data) SELECT tests.acme(), tests.person('ann'), 'c', '{"a": 2}' FROM generate_series(1, 3);
SELECT laurel.run_waiting_rules();
SELECT is(pg_temp.outcomes('late'), '2 fired, 2 capped cap of the member: 2', 'caps hold there too');
SELECT pg_temp.emit('c', 'ann', '{"a": 2}');
DELETE FROM laurel.gamification_rules WHERE name = 'late';
SELECT is(laurel.run_waiting_rules(), 1::bigint, 'a rule that is deleted meanwhile');
SELECT is(pg_temp.outcomes('late'), '2 fired, 2 capped cap of the member: 2', 'does nothing');
-- One that is made to run at once meanwhile: what waits for it is done once, and what it has done at once is not done again.
SELECT pg_temp.rule('sooner', 'e', '{"runs": "after_commit"}', '$.event.data.a > 1'), pg_temp.rule('waits', 'e', '{"runs": "after_commit"}'), pg_temp.rule('at once', 'e');
SELECT pg_temp.emit('e', 'ann', '{"a": 1}'), pg_temp.emit('e', 'ann', '{"a": 2}');
UPDATE laurel.gamification_rules SET runs = CASE runs WHEN 'at_once' THEN 'after_commit' ELSE 'at_once' END WHERE name IN ('sooner', 'at once');
SELECT is(pg_temp.outcomes('sooner'), 'nothing', 'what waits is not forgotten');
SELECT pg_temp.emit('e', 'ann', '{"a": 3}');
SELECT is(laurel.run_waiting_rules(), 3::bigint, 'nor left behind');
SELECT is(concat_ws('; ', pg_temp.outcomes('sooner'), pg_temp.outcomes('waits'), pg_temp.outcomes('at once')), '2 fired; 3 fired; 3 fired', 'each is done once');
SELECT is((SELECT count(*) FROM laurel.points_ledger e JOIN laurel.gamification_rules r ON r.id = e.reference_id WHERE r.event_type = 'e'), 8::bigint, 'and paid once');
UPDATE laurel.gamification_rules SET status = 'archived' WHERE event_type = 'e';

SELECT pg_temp.rule('later', 'c', '{"runs": "after_commit"}'), pg_temp.emit('c', 'ben');
SELECT is(tests.error_of($$ DELETE FROM laurel.users WHERE id = tests.person('ben') $$), 'none', 'who leaves');
SELECT is((SELECT count(*) FROM laurel_internal.rule_queue) + laurel.run_waiting_rules(), 0::bigint, 'takes along what waits');
SELECT is((SELECT count(*) FROM laurel.rule_executions WHERE user_id = tests.person('ben')), 0::bigint, 'and what was done');

-- Events of the application's own.
SELECT laurel.emit('own', tests.person('learner'), '{"a": 1}', tests.person('an event'), tests.acme());
SELECT is(laurel.emit('own', tests.person('learner'), '{"a": 1.0}', tests.person('an event'), tests.acme()), tests.person('an event'), 'the same event again is the same');
SELECT is((SELECT count(*) FROM laurel.domain_events WHERE type = 'own'), 1::bigint, 'and there once');
SELECT is(tests.error_of(format('SELECT laurel.emit(%L, %L, %L, %L, tests.acme())', type, tests.person(name), data, tests.person('an event'))), 'PT409 domain_events_pkey', format('another one is none: %s %s %s', type, name, data))
FROM (VALUES ('own', 'learner', '{"a": 2}'), ('other', 'learner', '{"a": 1}'), ('own', 'other', '{"a": 1}'), ('own', 'learner', NULL)) AS v (type, name, data);
SELECT is(tests.told(format('SELECT laurel.emit(%L, %L, %L, %L, %L)', 'own', tests.person('bolt_learner'), '{"a": 1}', tests.person('an event'), tests.bolt())),
    'PT409 | the id of the event was used for another event | Repeat an event with the same id, user, type and payload; give another one an id of its own. | domain_events_pkey', 'nor in another organization, which learns no more');
SELECT tests.invite('other', tests.bolt()), laurel.emit('own', tests.person('other'), '{"a": 1}', tests.person('another event'), tests.acme());
SELECT is(tests.error_of($$ SELECT laurel.emit('own', tests.person('other'), '{"a": 1}', tests.person('another event'), tests.bolt()) $$), 'PT409 domain_events_pkey', 'nor the same of a member of both');
SELECT is(tests.error_of($$ SELECT laurel.emit('own', tests.person('learner'), jsonb_build_object('a', repeat('x', 10000000))) $$), '23514 domain_events_data_check', 'nothing of 10 MB');
SELECT is(tests.error_of($$ SELECT laurel.emit('own', tests.person('learner'), '[1]') $$), '23514 domain_events_data_check', 'an object');
SELECT is(tests.error_of($$ SELECT laurel.emit('', tests.person('learner')) $$), '23514 domain_events_type_check', 'of a type');
SELECT is(tests.error_of($$ SELECT laurel.emit(NULL, tests.person('learner')) $$), '22004', 'in any case');
SELECT is(tests.error_of($$ SELECT laurel.emit('own', NULL) $$), '22004', 'of somebody');
SELECT is(tests.error_of($$ SELECT laurel.emit('own', tests.person('bolt_learner'), organization_id => tests.acme()) $$), '23503 domain_events_membership_fkey', 'who is a member');
SELECT tests.act_as_learner();
SELECT is(tests.error_of($$ SELECT laurel.emit('own', laurel.uid()) $$), '42501', 'members tell nothing of themselves');
SELECT tests.act_as_bolt_admin();
SELECT is(tests.error_of($$ SELECT laurel.emit('own', tests.person('learner'), organization_id => tests.acme()) $$), '42501', 'nor do others');
SELECT tests.act_as_admin();
SELECT isnt(laurel.emit('own', tests.person('learner')), NULL, 'administrators do');
SELECT tests.act_as_service();
SELECT isnt(laurel.emit('own', tests.person('learner')), NULL, 'and the back end');

-- Why, without doing anything.
SELECT tests.act_as_owner();
UPDATE laurel.gamification_rules SET status = 'archived' WHERE status <> 'archived';
SELECT pg_temp.rule('1 fired', 'e'), pg_temp.rule('2 false', 'e', '{}', '$.event.data.a > 1'), pg_temp.rule('3 odd', 'e', '{}', 'strict $.event.data.b > 1'), pg_temp.rule('4 capped', 'e', '{"user_cap": 1}', '$.event.data.a == 1'),
    pg_temp.rule('5 new', 'x', '{}', '$.stats.events.e.total == 1'), pg_temp.rule('6 over', 'x'), pg_temp.rule('7 late', 'x', '{"runs": "after_commit"}');
SELECT pg_temp.emit('e', 'ann', '{"a": 1}');
UPDATE laurel.gamification_rules SET event_type = 'e' WHERE event_type = 'x';
UPDATE laurel.gamification_rules SET active_until = '2026-01-01' WHERE name = '6 over';
SELECT pg_temp.emit('e', 'learner', '{"a": 1}') AS event \gset
DELETE FROM laurel.rule_executions WHERE rule_id = (SELECT id FROM laurel.gamification_rules WHERE name = '5 new') OR rule_id = (SELECT id FROM laurel.gamification_rules WHERE name = '4 capped') AND user_id = tests.person('learner');
CREATE TEMP TABLE before AS SELECT (SELECT count(*) FROM laurel.rule_executions) AS executions, (SELECT count(*) FROM laurel.points_ledger) AS entries;
SELECT tests.act_as_admin();
SELECT results_eq(format($$ SELECT rule_name, version, matches, fires, regexp_replace(reason, 'at \d.*', 'at') FROM laurel.explain_rules(%L) $$, :'event'), $$ VALUES ('1 fired', 1, true, false, 'fired already, at'),
    ('2 false', 1, false, false, 'condition is false: $.event.data.a > 1'), ('3 odd', 1, false, false, 'condition cannot be decided: strict $.event.data.b > 1 (a value is missing, or of another type)'), ('4 capped', 1, true, false, 'cap of the member: 1'),
    ('5 new', 2, true, true, 'fires'), ('6 over', 3, NULL, false, 'schedule: until 2026-01-01T00:00:00.000Z'), ('7 late', 2, true, true, 'fires after the commit') $$, 'each rule says why');
SELECT results_eq(format('SELECT rule_name, looked_at FROM laurel.explain_rules(%L)', :'event'), $$ VALUES ('1 fired', '{}'::jsonb), ('2 false', '{"$.event.data.a": 1}'), ('3 odd', '{"$.event.data.b": null}'),
    ('4 capped', '{"$.event.data.a": 1}'), ('5 new', '{"$.stats.events.e.total": 1}'), ('6 over', NULL), ('7 late', '{}') $$, 'and what its condition looked at');
SELECT is(tests.error_of('SELECT laurel.explain_rules(laurel.uuidv7())'), '42501', 'of an event that is there');
SELECT is(tests.error_of('SELECT laurel.explain_rules(NULL)'), '22004', 'and named');
SELECT tests.act_as_bolt_admin();
SELECT is(tests.error_of(format('SELECT laurel.explain_rules(%L)', :'event')), '42501', 'not to others');
SELECT tests.act_as_learner();
SELECT is(tests.error_of(format('SELECT laurel.explain_rules(%L)', :'event')), '42501', 'nor to members');
SELECT is(tests.error_of('SELECT laurel.simulate_rule(laurel.uuidv7())'), '42501', 'who try no rules');

-- What a rule would have done.
SELECT tests.act_as_owner();
INSERT INTO laurel.domain_events (organization_id, user_id, type, data, occurred_at) SELECT tests.acme(), tests.person(n), 'past', '{"a": 1}', '2026-01-01T12:00Z'::timestamptz + day * interval '1 day' FROM unnest('{learner, other}'::text[]) n, generate_series(0, 9) day;
SELECT pg_temp.rule('weekly', 'past', '{"user_cap": 2, "user_cap_period": "week"}', '$.stats.events.past.total >= 2') AS rule \gset
UPDATE laurel.gamification_rules SET status = 'paused' WHERE name = 'weekly';
SELECT tests.act_as_admin();
SELECT results_eq(format($$ SELECT user_id, matched, would_fire, capped, points, badges, notifications FROM laurel.simulate_rule(%L) ORDER BY 1 $$, :'rule'),
    $$ SELECT p, 9::bigint, 4::bigint, 5::bigint, 4::bigint, 0::bigint, 0::bigint FROM unnest(ARRAY[tests.person('learner'), tests.person('other')]) p ORDER BY 1 $$, 'for whom, how often, at what cost');
SELECT is((SELECT sum(would_fire) FROM laurel.simulate_rule(:'rule', '2026-01-03', '2026-01-05')), 4::numeric, 'of a time');
SELECT tests.act_as_owner();
SELECT is((SELECT concat_ws(' ', sum(would_fire), sum(capped), sum(points)) FROM laurel.simulate_rule(pg_temp.rule('for all', 'past', '{"organization_cap": 3, "organization_cap_period": "week"}'))), '6 14 6', 'a cap of all is all members'' together');
SELECT tests.act_as_admin();
SELECT is_empty(format('SELECT laurel.simulate_rule(%L, %L)', :'rule', '2027-01-01'), 'in which nothing happened');
SELECT is(tests.error_of('SELECT laurel.simulate_rule(NULL)'), '22004', 'of a rule');
SELECT tests.act_as_bolt_admin();
SELECT is(tests.error_of(format('SELECT laurel.simulate_rule(%L)', :'rule')), '42501', 'of their own organization');
SELECT tests.act_as_owner();
SELECT is((SELECT count(*) FROM laurel.rule_executions), (SELECT executions FROM before), 'nothing was done');
SELECT is((SELECT count(*) FROM laurel.points_ledger), (SELECT entries FROM before), 'nor paid');

-- What it did once stays what it says, whatever has become of the rule and the member; rules that rest are said too.
SELECT pg_temp.rule('8 capped', 'f', '{"user_cap": 1, "user_cap_period": "year"}', '$.event.data.a == 1'), pg_temp.rule('9 failed', 'f', '{}', NULL), pg_temp.rule('10 paused', 'f'),
    pg_temp.rule('12 archived', 'f');
UPDATE laurel.gamification_rules SET status = 'paused' WHERE name = '10 paused';
INSERT INTO laurel.gamification_rules (organization_id, name, event_type, actions, status) VALUES (tests.acme(), '11 draft', 'f', '[{"kind": "points", "amount": 1}]', 'draft');
UPDATE laurel.gamification_rules SET status = 'archived' WHERE name = '12 archived';
UPDATE laurel.gamification_rules SET actions = '[{"kind": "notification", "title": "x"}]' WHERE name = '9 failed';
ALTER TABLE laurel.notifications ADD CONSTRAINT no_more CHECK (title <> 'x') NOT VALID;
SELECT pg_temp.emit('f', 'ann', '{"a": 1}');
SELECT pg_temp.emit('f', 'ann', '{"a": 1}') AS event \gset
ALTER TABLE laurel.notifications DROP CONSTRAINT no_more;
UPDATE laurel.gamification_rules SET condition = '$.event.data.a == 2' WHERE name = '8 capped';
SELECT results_eq(format($$ SELECT rule_name, matches, fires, regexp_replace(reason, 'at \d[^ ]*', 'at'), next_eligible_at > now() FROM laurel.explain_rules(%L) $$, :'event'), $$ VALUES
    ('8 capped', false, false, 'capped already, at cap of the member: 1 a year', true), ('9 failed', true, false, 'failed already, at 23514 new row for relation "notifications" violates check constraint "no_more"', NULL::boolean),
    ('10 paused', NULL, false, 'status: paused', NULL), ('11 draft', NULL, false, 'status: draft', NULL) $$, 'what was done with the event, and what rests');

SELECT is_empty('SELECT * FROM laurel.check()', 'all is sound');
SELECT * FROM finish();
ROLLBACK;
